/** Maps that are looked for while models, photos and settings change. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { type Asked, makeModel, makePlace, openLibrary, type Place, writePhotos } from '../setup.ts';

/** Five photos of class 1, classified; `look` finds its maps; the first ones are held until `meanwhile` is over. */
async function looking(t: TestContext): Promise<{
  place: Place;
  library: Asked;
  look(meanwhile: () => Promise<void> | void): Promise<void>;
  /** Values of patches that are known of class 1, as multiples of sixteenths. */
  values(): Promise<number[]>;
}> {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  writePhotos(
    place,
    Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.jpg`, `1${name}`])),
  );
  let between = (): Promise<void> | void => {};
  let over: Promise<void> | null = null;
  const start = inferenceStandIn({ beforeInspection: () => (over ??= Promise.resolve(between())) });
  const library = await openLibrary(place, { start });
  await library.scan();
  await library.runAll();
  return {
    place,
    library,
    async look(meanwhile) {
      over = null;
      between = meanwhile;
      await library.call('looks.find', { headId: null, label: 1, most: 100 });
      while ((await library.call('looks.status', {})).state === 'running') await sleep(5);
    },
    async values() {
      const looks = await library.call('looks.label', { headId: null, label: 1, crops: 100 });
      return [...new Set(looks.speakFor.map(({ value }) => Math.round(value)))];
    },
  };
}

test('maps are those of the model that was chosen when they were asked for, whatever is chosen meanwhile', async (t) => {
  const { library, look, values } = await looking(t);
  await look(async () => void (await library.call('settings.set', { model: 'other' })));
  assert.equal((await library.call('looks.status', {})).state, 'finished');
  await assert.rejects(values(), { code: 'no-results' });
  await library.runAll();
  const { known } = await library.call('looks.label', { headId: null, label: 1, crops: 1 });
  assert.equal(known, 0, 'none of them is the other model’s');
  await look(() => {});
  assert.deepEqual(await values(), [0xb]);
  await library.call('settings.set', { model: 'starter' });
  assert.deepEqual(await values(), [0xa]);
});

test('a model that was replaced under its name tells nothing of the one whose answers are shown', async (t) => {
  const { place, library, look } = await looking(t);
  makeModel(place.model, 'starter', 'c');
  await look(() => {});
  const { state, error } = await library.call('looks.status', {});
  assert.deepEqual([state, error?.code], ['failed', 'no-results']);
  assert.equal((await library.call('looks.label', { headId: null, label: 1, crops: 1 })).known, 0);
});

test('a photo that goes or changes while it is looked at is counted, and the others are known', async (t) => {
  const { place, library, look } = await looking(t);
  await look(() => {
    rmSync(join(place.photos, 'b.jpg'));
    writeFileSync(join(place.photos, 'd.jpg'), '1 of another size');
  });
  const { state, done, failed } = await library.call('looks.status', {});
  assert.deepEqual([state, done, failed], ['finished', 5, 2]);
  const { known, photos } = await library.call('looks.label', { headId: null, label: 1, crops: 1 });
  assert.deepEqual([known, photos], [3, 5]);
});
