/** Entry of the inference process: photo paths in, labels and attention out. It may be killed at any moment. */
import { makePrivate } from '../umask.ts';
import './runtime/threads.ts';
import { answer } from '../rpc/calls.ts';
import { parentPort } from '../rpc/parent.ts';
import { inferenceHandlers } from './handlers.ts';
import { computingEnded } from './runtime/computing.ts';

// All it writes lies in the data folder, and is its owner's alone.
makePrivate();
const port = parentPort();
answer(port, inferenceHandlers());
port.onClose(() => void computingEnded().then(() => process.exit(0)));
