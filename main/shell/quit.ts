/** The way out: the library finishes its transaction, then no process of ours is left. */
import { app } from 'electron';
import { killProcesses } from './processes.ts';

/** How long the library may take, in milliseconds. */
const patience = 5000;

export function closeBeforeQuit(close: () => Promise<void>): void {
  let closing = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    const impatient = new Promise<void>((resolve) => setTimeout(resolve, patience));
    void Promise.race([close().catch(() => {}), impatient]).then(() => {
      killProcesses();
      app.exit(0);
    });
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
}
