import { coarse, fine, units } from 'virtual:outlines';
import { expect, test } from 'vitest';
import type { GeoBox, PlaceCount } from '../../main/contract/entities/place.ts';
import { fromMap, onMap } from '../../main/contract/mercator.ts';
import type { PhotoFilter } from '../../main/contract/requests.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { clustered } from '../../renderer/places/clusters.ts';
import {
  boxOf,
  fitted,
  framesOf,
  held,
  holds,
  panned,
  pixelOf,
  scaleBar,
  zoomed,
} from '../../renderer/places/map-view.ts';
import { Fingers } from '../../renderer/places/fingers.ts';
import { chosenBox, withPlace } from '../../renderer/places/place-word.ts';
import { Places } from '../../renderer/places/places.svelte.ts';
import { noise } from './fake-bridge.ts';

const size = { width: 900, height: 600 };
const whole = { x: 0.5, y: 0.5, scale: 900 };

const at = (latitude: number, longitude: number, photos = 1): PlaceCount => ({
  photos,
  latitude,
  longitude,
  box: { south: latitude, west: longitude, north: latitude, east: longitude },
});

test('the window is never larger than the map, and never beyond its edges', () => {
  expect(held({ x: 0, y: 2, scale: 1 }, size)).toEqual({ x: 0.5, y: 1 - 600 / 900 / 2, scale: 900 });
  expect(held({ x: 0.1, y: 0.5, scale: 9000 }, size)).toEqual({ x: 0.1, y: 0.5, scale: 9000 });
  expect(panned({ x: 0.5, y: 0.5, scale: 9000 }, size, 90, -45)).toEqual({ x: 0.49, y: 0.505, scale: 9000 });
});

test('the place under the pointer stays under it', () => {
  const view = { x: 0.4, y: 0.3, scale: 5000 };
  const pointer = { x: 130, y: 420 };
  const under = { x: view.x + (130 - 450) / 5000, y: view.y + (420 - 300) / 5000 };
  for (const factor of [1.3, 2, 40, 0.7]) {
    const pixel = pixelOf(zoomed(view, size, factor, pointer), size, under);
    expect(pixel.x).toBeCloseTo(130, 6);
    expect(pixel.y).toBeCloseTo(420, 6);
  }
});

test('a box is shown whole, and what is shown is a box', () => {
  const box = { south: -34, west: -70, north: 52, east: 151 };
  const view = fitted(box, size, 1e6);
  expect(holds(boxOf(view, size), box)).toBe(true);
  const town = { south: 48.1, west: 11.5, north: 48.1, east: 11.5 };
  expect(fitted(town, size, 4096).scale).toBe(4096);
  const shown = boxOf(held(whole, size), { width: 900, height: 900 });
  expect(shown).toEqual({ south: -90, west: -180, north: 90, east: 180 });
  const middle = fromMap({ x: view.x, y: view.y });
  expect(middle.longitude).toBeCloseTo((151 - 70) / 2, 9);
});

test('a box over the date line is framed at both edges of the map', () => {
  const box = { south: -20, west: 170, north: -10, east: -160 };
  const frames = framesOf(whole, size, box);
  expect(frames).toHaveLength(2);
  for (const { width, height } of frames) expect(Math.min(width, height)).toBeGreaterThan(12);
  expect(frames[0]!.x + frames[0]!.width).toBeCloseTo(900 + 6, 9);
  expect(frames[1]!.x).toBeCloseTo(-6, 9);
  expect(frames.map(({ width }) => width - 12)).toEqual([900 / 36, 900 / 18].map((width) => expect.closeTo(width, 9))); // prettier-ignore
  expect(framesOf(whole, size, { ...box, west: -170 })).toHaveLength(1);
});

test('one finger drags the map, two zoom it around their middle, and a third has no say', () => {
  const fingers = new Fingers();
  expect(fingers.move(1, { x: 5, y: 5 })).toBeNull();
  fingers.press(1, { x: 100, y: 100 });
  expect(fingers.move(1, { x: 110, y: 95 })).toEqual({ pan: [10, -5], zoom: 1, at: { x: 110, y: 95 } });
  fingers.press(2, { x: 210, y: 95 });
  expect(fingers.move(2, { x: 310, y: 95 })).toEqual({ pan: [50, 0], zoom: 2, at: { x: 210, y: 95 } });
  fingers.press(3, { x: 0, y: 0 });
  expect(fingers.move(3, { x: 900, y: 0 })).toMatchObject({ pan: [0, 0], zoom: 1 });
  fingers.lift(3);
  fingers.lift(1);
  expect(fingers.move(2, { x: 300, y: 90 })).toEqual({ pan: [-10, -5], zoom: 1, at: { x: 300, y: 90 } });
});

