/** For a process of ours: the port to whoever started it, and how it starts another one. */
import { SaccadeError } from '../../models/error.ts';
import { electronParentPort, electronStart } from './electron.ts';
import type { ElectronParentPort } from './electron.ts';
import { forkProcess } from './fork.ts';
import type { Port, StartProcess } from './port.ts';

const electronParent = (process as { parentPort?: ElectronParentPort }).parentPort;

function forkedPort(): Port {
  if (!process.send)
    throw new SaccadeError(
      'not-started-by-saccade',
      'Expected to be started by Saccade over a channel; found none. Start `saccade` instead.',
    );
  return {
    post(message) {
      if (process.connected) process.send!(message, undefined, {}, () => {});
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', () => listener('ended')),
    close() {
      if (process.connected) process.disconnect();
    },
  };
}

/**
 * Call once, before anything slow, so that no message is missed. Throws `not-started-by-saccade`.
 * Ctrl-C reaches a whole group of processes; only the first one decides what it means, by closing the port.
 */
export function parentPort(): Port {
  process.on('SIGINT', () => {});
  return electronParent ? electronParentPort(electronParent) : forkedPort();
}

export const startFromHere: StartProcess = electronParent ? electronStart(electronParent) : forkProcess;
