/** What test runs keep for the next one; `npm ci` takes it away. */
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'saccade-tests');
/** For NODE_COMPILE_CACHE. */
export const compiled = join(folder, 'compiled');
/** Fingerprints of what the last build was made from, and of what it made. */
export const builtStamp = join(folder, 'built');
