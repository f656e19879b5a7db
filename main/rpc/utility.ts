/**
 * Processes under Electron, seen from a utility process: `fork` does not exist there (the RunAsNode fuse is off), so
 * it asks the main process to start another one and gets one end of a MessageChannel to it. `process.parentPort`
 * carries nothing but these control messages; calls go over the channel's port. Main's side: main/shell/processes.ts.
 */
import type { Port, ProcessHandle, StartProcess } from './port.ts';

export type ProcessName = Parameters<StartProcess>[0];

/** Child → main. `ticket` is the child's own number for the process it asks for. */
export type Ask =
  { saccade: 'start'; ticket: number; name: ProcessName } | { saccade: 'kill'; ticket: number };
/** Main → child. `connect` and `started` carry a port. */
export type Tell =
  | { saccade: 'connect' }
  | { saccade: 'started'; ticket: number; pid: number | undefined }
  | { saccade: 'ended'; ticket: number; reason: string };

/** What MessagePortMain is, in the main process and in a utility process alike. */
export interface ChannelPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

export interface LatePort extends Port {
  connect(port: ChannelPort): void;
  end(reason: string): void;
}

/** A Port that can be used before its channel is there: what is posted waits. `end` is heard once. */
export function latePort(): LatePort {
  let channel: ChannelPort | null = null;
  let ended: string | null = null;
  const waiting: unknown[] = [];
  const arrived: unknown[] = [];
  const onMessage: ((message: unknown) => void)[] = [];
  const onClose: ((reason: string) => void)[] = [];
  return {
    connect(port) {
      channel = port;
      port.on('message', ({ data }) => {
        if (onMessage.length === 0) arrived.push(data);
        for (const listener of onMessage) listener(data);
      });
      port.start();
      for (const message of waiting.splice(0)) port.postMessage(message);
    },
    end(reason) {
      if (ended !== null) return;
      ended = reason;
      for (const listener of onClose) listener(reason);
    },
    post(message) {
      if (ended !== null) return;
      if (channel) channel.postMessage(message);
      else waiting.push(message);
    },
    onMessage(listener) {
      onMessage.push(listener);
      for (const message of arrived.splice(0)) listener(message);
    },
    onClose(listener) {
      if (ended === null) onClose.push(listener);
      else listener(ended);
    },
    close() {
      channel?.close();
    },
  };
}

interface Started {
  port: LatePort;
  handle: { pid: number | undefined };
}

const started = new Map<number, Started>();
let own: LatePort | null = null;

/** Listens once, at the first use; throws outside a utility process. */
function listen(): LatePort {
  if (own) return own;
  const mine = (own = latePort());
  process.parentPort.on('message', ({ data, ports }) => {
    const told = data as Tell;
    const port = ports[0] as ChannelPort | undefined;
    if (told.saccade === 'connect' && port) {
      port.on('close', () => mine.end('the process that asked for this one is gone'));
      mine.connect(port);
    }
    if (told.saccade === 'started' && port) {
      const process = started.get(told.ticket);
      if (process) process.handle.pid = told.pid;
      process?.port.connect(port);
    }
    if (told.saccade === 'ended') {
      started.get(told.ticket)?.port.end(told.reason);
      started.delete(told.ticket);
    }
  });
  return mine;
}

/** The port to whoever asked for this process. */
export function utilityPort(): Port {
  return listen();
}

let tickets = 0;

/** Has the main process start another utility process; its port and pid work once it has. */
export const startUtility: StartProcess = (name) => {
  listen();
  const ticket = ++tickets;
  const tell = (ask: Ask): void => process.parentPort.postMessage(ask);
  const port = latePort();
  const handle: ProcessHandle = { port, pid: undefined, kill: () => tell({ saccade: 'kill', ticket }) };
  started.set(ticket, { port, handle });
  tell({ saccade: 'start', ticket, name });
  return handle;
};
