import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyHead, headLogits } from '../../../models/heads/apply.ts';
import { fitTemperature } from '../../../models/heads/calibrate.ts';
import { stratifiedFolds } from '../../../models/heads/folds.ts';
import { teach } from '../../../models/heads/teach.ts';
import { randomNumbers } from '../tiny.ts';
import { clouds, examplesOf, fitsOf, labelsOf, names } from './data.ts';

const length = 16;
const fits = fitsOf(length);
const options = { name: 'ours', labels: labelsOf(4), answers: 'one' as const, fits };

test('what is taught is found again in photos that were not shown, as often as was promised', (t) => {
  const all = clouds(1200, length, 4, 0.5);
  const shown = { x: all.x.slice(0, 400 * length), index: all.index.slice(0, 400) };
  const { head, report, notes, heldOut } = teach(examplesOf(shown, length), options);
  assert.deepEqual(notes, []);
  const { rows } = applyHead(head, { data: all.x, length }, 1, 400);
  const right = rows.reduce((sum, row, i) => sum + (row === all.index[400 + i] ? 1 : 0), 0) / 800;
  t.diagnostic(`promised ${JSON.stringify(report!.accuracy)}, found ${right}, l2 ${report!.l2}`);
  assert.ok(right > report!.accuracy.low && right < report!.accuracy.high);
  assert.equal(report!.examples, 400);
  assert.equal(heldOut!.examples.length, 400);
  const table = report!.confusion!;
  assert.deepEqual(
    table.map((row) => row.reduce((a, b) => a + b, 0)),
    [100, 100, 100, 100],
  );
  const hits = table.reduce((sum, row, i) => sum + row[i]!, 0);
  assert.equal(hits, report!.accuracy.share * 400);
  assert.equal(report!.labels[0]!.recall!.right, table[0]![0]);
  assert.equal(
    report!.labels[0]!.precision!.of,
    table.reduce((sum, row) => sum + row[0]!, 0),
  );
  assert.ok(report!.accuracyOfSure!.share >= report!.accuracy.share);
  assert.ok(report!.sure < 1 && report!.sure > 0.5);
});

test('numbers of very different size and a number that never varies do no harm', () => {
  const { x, index } = clouds(200, length, 4, 0.8);
  const plain = teach(examplesOf({ x, index }, length), { ...options, l2: 10 });
  const stretched = x.map((value, i) => (i % length === 0 ? value * 1000 + 500 : value));
  const { head } = teach(examplesOf({ x: stretched, index }, length), { ...options, l2: 10 });
  const before = headLogits(plain.head, { data: x, length });
  const after = headLogits(head, { data: stretched, length });
  for (const [i, value] of before.entries()) assert.ok(Math.abs(value - after[i]!) < 2e-3);
  const flat = x.map((value, i) => (i % length === 3 ? 7 : value));
  const { head: other } = teach(examplesOf({ x: flat, index }, length), { ...options, l2: 10 });
  assert.ok(other.weight.every(Number.isFinite));
});

test('with too few right answers to fit a threshold, one half is the threshold', () => {
  const given = clouds(20, length, 4, 0.5);
  const { head, report } = teach(examplesOf(given, length), options);
  assert.ok(report!.accuracy.right < 20);
  assert.deepEqual(head.doubt, { threshold: 0.5 });
});

test('photos that are none of these are learnt from', () => {
  const given = clouds(500, length, 5, 0.8);
  const examples = examplesOf(given, length);
  const { head, report } = teach(
    { ...examples, labels: examples.labels.map((own) => (own[0] === names[4] ? [] : own)) },
    options,
  );
  assert.ok(head.none);
  assert.equal(head.bias.length, 5);
  assert.equal(report!.labels.length, 5);
  const { rows } = applyHead(head, { data: given.x, length }, 1);
  const noneRight = rows.filter((row, i) => given.index[i] === 4 && row === 4).length;
  assert.ok(noneRight > 80, `${noneRight} of 100`);
});

test('near-duplicates count once in every interval, also in those of single labels', () => {
  const once = clouds(100, length, 4, 0.9);
  const x = new Float32Array(3 * once.x.length);
  for (const copy of [0, 1, 2]) x.set(once.x, copy * once.x.length);
  const index = Int32Array.from({ length: 300 }, (_, i) => once.index[i % 100]!);
  const groups = Int32Array.from({ length: 300 }, (_, i) => i % 100);
  const examples = { ...examplesOf({ x, index }, length), groups };
  for (const answers of ['one', 'any'] as const) {
    const { report } = teach(examples, { ...options, answers });
    assert.equal(report!.accuracy.of, 100);
    for (const [row, figures] of report!.labels.entries()) {
      assert.equal(figures!.examples, 75);
      assert.equal(figures!.recall!.of, 25);
      if (answers === 'one') {
        // As the table has it, by counts of all examples.
        const table = report!.confusion!;
        assert.ok(Math.abs(figures!.recall!.share - table[row]![row]! / 75) < 1e-12);
        const called = table.reduce((sum, each) => sum + each[row]!, 0);
        assert.ok(Math.abs(figures!.precision!.share - table[row]![row]! / called) < 1e-12);
        assert.equal(figures!.precision!.of, called / 3);
      }
    }
  }
});

