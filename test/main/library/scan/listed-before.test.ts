/** A look at a folder takes time, in which a person, or another program, moves what it has listed. */
import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { folderByPath } from '../../../../main/library/catalog/folders.ts';
import { photoById, photoNamed } from '../../../../main/library/catalog/photos.ts';
import { compare, lookInside } from '../../../../main/library/scan/compare.ts';
import { factsOf } from '../../../../main/library/scan/hash.ts';
import { settleChanged, type Seen } from '../../../../main/library/scan/replaced.ts';
import type { Scan } from '../../../../main/library/scan/scan-state.ts';
import { makePlace, openLibrary, writePhotos } from '../setup.ts';

test('what was moved away, within the library or deleted since it was listed does not come back as a photo', async (t) => {
  const place = makePlace(t);
  const names = ['away.jpg', 'within.jpg', 'deleted.jpg', 'fresh.jpg', 'edited.jpg', 'stays.jpg'];
  writePhotos(place, Object.fromEntries(names.map((name, i) => [name, `${i}`])));
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const ids = new Map((await library.items()).map(({ name, id }) => [name, id]));
  const at = (name: string) => join(place.photos, name);
  const listed = names.map((name) => ({ name, facts: factsOf(statSync(at(name))) }));

  const move = (name: string, folder: string) =>
    library.call('photos.move', { selection: { ids: [ids.get(name)!] }, folder });
  await move('away.jpg', join(place.folder, 'elsewhere'));
  await move('edited.jpg', join(place.folder, 'elsewhere'));
  await move('within.jpg', at('sub'));
  rmSync(at('deleted.jpg'));
  rmSync(at('fresh.jpg'));
  const before = await library.items();
  const catalog = openCatalog(join(place.home, 'catalog.sqlite'));
  t.after(() => catalog.close());
  const folder = folderByPath(catalog, place.photos)!;
  const row = (name: string) => photoById(catalog, ids.get(name)!);
  const changedRow = row('edited.jpg');
  // As if it had never been seen.
  catalog.run('DELETE FROM photos WHERE id = ?', ids.get('fresh.jpg'));

  const arrived: number[] = [];
  const scan: Scan = {
    ...{
      catalog,
      signal: undefined,
      found: 0,
      lastId: 0,
      fresh: true,
      settling: undefined,
      passLinks: false,
    },
    ...{ reached: new Set(), leftOut: new Set(), passed: new Set(), unsettled: new Set() },
    onFound: () => {},
    onChanged: () => {},
    onArrived: (photos) => void arrived.push(...photos),
  };
  const seen: Seen = { known: new Set(), changed: [], waiting: new Set() };
  const doubtful = compare(scan, folder, listed, seen);
  for (const photo of doubtful) await lookInside(scan, folder.path, photo, seen);
  // It differed when it was listed, and the person moved it after that.
  seen.changed.push({ row: { ...changedRow, missing_ms: null }, facts: listed[4]!.facts });
  await settleChanged(scan, folder, seen);

  assert.deepEqual(arrived, []);
  for (const name of ['away.jpg', 'edited.jpg'])
    assert.deepEqual([row(name).away, row(name).missing_ms !== null], [1, true], name);
  assert.equal(photoNamed(catalog, folder.id, 'within.jpg'), undefined);
  assert.equal(photoNamed(catalog, folder.id, 'fresh.jpg'), undefined);
  // What it is known to hold waits for the next look, as the file may come back.
  assert.notEqual(row('deleted.jpg').content_id, null);
  const gone = new Set(['fresh.jpg']);
  assert.deepEqual(
    (await library.items()).map(({ id }) => id),
    before.filter(({ name }) => !gone.has(name)).map(({ id }) => id),
  );
});
