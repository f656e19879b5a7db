import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import test from 'node:test';
import { answer, caller } from '../../../main/rpc/calls.ts';
import { electronParentPort, electronProcesses, electronStart } from '../../../main/rpc/electron.ts';
import type { ElectronParentPort, ElectronPort, ElectronProcess } from '../../../main/rpc/electron.ts';

/** Electron's MessagePortMain over Node's MessagePort. */
function electronPort(port: MessagePort): ElectronPort {
  return {
    postMessage: (message) => port.postMessage(message),
    on(event: string, listener: (event: { data: unknown }) => void) {
      if (event === 'message') port.on('message', (data) => listener({ data }));
      else port.on('close', () => listener({ data: null }));
    },
    start: () => port.start(),
    close: () => port.close(),
  };
}

const channel = () => {
  const { port1, port2 } = new MessageChannel();
  return { port1: electronPort(port1), port2: electronPort(port2) };
};

/** A utility process within this one, running `main` with its parent port. */
function utility(main: (parent: ElectronParentPort) => void) {
  const toChild: ((event: { data: unknown; ports: ElectronPort[] }) => void)[] = [];
  const toParent: ((message: unknown) => void)[] = [];
  const exits: ((code: number) => void)[] = [];
  main({
    postMessage: (message) => setImmediate(() => toParent.forEach((listener) => listener(message))),
    on: (_event, listener) => toChild.push(listener),
  });
  let alive = true;
  const held: ElectronPort[] = [];
  const child: ElectronProcess = {
    pid: 7,
    postMessage(data, ports = []) {
      held.push(...ports);
      setImmediate(() => alive && toChild.forEach((listener) => listener({ data, ports })));
    },
    on(event: string, listener: never) {
      (event === 'exit' ? exits : toParent).push(listener);
    },
    kill() {
      if (alive) setImmediate(() => exits.forEach((listener) => listener(9)));
      alive = false;
      for (const port of held) port.close();
      return true;
    },
  };
  return child;
}

interface Inference {
  classify(path: string): string;
}
interface Library {
  ask(path: string): string;
  killInference(request: null): string;
}

function processes() {
  const alive: string[] = [];
  const start = electronProcesses((name) => {
    alive.push(name);
    const child = utility((parent) => {
      const port = electronParentPort(parent);
      if (name === 'inference') {
        answer(port, { classify: (path: string) => `cat in ${path}` });
        return;
      }
      const handle = electronStart(parent)('inference');
      const inference = caller<Inference>(handle.port);
      answer(port, {
        ask: (path: string) => inference.call('classify', path),
        killInference: () => {
          handle.kill();
          return inference.closed;
        },
      });
    });
    child.on('exit', () => alive.splice(alive.indexOf(name), 1));
    return child;
  }, channel);
  return { handle: start('library'), alive };
}

test('library and inference talk through ports that main made for them', async () => {
  const { handle } = processes();
  const library = caller<Library>(handle.port);
  assert.equal(await library.call('ask', '/a.jpg'), 'cat in /a.jpg');
  handle.kill();
  assert.equal(await library.closed, 'ended with code 9');
});

test('the library hears when its inference process ends, and lives on', async () => {
  const { handle, alive } = processes();
  const library = caller<Library>(handle.port);
  assert.equal(await library.call('killInference', null), 'ended with code 9');
  await assert.rejects(library.call('ask', '/b.jpg'), { code: 'process-ended' });
  assert.deepEqual(alive, ['library']);
  handle.kill();
  await library.closed;
});

test('the inference process ends with its library', async () => {
  const { handle, alive } = processes();
  const library = caller<Library>(handle.port);
  await library.call('ask', '/c.jpg');
  handle.kill();
  await library.closed;
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.deepEqual(alive, []);
});