test('any of these: several labels on a photo', () => {
  const one = clouds(400, length, 4, 0.8);
  const shift = randomNumbers(length, 2, 9);
  const also = (i: number) => i % 3 === 0;
  const x = one.x.map((value, i) => (also(Math.floor(i / length)) ? value + shift[i % length]! : value));
  const examples = examplesOf({ x, index: one.index }, length);
  const labels = examples.labels.map((own, i) => (also(i) ? [...own, 'tree'] : own));
  const { head, report } = teach(
    { ...examples, labels },
    { ...options, labels: labelsOf(5), answers: 'any' },
  );
  assert.equal(report!.confusion, null);
  assert.equal(report!.labels[4]!.examples, labels.filter((own) => own.includes('tree')).length);
  assert.ok(report!.labels[4]!.recall!.share > 0.9);
  const { rows, probabilities } = applyHead(head, { data: x, length }, 5);
  let right = 0;
  for (let i = 0; i < 400; i++) {
    const said = [0, 1, 2, 3, 4]
      .filter((k) => probabilities[i * 5 + k]! >= 0.5)
      .map((k) => head.labels[rows[i * 5 + k]!]!.id);
    right += JSON.stringify(said.sort()) === JSON.stringify([...labels[i]!].sort()) ? 1 : 0;
  }
  assert.ok(right > 250, `${right} of 400 with exactly their labels`);
});

test('near-duplicates are never in two folds, and labels are spread evenly', () => {
  const strata = Int32Array.from({ length: 500 }, (_, i) => i % 7);
  const groups = Int32Array.from({ length: 500 }, (_, i) => (i < 120 ? Math.floor(i / 6) : i));
  const folds = stratifiedFolds(strata, groups, 5);
  const foldOfGroup = new Map<number, number>();
  for (const [i, fold] of folds.entries()) {
    assert.equal(foldOfGroup.get(groups[i]!) ?? fold, fold);
    foldOfGroup.set(groups[i]!, fold);
  }
  for (let stratum = 0; stratum < 7; stratum++) {
    const counts = [0, 1, 2, 3, 4].map(
      (fold) => folds.filter((f, i) => f === fold && strata[i] === stratum).length,
    );
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, counts.join(' '));
  }
});

test('copies of a photo do not make a head look better than it is', () => {
  const wide = 96;
  // Labels that the features say nothing about: held out fairly, they can't be told.
  const base = {
    x: randomNumbers(60 * wide, 1, 11),
    index: Int32Array.from({ length: 60 }, (_, i) => i % 2),
  };
  const x = new Float32Array(300 * wide);
  const index = new Int32Array(300);
  for (let i = 0; i < 300; i++) {
    x.set(base.x.subarray((i % 60) * wide, ((i % 60) + 1) * wide), i * wide);
    index[i] = base.index[i % 60]!;
  }
  const examples = examplesOf({ x, index }, wide);
  const two = { ...options, labels: labelsOf(2), fits: fitsOf(wide) };
  const fair = teach({ ...examples, contents: Array.from(index, (_, i) => `${i % 60}`) }, two);
  const fooled = teach(examples, two);
  assert.ok(fooled.report!.accuracy.share > 0.8, 'copies in other folds are recognised');
  assert.ok(fair.report!.accuracy.share < 0.7);
  assert.equal(fair.report!.accuracy.of, 60, 'sixty photos are the evidence');
});

test('teaching again from the head before ends at the same head', () => {
  const given = clouds(300, length, 4, 0.5);
  const fewer = { x: given.x.slice(0, 299 * length), index: given.index.slice(0, 299) };
  const before = teach(examplesOf(fewer, length), options);
  const again = teach(examplesOf(given, length), { ...options, again: before.head });
  const { l2 } = before.report!;
  const anew = teach(examplesOf(given, length), { ...options, l2 });
  assert.equal(again.report, null);
  assert.deepEqual(again.head.calibration, before.head.calibration);
  assert.deepEqual(again.head.doubt, before.head.doubt);
  assert.equal((again.head.origin as { l2: number }).l2, l2);
  const a = headLogits(again.head, { data: given.x, length });
  const b = headLogits(anew.head, { data: given.x, length });
  for (const [i, value] of a.entries()) assert.ok(Math.abs(value - b[i]!) < 0.02);
});

test('a label that came later is taught from zero, and what was fitted before is dropped', () => {
  const given = clouds(300, length, 4, 0.8);
  const all = examplesOf(given, length);
  const three = [...given.index.keys()].filter((i) => given.index[i] !== 3);
  const x = new Float32Array(three.flatMap((i) => [...given.x.subarray(i * length, (i + 1) * length)]));
  const before = teach(
    examplesOf({ x, index: Int32Array.from(three, (i) => given.index[i]!) }, length),
    options,
  );
  const { head } = teach(all, { ...options, again: before.head });
  assert.equal(head.labels.length, 4);
  assert.equal(head.calibration.temperature, 1);
  const { rows } = applyHead(head, { data: given.x, length }, 1);
  assert.ok(rows.filter((row, i) => row === given.index[i]).length > 270);
});

