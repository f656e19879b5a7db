import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { keepPace } from '../../measured-home.ts';
import { jsonLines, oneProcess, samples, temporaryFolder } from './saccade.ts';

const work = temporaryFolder('evidence');
const home = join(work, 'home');
await keepPace(home);
const saccade = oneProcess({ home });
type Line = Record<string, number & string>;

/** Labels of a folder's photos and the names of these, that of most photos first. */
async function called(folder: string): Promise<{ label: string; names: string[] }[]> {
  const told = await saccade(['classify', folder, '--format', 'jsonl', '--top', '1']);
  const names = new Map<string, string[]>();
  for (const { path, labels } of jsonLines(told.stdout) as { path: string; labels: [{ label: string }] }[])
    names.set(labels[0].label, [...(names.get(labels[0].label) ?? []), basename(path)]);
  return [...names].map(([label, of]) => ({ label, names: of })).sort((a, b) => b.names.length - a.names.length); // prettier-ignore
}

test('a label of many photos is told by places, patches and photos, and one that no photo has by name', async () => {
  const labels = await called('samples');
  const { label } = labels[0]!;
  let lines: Line[] = [];
  // Of those of several photos one against which a patch speaks.
  for (const { label: each } of labels.filter(({ names }) => names.length > 1)) {
    const words = ['evidence', each.toUpperCase(), 'samples', '--crops', '4', '--unusual', '3', '--format', 'jsonl']; // prettier-ignore
    const { code, stdout, stderr } = await saccade(words);
    assert.equal(code, 0, stderr);
    lines = jsonLines(stdout) as Line[];
    if (lines.some(({ side }) => side === 'against')) break;
  }
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
  const against = patches.length - 4;
  assert.ok(against > 0 && against <= 4, `${against} of the sides are against`);
  assert.deepEqual(
    patches.map(({ side }) => side),
    [...Array<string>(4).fill('for'), ...Array<string>(against).fill('against')],
  );
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
  const one = await saccade(['inspect', path!, '--values', join(home, 'one.npy')]);
  assert.equal(one.code, 0, one.stderr);
  const npy = readFileSync(join(home, 'one.npy'));
  const at = npy.length - 4 * where!.rows * where!.columns;
  const exact = npy.readFloatLE(at + 4 * ((row! - 1) * where!.columns + column! - 1));
  assert.ok(Math.abs(exact - value!) < 0.01 * Math.abs(exact) + 0.005, `${exact} and ${value}`);
  const shares = lines.filter(({ kind }) => kind === 'unusual').map(({ share }) => share!);
  assert.equal(shares.length, Math.min(3, where!.photos));
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => b - a),
  );
  const none = await saccade(['evidence', 'submarine', 'samples']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, new RegExp(`no-such-class: Expected photos called "submarine".*${label}`, 's'));
});

test('a photo that goes away before it is looked at is told, and the others are', async () => {
  const folder = join(work, 'going');
  cpSync(samples, folder, { recursive: true, filter: (name) => !name.endsWith('.json') });
  const [{ label, names }] = (await called(folder)) as [{ label: string; names: string[] }];
  const [vanishes] = names;
  const words = ['evidence', label, folder, '--crops', '100', '--format', 'jsonl'];
  const { code, stdout, stderr } = await saccade(words, { vanishes: vanishes! });
  assert.equal(code, 3, stderr);
  assert.match(stderr, new RegExp(`^\\S*${vanishes}: `, 'm'));
  assert.ok(!/ {4}at /.test(stderr), stderr);
  const patches = (jsonLines(stdout) as Line[]).filter(({ kind }) => kind === 'patch');
  const of = (name: string) => patches.filter(({ path }) => basename(path!) === name);
  // What the run stored of it stands; only the share of its logit is not known.
  assert.ok(of(vanishes!).length > 0 && of(vanishes!).every(({ share }) => share === null));
  assert.ok(of(names[1]!).length > 0 && of(names[1]!).every(({ share }) => share !== null));
});
