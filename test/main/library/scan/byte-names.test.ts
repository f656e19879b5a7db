/** Names that are bytes and no text: whatever reads a folder finds the same files by them. Linux has such names alone. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { classifyPaths, makePlace, openLibrary, type Place } from '../setup.ts';

const skip = process.platform === 'linux' ? false : 'SKIPPED: file systems here allow no such names';

/** "é" of Latin-1. */
const latin = (place: Place, ...parts: string[]) => Buffer.concat([Buffer.from(`${place.photos}/`), ...parts.map((part) => (part === 'é' ? Buffer.from([0xe9]) : Buffer.from(part)))]); // prettier-ignore
const carried = '\uefe9';

async function opened(t: TestContext, files: Record<string, string[]>) {
  const place = makePlace(t);
  for (const [content, name] of Object.entries(files)) {
    if (name.includes('/')) mkdirSync(latin(place, ...name.slice(0, name.indexOf('/'))), { recursive: true });
    writeFileSync(latin(place, ...name), content);
  }
  return { place, library: await openLibrary(place) };
}

test('RAW and JPEG of one shot are found by path', { skip }, async (t) => {
  const files = { 3: ['Ren', 'é', '.jpg'], 4: ['Ren', 'é', '.cr2'], 5: ['Ren', 'e.cr2'] };
  const { place, library } = await opened(t, files);
  const { items } = await classifyPaths(library, { paths: [place.photos], stacks: true });
  assert.deepEqual(
    items.map(({ path, stack }) => [path.slice(place.photos.length + 1), stack]).sort(),
    [['Rene.cr2', undefined], [`Ren${carried}.jpg`, ['Ren\\xe9.cr2']]],
  ); // prettier-ignore
  await library.call('settings.set', { stacks: true });
  await library.scan();
  const asked = { photos: [{ path: join(place.photos, `Ren${carried}.jpg`), predictions: [], sure: true }], labels: { by: 'person' as const } }; // prettier-ignore
  const [photo] = (await library.items()).filter(({ name }) => name.endsWith('.jpg'));
  await library.call('review.act', { selection: { ids: [photo!.id] }, act: { kind: 'add', label: 'boat' } });
  const folder = join(place.folder, 'sorted');
  const options = { folder, template: '{label}/{name}', way: 'move' as const };
  const done = await library.call('internal.organise', { ...asked, options, stacks: true, dryRun: false });
  assert.deepEqual(done.items.map(({ error }) => error), [null, null]); // prettier-ignore
  const there = readdirSync(join(folder, 'boat'), { encoding: 'buffer' });
  assert.deepEqual(there.map((name) => name.toString('latin1')).sort(), ['René.cr2', 'René.jpg']);
  await library.call('internal.undoOrganised', {});
  assert.ok(existsSync(latin(place, 'Ren', 'é', '.cr2')) && existsSync(latin(place, 'Ren', 'é', '.jpg')));
});

test(
  'folders named after labels teach, and their labels are shown as people read them',
  { skip },
  async (t) => {
    const files: Record<string, string[]> = {};
    for (let i = 0; i < 12; i++) files[`3 ${i}`] = ['caf', 'é', '/', `${i}.jpg`];
    for (let i = 0; i < 12; i++) files[`7 ${i}`] = ['dog', '/', `${i}.jpg`];
    const { place, library } = await opened(t, files);
    await library.call('heads.teach', { name: 'ours', source: { from: 'folder', path: place.photos } });
    const { head, error } = await library.teachingEnds();
    assert.notEqual(head, null, JSON.stringify(error));
    const { names } = await library.call('heads.show', { headId: head! });
    assert.deepEqual(names.map(({ name }) => name), ['caf\\xe9', 'dog']); // prettier-ignore
  },
);