test('the bar of the scale is a round length that fits', () => {
  for (const scale of [900, 12_345, 1e6, 2 ** 24])
    for (const y of [0.1, 0.5, 0.8]) {
      const { metres, width } = scaleBar({ x: 0.5, y, scale }, 120);
      expect(width).toBeLessThanOrEqual(120);
      expect(width).toBeGreaterThan(120 / 2.6);
      expect(String(metres)).toMatch(/^[125](0*|e\+\d+)$|^0?\.\d*[125]$/);
    }
  // A degree of the equator is 111.3 km.
  const { metres, width } = scaleBar({ x: 0.5, y: 0.5, scale: 360 * 100 }, 120);
  expect(width / metres).toBeCloseTo(100 / 111_319, 6);
});

test('places too near to be told apart are one dot, and come apart as the map is zoomed', () => {
  const items = [at(48.1, 11.5, 3), at(48.2, 11.6, 2), at(-33.8, 151.2, 1)];
  expect(clustered(items, 900).map(({ photos }) => photos)).toEqual([5, 1]);
  expect(clustered(items, 900)[0]!.box).toEqual({ south: 48.1, west: 11.5, north: 48.2, east: 11.6 });
  expect(clustered(items, 2e6).map(({ photos }) => photos)).toEqual([3, 2, 1]);
  expect(clustered([], 900)).toEqual([]);
});

test('no photo is lost, and no dot’s box has photos of another', () => {
  for (let seed = 1; seed < 8; seed++) {
    const items = Array.from({ length: 150 }, (_, i) => at(noise(seed * 991 + i) * 100 - 40, noise(seed * 37 + i * 3) * 300 - 150, 1 + (i % 5))); // prettier-ignore
    const clusters = clustered(items, 1200);
    const sum = (counts: { photos: number }[]) => counts.reduce((all, { photos }) => all + photos, 0);
    expect(clusters.length).toBeLessThan(items.length);
    expect(sum(clusters)).toBe(sum(items));
    const inside = ({ south, west, north, east }: GeoBox) =>
      items.filter(({ latitude, longitude }) => latitude >= south && latitude <= north && longitude >= west && longitude <= east); // prettier-ignore
    for (const { box, photos } of clusters) expect(sum(inside(box))).toBe(photos);
  }
});

test.each([900, 20_000, 2 ** 24])(
  'of twenty thousand places each is compared with the few around it: %i pixels',
  { timeout: 60_000 },
  (scale) => {
    let reads = 0;
    const counted = ({ box, ...place }: PlaceCount): PlaceCount => ({
      ...place,
      box: {
        ...box,
        get south() {
          reads++;
          return box.south;
        },
      },
    });
    const items = Array.from({ length: 20_000 }, (_, i) =>
      counted(at(noise(i) * 160 - 80, noise(i * 7 + 3) * 340 - 170, 1 + (i % 9))),
    );
    const sum = (counts: { photos: number }[]) => counts.reduce((all, { photos }) => all + photos, 0);
    expect(sum(clustered(items, scale))).toBe(sum(items));
    expect(reads).toBeLessThan(items.length * 60);
  },
);

test('dots that come to lie over one another are one, but none is wider than can be told', () => {
  // As the map is zoomed out, before its squares are counted anew.
  const town = Array.from({ length: 400 }, (_, i) => at(48 + noise(i) / 10, 11 + noise(i * 3 + 1) / 10, 1 + (i % 7))); // prettier-ignore
  expect(clustered(town, 9000)).toHaveLength(1);
  for (const scale of [900, 3000, 40_000])
    for (const { box } of clustered(town, scale))
      expect(((box.east - box.west) / 360) * scale).toBeLessThanOrEqual(320);
});

test('a place is a word of the search: in place of another, and none of its photos is outside', () => {
  const box = { south: 48.13724999999, west: -11.57549, north: 48.2000000001, east: 11.6 };
  const search = withPlace('dog place:1,2,3,4 -place:5,6,7,8', box);
  expect(search).toBe('dog -place:5,6,7,8 place:48.137249,-11.57549,48.200001,11.6');
  expect(holds(chosenBox(search)!, box)).toBe(true);
  expect(chosenBox('dog')).toBeNull();
  expect(chosenBox('place:48,11,20km')).toBeNull();
  expect(chosenBox('地点：1，2，3，4')).toEqual({ south: 1, west: 2, north: 3, east: 4 });
});

