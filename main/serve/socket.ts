/** One renderer on the WebSocket: questions in, answers and events out, in the format of main/contract/wire.ts. */
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Broker } from '../broker/broker.ts';
import type { Failure } from '../contract/result.ts';
import { decode, encode } from '../contract/wire.ts';
import type { Word } from '../contract/wire.ts';

/** Bytes of one question: room for the names of a hundred thousand classes, the largest that anybody sends. */
export const largestQuestion = 8 << 20;
/** Questions one page may have open; the interface asks a few dozen at most. */
const mostOpen = 256;
/** Bytes waiting for a page that reads too slowly, before it is cut off. */
const mostWaiting = 64 << 20;

const id = z.int().nonnegative();
const question = z.strictObject({ id, verb: z.string().max(100), request: z.unknown() });

type Read = z.infer<typeof question> | { id: number | null; refused: Failure };

function refuse(id: number | null, message: string): Read {
  return { id, refused: { code: 'bad-message', message } };
}

function read(data: RawData, binary: boolean): Read {
  if (binary) return refuse(null, 'Expected text, found a binary message.');
  let message: unknown;
  try {
    message = decode(data.toString());
  } catch (error) {
    return refuse(null, `Expected JSON, found: ${(error as Error).message.slice(0, 200)}`);
  }
  const parsed = question.safeParse(message);
  if (parsed.success) return parsed.data;
  const named = z.object({ id }).safeParse(message);
  return refuse(
    named.success ? named.data.id : null,
    'Expected {"id": number, "verb": name, "request": object}, found something else.',
  );
}

export function attach(socket: WebSocket, broker: Broker): void {
  let open = 0;
  const send = (word: Word): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > mostWaiting) return socket.close(1013, 'This page reads too slowly.');
    socket.send(encode(word));
  };
  const forget = broker.onEvent((event, payload) => send({ event, payload }));
  socket.on('close', forget);
  socket.on('error', () => socket.terminate());
  socket.on('message', (data, binary) => {
    const asked = read(data, binary);
    if ('refused' in asked) {
      const { id, refused } = asked;
      if (id === null) return send({ event: 'notice', payload: { level: 'error', failure: refused } });
      return send({ id, result: { ok: false, error: refused } });
    }
    if (open >= mostOpen) {
      const message = `Expected at most ${mostOpen} open questions, found one more. Wait for answers first.`;
      return send({ id: asked.id, result: { ok: false, error: { code: 'too-many-questions', message } } });
    }
    open += 1;
    void broker.ask(asked.verb, asked.request).then((result) => {
      open -= 1;
      send({ id: asked.id, result });
    });
  });
}
