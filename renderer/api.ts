/** How the interface reaches its host: the bridge that preload.ts made, or a WebSocket to the browser host. */
import type { Answer, Request, VerbName } from '../main/contract/verbs.ts';
import type { Result } from '../main/contract/result.ts';
import { decode, encode, wirePath } from '../main/contract/wire.ts';
import type { Bridge, EventListener, Question, Word } from '../main/contract/wire.ts';

declare global {
  interface Window {
    saccade?: Bridge;
  }
}

/** A bridge that can lose its host, and says so. */
export interface LineBridge extends Bridge {
  /** Called with false when the host is out of reach, with true when it is back. Answers with a function that stops. */
  onLine(listener: (reachable: boolean) => void): () => void;
}

/** Milliseconds before the first and the slowest attempt to reach a host that went away. */
const patience = { first: 250, longest: 5_000 };

const lost: Result<never> = {
  ok: false,
  error: {
    code: 'connection-lost',
    message: 'The connection to Saccade was lost before the answer came. It is tried again by itself.',
  },
};

/** `make` opens one socket; asked again after every loss, at growing intervals. */
export function socketBridge(make: () => WebSocket): LineBridge {
  const listeners = new Set<EventListener>();
  const lines = new Set<(reachable: boolean) => void>();
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  const unsent: Question[] = [];
  let socket: WebSocket;
  let next = 1;
  let wait = patience.first;

  function hear(text: string): void {
    const word = decode(text) as Word;
    if ('event' in word) {
      for (const listener of listeners) listener(word.event, word.payload as never);
      return;
    }
    waiting.get(word.id)?.(word.result);
    waiting.delete(word.id);
  }

  function open(): void {
    socket = make();
    socket.addEventListener('open', () => {
      wait = patience.first;
      for (const line of lines) line(true);
      for (const question of unsent.splice(0)) socket.send(encode(question));
    });
    socket.addEventListener('message', (event) => hear(String(event.data)));
    socket.addEventListener('close', () => {
      const kept = new Set(unsent.map((question) => question.id));
      for (const [id, settle] of waiting) {
        if (kept.has(id)) continue;
        waiting.delete(id);
        settle(lost);
      }
      for (const line of lines) line(false);
      setTimeout(open, wait);
      wait = Math.min(wait * 2, patience.longest);
    });
  }

  open();
  return {
    ask<Name extends VerbName>(verb: Name, request: Request<Name>) {
      const question = { id: next++, verb, request };
      return new Promise<Result<Answer<Name>>>((resolve) => {
        waiting.set(question.id, resolve as (result: Result<unknown>) => void);
        if (socket.readyState === WebSocket.OPEN) socket.send(encode(question));
        else unsent.push(question);
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pathOf: () => '',
    onLine(listener) {
      lines.add(listener);
      return () => lines.delete(listener);
    },
  };
}

export function findBridge(): Bridge | LineBridge {
  if (window.saccade) return window.saccade;
  const address = new URL(wirePath, location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return socketBridge(() => new WebSocket(address));
}

/** Addresses of a photo's pictures; `version` changes with the content. */
export function thumbnailAddress(photo: { id: number; version: string }): string {
  return `/photo/${photo.id}/thumbnail?v=${encodeURIComponent(photo.version)}`;
}
export function renditionAddress(photo: { id: number; version: string }, edge: number): string {
  return `/photo/${photo.id}/rendition?v=${encodeURIComponent(photo.version)}&edge=${edge}`;
}
