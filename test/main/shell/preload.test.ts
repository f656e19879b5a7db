import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import type { Bridge } from '../../../main/contract/wire.ts';

const electron = `
  export const webUtils = { getPathForFile: () => '/photo.jpg' };
  export const ipcRenderer = { on() {}, send() {}, invoke: (...asked) => globalThis.invoke(...asked) };
  export const contextBridge = { exposeInMainWorld: (name, bridge) => (globalThis[name] = bridge) };`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: `data:text/javascript,${encodeURIComponent(electron)}`, shortCircuit: true }
      : next(specifier, context),
});
await import('../../../main/preload.ts');
const world = globalThis as unknown as { saccade: Bridge; invoke: (...asked: unknown[]) => Promise<unknown> };

test('a question that main refuses is answered with a failure, and not rejected', async () => {
  world.invoke = () => Promise.reject(new Error("Expected a question of the application's own page."));
  assert.deepEqual(await world.saccade.ask('runs.current', {}), {
    ok: false,
    error: { code: 'internal', message: "Expected a question of the application's own page." },
  });
  world.invoke = (...asked) => Promise.resolve({ ok: true, value: asked });
  assert.deepEqual(await world.saccade.ask('runs.current', {}), {
    ok: true,
    value: ['saccade:ask', 'runs.current', {}],
  });
});
