/** Where photos were taken: squares of the map, what each holds, and that lists find the same. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { geoBox, type GeoBox } from '../../../../main/contract/entities/place.ts';
import { fromMap, lastLatitude, onMap } from '../../../../main/contract/mercator.ts';
import type { PhotoFilter } from '../../../../main/contract/requests.ts';
import { noCapture } from '../../../../main/decode/metadata/capture.ts';
import { storeCapture } from '../../../../main/library/catalog/captures.ts';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { addFolder, ensureFolder } from '../../../../main/library/catalog/folders.ts';
import { cellOf, cellsWide, finest, levelFor, squaresOver, wholeMap } from '../../../../main/library/catalog/map-cells.ts'; // prettier-ignore
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { countPhotos } from '../../../../main/library/lists/counts.ts';
import { conditionOf } from '../../../../main/library/lists/filter.ts';
import { placesOf } from '../../../../main/library/lists/places.ts';

/** The same numbers each time: Park and Miller 1988. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

type Shot = [latitude: number, longitude: number];

function made(t: test.TestContext, shots: readonly (Shot | null)[]): Catalog {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  addFolder(catalog, '/p');
  catalog.transaction(() => {
    shots.forEach((shot, i) => {
      const folder = ensureFolder(catalog, i % 3 === 0 ? '/p/third' : '/p');
      const id = insertPhoto(catalog, folder, `${i}.jpg`, { bytes: 1, modifiedMs: 0, changedMs: 0 });
      const [latitude, longitude] = shot ?? [null, null];
      storeCapture(catalog, id, { ...noCapture, latitude, longitude });
    });
  });
  return catalog;
}

const cities: Shot[] = [
  [48.137, 11.575], // Munich
  [48.14, 11.58],
  [48.15, 11.56],
  [52.52, 13.405], // Berlin
  [-33.87, 151.21], // Sydney
  [-17.71, 178.06], // Fiji, on both sides of the date line
  [-16.9, -179.9],
  [89.9, 0], // near the pole, beyond the map
];

const word = ({ south, west, north, east }: GeoBox) => `place:${south},${west},${north},${east}`;

test('the map is the square of the web: known points, there and back', () => {
  assert.deepEqual(onMap({ latitude: 0, longitude: 0 }), { x: 0.5, y: 0.5 });
  const corner = onMap({ latitude: lastLatitude, longitude: -180 });
  assert.ok(corner.x === 0 && Math.abs(corner.y) < 1e-12);
  // https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames: the tile of this place at zoom 18 is 232798, 103246.
  const { x, y } = onMap({ latitude: 35.6590699, longitude: 139.7006793 });
  assert.deepEqual([Math.floor(x * 2 ** 18), Math.floor(y * 2 ** 18)], [232798, 103246]);
  for (const latitude of [-85, -40.5, 0, 12.25, 85])
    for (const longitude of [-180, -77.25, 0, 180]) {
      const back = fromMap(onMap({ latitude, longitude }));
      assert.ok(Math.abs(back.latitude - latitude) < 1e-9 && Math.abs(back.longitude - longitude) < 1e-9);
    }
});

test('each square of each level is one range of cells', () => {
  const random = drawn(7);
  for (let i = 0; i < 300; i++) {
    const place = { latitude: random() * 180 - 90, longitude: random() * 360 - 180 };
    const cell = cellOf(place);
    assert.ok(Number.isSafeInteger(cell) && cell >= 0 && cell < 4 ** finest);
    const point = {
      south: place.latitude,
      north: place.latitude,
      west: place.longitude,
      east: place.longitude,
    };
    for (const level of [0, 1, 5, 13, finest]) {
      const [first, ...others] = squaresOver(point, level);
      assert.ok(others.length === 0 && cell >= first! && cell < first! + cellsWide(level));
    }
  }
  assert.deepEqual(squaresOver(wholeMap, 1), [0, 1, 2, 3].map((i) => i * 4 ** 23)); // prettier-ignore
  assert.equal(squaresOver({ south: -20, west: 170, north: -10, east: -170 }, 4).length, 2);
  const view = { south: 40, west: 0, north: 50, east: 20 };
  for (const most of [1, 64, 4096]) {
    const level = levelFor(view, finest, most);
    assert.ok(level === 0 || squaresOver(view, level).length <= most);
  }
});

test('photos are counted by squares, and lists find in each square’s box as many', (t) => {
  const catalog = made(t, [...cities, null, null]);
  for (const level of [0, 1, 3, 6]) {
    const { items, level: its } = placesOf(catalog, { filter: {}, level });
    assert.equal(its, level);
    assert.equal(items.reduce((sum, { photos }) => sum + photos, 0), cities.length); // prettier-ignore
    for (const { photos, box, latitude, longitude } of items) {
      geoBox.parse(box);
      assert.equal(countPhotos(catalog, conditionOf(catalog, { search: word(box) })), photos);
      assert.ok(
        latitude >= box.south && latitude <= box.north && longitude >= box.west && longitude <= box.east,
      );
    }
  }
  const around = { south: -90, west: 100, north: 90, east: 95 };
  for (const level of [0, 2]) {
    const { items } = placesOf(catalog, { filter: {}, level, box: around });
    assert.equal(items.reduce((sum, { photos }) => sum + photos, 0), cities.length, 'nearly around, over the date line'); // prettier-ignore
  }
  const [munich] = placesOf(catalog, { filter: {}, level: 10, box: { south: 48, west: 11, north: 48.3, east: 12 } }).items; // prettier-ignore
  assert.equal(munich!.photos, 3);
  assert.deepEqual(munich!.box, { south: 48.137, west: 11.56, north: 48.15, east: 11.58 });
});

test('a filter narrows the map as it narrows the list, and photos that lists don’t show are on no map', (t) => {
  const catalog = made(t, cities);
  const total = (filter: PhotoFilter) =>
    placesOf(catalog, { filter, level: 4 }).items.reduce((sum, { photos }) => sum + photos, 0);
  assert.equal(total({ search: 'folder:third' }), 3);
  assert.equal(total({ search: 'year:1900' }), 0);
  assert.equal(total({ search: '-place:-90,-180,0,180' }), 5);
  catalog.run(`UPDATE photos SET status = 7 WHERE name = '0.jpg'`);
  assert.equal(total({}), cities.length - 1);
  assert.equal(total({ search: 'place:48,11,49,12' }), 2);
  catalog.run(`DELETE FROM captures WHERE photo_id IN (SELECT id FROM photos WHERE name = '3.jpg')`);
  assert.equal(total({}), cities.length - 2);
});

test('all squares are asked for at once, whatever the filter', (t) => {
  const catalog = made(t, cities);
  for (const filter of [{}, { search: 'folder:third' }, { search: '-place:0,0,1,1' }]) {
    let statements = 0;
    // prettier-ignore
    const counting: Catalog = Object.assign(Object.create(catalog), Object.fromEntries((['one', 'all', 'column'] as const).map((name) => [name, (...given: Parameters<Catalog['all']>) => { statements++; return (catalog[name] as Catalog['all'])(...given); }])));
    const { items } = placesOf(counting, { filter, level: 6 });
    assert.ok(items.length > 1);
    assert.ok(statements < 40, `${statements} statements`);
  }
});

test('many photos in many places are each counted once, at any level', (t) => {
  const random = drawn(3);
  const catalog = made(
    t,
    Array.from({ length: 5000 }, (): Shot => [random() * 170 - 85, random() * 360 - 180]),
  );
  for (const level of [2, 6, 9]) {
    const { items, level: its } = placesOf(catalog, { filter: {}, level });
    assert.ok(its <= 6);
    assert.equal(items.reduce((sum, { photos }) => sum + photos, 0), 5000); // prettier-ignore
  }
  const box = { south: 10, west: -30, north: 40, east: 25 };
  const within = countPhotos(catalog, conditionOf(catalog, { search: word(box) }));
  const shown = placesOf(catalog, { filter: {}, level: 8, box }).items;
  const inside = shown.filter(({ latitude, longitude }) => latitude > box.south && latitude < box.north && longitude > box.west && longitude < box.east); // prettier-ignore
  assert.ok(inside.reduce((sum, { photos }) => sum + photos, 0) >= within - 40);
  assert.ok(shown.reduce((sum, { photos }) => sum + photos, 0) >= within);
});
