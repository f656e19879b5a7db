/** One end of a two-way channel of structured-clone messages, whatever carries it. */
export interface Port {
  /** `transfer`: memory that is handed over, where the other side is a thread; elsewhere a copy goes anyway. */
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once: the other side is gone, for whatever reason. */
  onClose(listener: (reason: string) => void): void;
  close(): void;
}

/** A process behind a port. */
export interface ProcessHandle {
  port: Port;
  pid: number | undefined;
  kill(): void;
}

/** Starts `entry` (a module that calls `parentPort()`), by child_process.fork or Electron's utilityProcess. */
export type StartProcess = (name: 'library' | 'inference') => ProcessHandle;
