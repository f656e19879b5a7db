/** The utility processes: starts them, ends them, and knows those that run. Their channels are made in main/rpc. */
import { join } from 'node:path';
import { MessageChannelMain, utilityProcess } from 'electron';
import type { UtilityProcess } from 'electron';
import { unpacked } from '../application.ts';
import { electronProcesses } from '../rpc/electron.ts';
import type { ElectronPort, ElectronProcess } from '../rpc/electron.ts';
import type { StartProcess } from '../rpc/port.ts';

const running = new Set<UtilityProcess>();

function fork(name: string, args: string[] = []): UtilityProcess {
  const child = utilityProcess.fork(unpacked(join(import.meta.dirname, `${name}.js`)), args, {
    serviceName: `Saccade ${name}`,
    stdio: 'inherit',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The few members that main/rpc needs have Electron's own types there, which name whole classes. */
const asProcess = (child: UtilityProcess): ElectronProcess => child as unknown as ElectronProcess;
const channel = () => new MessageChannelMain() as unknown as { port1: ElectronPort; port2: ElectronPort };

export const startProcess: StartProcess = electronProcesses((name) => asProcess(fork(name)), channel);

/** Runs the command line in a process of its own, which may start the others; answers its exit code. */
export function runCommand(args: string[]): Promise<number> {
  return new Promise((resolve) => {
    let command: UtilityProcess | null = null;
    const start = electronProcesses((name) => {
      if (command) return asProcess(fork(name));
      command = fork('cli', args);
      command.once('exit', resolve);
      return asProcess(command);
    }, channel);
    start('library');
  });
}

/** No process outlives the application. */
export function killProcesses(): void {
  for (const child of running) child.kill();
}
