/** Entry of the library process: it owns everything that must not be lost. */
import { makePrivate } from '../umask.ts';
import { answer } from '../rpc/calls.ts';
import { parentPort, startFromHere } from '../rpc/parent.ts';
import { beginEarly } from './early.ts';

// All it writes lies in the data folder, and is its owner's alone.
makePrivate();
const { port, start } = beginEarly(parentPort(), startFromHere);
const { createLibrary } = await import('./library.ts');
const library = createLibrary(start, (event, payload) => emit(event, payload));
const { emit } = answer(port, library.handlers);

/** Without its host nobody could ask it anything; what it has in hand is taken up again at the next start. */
function leave(): void {
  setTimeout(() => process.exit(1), 4000).unref();
  void library.close().finally(() => process.exit(0));
}
port.onClose(leave);
process.on('SIGTERM', leave);
