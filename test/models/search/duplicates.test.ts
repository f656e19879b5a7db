import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp, { type Sharp, type SharpInput } from 'sharp';
import { bestCopy, groupDuplicates, mostBits, nearPairs } from '../../../models/search/duplicates.ts';
import {
  correlation,
  distance,
  greySide,
  leastCorrelation,
  perceptualHash,
} from '../../../models/search/phash.ts';
import { groupedAlike } from '../../../models/search/alike.ts';
import { needsShared, shared } from '../../shared.ts';
import { randomNumbers } from '../tiny.ts';

const grey = (input: SharpInput): Promise<Uint8Array> =>
  sharp(input)
    .flatten({ background: '#888' })
    .resize(greySide, greySide, { fit: 'fill' })
    .toColourspace('b-w')
    .extractChannel(0)
    .raw()
    .toBuffer()
    .then((buffer) => new Uint8Array(buffer));

const names = ['astronaut.png', 'brick.png', 'camera.png', 'chelsea.png', 'coffee.png', 'grass.png', 'rocket.jpg']; // prettier-ignore

/** A picture as it comes back from elsewhere. */
const changes: Record<string, (photo: Sharp, width: number) => Sharp> = {
  'half size': (photo, width) => photo.resize(Math.round(width / 2)).png(),
  'a fifth of the size': (photo, width) => photo.resize(Math.round(width / 5)).png(),
  'JPEG at quality 40': (photo) => photo.jpeg({ quality: 40 }),
  WebP: (photo) => photo.webp({ quality: 60 }),
  brighter: (photo) => photo.linear(1.1, 10).jpeg({ quality: 80 }),
};

test(
  'the same picture in other size, format, quality and brightness has nearly the same hash',
  needsShared,
  async (t) => {
    const greys: Uint8Array[] = [];
    for (const name of names) {
      const path = join(shared, 'photos', name);
      const { width } = await sharp(path).metadata();
      greys.push(await grey(path));
      for (const change of Object.values(changes))
        greys.push(await grey(await change(sharp(path), width).toBuffer()));
    }
    const hashes = BigUint64Array.from(greys, (each) => perceptualHash(each)!);
    const words = new Uint32Array(hashes.buffer);
    const each = 1 + Object.keys(changes).length;
    let [most, least, lowest, highest] = [0, 64, 1, -1];
    for (let a = 0; a < hashes.length; a++)
      for (let b = a + 1; b < hashes.length; b++) {
        const bits = distance(words, a, b);
        const alike = correlation(greys[a]!, greys[b]!);
        if (Math.floor(a / each) === Math.floor(b / each))
          [most, lowest] = [Math.max(most, bits), Math.min(lowest, alike)];
        else [least, highest] = [Math.min(least, bits), Math.max(highest, alike)];
      }
    t.diagnostic(
      `same picture: at most ${most} bits, correlation from ${lowest.toFixed(3)}; others: from ${least} bits, correlation to ${highest.toFixed(3)}`,
    );
    assert.ok(most <= mostBits && least > mostBits);
    assert.ok(lowest > leastCorrelation && highest < 0.5);
    const groups = groupDuplicates(hashes, (a, b) => correlation(greys[a]!, greys[b]!) >= leastCorrelation);
    assert.deepEqual(
      groups,
      names.map((_, i) => Array.from({ length: each }, (__, j) => i * each + j)),
    );
  },
);

test('flat pictures have no hash', () => {
  assert.equal(perceptualHash(new Uint8Array(1024).fill(200)), null);
  assert.equal(perceptualHash(Uint8Array.from({ length: 1024 }, (_, i) => 100 + (i % 2))), null);
  assert.notEqual(perceptualHash(Uint8Array.from({ length: 1024 }, (_, i) => i / 4)), null);
});

test('the hash is of the cosine transform, bit by bit', () => {
  // One wave down and three across: of all 64 frequencies only bit 8 · 0 + 2 is above the median by more than rounding.
  const wave = Uint8Array.from({ length: 1024 }, (_, i) => {
    const [x, y] = [i % 32, Math.floor(i / 32)];
    return 128 + 100 * Math.cos(((2 * x + 1) * 3 * Math.PI) / 64) * Math.cos(((2 * y + 1) * Math.PI) / 64);
  });
  const hash = perceptualHash(wave)!;
  assert.equal((hash >> 2n) & 1n, 1n);
  const upsideDown = perceptualHash(Uint8Array.from(wave, (_, i) => wave[1023 - i]!))!;
  // Odd in both directions: turned by half a turn it is itself.
  assert.equal((upsideDown >> 2n) & 1n, 1n);
  const inverted = perceptualHash(wave.map((value) => 255 - value))!;
  assert.equal((inverted >> 2n) & 1n, 0n);
});

test('pairs up to ten bits apart are all found, and no others', () => {
  let state = 12345n;
  const random = () => (state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n));
  const base = Array.from({ length: 300 }, () => random() ^ (random() >> 32n));
  const flipped = base.map((hash, i) => {
    let changed = hash;
    for (let bit = 0; bit < i % 16; bit++) changed ^= 1n << BigInt((bit * 23 + i * 7) % 64);
    return changed;
  });
  const hashes = BigUint64Array.from([...base, ...flipped]);
  const words = new Uint32Array(hashes.buffer);
  const expected = new Set<string>();
  for (let a = 0; a < 600; a++)
    for (let b = a + 1; b < 600; b++) if (distance(words, a, b) <= mostBits) expected.add(`${a} ${b}`);
  const found = [...nearPairs(hashes)].map(([a, b]) => `${a} ${b}`);
  assert.ok(expected.size > 150);
  assert.equal(found.length, new Set(found).size, 'each once');
  assert.deepEqual(new Set(found), expected);
});

test('how far a comparison is gets told, from nothing to nearly all', async () => {
  const steps: number[] = [];
  const hashes = new BigUint64Array(3000).fill(77n);
  let pairs = 0;
  for (const [a, b] of nearPairs(hashes, (done, of) => steps.push(done / of))) pairs += Number(a < b);
  assert.equal(pairs, (3000 * 2999) / 2);
  assert.deepEqual([steps[0], steps.length], [0, 256]);
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  const alike: number[] = [];
  await groupedAlike({ data: randomNumbers(2500 * 8, 1, 3), length: 8 }, { onstep: (share) => alike.push(share) }); // prettier-ignore
  assert.ok(alike.length > 20 && alike[0] === 0 && alike.at(-1)! > 0.9 && alike.every((share) => share < 1));
});

test('what a person said is not the same is kept apart, and the copy with most pixels is the best', () => {
  const hashes = BigUint64Array.of(5n, 5n, 7n, ~5n, 5n);
  assert.deepEqual(
    groupDuplicates(hashes, () => true),
    [[0, 1, 2, 4]],
  );
  assert.deepEqual(
    groupDuplicates(hashes, (a, b) => a !== 2 && b !== 2),
    [[0, 1, 4]],
  );
  const copy = (width: number, bytes: number, modified: number) => ({ width, height: 10, bytes, modified });
  assert.equal(bestCopy([copy(10, 900, 1), copy(20, 300, 5), copy(20, 400, 9), copy(20, 400, 7)]), 3);
  assert.equal(bestCopy([]), -1);
});
