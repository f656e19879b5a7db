import { flushSync } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ModelSummary } from '../../main/contract/entities/model.ts';
import type { ModelExportStatus } from '../../main/contract/exports.ts';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost, model } from './fake-bridge.ts';

beforeEach(() => localStorage.clear());

const all = ['class', 'cls', 'rollout'];
const other: ModelSummary = { ...model, id: 'other', name: 'Other', builtIn: false };
const headless: ModelSummary = {
  ...{ ...model, id: 'headless', classes: 0 },
  exports: { came: { maps: ['cls', 'rollout'], weights: false }, others: model.exports!.others },
};

async function exporting(change: Partial<ModelExportStatus> = {}) {
  const host = new FakeHost({ photos: 1 });
  const app = new Application(host.bridge);
  await app.start();
  app.notices.items = [];
  const { modelExport } = app;
  const status = (state: ModelExportStatus['state']): ModelExportStatus => ({
    ...{ modelId: 'starter', path: '/out/starter.onnx', state, step: 'writing', bytes: 0, totalBytes: 9 },
    ...{ exported: null, error: null },
    ...change,
  });
  const hear = (state: ModelExportStatus['state']) => host.emit('models.exporting', status(state));
  const said = () => app.notices.items.map(({ say }) => say(app.speech));
  const asked = () => host.asked.findLast(({ verb }) => verb === 'models.startExport')?.request;
  return { host, app, modelExport, hear, said, asked };
}

test('the end of an export is told where its sheet is closed, and what was written is a click away', async () => {
  const { app, modelExport, hear, said } = await exporting();
  modelExport.open(model);
  hear('running');
  hear('finished');
  // It is read there.
  expect(said()).toEqual([]);
  modelExport.open(model);
  hear('running');
  modelExport.close();
  hear('finished');
  expect(said()).toEqual(['Written and checked: /out/starter.onnx']);
  app.notices.items[0]!.action!.run();
  expect([modelExport.model?.id, modelExport.status?.state]).toEqual(['starter', 'finished']);
});

test('so is its failure, and one that is refused or that ended while nothing was heard', async () => {
  const error = { code: 'cannot-write', message: 'The disk is full.' };
  const { host, app, modelExport, hear, said } = await exporting({ error });
  modelExport.open(other);
  hear('running');
  hear('failed');
  expect(said()).toEqual(['The disk is full.']);
  expect(modelExport.status).toBeNull();

  host.failing.set('models.startExport', { code: 'cannot-export', message: 'There is such a file.' });
  modelExport.open(model);
  const begun = modelExport.go();
  modelExport.close();
  await begun;
  expect(said()).toContain('There is such a file.');
  modelExport.open(model);
  await modelExport.go();
  expect(modelExport.refused?.message).toBe('There is such a file.');
  expect(said()).toHaveLength(2);

  host.failing.set('models.cancelExport', { code: 'x', message: 'It can’t be cancelled.' });
  await modelExport.cancel();
  expect(said()).toContain('It can’t be cancelled.');

  // The process that wrote is another one, which knows of no export.
  hear('running');
  host.exporting = null;
  await modelExport.refresh();
  expect(modelExport.running).toBeNull();
  // The line was away.
  app.notices.items = [];
  hear('running');
  modelExport.close();
  host.exporting = { ...modelExport.running!, state: 'failed', error };
  await modelExport.refresh();
  expect(said()).toEqual(['The disk is full.']);
});

test('a sheet is about its own model: not the name, the labels or the outcome of another’s', async () => {
  const { modelExport, hear } = await exporting();
  modelExport.open(model);
  modelExport.name = 'mine';
  modelExport.labels = { id: 3, written: false };
  hear('running');
  modelExport.close();
  modelExport.open(other);
  expect([modelExport.name, modelExport.labels, modelExport.status]).toEqual(['other', null, null]);
  // One at a time.
  expect(modelExport.running?.modelId).toBe('starter');
  hear('finished');
  expect([modelExport.status, modelExport.running]).toEqual([null, null]);
  modelExport.open(model);
  expect([modelExport.name, modelExport.status]).toEqual(['starter', null]);
  // What is being written of it stays in sight, as it was asked for.
  modelExport.name = 'mine';
  hear('running');
  modelExport.close();
  modelExport.open(model);
  expect([modelExport.name, modelExport.status?.state]).toEqual(['mine', 'running']);
});

test('only what can be had is offered and asked for', async () => {
  const { modelExport, asked } = await exporting();
  modelExport.open(model);
  expect([modelExport.maps, modelExport.formats]).toEqual([all, ['onnx', 'safetensors']]);
  modelExport.format = 'safetensors';
  modelExport.open(headless);
  modelExport.folder = '/out';
  expect([modelExport.maps, modelExport.formats]).toEqual([['cls', 'rollout'], ['onnx']]);
  expect(modelExport.path).toBe('/out/headless.onnx');
  await modelExport.go();
  expect(asked()).toMatchObject({ modelId: 'headless', as: { format: 'onnx', maps: [] } });
  modelExport.labels = { id: 3, written: true };
  expect([modelExport.maps, modelExport.formats]).toEqual([all, ['onnx']]);
  await modelExport.go();
  expect(asked()).toMatchObject({ headId: 3, as: { maps: ['class'] } });
  modelExport.labels = { id: 4, written: false };
  expect(modelExport.as).toBe('safetensors');
  flushSync();
  await vi.waitFor(() => expect(modelExport.path).toBe('/out/headless'));
});
