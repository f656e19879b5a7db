/** Models with two towers: what of a repository is fetched, and that it can be installed and read words. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { download } from '../../../main/hub/download.ts';
import { inspectLayout } from '../../../main/hub/layout.ts';
import { planDownload } from '../../../main/hub/plan.ts';
import type { VitConfig } from '../../../models/config.ts';
import { checkLayout, importModel } from '../../../models/import.ts';
import { needsShared, shared } from '../../shared.ts';
import { setUp, type Setting } from './setting.ts';

const never = new AbortController().signal;

function variant(name: string, others: Record<string, string> = {}): Record<string, string | Buffer> {
  const folder = join(shared, 'models/variants', name);
  const content = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))] as const);
  return { ...Object.fromEntries(content), ...others };
}

async function planned(setting: Setting) {
  const plan = await planDownload(setting.client(), setting.hub.repository, 'main', never);
  return { plan, names: plan.files.map(({ path }) => path).sort() };
}

/** As Saccade installs: the layout is looked at before the weights come. */
async function install(setting: Setting) {
  const { plan, names } = await planned(setting);
  const files = join(setting.folder, 'files');
  mkdirSync(files);
  const client = setting.client();
  const small = { ...plan, files: plan.files.filter(({ path }) => !path.endsWith('.safetensors')) };
  const how = { signal: never, onFile: () => {}, onBytes: (bytes: number) => (setting.hub.received = bytes) };
  await download(client, small, files, how);
  let looked = false;
  await inspectLayout(client, plan, files, (layout) => { checkLayout(layout); looked = true; }, never); // prettier-ignore
  assert.ok(looked);
  await download(client, plan, files, how);
  const { manifest } = await importModel(files, join(setting.folder, 'models'));
  return { names, config: manifest.architecture as unknown as VitConfig };
}

test(
  "transformers' CLIP comes with its tokeniser and is installed with both towers",
  needsShared,
  async (t) => {
    const content = variant('clip-huggingface');
    // As newer versions of transformers write it.
    const photos = JSON.parse(String(content['preprocessor_config.json'])) as object;
    content['processor_config.json'] = JSON.stringify({ image_processor: photos });
    delete content['preprocessor_config.json'];
    const { names, config } = await install(await setUp(t, content));
    assert.deepEqual(names, [
      'config.json',
      'model.safetensors',
      'processor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    assert.deepEqual(config.text?.tokenizer, ['tokenizer.json']);
  },
);

test('an older tokeniser comes in its two files', needsShared, async (t) => {
  const content = variant('clip-huggingface');
  delete content['tokenizer.json'];
  const { config } = await install(await setUp(t, content));
  assert.deepEqual(config.text?.tokenizer, ['vocab.json', 'merges.txt']);
});

test("a repository of open_clip's is enough without config.json", needsShared, async (t) => {
  const { names, config } = await install(
    await setUp(t, variant('clip-open_clip', { 'open_clip_pytorch_model.bin': 'pickle' })),
  );
  assert.deepEqual(names, [
    'open_clip_config.json',
    'open_clip_model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  assert.deepEqual(config.text?.tokenizer, ['tokenizer.json']);
});

test('of two layouts side by side one is taken, and never the weights of both', async (t) => {
  const open = { 'open_clip_config.json': '{}', 'open_clip_model.safetensors': 'open' };
  const usual = { 'config.json': '{}', 'model.safetensors': 'usual' };
  const weightsOf = async (content: Record<string, string>) =>
    (await planned(await setUp(t, content))).names.filter((name) => name.endsWith('.safetensors'));
  assert.deepEqual(await weightsOf({ ...open, ...usual }), ['model.safetensors']);
  assert.deepEqual(await weightsOf({ ...open, 'config.json': '{}' }), ['open_clip_model.safetensors']);
  assert.deepEqual(await weightsOf({ ...open, 'model.safetensors': 'usual' }), ['open_clip_model.safetensors']); // prettier-ignore
});

test("open_clip's weights alone are refused by the configuration that is missing", async (t) => {
  const setting = await setUp(t, { 'open_clip_model.safetensors': 'open' });
  await assert.rejects(planned(setting), { code: 'hub-no-config', message: /no open_clip_config\.json/ });
});