/** A library with photos at some places, each counted by itself. */
function library(places: () => readonly PlaceCount[]) {
  const asked: { level: number; box?: GeoBox | undefined; filter: PhotoFilter }[] = [];
  const bridge = {
    ask(verb: string, request: { level: number; box?: GeoBox; filter: PhotoFilter }) {
      if (verb === 'photos.count') return Promise.resolve({ ok: true, value: { total: 10 } });
      asked.push(request);
      const { box } = request;
      const items = places().filter((place) => !box || holds(box, place.box));
      return Promise.resolve({ ok: true, value: { level: request.level, items } });
    },
  } as unknown as Bridge;
  return { bridge, asked };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('the map opens on all places, counts what is in view, and asks again only beyond what it knows', async () => {
  const { bridge, asked } = library(() => [at(48.1, 11.5, 3), at(-33.8, 151.2, 2)]);
  const places = new Places(bridge);
  places.resize(size);
  places.show({});
  await settled();
  expect([places.placed, places.all, places.items.length]).toEqual([5, 10, 2]);
  expect(holds(boxOf(places.view!, size), { south: -33.8, west: 11.5, north: 48.1, east: 151.2 })).toBe(true);
  const before = asked.length;
  places.move(panned(places.view!, size, 20, 0));
  expect(asked.length).toBe(before);
  places.move(zoomed(places.view!, size, 64));
  await settled();
  expect(asked.length).toBe(before + 1);
  const { level, box } = asked.at(-1)!;
  const wide = places.view!.scale / 2 ** level;
  expect(wide).toBeGreaterThanOrEqual(48);
  expect(wide).toBeLessThan(96);
  expect(holds(box!, boxOf(places.view!, size))).toBe(true);
});

test('opened at a photo it shows a region around it, and what was there before is not kept for another filter', async () => {
  let those = [at(48.1, 11.5, 3)];
  const { bridge, asked } = library(() => those);
  const places = new Places(bridge);
  places.open({ latitude: 48.1, longitude: 11.5 });
  places.resize(size);
  places.show({ search: 'dog' });
  await settled();
  const middle = onMap({ latitude: 48.1, longitude: 11.5 });
  expect(places.view!.x).toBeCloseTo(middle.x, 9);
  expect(places.items).toHaveLength(1);
  those = [];
  places.show({ search: 'cat' });
  await settled();
  expect([places.placed, places.items.length]).toEqual([0, 0]);
  expect(asked.at(-1)!.filter).toEqual({ search: 'cat' });
});

test('questions that come faster than their answers wait for them, and what came last is what is shown', async () => {
  const { bridge, asked } = library(() => [at(48.1, 11.5, 3)]);
  const answers: (() => void)[] = [];
  const slow = {
    ...bridge,
    async ask(...args: Parameters<Bridge['ask']>) {
      const answer = await bridge.ask(...args);
      await new Promise<void>((resolve) => answers.push(resolve));
      return answer;
    },
  } as Bridge;
  const answered = async () => {
    do {
      await settled();
      for (const answer of answers.splice(0)) answer();
      await settled();
    } while (answers.length);
  };
  const places = new Places(slow);
  places.resize(size);
  places.show({});
  for (let i = 0; i < 20; i++) void places.refresh();
  expect(asked).toHaveLength(1);
  places.show({ search: 'cat' });
  await settled();
  expect(asked).toHaveLength(1);
  await answered();
  // The first, one for all that came meanwhile, and what is in view.
  expect(asked.map(({ filter }) => filter.search)).toEqual([undefined, 'cat', 'cat']);
  expect(places.placed).toBe(3);
  const before = asked.length;
  for (let i = 0; i < 20; i++) places.move(zoomed(places.view!, size, 1.5));
  await answered();
  expect(asked.length).toBe(before + 2);
  expect(holds(asked.at(-1)!.box!, boxOf(places.view!, size))).toBe(true);
});

test('the outlines that ship are land and borders of the whole world, within the map', () => {
  for (const [{ land, borders }, least] of [
    [coarse, 4000],
    [fine, 40_000],
  ] as const) {
    for (const text of [land, borders]) expect(text).toMatch(/^(M-?\d+ \d+l(-?\d+ -?\d+ ?)+z?)+$/);
    expect(land.split(/[Ml ]/).length / 2).toBeGreaterThan(least);
    let [left, right] = [Infinity, -Infinity];
    for (const [, x, y] of land.matchAll(/M(-?\d+) (\d+)/g)) {
      left = Math.min(left, Number(x));
      right = Math.max(right, Number(x));
      expect(Number(y)).toBeLessThanOrEqual(units);
    }
    // No line runs over the map from edge to edge, but along the pole's.
    for (const text of [land, borders])
      for (const part of text.split('M').slice(1)) {
        let [, y] = part.split('l')[0]!.split(' ').map(Number) as [number, number];
        for (const [, right, down] of part.split('l')[1]!.matchAll(/(-?\d+) (-?\d+)/g)) {
          y += Number(down);
          if (Math.abs(Number(right)) > units / 4) expect(y).toBe(units);
        }
      }
    expect(left).toBeLessThan(units / 20);
    expect(right).toBeGreaterThan((units * 19) / 20);
  }
});
