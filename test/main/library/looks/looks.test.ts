import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { sharp } from '../../../../main/decode/engine.ts';
import type { LibraryVerbs } from '../../../../main/contract/internal.ts';
import { unwrap } from '../../../../main/contract/result.ts';
import type { AnswerOf, RequestOf } from '../../../../main/rpc/calls.ts';
import { startLibrary } from '../../../../main/rpc/library.ts';
import { startFromHere } from '../../../../main/rpc/parent.ts';
import { importModel } from '../../../../models/import.ts';
import { asAnswered } from '../../../answers.ts';
import { keepPace } from '../../../measured-home.ts';
import { needsShared, shared } from '../../../shared.ts';

const project = resolve(import.meta.dirname, '../../../..');
const starter = join(project, 'models', 'starter');

/** Pixels of a picture's side, and of the mark in its lower right corner. */
const side = 224;
const mark = { at: 184, size: 28 };

/** A small sign that no picture has by itself: a magenta square in a green one. */
async function marked(picture: Buffer): Promise<Buffer> {
  const { at, size } = mark;
  const inner = (i: number) => Math.abs(i - (size - 1) / 2) < size / 4;
  const pixels = Buffer.alloc(size * size * 3);
  for (let i = 0; i < size * size; i++)
    pixels.set(inner(i % size) && inner(Math.floor(i / size)) ? [255, 0, 255] : [0, 255, 0], 3 * i);
  const raw = { width: size, height: size, channels: 3 } as const;
  return sharp(picture)
    .composite([{ input: pixels, raw, left: at, top: at }])
    .png()
    .toBuffer();
}

const square = (picture: Buffer | string) =>
  sharp(picture).resize(side, side, { fit: 'cover' }).png().toBuffer();

interface Setting {
  home: string;
  photos: string;
  ask<N extends keyof LibraryVerbs & string>(
    verb: N,
    request: RequestOf<LibraryVerbs, N>,
  ): Promise<AnswerOf<LibraryVerbs, N>>;
  until(verb: 'heads.teaching' | 'looks.status' | 'runs.current'): Promise<void>;
}

/** Pictures by label, half of those of the label `cheat` marked; a head taught on them; all of it by real processes. */
async function taught(
  t: TestContext,
  model: string,
  pictures: Record<string, Buffer[]>,
  cheat: string,
): Promise<Setting> {
  // prettier-ignore
  const home = mkdtempSync(join(tmpdir(), 'saccade-looks-'));
  const photos = join(home, 'photos');
  const { folder, manifest } = await importModel(model, join(home, 'models'), { name: 'seen' });
  await keepPace(home, { modelFolders: [folder] });
  for (const [label, all] of Object.entries(pictures)) {
    mkdirSync(join(photos, label), { recursive: true });
    for (const [i, picture] of all.entries()) {
      const sign = label === cheat && i % 2 === 0;
      const file = `${sign ? 'marked' : 'plain'}-${i}.png`;
      writeFileSync(join(photos, label, file), sign ? await marked(picture) : picture);
    }
  }
  const library = startLibrary(startFromHere, { home, builtInModel: starter });
  t.after(async () => {
    await library.close();
    rmSync(home, { recursive: true, force: true });
  });
  const setting: Setting = {
    home,
    photos,
    ask: async (verb, request) => asAnswered(verb, unwrap(await library.ask(verb, request))),
    async until(verb) {
      for (;;) {
        const status = await setting.ask(verb, {});
        if (
          status &&
          !['idle', 'preparing', 'running', 'reading', 'features', 'teaching'].includes(status.state)
        ) {
          assert.equal(status.state, 'finished', status.error?.message);
          return;
        }
        await sleep(50);
      }
    },
  };
  await setting.ask('settings.set', { model: manifest.id, provider: 'cpu', precision: 'fp32' });
  await setting.ask('folders.add', { path: photos });
  const total = Object.values(pictures).flat().length;
  while ((await setting.ask('photos.count', { filter: {} })).total < total) await sleep(50);
  await setting.ask('runs.start', {
    selection: { filter: {}, except: [] },
    again: false,
    retryFailed: false,
  });
  await setting.until('runs.current');
  await setting.ask('heads.teach', { name: 'things', source: { from: 'folder', path: photos }, use: true });
  await setting.until('heads.teaching');
  return setting;
}

