import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBroker } from '../../../main/broker/broker.ts';
import type { HostServices, HostVerb } from '../../../main/broker/host.ts';
import { verbs } from '../../../main/contract/verbs.ts';
import { SaccadeError } from '../../../models/error.ts';
import { libraryStandIn } from './library-stand-in.ts';
import { brokenRequest, seeded, validRequest, verbNames } from './requests.ts';

const hostVerbs = verbNames.filter((verb) => verbs[verb].served === 'host') as HostVerb[];

function hostStandIn(asked: string[] = []): HostServices {
  return Object.fromEntries(
    hostVerbs.map((verb) => [verb, () => (asked.push(verb), `answer of ${verb}`)]),
  ) as unknown as HostServices;
}

test('every verb of the contract reaches the one that serves it, with its request as it was', async () => {
  const library = libraryStandIn();
  const askedOfHost: string[] = [];
  const broker = createBroker(library, hostStandIn(askedOfHost));
  const random = seeded(1);
  for (const verb of verbNames) {
    const request = validRequest(random, verb);
    const result = await broker.ask(verb, request);
    assert.ok(result.ok, `${verb}: ${JSON.stringify(result)}`);
    if (verbs[verb].served === 'library') assert.deepEqual(library.asked.at(-1), { verb, request });
    else assert.equal(askedOfHost.at(-1), verb);
  }
  assert.equal(library.asked.length + askedOfHost.length, verbNames.length);
});

test('what the schema refuses never reaches the host, and is refused with a sentence; the library checks its own', async () => {
  const library = libraryStandIn();
  const askedOfHost: string[] = [];
  const broker = createBroker(library, hostStandIn(askedOfHost));
  const random = seeded(2);
  let refused = 0;
  for (let round = 0; round < 100; round++)
    for (const verb of verbNames) {
      const request = brokenRequest(random, verb);
      const before = library.asked.length + askedOfHost.length;
      const result = await broker.ask(verb, request);
      const passedOn = library.asked.length + askedOfHost.length - before;
      const { served, request: schema } = verbs[verb];
      assert.equal(passedOn, served === 'library' || schema.safeParse(request).success ? 1 : 0);
      if (result.ok) continue;
      refused += 1;
      assert.equal(result.error.code, 'bad-request');
      assert.match(result.error.message, /^The request of \S+ is not what its schema expects: \S/);
      assert.ok(result.error.message.length < 700);
    }
  assert.ok(refused > 200, `only ${refused} were refused`);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('names that are no verbs are refused, inherited and internal ones too', async () => {
  const library = libraryStandIn();
  const broker = createBroker(library, hostStandIn());
  for (const name of ['', 'x', 'toString', '__proto__', 'internal.path', 'internal.thumbnail', null, 7, {}]) {
    const result = await broker.ask(name, { photoId: 1 });
    assert.equal(!result.ok && result.error.code, 'unknown-verb');
  }
  assert.deepEqual(library.asked, []);
});

test('what a host handler throws comes back as a value', async () => {
  const host = hostStandIn();
  host['photos.reveal'] = () => {
    throw new SaccadeError('not-here', 'Expected a file manager, found none.');
  };
  host['photos.openDefault'] = () => Promise.reject(new Error('boom'));
  const broker = createBroker(libraryStandIn(), host);
  assert.deepEqual(await broker.ask('photos.reveal', { photoId: 1 }), {
    ok: false,
    error: { code: 'not-here', message: 'Expected a file manager, found none.' },
  });
  assert.deepEqual(await broker.ask('photos.openDefault', { photoId: 1 }), {
    ok: false,
    error: { code: 'internal', message: 'boom' },
  });
});

test('events of the contract are forwarded until forgotten, others are not', () => {
  const library = libraryStandIn();
  const broker = createBroker(library, hostStandIn());
  const heard: unknown[] = [];
  const forget = broker.onEvent((event, payload) => heard.push([event, payload]));
  library.emit('scan.progress', { folderId: 1, found: 2, done: false });
  library.emit('internal.secret', {});
  broker.emit('app.command', { command: 'about' });
  forget();
  library.emit('scan.progress', { folderId: 1, found: 3, done: true });
  assert.deepEqual(heard, [
    ['scan.progress', { folderId: 1, found: 2, done: false }],
    ['app.command', { command: 'about' }],
  ]);
});
