/** In a process that the stand-in forked: `process.parentPort` as Electron's utility processes have it. */
import { EventEmitter } from 'node:events';
import type { Wire } from './utility.ts';

const send = (message: Wire): void => void (process.connected && process.send!(message));

class ChildPort extends EventEmitter {
  private waiting: unknown[] | null = [];
  private readonly number: number;
  constructor(number: number) {
    super();
    this.number = number;
  }
  start(): void {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const data of waiting) this.emit('message', { data });
  }
  deliver(data: unknown): void {
    if (this.waiting) this.waiting.push(data);
    else this.emit('message', { data });
  }
  postMessage(data: unknown): void {
    send({ port: this.number, data });
  }
  close(): void {
    send({ closed: this.number });
  }
}

const ports = new Map<number, ChildPort>();
const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (message: unknown): void => send({ parent: message, ports: [] }),
});
process.on('message', (message: Wire) => {
  if ('parent' in message) {
    const handed = message.ports.map((number) => {
      const port = new ChildPort(number);
      ports.set(number, port);
      return port;
    });
    parentPort.emit('message', { data: message.parent, ports: handed });
  } else if ('data' in message) ports.get(message.port)?.deliver(message.data);
  else ports.get(message.closed)?.emit('close');
});
// Chromium ends its children when the main process is gone.
process.on('disconnect', () => process.exit(1));
Object.assign(process, { parentPort });
