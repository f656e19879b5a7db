/**
 * Electron's utilityProcess and MessageChannelMain over child_process.fork: real processes, so that orphans would be
 * real too. A port that is handed to a child stays here as its mouthpiece and is known there by number.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What crosses to child.ts and back. */
export type Wire =
  { parent: unknown; ports: number[] } | { port: number; data: unknown } | { closed: number };

class StandInPort extends EventEmitter {
  peer!: StandInPort;
  number = 0;
  child: ChildProcess | null = null;
  closed = false;
  private started = false;
  private waiting: unknown[] = [];

  start(): void {
    this.started = true;
    for (const data of this.waiting.splice(0)) this.emit('message', { data });
  }
  postMessage(message: unknown): void {
    this.peer.deliver(structuredClone(message));
  }
  deliver(data: unknown): void {
    if (this.child) send(this.child, { port: this.number, data });
    else if (this.started) setImmediate(() => this.emit('message', { data }));
    else this.waiting.push(data);
  }
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.peer.hearClose();
  }
  hearClose(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.child) send(this.child, { closed: this.number });
    else setImmediate(() => this.emit('close'));
  }
}

export class MessageChannelMain {
  port1 = new StandInPort();
  port2 = new StandInPort();
  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

function send(child: ChildProcess, message: Wire): void {
  if (child.connected) child.send(message, () => {});
}

export const children: { name: string; pid: number; args: string[] }[] = [];
let numbers = 0;

class StandInUtilityProcess extends EventEmitter {
  private readonly handed = new Map<number, StandInPort>();
  private readonly child: ChildProcess;

  constructor(module: string, args: string[], serviceName: string) {
    super();
    this.child = fork(module, args, {
      serialization: 'advanced',
      execArgv: ['--import', fileURLToPath(new URL('./child.ts', import.meta.url))],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push({ name: serviceName, pid: this.child.pid!, args });
    this.child.on('message', (message: Wire) => this.receive(message));
    this.child.on('spawn', () => this.emit('spawn'));
    this.child.on('exit', (code, signal) => {
      for (const port of this.handed.values()) port.close();
      this.emit('exit', signal ? 15 : (code ?? 1));
    });
  }
  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }
  postMessage(message: unknown, ports: StandInPort[] = []): void {
    for (const port of ports) {
      port.number = ++numbers;
      port.child = this.child;
      this.handed.set(port.number, port);
    }
    send(this.child, { parent: message, ports: ports.map((port) => port.number) });
  }
  kill(): boolean {
    return this.child.kill();
  }
  private receive(message: Wire): void {
    if ('parent' in message) this.emit('message', message.parent);
    else if ('data' in message) this.handed.get(message.port)?.postMessage(message.data);
    else this.handed.get(message.closed)?.close();
  }
}

export const utilityProcess = {
  fork: (module: string, args: string[], options: { serviceName: string }) =>
    new StandInUtilityProcess(module, args, options.serviceName),
};
