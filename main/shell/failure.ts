/** When not even a window can be opened. */
import { app, dialog } from 'electron';
import { toFailure } from '../contract/result.ts';
import { killProcesses } from './processes.ts';

export function failAtStart(error: unknown): void {
  const { code, message } = toFailure(error);
  console.error(`${message} (${code})`);
  dialog.showErrorBox('Saccade', `${message}\n\n(${code})`);
  killProcesses();
  app.exit(1);
}
