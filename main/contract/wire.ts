/**
 * How the renderer and its host talk: `Bridge` is what preload.ts puts on `window.saccade`; where there is none,
 * the renderer makes one from a WebSocket at `/wire`, one JSON text a message. Typed arrays, which JSON has not,
 * travel as `{"$bytes": base64, "$type": "Uint8Array" | "Float32Array"}`, little-endian. Pure: both sides import it.
 */
import type { Answer, EventName, Events, Request, VerbName } from './verbs.ts';
import type { Result } from './result.ts';

export type EventListener = <Name extends EventName>(event: Name, payload: Events[Name]) => void;

export interface Bridge {
  /** Never rejects. */
  ask<Name extends VerbName>(verb: Name, request: Request<Name>): Promise<Result<Answer<Name>>>;
  /** Answers with a function that stops listening. */
  onEvent(listener: EventListener): () => void;
  /** Path of a dropped file or folder; empty where the host can't tell (a browser). */
  pathOf(file: File): string;
}

/** Renderer → host. `id` is the caller's and comes back with the answer. */
export interface Question {
  id: number;
  verb: string;
  request: unknown;
}
/** Host → renderer. */
export type Word = { id: number; result: Result<unknown> } | { event: EventName; payload: unknown };

/** Where the WebSocket of the browser host listens. */
export const wirePath = '/wire';

const kinds = { Uint8Array, Float32Array };
const chunk = 0x8000; // String.fromCharCode takes its arguments from the stack

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += chunk)
    binary += String.fromCharCode(...bytes.subarray(i, i + chunk));
  return btoa(binary);
}

export function encode(message: unknown): string {
  // `this`, not the second argument: Node's Buffer has a toJSON of its own that would have run by then.
  return JSON.stringify(message, function (this: Record<string, unknown>, key) {
    const value = this[key];
    if (!(value instanceof Uint8Array || value instanceof Float32Array)) return value;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { $bytes: toBase64(bytes), $type: value instanceof Float32Array ? 'Float32Array' : 'Uint8Array' };
  });
}

/** Throws a SyntaxError, InvalidCharacterError or RangeError on text that `encode` did not write. */
export function decode(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$bytes' in value) || !('$type' in value))
      return value;
    const { $bytes, $type } = value;
    if (typeof $bytes !== 'string' || ($type !== 'Uint8Array' && $type !== 'Float32Array')) return value;
    const bytes = Uint8Array.from(atob($bytes), (character) => character.charCodeAt(0));
    return new kinds[$type](bytes.buffer);
  });
}