test('temperature finds how much too sure logits are', () => {
  const count = 4000;
  const logits = randomNumbers(count * 3, 2, 4);
  const random = randomNumbers(count, 0.5, 5).map((value) => value + 0.5);
  const truth = Int32Array.from({ length: count }, (_, i) => {
    const weights = [0, 1, 2].map((c) => Math.exp(logits[i * 3 + c]!));
    let left = random[i]! * weights.reduce((a, b) => a + b);
    for (let c = 0; c < 2; c++) if ((left -= weights[c]!) < 0) return c;
    return 2;
  });
  const tripled = logits.map((value) => value * 3);
  assert.ok(Math.abs(fitTemperature(tripled, truth, 3, 'one') - 3) < 0.25);
});

test('bad examples are a sentence', () => {
  const given = clouds(40, length, 4, 0.8);
  const examples = examplesOf(given, length);
  const failing = (change: object, more: object = {}) => {
    try {
      teach({ ...examples, ...change }, { ...options, ...more });
    } catch (error) {
      return error as { code: string; message: string };
    }
    return { code: '', message: '' };
  };
  const alike = (...pair: string[]) => ({
    labels: [...pair.map((name) => ({ id: name, name })), ...labelsOf(4)],
  });
  assert.equal(failing({}, alike('Boat')).code, 'labels-alike');
  assert.equal(failing({}, alike('caf\u00e9', 'cafe\u0301')).code, 'labels-alike');
  assert.equal(failing({}, alike('Straße', 'STRASSE')).code, 'labels-alike');
  assert.match(failing({}, alike('Boat')).message, /"Boat" and "boat" differ only in case/);
  assert.equal(failing({}, alike(' ')).code, 'empty-label');
  assert.match(failing({ labels: examples.labels.map(() => ['boat']) }).message, /40 photos, all of "boat"/);
  assert.equal(failing({ labels: examples.labels.map(() => []) }).code, 'too-few-labels');
  assert.equal(
    failing({ labels: examples.labels.map(() => ['boat']) }, { answers: 'any' }).code,
    'too-few-labels',
  );
  assert.equal(failing({}, { fits: fitsOf(8) }).code, 'head-of-another-model');
  const broken = given.x.slice();
  broken[5] = NaN;
  assert.equal(failing({ features: { data: broken, length } }).code, 'not-finite');
  const many = Array.from({ length: 20_000 }, (_, i) => ({ id: `${i}`, name: `${i}` }));
  const wide = { features: { data: new Float32Array(20_000 * 192), length: 192 } };
  const everyone = { ...wide, labels: many.map(({ id }) => [id]), names: many.map(({ id }) => id) };
  assert.match(failing(everyone, { labels: many, fits: fitsOf(192) }).message, /at most 15625 labels/);
});

test('too few examples are told instead of figures, and one is enough to teach', () => {
  const given = clouds(43, length, 4, 0.8);
  const examples = examplesOf(given, length);
  const labels = examples.labels.map((own, i) =>
    own[0] === 'blurred' ? [i < 4 ? 'blurred' : 'zebra'] : own,
  );
  const { notes, report, head } = teach({ ...examples, labels }, { ...options, labels: labelsOf(5) });
  assert.deepEqual(
    notes.map(({ code, message }) => [code, /"(\w+)": (\d)/.exec(message)?.slice(1)]),
    [
      ['too-few-examples', ['blurred', '1']],
      ['too-few-examples', ['tree', '0']],
    ],
  );
  assert.deepEqual(
    head.labels.map(({ id }) => id),
    ['boat', 'receipt', 'zebra', 'blurred'],
  );
  assert.equal(report!.labels[3], null);
  assert.ok(report!.labels[0]);
  assert.equal(report!.examples, 42);
  const two = teach(
    {
      features: { data: given.x.slice(0, 2 * length), length },
      labels: [['boat'], ['receipt']],
      names: ['a', 'b'],
    },
    options,
  );
  assert.equal(two.report, null);
  assert.deepEqual([...applyHead(two.head, { data: given.x.slice(0, 2 * length), length }, 1).rows], [0, 1]);
});

test('identical photos with different labels are left out and named', () => {
  const given = clouds(40, length, 4, 0.8);
  const examples = examplesOf(given, length);
  const contents = examples.names.map((name, i) => (i === 1 ? '0.jpg' : name));
  const { notes, head } = teach({ ...examples, contents }, options);
  assert.equal(notes[0]!.code, 'contradictory-labels');
  assert.match(notes[0]!.message, /2 photos.*0\.jpg, 1\.jpg/);
  assert.equal((head.origin as { examples: number }).examples, 38);
});
