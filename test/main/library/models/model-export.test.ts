/** A model written for a window: by the real thread and the real inference process, with progress, cancelled, refused. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelExportRequest, ModelExportStatus } from '../../../../main/contract/exports.ts';
import type { Inference } from '../../../../main/library/inference.ts';
import { exportModel } from '../../../../main/library/models/export-model.ts';
import { startFromHere } from '../../../../main/rpc/parent.ts';
import { importModel } from '../../../../models/import.ts';
import { tinyShape, writeTimm } from '../../../models/tiny.ts';
import { makePlace, openLibrary, type Asked } from '../setup.ts';

/** Where something else lies under the name of the file beside the graph. */
async function besideOthers(t: TestContext) {
  const place = makePlace(t);
  const installed = await importModel(writeTimm(join(place.folder, 'source'), tinyShape), place.folder, { name: 'tiny' }); // prettier-ignore
  const out = join(place.folder, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'tiny.onnx.data'), 'of somebody else');
  const inference = { interactive: () => Promise.resolve([]) } as unknown as Inference;
  const write = (over: boolean) =>
    exportModel(
      inference,
      installed,
      null,
      join(out, 'tiny.onnx'),
      { format: 'onnx' },
      { over, mostInside: 1000 },
    );
  const data = () => readFileSync(join(out, 'tiny.onnx.data'), 'utf8');
  return { out, write, data };
}

async function exporting(t: TestContext) {
  const place = makePlace(t);
  const models = join(place.home, 'models');
  mkdirSync(models, { recursive: true });
  await importModel(writeTimm(join(place.folder, 'source'), tinyShape), models, { name: 'tiny' });
  const library = await openLibrary(place, { start: startFromHere });
  const out = join(place.folder, 'out');
  const asked = (name: string, as: ModelExportRequest['as']): ModelExportRequest => ({
    ...{ modelId: 'tiny', path: join(out, name), as },
  });
  return { library, out, asked };
}

const told = ({ heard }: Asked) =>
  heard.flatMap(({ name, payload }) => (name === 'models.exporting' ? [payload as ModelExportStatus] : []));

async function ends(library: Asked): Promise<ModelExportStatus> {
  for (;;) {
    const status = await library.call('models.currentExport', {});
    if (status && status.state !== 'running') return status;
    await sleep(5);
  }
}

test('an export tells its steps, and what came of it; the next is refused over what is there', async (t) => {
  const { library, out, asked } = await exporting(t);
  const onnx = asked('tiny.onnx', { format: 'onnx', maps: ['cls', 'rollout', 'class'] });
  const begun = await library.call('models.startExport', onnx);
  assert.equal(begun.state, 'running');
  await assert.rejects(library.call('models.startExport', onnx), { code: 'writing-active' });
  const { exported, error } = await ends(library);
  assert.equal(error, null);
  assert.deepEqual(exported?.files, ['tiny.onnx']);
  assert.deepEqual(
    exported?.outputs.map(({ name }) => name),
    ['logits', 'probabilities', 'feature', 'cls_map', 'rollout_map', 'class_map'],
  );
  assert.equal(exported?.differences.length, 6);
  assert.deepEqual(readdirSync(out), ['tiny.onnx']);
  const steps = told(library);
  assert.ok(steps.some(({ step }) => step === 'checking'));
  assert.equal(steps.at(-1)?.state, 'finished');

  const bytes = readFileSync(onnx.path);
  await library.call('models.startExport', onnx);
  const again = await ends(library);
  assert.equal(again.error?.code, 'cannot-export');
  assert.match(again.error!.message, /Choose another name/);
  assert.deepEqual(readFileSync(onnx.path), bytes);
  await assert.rejects(library.call('models.startExport', { ...onnx, path: 'tiny.onnx' }), {
    code: 'cannot-export',
  });
  // Who names a file on a command line means that file.
  await library.call('models.export', onnx);

  const weights = asked('weights', { format: 'safetensors' });
  await library.call('models.startExport', weights);
  assert.deepEqual((await ends(library)).exported?.files, ['README.md', 'config.json', 'model.safetensors']);
  await assert.rejects(library.call('models.export', weights), { code: 'cannot-export' });
  assert.deepEqual(readdirSync(out).sort(), ['tiny.onnx', 'weights']);
});

test('an export that is cancelled, at whatever step, leaves nothing', async (t) => {
  const { library, out, asked } = await exporting(t);
  const target = asked('tiny.onnx', { format: 'onnx' });
  for (const wait of [() => true, () => told(library).at(-1)?.step === 'checking']) {
    await library.call('models.startExport', target);
    while (!wait()) await sleep(1);
    await library.call('models.cancelExport', {});
    const { state, exported } = await ends(library);
    assert.deepEqual([state, exported], ['cancelled', null]);
    // Nor the folder that was made for it.
    assert.deepEqual(existsSync(out) ? readdirSync(out) : [], []);
  }
  await library.call('models.startExport', target);
  assert.equal((await ends(library)).state, 'finished');
});

test('where nothing can be written, a sentence says so', async (t) => {
  const { library, out, asked } = await exporting(t);
  mkdirSync(out);
  writeFileSync(join(out, 'file'), '');
  for (const as of [{ format: 'onnx' }, { format: 'safetensors' }] as const) {
    await library.call('models.startExport', asked('file/tiny', as));
    assert.equal((await ends(library)).error?.code, 'cannot-write');
  }
  assert.ok(existsSync(join(out, 'file')));
});

test('nor is a file written over that would lie beside the graph, unless the graph is that is written over', async (t) => {
  const { out, write, data } = await besideOthers(t);
  for (const over of [false, true]) {
    await assert.rejects(write(over), { code: 'cannot-export', message: /tiny\.onnx\.data not to be there/ });
    assert.equal(data(), 'of somebody else');
    assert.deepEqual(readdirSync(out), ['tiny.onnx.data']);
  }
  rmSync(join(out, 'tiny.onnx.data'));
  assert.deepEqual((await write(false)).files, ['tiny.onnx.data', 'tiny.onnx']);
  await assert.rejects(write(false), { code: 'cannot-export' });
  assert.deepEqual((await write(true)).files, ['tiny.onnx.data', 'tiny.onnx']);
});
