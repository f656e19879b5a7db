import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SaccadeError } from '../../models/error.ts';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { findModel, listModels, readManifest, removeModel } from '../../models/store.ts';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';
import { largestDifference } from '../shared.ts';
import { runGraph } from './session.ts';
import { randomNumbers, timmConfig, timmTensors, tinyShape, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'import');
let count = 0;
const fresh = () => join(root, `case-${++count}`);

async function refused(folder: string, code: string, message: RegExp) {
  const installed = fresh();
  await assert.rejects(importModel(folder, installed, { name: 'm' }), (error: unknown) => {
    assert.ok(error instanceof SaccadeError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(existsSync(installed) ? readdirSync(installed) : [], [], 'nothing is installed');
}

function edited(edit: (tensors: Writable, config: Record<string, unknown>) => void): string {
  const tensors = timmTensors(tinyShape);
  const config = timmConfig(tinyShape);
  edit(tensors, config);
  return writeTimm(fresh(), tinyShape, tensors, config);
}

/** A safetensors file whose header says what it likes. */
function withHeader(header: unknown, dataBytes = 16, length?: bigint): string {
  const folder = writeTimm(fresh(), tinyShape);
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  writeFileSync(join(folder, 'model.safetensors'), file);
  return folder;
}

const pixels = { data: randomNumbers(3 * 32 * 32, 1), shape: [1, 3, 32, 32] };

test('weights that are gone, cut short or exchanged compute nothing, and say which they are; copied ones do', async () => {
  const { folder, manifest } = await importModel(writeTimm(fresh(), tinyShape), fresh(), { name: 'mine' });
  const file = join(folder, manifest.weights.files[0]!);
  const build = () => buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
  const bytes = readFileSync(file);
  const later = (seconds: number) => utimesSync(file, new Date(), new Date(Date.now() + seconds * 1000));
  const exchanged = Buffer.from(bytes);
  exchanged[exchanged.length - 1]! ^= 1;

  writeFileSync(file, exchanged);
  later(10);
  await assert.rejects(build(), {
    code: 'weights-changed',
    message: /expected the SHA-256 .* Put the files back/,
  });
  writeFileSync(file, bytes.subarray(0, -4));
  await assert.rejects(build(), { code: 'weights-changed', message: /expected \d+ bytes, found \d+/ });
  rmSync(file);
  await assert.rejects(build(), (error: SaccadeError) => {
    assert.equal(error.code, 'weights-gone');
    assert.ok(error.message.includes(file));
    return true;
  });
  writeFileSync(file, bytes);
  later(20);
  assert.ok((await build()).model.length > 0);
});

test('an imported model is listed, found by name and by path, and removed', async () => {
  const installed = fresh();
  const roots = { installed, builtIn: join(root, 'none') };
  const { folder, manifest } = await importModel(writeTimm(fresh(), tinyShape), installed, { name: 'mine' });
  assert.deepEqual(
    listModels(roots).map((model) => model.manifest.id),
    ['mine'],
  );
  assert.equal(findModel(roots, 'mine').folder, folder);
  assert.equal(findModel(roots, folder).manifest.weights.sha256, manifest.weights.sha256);
  assert.deepEqual(manifest.grid, { rows: 4, columns: 4, patchSize: 8 });
  await assert.rejects(importModel(folder, installed, { name: 'mine' }), { code: 'model-exists' });
  removeModel(roots, 'mine');
  assert.deepEqual(listModels(roots), []);
  assert.throws(() => findModel(roots, 'mine'), { code: 'no-model' });
});

test('weights in two shards answer like the same weights in one file', async () => {
  const tensors = timmTensors(tinyShape);
  const whole = await importModel(writeTimm(fresh(), tinyShape, tensors), fresh(), { name: 'whole' });
  const folder = writeTimm(fresh(), tinyShape, tensors);
  rmSync(join(folder, 'model.safetensors'));
  const names = Object.keys(tensors);
  const shard = (from: number, to?: number) =>
    Object.fromEntries(names.slice(from, to).map((n) => [n, tensors[n]!]));
  writeFileSync(join(folder, 'a.safetensors'), encodeSafetensors(shard(0, 9)));
  writeFileSync(join(folder, 'b.safetensors'), encodeSafetensors(shard(9)));
  const weight_map = Object.fromEntries(
    names.map((name, i) => [name, i < 9 ? 'a.safetensors' : 'b.safetensors']),
  );
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
  const sharded = await importModel(folder, fresh(), { name: 'sharded' });
  const options = { kind: 'classify', precision: 'fp32', map: null } as const;
  const run = async (model: typeof whole) =>
    (await runGraph(await buildGraph(model.folder, model.manifest, options), pixels))['logits']!.data;
  assert.deepEqual(await run(sharded), await run(whole));
});

test('BF16 weights are read as the numbers they stand for', async () => {
  const tensors = timmTensors(tinyShape);
  for (const tensor of Object.values(tensors)) {
    const bits = new Uint32Array((tensor.data as Float32Array).buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = bits[i]! & 0xffff0000; // exact in BF16
  }
  const folder = writeTimm(fresh(), tinyShape, tensors);
  const options = { kind: 'classify', precision: 'fp32', map: null } as const;
  const full = await importModel(folder, fresh(), { name: 'f32' });
  const halves: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const words = new Uint32Array((data as Float32Array).buffer);
    const bytes = new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer);
    halves[name] = { dtype: 'BF16', shape, data_offsets: [at, (at += bytes.length)] };
    parts.push(bytes);
  }
  const bf16 = withHeader(halves, 0);
  const header = new TextEncoder().encode(JSON.stringify(halves));
  const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
  writeFileSync(join(bf16, 'model.safetensors'), Buffer.concat([length, header, ...parts]));
  const half = await importModel(bf16, fresh(), { name: 'bf16' });
  assert.equal(half.manifest.weights.dtype, 'BF16');
  const run = async (model: typeof full) =>
    (await runGraph(await buildGraph(model.folder, model.manifest, options), pixels))['logits']!.data;
  assert.ok(largestDifference(await run(half), await run(full)) === 0);
});

test('a lying safetensors header is refused by what is wrong in it', async () => {
  const tensor = (data_offsets: unknown, shape: unknown = [4], dtype = 'F32') => ({
    x: { dtype, shape, data_offsets },
  });
  await refused(withHeader('{', 0), 'bad-safetensors', /not JSON/);
  await refused(withHeader('[]'), 'bad-safetensors', /not an object/);
  await refused(withHeader({}, 0, 1n << 60n), 'bad-safetensors', /header claims/);
  await refused(withHeader(tensor([0, 9999])), 'bad-safetensors', /"x" lies at bytes 0 to 9999/);
  await refused(withHeader(tensor([8, 0])), 'bad-safetensors', /lies at bytes/);
  await refused(withHeader(tensor([0, 8])), 'bad-safetensors', /needs 16 bytes of F32, found 8/);
  await refused(withHeader(tensor([0, 16], [-4])), 'bad-safetensors', /shape of whole numbers/);
  await refused(withHeader(tensor([0, 16], [4], 'F99')), 'bad-safetensors', /unknown dtype/);
  await refused(withHeader({ ...tensor([0, 16]), y: { dtype: 'F32', shape: [2], data_offsets: [8, 16] } }), 'bad-safetensors', /overlap/); // prettier-ignore
  const short = writeTimm(fresh(), tinyShape);
  writeFileSync(join(short, 'model.safetensors'), 'abc');
  await refused(short, 'bad-safetensors', /has 3 bytes/);
});

test('a tensor that is missing, mis-shaped, left over or not finite is named', async () => {
  await refused(
    edited((tensors) => delete tensors['blocks.1.norm2.weight']),
    'missing-tensor',
    /blocks\.1\.norm2\.weight/,
  );
  const biases =
    'patch_embed.proj blocks.0.mlp.fc1 blocks.1.mlp.fc1 blocks.1.attn.qkv blocks.0.norm1 norm head';
  for (const lost of biases.split(' ').map((module) => `${module}.bias`))
    await refused(
      edited((tensors) => delete tensors[lost]),
      'missing-tensor',
      new RegExp(`"${RegExp.escape(lost)}".*not there`),
    );
  await refused(
    edited((tensors) => (tensors['head.weight'] = { shape: [5, 23], data: randomNumbers(115) })),
    'misshaped-tensor',
    /"head\.weight" to have the shape \[5, 24\], found \[5, 23\]/,
  );
  await refused(
    edited((tensors) => (tensors['blocks.0.attn.q_norm.weight'] = { shape: [8], data: randomNumbers(8) })),
    'unknown-architecture',
    /q_norm/,
  );
  await refused(
    edited((tensors) => ((tensors['blocks.1.mlp.fc1.weight']!.data as Float32Array)[3] = NaN)),
    'not-finite',
    /blocks\.1\.mlp\.fc1/,
  );
});

test('a configuration that is broken, unknown or incomplete is named by its field', async () => {
  const broken = writeTimm(fresh(), tinyShape);
  writeFileSync(join(broken, 'config.json'), '{"architecture": ');
  await refused(broken, 'bad-config', /config\.json should be JSON/);
  await refused(
    edited((_, config) => (config['model_args'] = {})),
    'missing-heads',
    /num_heads.*attention heads/,
  );
  await refused(
    edited((_, config) => (config['num_classes'] = 'many')),
    'bad-config',
    /"num_classes" should be a number; found "many"/,
  );
  await refused(
    edited((_, config) => (config['global_pool'] = 'max')),
    'bad-config',
    /global_pool/,
  );
  const other = writeTimm(fresh(), tinyShape, undefined, { model_type: 'swin' });
  await refused(other, 'unknown-architecture', /model_type.*swin/);
  const unprepared = writeTimm(fresh(), tinyShape, undefined, { model_type: 'vit' });
  await refused(unprepared, 'missing-preprocessing', /preprocessor_config\.json/);
  await refused(writeTimm(fresh(), tinyShape, {}), 'missing-tensor', /patch_embed/);
});

test('a copy of an installed model is a model of its own', async () => {
  const installed = fresh();
  const first = await importModel(writeTimm(fresh(), tinyShape), installed, { name: 'first' });
  const second = await importModel(first.folder, installed, { name: 'second' });
  assert.equal(second.manifest.id, 'second');
  assert.equal(readManifest(second.folder).id, 'second');
  assert.equal(second.manifest.source, first.manifest.source);
});

test('shards that hold the same tensor twice, or not what their index says, are refused', async () => {
  const tensors = timmTensors(tinyShape);
  const names = Object.keys(tensors);
  const sharded = (first: string[], second: string[]) => {
    const folder = writeTimm(fresh(), tinyShape, tensors);
    rmSync(join(folder, 'model.safetensors'));
    for (const [file, held] of Object.entries({ a: first, b: second }))
      writeFileSync(join(folder, `${file}.safetensors`), encodeSafetensors(Object.fromEntries(held.map((name) => [name, tensors[name]!])))); // prettier-ignore
    const weight_map = Object.fromEntries(names.map((name, i) => [name, i < 9 ? 'a.safetensors' : 'b.safetensors'])); // prettier-ignore
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    return folder;
  };
  const [first, second] = [names.slice(0, 9), names.slice(9)];
  await refused(
    sharded(first, names.slice(8)),
    'bad-weights-index',
    /is in a\.safetensors and in b\.safetensors/,
  );
  const bias = second.findLast((name) => name.endsWith('mlp.fc1.bias'))!;
  await refused(sharded(first, second.filter((name) => name !== bias)), 'bad-weights-index', /b\.safetensors should hold "blocks\.\d\.mlp\.fc1\.bias", and does not/); // prettier-ignore
});

test('shards outside the folder are refused', async () => {
  const folder = writeTimm(fresh(), tinyShape);
  rmSync(join(folder, 'model.safetensors'));
  writeFileSync(
    join(folder, 'model.safetensors.index.json'),
    JSON.stringify({ weight_map: { a: '../../secret.safetensors' } }),
  );
  await refused(folder, 'bad-weights-index', /not a file name in the same folder/);
});

test("PyTorch's pickles are refused with what to do instead", async () => {
  const folder = writeTimm(fresh(), tinyShape);
  rmSync(join(folder, 'model.safetensors'));
  writeFileSync(join(folder, 'pytorch_model.bin'), 'x');
  await refused(folder, 'no-weights', /convert them to safetensors/);
});
