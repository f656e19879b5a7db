/** Entry of the inference process: photo paths in, labels and attention out. It may be killed at any moment. */
import './runtime/threads.ts';
import { answer } from '../rpc/calls.ts';
import { parentPort } from '../rpc/parent.ts';
import { inferenceHandlers } from './handlers.ts';
import { streamsIdle } from './runtime/streams.ts';

const port = parentPort();
answer(port, inferenceHandlers());
port.onClose(() => void streamsIdle().then(() => process.exit(0)));
