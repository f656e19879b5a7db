/**
 * The same processes under Electron, where only its main process can start one: the library asks main, and main
 * hands both ends of a channel to the two. Written against the few members of Electron that are used, so that
 * main/shell/ stays small and tests need no Electron.
 */
import type { Port, ProcessHandle, StartProcess } from './port.ts';

/** Electron's MessagePortMain. */
export interface ElectronPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Electron's UtilityProcess. */
export interface ElectronProcess {
  pid: number | undefined;
  postMessage(message: unknown, transfer?: ElectronPort[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

/** Electron's `process.parentPort`. */
export interface ElectronParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronPort[] }) => void): unknown;
}

/** What the processes say to each other outside their ports. */
type Control =
  | { control: 'port' }
  | { control: 'start'; key: number; name: 'library' | 'inference' }
  | { control: 'kill'; key: number }
  | { control: 'started'; key: number }
  | { control: 'ended'; key: number; reason: string };

function isControl(message: unknown): message is Control {
  return typeof message === 'object' && message !== null && 'control' in message;
}

interface LatePort extends Port {
  attach(port: ElectronPort): void;
  end(reason: string): void;
}

/**
 * A port whose other end may come later; what is posted before waits for it. Who started a process hears of its end
 * from `end`, when the process is gone; a process itself from the port's close.
 */
function latePort(endsWith: 'process' | 'port'): LatePort {
  const messageListeners = new Set<(message: unknown) => void>();
  const closeListeners = new Set<(reason: string) => void>();
  let waiting: unknown[] = [];
  let port: ElectronPort | null = null;
  let closing = false;
  let closed: string | null = null;
  function end(reason: string): void {
    if (closed !== null) return;
    closed = reason;
    port?.close();
    for (const listener of closeListeners) listener(reason);
  }
  return {
    attach(attached) {
      port = attached;
      port.on('message', ({ data }) => {
        for (const listener of messageListeners) listener(data);
      });
      if (endsWith === 'port') port.on('close', () => end('ended'));
      port.start();
      for (const message of waiting) port.postMessage(message);
      waiting = [];
      if (closing) port.close();
    },
    end,
    post(message) {
      if (closing || closed !== null) return;
      if (port) port.postMessage(message);
      else waiting.push(message);
    },
    onMessage: (listener) => void messageListeners.add(listener),
    onClose(listener) {
      const why = closed;
      if (why === null) closeListeners.add(listener);
      else queueMicrotask(() => listener(why));
    },
    close() {
      closing = true;
      port?.close();
      if (endsWith === 'port') end('was closed');
    },
  };
}

/**
 * For Electron's main process. `fork` starts the built module of that name with utilityProcess.fork, `channel` is a
 * new MessageChannelMain. What a process has asked for ends with it.
 */
export function electronProcesses(
  fork: (name: 'library' | 'inference') => ElectronProcess,
  channel: () => { port1: ElectronPort; port2: ElectronPort },
): StartProcess {
  function launch(name: 'library' | 'inference', end: ElectronPort, ended: (reason: string) => void) {
    const child = fork(name);
    const children = new Map<number, ElectronProcess>();
    child.postMessage({ control: 'port' } satisfies Control, [end]);
    child.on('exit', (code) => {
      for (const grandchild of children.values()) grandchild.kill();
      ended(`ended with code ${code}`);
    });
    child.on('message', (message) => {
      if (!isControl(message)) return;
      if (message.control === 'kill') children.get(message.key)?.kill();
      if (message.control !== 'start') return;
      const { key } = message;
      const { port1, port2 } = channel();
      const grandchild = launch(message.name, port1, (reason) => {
        children.delete(key);
        child.postMessage({ control: 'ended', key, reason } satisfies Control);
      });
      children.set(key, grandchild);
      child.postMessage({ control: 'started', key } satisfies Control, [port2]);
    });
    return child;
  }
  return (name) => {
    const { port1, port2 } = channel();
    const port = latePort('process');
    const child = launch(name, port1, (reason) => port.end(reason));
    port.attach(port2);
    return { port, pid: child.pid, kill: () => void child.kill() };
  };
}

/** For a utility process: the port main hands it. */
export function electronParentPort(parent: ElectronParentPort): Port {
  const port = latePort('port');
  parent.on('message', ({ data, ports }) => {
    if (isControl(data) && data.control === 'port' && ports[0]) port.attach(ports[0]);
  });
  return port;
}

/** For a utility process that needs another one: asks main for it. */
export function electronStart(parent: ElectronParentPort): StartProcess {
  const started = new Map<number, LatePort>();
  let nextKey = 1;
  parent.on('message', ({ data, ports }) => {
    if (!isControl(data)) return;
    if (data.control === 'started' && ports[0]) started.get(data.key)?.attach(ports[0]);
    if (data.control === 'ended') {
      started.get(data.key)?.end(data.reason);
      started.delete(data.key);
    }
  });
  return (name): ProcessHandle => {
    const key = nextKey++;
    const port = latePort('process');
    started.set(key, port);
    parent.postMessage({ control: 'start', key, name } satisfies Control);
    return {
      port,
      pid: undefined,
      kill: () => parent.postMessage({ control: 'kill', key } satisfies Control),
    };
  };
}
