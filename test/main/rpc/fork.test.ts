import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import test, { mock } from 'node:test';
import { caller } from '../../../main/rpc/calls.ts';
import { forkModule } from '../../../main/rpc/fork.ts';
import { startLibrary } from '../../../main/rpc/library.ts';
import type { ProcessHandle } from '../../../main/rpc/port.ts';
import { portPair } from './pair.ts';

const entry = fileURLToPath(new URL('fixtures/process.ts', import.meta.url));
interface Verbs {
  echo(request: unknown): unknown;
  die(request: null): null;
}

test('typed arrays survive the way to a forked process and back', async () => {
  const handle = forkModule(entry);
  const calls = caller<Verbs>(handle.port);
  const sent = { values: new Float32Array([0.5, -1]), bytes: new Uint8Array([1, 255]), text: 'naïve\n猫' };
  assert.deepEqual(await calls.call('echo', sent), sent);
  const gone = new Promise<string>((resolve) => handle.port.onClose(resolve));
  calls.close();
  assert.equal(await gone, 'ended with code 0');
});

test('a killed process ends the calls in flight, with the signal in the sentence', async () => {
  const calls = caller<Verbs>(forkModule(entry).port);
  await assert.rejects(calls.call('die', null), { code: 'process-ended', message: /SIGKILL/ });
});

test('Ctrl-C to the whole group leaves the process to its parent', async () => {
  const handle = forkModule(entry);
  const calls = caller<Verbs>(handle.port);
  await calls.call('echo', 1);
  process.kill(handle.pid!, 'SIGINT');
  assert.equal(await calls.call('echo', 2), 2);
  calls.close();
});

test('the library is started again after a crash, opened again, and says so', async () => {
  const library = startLibrary(() => forkModule(entry), { home: '/some/home', builtInModel: '/models' });
  const events: [string, unknown][] = [];
  library.onEvent((name, payload) => events.push([name, payload]));
  assert.deepEqual(await library.ask('echo', 7), { ok: true, value: 7 });
  const crashed = await library.ask('die', null);
  assert.equal(crashed.ok ? '' : crashed.error.code, 'process-ended');
  assert.deepEqual(await library.ask('echo', 8), { ok: true, value: 8 });
  assert.deepEqual(events, [
    ['opened', '/some/home'],
    ['process.restarted', { process: 'library', reason: 'was ended by SIGKILL' }],
    ['opened', '/some/home'],
  ]);
  await library.close();
  const late = await library.ask('echo', 9);
  assert.equal(late.ok ? '' : late.error.code, 'closed');
});

test('closing ends the process', async () => {
  const handles: ReturnType<typeof forkModule>[] = [];
  const library = startLibrary(
    () => {
      handles.push(forkModule(entry));
      return handles.at(-1)!;
    },
    { home: '/h', builtInModel: '/m' },
  );
  await library.ask('echo', 1);
  await library.close();
  assert.equal(handles.length, 1);
  assert.throws(() => process.kill(handles[0]!.pid!, 0), { code: 'ESRCH' });
});

test('what keeps the library from opening is the answer, and the next question tries again', async () => {
  let starts = 0;
  const library = startLibrary(
    () => {
      starts++;
      return forkModule(entry);
    },
    { home: '/refused', builtInModel: '/m' },
  );
  for (let i = 0; i < 2; i++)
    assert.deepEqual(await library.ask('echo', 1), {
      ok: false,
      error: { code: 'disk-full', message: 'No room.' },
    });
  assert.equal(starts, 2);
  await library.close();
});

test('a library that takes long to open is told once, and one that opens at once is not', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const late: string[] = [];
    const [silent] = portPair();
    const handle: ProcessHandle = { port: silent, pid: undefined, kill: () => {} };
    startLibrary(() => handle, { home: '/h', builtInModel: '/m', onLate: () => late.push('silent') });
    const onLate = () => late.push('prompt');
    const prompt = startLibrary(() => forkModule(entry), { home: '/h', builtInModel: '/m', onLate });
    await prompt.ask('echo', 1);
    mock.timers.tick(60_000);
    assert.deepEqual(late, ['silent']);
    mock.timers.reset();
    await prompt.close();
  } finally {
    mock.timers.reset();
  }
});

test('a module that does not exist ends the port with a reason', async () => {
  const { port } = forkModule('/nowhere/at/all.ts');
  assert.match(await new Promise<string>((resolve) => port.onClose(resolve)), /ended with code 1/);
});
