import { expect, test, vi } from 'vitest';
import { decode, encode } from '../../main/contract/wire.ts';
import type { Question } from '../../main/contract/wire.ts';
import { socketBridge } from '../../renderer/api.ts';

class FakeSocket extends EventTarget {
  readyState = 0;
  readonly sent: Question[] = [];
  send(text: string): void {
    this.sent.push(decode(text) as Question);
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  say(word: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: encode(word) }));
  }
  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}

function made() {
  const sockets: FakeSocket[] = [];
  const bridge = socketBridge(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  });
  return { sockets, bridge };
}

test('questions asked before the line is open are sent once it is, and answered by their number', async () => {
  const { sockets, bridge } = made();
  const first = bridge.ask('runs.current', {});
  const second = bridge.ask('models.list', {});
  sockets[0]!.open();
  expect(sockets[0]!.sent.map(({ verb }) => verb)).toEqual(['runs.current', 'models.list']);
  const [a, b] = sockets[0]!.sent;
  sockets[0]!.say({ id: b!.id, result: { ok: true, value: { items: [] } } });
  sockets[0]!.say({ id: a!.id, result: { ok: true, value: null } });
  expect(await second).toEqual({ ok: true, value: { items: [] } });
  expect(await first).toEqual({ ok: true, value: null });
});

test('typed arrays arrive as typed arrays', async () => {
  const { sockets, bridge } = made();
  const heard: unknown[] = [];
  bridge.onEvent((_name, payload) => heard.push(payload));
  sockets[0]!.open();
  sockets[0]!.say({ event: 'notice', payload: Float32Array.of(1, 2) });
  expect(heard[0]).toEqual(Float32Array.of(1, 2));
});

test('a lost line fails what was asked, says so, and is opened anew', async () => {
  vi.useFakeTimers();
  const { sockets, bridge } = made();
  const line: boolean[] = [];
  bridge.onLine((reachable) => line.push(reachable));
  sockets[0]!.open();
  const answer = bridge.ask('runs.current', {});
  sockets[0]!.close();
  expect(await answer).toMatchObject({ ok: false, error: { code: 'connection-lost' } });
  const later = bridge.ask('runs.current', {});
  vi.advanceTimersByTime(300);
  expect(sockets).toHaveLength(2);
  sockets[1]!.open();
  expect(sockets[1]!.sent).toHaveLength(1);
  sockets[1]!.say({ id: sockets[1]!.sent[0]!.id, result: { ok: true, value: null } });
  expect(await later).toEqual({ ok: true, value: null });
  expect(line).toEqual([true, false, true]);
  vi.useRealTimers();
});
