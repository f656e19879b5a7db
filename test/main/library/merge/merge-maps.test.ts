/** Evidence that was looked at for labels goes along when data folders are joined: to the same head, and to no other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { StoredMap } from '../../../../main/contract/entities/inspection.ts';
import type { MergeReport } from '../../../../main/contract/entities/merge.ts';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { doubtSet, setDoubt } from '../../../../main/library/catalog/doubts.ts';
import { setHeadDoubt } from '../../../../main/library/catalog/heads.ts';
import { storeLabelMap } from '../../../../main/library/catalog/label-maps.ts';
import { mergeFolder } from '../../../../main/library/merge/merge.ts';
import { makePlace, openLibrary, writePhotos, type Place } from '../setup.ts';

const model = 'a'.repeat(64);
const seen = { x: 0, y: 0, width: 4, height: 4 };

/** What is looked at is told by its offset. */
function evidence(label: number, offset: number) {
  const map: StoredMap = { method: 'class', layers: [0, 0], classIndex: label, rows: 1, columns: 2, scale: 1, offset, bytes: new Uint8Array([1, 2]) }; // prettier-ignore
  return { map, seen, special: 0.5, logit: 2 };
}

/** Closed when it answers. Photos are found in the order of `names`, so that numbers differ. */
async function classified(place: Place, home: string, names: readonly string[]): Promise<string> {
  const each: Place = {
    ...place,
    home: join(place.folder, home),
    photos: join(place.folder, `${home} photos`),
  };
  writePhotos(each, Object.fromEntries(names.map((name) => [`${name}.jpg`, `3 ${name}`])));
  const library = await openLibrary(each);
  await library.scan();
  await library.runAll();
  await library.close();
  return each.home;
}

function opened(home: string, work: (catalog: Catalog) => void): void {
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  try {
    work(catalog);
  } finally {
    catalog.close();
  }
}

function addHead(
  catalog: Catalog,
  id: number,
  name: string,
  version: number,
  manifest: string,
  hash = model,
) {
  catalog.run(
    'INSERT INTO heads (id, name, model_hash, version) VALUES (?, ?, ?, ?)',
    id,
    name,
    hash,
    version,
  );
  catalog.run(
    `INSERT INTO head_versions (head_id, version, created_ms, manifest, weights) VALUES (?, ?, 1, ?, x'00')`,
    ...[id, version, manifest],
  );
}

/** By content: whose, for which label, and what was seen. */
const maps = (catalog: Catalog) =>
  catalog
    .all<{ hash: string; head: string | null; version: number; label: number; map: Uint8Array }>(
      `SELECT hex(c.hash) AS hash, h.name AS head, l.version, l.label, l.map FROM label_maps l
       JOIN contents c ON c.id = l.content_id JOIN result_keys k ON k.id = l.key_id
       LEFT JOIN heads h ON h.id = l.head_id AND l.head_id <> 0 ORDER BY hash, head, label`,
    )
    .map(({ map, ...rest }) => JSON.stringify({ ...rest, map: Buffer.from(map).toString('hex') }));

const put = (catalog: Catalog, id: number, version: number, label: number, offset: number) => {
  const [keyId] = catalog.column<number>('SELECT id FROM result_keys');
  const contents = catalog.column<number>('SELECT id FROM contents ORDER BY hash');
  for (const contentId of contents) storeLabelMap(catalog, { keyId: keyId!, id, version }, contentId, label, evidence(label, offset)); // prettier-ignore
};

test('maps of the model’s own head and of the same heads come along, whatever their numbers; others’ do not', async (t) => {
  const place = makePlace(t);
  const theirs = await classified(place, 'theirs', ['x', 'b', 'c', 'a']);
  const ours = await classified(place, 'ours', ['a', 'b', 'y']);
  opened(theirs, (catalog) => {
    addHead(catalog, 3, 'same', 4, '{"of":"both"}');
    addHead(catalog, 4, 'taught', 2, '{"of":"theirs"}');
    addHead(catalog, 5, 'removed', 1, '{"of":"removed"}');
    put(catalog, 0, 0, 7, 1);
    put(catalog, 3, 4, 0, 2);
    put(catalog, 3, 3, 0, 3); // of an earlier version
    put(catalog, 4, 2, 1, 4);
    put(catalog, 5, 1, 1, 5);
    setDoubt(catalog, model, 0.75);
    setDoubt(catalog, 'b', 0.25);
    setHeadDoubt(catalog, 3, 0.6);
    setHeadDoubt(catalog, 4, 0.7);
  });
  let kept: string[] = [];
  let expected: string[] = [];
  opened(ours, (catalog) => {
    // Other heads have their numbers here.
    addHead(catalog, 3, 'taught', 2, '{"of":"ours"}');
    addHead(catalog, 8, 'the same', 6, '{"of":"both"}');
    addHead(catalog, 9, 'gone', 1, '{"of":"removed"}');
    catalog.run('UPDATE heads SET removed_ms = 1 WHERE id = 9');
    put(catalog, 0, 0, 7, 10);
    put(catalog, 3, 2, 1, 11);
    setDoubt(catalog, model, 0.5);
    kept = maps(catalog);
  });
  opened(theirs, (catalog) => {
    const known = new Set(kept.map((line) => (JSON.parse(line) as { hash: string }).hash));
    const called: Record<string, [string, number]> = { same: ['the same', 6], taught: ['taught (2)', 2] };
    expected = maps(catalog).flatMap((line) => {
      const row = JSON.parse(line) as { hash: string; head: string | null; version: number };
      if (row.head === null) return known.has(row.hash) ? [] : [line];
      const [head, version] = called[row.head] ?? [null, 0];
      const current = row.head !== 'same' || row.version === 4;
      return head !== null && current ? [JSON.stringify({ ...row, head, version })] : [];
    });
  });
  opened(ours, (catalog) => {
    const merge = (): MergeReport => mergeFolder(catalog, ours, theirs);
    const report = merge();
    assert.deepEqual(maps(catalog).sort(), [...kept, ...expected].sort());
    assert.equal(expected.length, 2 + 4 + 4, 'of the new photos, and of all by each head');
    // Above what a person is sure of.
    assert.deepEqual([doubtSet(catalog, model), doubtSet(catalog, 'b')], [0.5, 0.25]);
    assert.deepEqual(
      catalog.column('SELECT doubt FROM heads ORDER BY id'),
      [null, 0.6, null, 0.7],
      'the same head, and one that came',
    );
    const doubt = report.conflicts.find(({ of }) => of.startsWith('doubt'));
    assert.deepEqual(doubt, { about: 'setting', of: 'doubt of Model starter', ours: '0.5', theirs: '0.75' });
    merge();
    assert.equal(maps(catalog).length, kept.length + expected.length, 'again changes nothing');
  });
});