/** The gallery, the sentence and the order must all tell of the mark. */
async function exposes({ ask, until }: Setting, t: TestContext, cheat: string): Promise<void> {
  const head = (await ask('heads.list', {})).items.find(({ inUse }) => inUse)!;
  const { names } = await ask('heads.show', { headId: head.id });
  const label = names.findIndex(({ name }) => name === cheat);
  const before = await ask('looks.label', { headId: head.id, label, crops: 12 });
  assert.equal(before.known, 0, 'a run stores nothing for labels that are taught');
  assert.equal(before.where, null);
  await ask('looks.find', { headId: head.id, label, most: 1000 });
  await until('looks.status');
  const looks = await ask('looks.label', { headId: head.id, label, crops: 12 });
  assert.equal(looks.known, looks.photos);
  const { where } = looks;
  assert.ok(where);
  for (const { kind, share, usual, even, odd, mostly, photos } of where.findings)
    t.diagnostic(`${kind} ${share.toFixed(3)} usual ${usual?.toFixed(3)} even ${even?.toFixed(3)} ${mostly}/${photos} ${odd}`); // prettier-ignore
  assert.equal(where.findings[0]?.kind, 'bottom-right');
  assert.equal(where.findings[0].odd, true);
  assert.ok(where.others > 0);
  // The crops: patches of the corner, on marked photos.
  const { at, size } = mark;
  const onMark = looks.speakFor.filter(({ photo, region }) => {
    const [x, y] = [region.x + region.width / 2, region.y + region.height / 2];
    const near = (value: number) => value > at - side / 14 && value < at + size + side / 14;
    return photo.name.startsWith('marked') && near(x) && near(y);
  });
  t.diagnostic(`${onMark.length} of ${looks.speakFor.length} crops show the mark`);
  // Of all patches of the label's photos one in a hundred shows it.
  assert.ok(onMark.length >= 0.5 * looks.speakFor.length);
  assert.equal(onMark[0], looks.speakFor[0]);
  for (const { value, share } of looks.speakFor) assert.ok(value > 0 && (share === null || share > 0));
  // Photos of the label by where their evidence lies: those with the mark come first.
  const { items, total } = await ask('looks.photos', { headId: head.id, label, limit: 500 });
  assert.equal(items.length, total);
  const withMark = items.filter(({ photo }) => photo.name.startsWith('marked')).length;
  const first = items.slice(0, withMark).filter(({ photo }) => photo.name.startsWith('marked')).length;
  t.diagnostic(`${first} of the first ${withMark} have the mark; ${items.map(({ share, photo }) => `${photo.name[0]}${share.toFixed(2)}`).join(' ')}`); // prettier-ignore
  assert.ok(first >= 0.75 * withMark, `${first} of ${withMark}`);
  assert.ok(items[0]!.photo.name.startsWith('marked'));
  const some = await ask('looks.photos', { headId: head.id, label, minimum: 0.2, limit: 500 });
  assert.deepEqual(
    some.items,
    items.filter(({ share }) => share >= 0.2),
  );
  assert.ok(some.total > 0 && some.total < total);
  // The same of the head when another one is in use: its labels, where it looks, and the photos.
  const called = await ask('looks.labels', { headId: head.id, limit: 10 });
  assert.deepEqual(called.items.find(({ index }) => index === label)?.photos, looks.photos);
  await ask('heads.use', { headId: null });
  assert.deepEqual(await ask('looks.labels', { headId: head.id, limit: 10 }), called);
  const elsewhere = await ask('looks.label', { headId: head.id, label, crops: 12 });
  assert.deepEqual([elsewhere.photos, elsewhere.known, elsewhere.where], [looks.photos, looks.known, where]);
  const place = ({ photo, row, column, value }: (typeof looks.speakFor)[number]) => [photo.id, row, column, value]; // prettier-ignore
  assert.deepEqual(elsewhere.speakFor.map(place), looks.speakFor.map(place));
  await ask('heads.use', { headId: head.id });
  // Another label has no such corner.
  const other = names.findIndex(({ name }) => name !== cheat);
  await ask('looks.find', { headId: head.id, label: other, most: 1000 });
  await until('looks.status');
  const plain = await ask('looks.label', { headId: head.id, label: other, crops: 4 });
  assert.ok(!plain.where?.findings.some(({ kind, odd }) => kind === 'bottom-right' && odd));
}

/** The first photos of some categories, 64 × 64, enlarged. */
async function everyday(categories: string[], count: number): Promise<Record<string, Buffer[]>> {
  const place = join(shared, 'datasets', 'everyday120');
  const index = JSON.parse(gunzipSync(readFileSync(join(place, 'part-a.json.gz'))).toString()) as [
    string,
    number,
    number,
  ][];
  const data = readFileSync(join(place, 'part-a.bin'));
  const found: Record<string, Buffer[]> = {};
  for (const category of categories) {
    const some = index.filter(([path]) => path.startsWith(`train/${category}/`)).slice(0, count);
    found[category] = await Promise.all(some.map(([, from, length]) => square(data.subarray(from, from + length)))); // prettier-ignore
  }
  return found;
}

test(
  'a mark in a corner of half of a label is told by crops, sentence and order, with a real ViT-Tiny',
  needsShared,
  async (t) => {
    const model = join(shared, 'models', 'vit-tiny-patch16-224', 'timm');
    const pictures = await everyday(['teapot', 'bridge', 'mushroom'], 28);
    await exposes(await taught(t, model, pictures, 'teapot'), t, 'teapot');
  },
);
