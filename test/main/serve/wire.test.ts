import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largestQuestion } from '../../../main/serve/socket.ts';
import type { Served } from '../../../main/serve/server.ts';
import { encode } from '../../../main/contract/wire.ts';
import { libraryStandIn } from '../broker/library-stand-in.ts';
import { brokenRequest, seeded, validRequest, verbNames } from '../broker/requests.ts';
import { dial, serve, signIn } from './browser.ts';

async function headersOf(served: Served) {
  return { Cookie: await signIn(served), Origin: `http://127.0.0.1:${served.port}` };
}

test('a handshake without cookie, without Origin, from another origin or to another path is refused', async (t) => {
  const served = await serve(t, libraryStandIn());
  const right = await headersOf(served);
  const { Cookie, Origin } = right;
  await assert.rejects(dial(served.port, { Origin }), /refused with 401/);
  await assert.rejects(dial(served.port, { Cookie }), /refused with 403/);
  await assert.rejects(dial(served.port, { Cookie, Origin: 'https://evil.example' }), /refused with 403/);
  await assert.rejects(dial(served.port, { ...right, Host: 'evil.example' }), /refused with 403/);
  await assert.rejects(dial(served.port, right, '/other'), /refused with 404/);
  await dial(served.port, right);
});

test('questions are answered by their id, typed arrays and all; events arrive', async (t) => {
  const map = { bytes: Uint8Array.of(0, 255), logits: Float32Array.of(0.1) };
  const library = libraryStandIn((_verb, request: { photoId: number }) =>
    request.photoId === 1
      ? { ok: true, value: map }
      : { ok: false, error: { code: 'no-photo', message: 'No.' } },
  );
  const served = await serve(t, library);
  const line = await dial(served.port, await headersOf(served));
  line.socket.send(encode({ id: 5, verb: 'inspect.photo', request: { photoId: 1, classIndex: null } }));
  assert.deepEqual(await line.next(), { id: 5, result: { ok: true, value: map } });
  line.socket.send(encode({ id: 6, verb: 'photos.get', request: { photoId: 2 } }));
  assert.deepEqual(await line.next(), {
    id: 6,
    result: { ok: false, error: { code: 'no-photo', message: 'No.' } },
  });
  library.emit('process.restarted', { process: 'inference', reason: 'killed' });
  assert.deepEqual(await line.next(), {
    event: 'process.restarted',
    payload: { process: 'inference', reason: 'killed' },
  });
});

test('the browser host says what it is and what it cannot do', async (t) => {
  const served = await serve(t, libraryStandIn());
  const line = await dial(served.port, await headersOf(served));
  line.socket.send(encode({ id: 1, verb: 'app.info', request: {} }));
  const { result } = (await line.next()) as { result: { ok: true; value: Record<string, unknown> } };
  assert.equal(result.value.host, 'browser');
  assert.equal(result.value.version, '1.2.3');
  // Of what a desktop can, the trash alone is reached without one, where it is folders of a published layout.
  const { trash, ...rest } = result.value.can as Record<string, boolean>;
  assert.equal(trash, process.platform === 'linux');
  assert.deepEqual(new Set(Object.values(rest)), new Set([false]));
  line.socket.send(encode({ id: 2, verb: 'photos.reveal', request: { photoId: 1 } }));
  const refused = (await line.next()) as { result: { ok: false; error: { code: string } } };
  assert.equal(refused.result.error.code, 'not-in-browser');
});

test('messages that are no question are refused with a sentence, and the line stays open', async (t) => {
  const library = libraryStandIn();
  const served = await serve(t, library);
  const line = await dial(served.port, await headersOf(served));
  for (const message of [
    '',
    '{',
    'null',
    '7',
    '[]',
    '{"id":-1,"verb":"app.info","request":{}}',
    '{"id":"1","verb":"app.info","request":{}}',
    '{"id":1,"verb":"app.info","request":{"$bytes":"AAA","$type":"Float32Array"}}',
    '['.repeat(200_000),
    Buffer.from([0, 1, 2]),
  ]) {
    line.socket.send(message);
    const answer = (await line.next()) as { payload: { failure: { code: string; message: string } } };
    assert.equal(answer.payload.failure.code, 'bad-message');
    assert.match(answer.payload.failure.message, /^Expected .*, found:? /);
  }
  for (const message of ['{"id":1}', '{"id":1,"verb":"app.info","request":{},"more":1}']) {
    line.socket.send(message);
    const answer = (await line.next()) as { id: number; result: { error: { code: string } } };
    assert.deepEqual([answer.id, answer.result.error.code], [1, 'bad-message']);
  }
  line.socket.send(encode({ id: 9, verb: 'runs.current', request: {} }));
  assert.deepEqual(await line.next(), { id: 9, result: { ok: true, value: null } });
  assert.equal(library.asked.length, 1);
});

test('broken requests to every verb get a failure each, and only valid ones get through', async (t) => {
  const library = libraryStandIn();
  const served = await serve(t, library);
  const line = await dial(served.port, await headersOf(served));
  const random = seeded(3);
  for (const verb of verbNames) {
    for (let i = 0; i < 5; i++) {
      line.socket.send(encode({ id: i, verb, request: brokenRequest(random, verb) }));
      const answer = (await line.next()) as { id: number; result: { ok: boolean; error?: { code: string } } };
      assert.equal(answer.id, i);
      if (!answer.result.ok)
        assert.match(
          answer.result.error!.code,
          /^(bad-message|bad-request|not-in-browser|folder-unreadable)$/,
        );
    }
    if (verb.startsWith('dialog.')) continue;
    const request = validRequest(random, verb);
    line.socket.send(encode({ id: 99, verb, request }));
    assert.equal(((await line.next()) as { id: number }).id, 99);
    if (library.asked.at(-1)?.verb === verb) assert.deepEqual(library.asked.at(-1)!.request, request);
  }
});

test('a message larger than any question closes the line, and the host lives on', async (t) => {
  const served = await serve(t, libraryStandIn());
  const headers = await headersOf(served);
  const line = await dial(served.port, headers);
  line.socket.send(`"${'x'.repeat(largestQuestion)}"`);
  assert.equal(await line.closed, 1009);
  const ids = Array.from({ length: 10_000 }, (_, i) => 1e9 + i);
  const next = await dial(served.port, headers);
  const request = { selection: { ids }, label: 'the largest question of the contract' };
  next.socket.send(encode({ id: 1, verb: 'photos.setOwnLabel', request }));
  assert.deepEqual(await next.next(), { id: 1, result: { ok: true, value: null } });
});

test('more open questions than any page needs are refused one by one', async (t) => {
  const library = libraryStandIn();
  library.ask = () => new Promise(() => {});
  const served = await serve(t, library);
  const line = await dial(served.port, await headersOf(served));
  for (let id = 0; id < 257; id++) line.socket.send(encode({ id, verb: 'runs.current', request: {} }));
  const answer = (await line.next()) as { id: number; result: { ok: false; error: { code: string } } };
  assert.equal(answer.id, 256);
  assert.equal(answer.result.error.code, 'too-many-questions');
});

test('closing the host closes its lines', async (t) => {
  const served = await serve(t, libraryStandIn());
  const line = await dial(served.port, await headersOf(served));
  await served.close();
  assert.equal(await line.closed, 1001);
});
