/**
 * Starts the utility processes and connects them: each gets one end of a MessageChannel, whoever asked for it the
 * other. A utility process may ask for more (main/rpc/utility.ts); what it asked for ends with it.
 */
import { join } from 'node:path';
import { MessageChannelMain, utilityProcess } from 'electron';
import type { MessagePortMain, UtilityProcess } from 'electron';
import type { ProcessHandle } from '../rpc/port.ts';
import { latePort } from '../rpc/utility.ts';
import type { Ask, ProcessName, Tell } from '../rpc/utility.ts';

/** Modules of the bundle that run as processes. */
export type EntryName = ProcessName | 'cli';

const running = new Set<UtilityProcess>();

function serveAsks(parent: UtilityProcess): void {
  const children = new Map<number, UtilityProcess>();
  const tell = (message: Tell, ports: MessagePortMain[] = []): void => parent.postMessage(message, ports);
  parent.on('message', (ask: Ask) => {
    const { ticket } = ask;
    if (ask.saccade === 'kill') {
      children.get(ticket)?.kill();
      return;
    }
    const { child, port } = fork(ask.name, []);
    children.set(ticket, child);
    child.once('spawn', () => tell({ saccade: 'started', ticket, pid: child.pid }, [port]));
    child.once('exit', (code) => {
      children.delete(ticket);
      if (running.has(parent)) tell({ saccade: 'ended', ticket, reason: reasonOf(code) });
    });
  });
  parent.once('exit', () => {
    for (const child of children.values()) child.kill();
  });
}

function reasonOf(code: number): string {
  return code === 0 ? 'it ended' : `it ended with code ${code}`;
}

/** `port` is the asker's end of the channel. */
function fork(name: EntryName, args: string[]): { child: UtilityProcess; port: MessagePortMain } {
  const child = utilityProcess.fork(join(import.meta.dirname, `${name}.js`), args, {
    serviceName: `Saccade ${name}`,
    stdio: 'inherit',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage({ saccade: 'connect' } satisfies Tell, [port2]);
  serveAsks(child);
  return { child, port: port1 };
}

/** For the main process itself: the StartProcess of this host. */
export function startProcess(name: ProcessName): ProcessHandle {
  const { child, port: channel } = fork(name, []);
  const port = latePort();
  port.connect(channel);
  child.once('exit', (code) => port.end(reasonOf(code)));
  return {
    port,
    get pid() {
      return child.pid;
    },
    kill: () => child.kill(),
  };
}

/** Runs the command line in a process of its own; answers its exit code. */
export function runCommand(args: string[]): Promise<number> {
  return new Promise((resolve) => fork('cli', args).child.once('exit', resolve));
}

/** No process outlives the application. */
export function killProcesses(): void {
  for (const child of running) child.kill();
}
