/** Imported before anything else: libuv reads the size of its pool once, when the pool is first used. */
import { availableParallelism } from 'node:os';

// One thread a decode, and two for files while all of them are busy.
process.env['UV_THREADPOOL_SIZE'] ??= String(availableParallelism() + 2);
