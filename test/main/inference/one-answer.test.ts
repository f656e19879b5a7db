/** One photo has one model input, whoever asks for it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unwrap } from '../../../main/contract/result.ts';
import { sharp } from '../../../main/decode/engine.ts';
import { leastEdge } from '../../../main/decode/preprocess.ts';
import { preprocessInWorker } from '../../../main/inference/answering/preprocess-batch.ts';
import type { PreprocessBatch } from '../../../main/inference/answering/preprocess-batch.ts';
import { shared } from '../../shared.ts';
import { starterFolder } from '../../starter.ts';
import { context, described, folder, handlers, onCpu } from './parts.ts';

const samples = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** 1000 × 700, so that every reader that can shrink while it reads is asked to. */
async function everyFormat(): Promise<string[]> {
  const source = await sharp(`${samples}tipper-truck.jpg`)
    .resize(1000, 700, { fit: 'fill' })
    .png()
    .toBuffer();
  const made: Record<string, Promise<Buffer>> = {
    'plain.jpg': sharp(source).jpeg().toBuffer(),
    'progressive.jpg': sharp(source).jpeg({ progressive: true }).toBuffer(),
    'turned.jpg': sharp(source).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'grey.jpg': sharp(source).greyscale().jpeg().toBuffer(),
    'cmyk.jpg': sharp(source).toColourspace('cmyk').jpeg().toBuffer(),
    'large.jpg': sharp(source).resize(2400, 1680, { fit: 'fill' }).jpeg().toBuffer(),
    'plain.png': sharp(source).png().toBuffer(),
    'deep.png': sharp(source).toColourspace('rgb16').png().toBuffer(),
    'palette.png': sharp(source).png({ palette: true }).toBuffer(),
    'clear.png': sharp(source).ensureAlpha(0.5).png().toBuffer(),
    'plain.webp': sharp(source).webp().toBuffer(),
    'exact.webp': sharp(source).webp({ lossless: true, effort: 0 }).toBuffer(),
    'plain.avif': sharp(source).avif({ effort: 0 }).toBuffer(),
    'plain.tif': sharp(source).tiff().toBuffer(),
    'tiles.tif': sharp(source).tiff({ tile: true, pyramid: true }).toBuffer(),
    'plain.gif': sharp(source).gif({ effort: 1 }).toBuffer(),
  };
  const paths = await Promise.all(
    Object.entries(made).map(async ([name, bytes]) => {
      const path = join(folder, name);
      writeFileSync(path, await bytes);
      return path;
    }),
  );
  const { data, info } = await sharp(source).raw().toBuffer({ resolveWithObject: true });
  const bmp = Buffer.alloc(54 + data.length);
  bmp.write('BM');
  bmp.writeUInt32LE(54, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(info.width, 18);
  bmp.writeInt32LE(-info.height, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  data.copy(bmp, 54);
  writeFileSync(join(folder, 'plain.bmp'), bmp);
  const heic = `${shared}odd-images/pillow-hopper.heif`;
  return [...paths, join(folder, 'plain.bmp'), ...(existsSync(heic) ? [heic] : [])];
}

test('the input of a photo is the same to the bit for runs of the window and the command line, inspector and faithfulness', async (t) => {
  const inputs = new Map<string, Map<string, string[]>>();
  let asking = '';
  /** As it is, with what comes out written down. */
  const preprocess: PreprocessBatch = async (request, signal) => {
    const batch = await preprocessInWorker(request, signal);
    let next = 0;
    for (const [i, { path }] of request.photos.entries()) {
      assert.ok(batch.results[i]!.ok, `${path}: ${JSON.stringify(batch.results[i])}`);
      const size = 3 * request.input.height * request.input.width;
      const values = batch.pixelValues.subarray(next * size, ++next * size);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const hash = createHash('sha256').update(bytes).digest('hex');
      const byHash = inputs.get(path) ?? new Map<string, string[]>();
      inputs.set(path, byHash.set(hash, [...(byHash.get(hash) ?? []), asking]));
    }
    return batch;
  };
  const { load, classify, inspect, faithfulness } = handlers({ preprocess });
  const { handle } = await load(onCpu, context);
  const paths = await everyFormat();
  const run = { handle, topK: 3, map: null };
  asking = 'command line';
  await classify({ ...run, photos: paths.map(described), thumbnailEdge: null }, context);
  asking = 'window';
  await classify({ ...run, photos: paths.toReversed().map(described), thumbnailEdge: leastEdge }, context);
  for (const path of paths) {
    asking = 'window, alone';
    await classify({ ...run, photos: [described(path)], thumbnailEdge: leastEdge }, context);
    asking = 'inspector and report';
    await inspect({ handle, path, classIndex: null, topK: 3 }, context);
    asking = 'faithfulness';
    await faithfulness({ handle, path, methods: ['cls'], steps: 1 }, context);
  }
  for (const [path, byHash] of inputs) {
    t.diagnostic(`${basename(path)}: ${[...byHash.values()].map((who) => who.join(', ')).join(' | ')}`);
    assert.equal(byHash.size, 1, path);
    assert.equal([...byHash.values()][0]!.length, 5, path);
  }
});

/** Probability of the best class from Pillow 9.4's pixels: Image.open, convert('RGB'), resize(BICUBIC), centre crop. */
const pillow: Record<string, number> = {
  'airliner.jpg': 0.7877,
  'box-truck.jpg': 0.7726,
  'bridge.jpg': 0.2302,
  'cat.jpg': 0.1935,
  'dog.webp': 0.3527,
  'freighter.jpg': 0.8554,
  'frog.jpg': 0.4573,
  'gull.png': 0.8643,
  'lighthouse.jpg': 0.6313,
  'mushroom.jpg': 0.9405,
  'pizza.jpg': 0.8324,
  'propeller-plane.webp': 0.956,
  'red-car.jpg': 0.8908,
  'robin.jpg': 0.3159,
  'stag.jpg': 0.2125,
  'teapot.webp': 0.9754,
  'tipper-truck.jpg': 0.541,
  'umbrella.webp': 0.1811,
  'yacht.webp': 0.8827,
};

test('the samples are answered as from pixels that Pillow reads whole and resizes once', async () => {
  const { load, classify } = handlers();
  const { handle } = await load({ ...onCpu, modelFolder: starterFolder }, context);
  const names = Object.keys(pillow);
  const photos = names.map((name) => described(samples + name));
  const { results } = await classify({ handle, photos, topK: 1, map: null, thumbnailEdge: null }, context);
  for (const [i, name] of names.entries()) {
    const { probability } = unwrap(results[i]!).top[0]!;
    assert.ok(Math.abs(probability - pillow[name]!) < 0.01, `${name}: ${probability}, not ${pillow[name]}`);
  }
});
