import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { keepPace } from '../../measured-home.ts';
import { jsonLines, saccade, temporaryFolder } from './saccade.ts';

const home = join(temporaryFolder('evidence'), 'home');
await keepPace(home);
type Line = Record<string, number & string>;

test('a label of many photos is told by places, patches and photos, and one that no photo has by name', async () => {
  const told = await saccade(['classify', 'samples', '--format', 'jsonl'], { home });
  const said = jsonLines(told.stdout).map(({ labels }) => (labels as { label: string }[])[0]!.label);
  const of = (label: string) => said.filter((each) => each === label).length;
  const label = said.toSorted((a, b) => of(b) - of(a))[0]!;
  const { code, stdout, stderr } = await saccade(
    ['evidence', label.toUpperCase(), 'samples', '--crops', '4', '--unusual', '3', '--format', 'jsonl'],
    { home },
  );
  assert.equal(code, 0, stderr);
  const lines = jsonLines(stdout) as Line[];
  const [where] = lines.filter(({ kind }) => kind === 'where') as unknown as {
    called: number;
    photos: number;
    rows: number;
    columns: number;
    mean: number[];
    otherLabels: number;
    findings: { kind: string; share: number; even: number | null }[];
  }[];
  assert.ok(where!.called > 1 && where!.photos <= where!.called && where!.otherLabels > 1);
  assert.equal(where!.mean.length, where!.rows * where!.columns);
  const places = where!.findings.filter(({ even }) => even !== null);
  assert.ok(places.every(({ share }) => share >= 0 && share <= 1));
  const patches = lines.filter(({ kind }) => kind === 'patch');
  assert.deepEqual(patches.map(({ side }) => side), ['for', 'for', 'for', 'for', 'against', 'against', 'against', 'against']); // prettier-ignore
  for (const { side, value, share, width, height } of patches) {
    assert.equal(value! > 0, side === 'for');
    assert.equal(share! > 0, side === 'for');
    assert.ok(width! > 0 && height! > 0);
  }
  const strength = patches.slice(0, 4).map(({ value }) => value!);
  assert.deepEqual(
    strength,
    strength.toSorted((a, b) => b - a),
  );
  // The strongest patch is what the photo's own inspection has there.
  const { path, row, column, value } = patches[0]!;
  const one = await saccade(['inspect', path!, '--values', join(home, 'one.npy')], { home });
  assert.equal(one.code, 0, one.stderr);
  const npy = readFileSync(join(home, 'one.npy'));
  const at = npy.length - 4 * where!.rows * where!.columns;
  const exact = npy.readFloatLE(at + 4 * ((row! - 1) * where!.columns + column! - 1));
  assert.ok(Math.abs(exact - value!) < 0.01 * Math.abs(exact) + 0.005, `${exact} and ${value}`);
  const shares = lines.filter(({ kind }) => kind === 'unusual').map(({ share }) => share!);
  assert.equal(shares.length, 3);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => b - a),
  );
  const none = await saccade(['evidence', 'submarine', 'samples'], { home });
  assert.equal(none.code, 1);
  assert.match(none.stderr, new RegExp(`no-such-class: Expected photos called "submarine".*${label}`, 's'));
});
