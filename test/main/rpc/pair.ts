/** Two ports that carry structured clones to each other within one process. */
import type { Port } from '../../../main/rpc/port.ts';

function end() {
  const messageListeners: ((message: unknown) => void)[] = [];
  const closeListeners: ((reason: string) => void)[] = [];
  let closed = false;
  return {
    deliver(message: unknown) {
      if (!closed) for (const listener of messageListeners) listener(message);
    },
    shut(reason: string) {
      if (closed) return;
      closed = true;
      for (const listener of closeListeners) listener(reason);
    },
    messageListeners,
    closeListeners,
  };
}

export function portPair(): [Port, Port, end: (reason: string) => void] {
  const sides = [end(), end()] as const;
  const shut = (reason: string) => sides.forEach((side) => side.shut(reason));
  const port = (mine: 0 | 1): Port => ({
    post(message) {
      const copy = structuredClone(message);
      setImmediate(() => sides[mine === 0 ? 1 : 0].deliver(copy));
    },
    onMessage: (listener) => void sides[mine].messageListeners.push(listener),
    onClose: (listener) => void sides[mine].closeListeners.push(listener),
    close: () => shut('was closed'),
  });
  return [port(0), port(1), shut];
}
