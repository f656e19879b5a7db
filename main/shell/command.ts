/** `saccade …` from the installed application: no window, the command line in a utility process, its exit code ours. */
import { app } from 'electron';
import { killProcesses, runCommand } from './processes.ts';

/** Before `ready`. */
export function runHeadless(args: string[]): void {
  app.disableHardwareAcceleration();
  app.dock?.hide();
  // Ctrl-C reaches the command too, which ends in its own way; leaving before it would cut it off.
  const stay = (event: { preventDefault(): void }): void => event.preventDefault();
  app.on('before-quit', stay);
  void app.whenReady().then(async () => {
    const code = await runCommand(args);
    killProcesses();
    app.exit(code);
  });
}
