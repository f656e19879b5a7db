import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../../models/config.ts';
import { headLogits } from '../../../models/heads/apply.ts';
import { evidenceDirection } from '../../../models/heads/evidence.ts';
import { fitOf, ownHead } from '../../../models/heads/own.ts';
import { importModel } from '../../../models/import.ts';
import { buildGraph } from '../../../models/load.ts';
import { openTokenizer } from '../../../models/texts/tokens.ts';
import { buildTextGraph } from '../../../models/texts/tower.ts';
import { neutralPhrases, usualTemplates as templates, writtenLine } from '../../../main/contract/written.ts';
import { cutNotes, headOfTexts, parseWritten, phrasings } from '../../../models/texts/written.ts';
import { golden, largestDifference, needsShared, shared } from '../../shared.ts';
import { openSession, runGraph } from '../session.ts';
import { randomNumbers, tinyShape, writeTimm } from '../tiny.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'written');

test('lines become labels with their phrases, said in every template', () => {
  const written = parseWritten(['a receipt | a  till slip', '', '船'], {
    templates: ['a photo of {}', '{}'],
    none: ['something'],
  });
  assert.deepEqual(
    written.labels.map(({ name }) => name),
    ['a receipt', '船'],
  );
  assert.deepEqual(phrasings(written), [
    'a photo of a receipt', 'a receipt', 'a photo of a till slip', 'a till slip',
    'a photo of 船', '船',
    'a photo of something', 'something',
  ]); // prettier-ignore
});

test('a label may have a name of its own before an equals sign, and is written as it was read', () => {
  const lines = ['小票 = a receipt | a till slip', 'a boat', 'E=mc² = a formula = an equation'];
  const { labels, phrases } = parseWritten(lines, { templates, none: [] });
  assert.deepEqual(
    labels.map(({ name }) => name),
    ['小票', 'a boat', 'E'],
  );
  assert.deepEqual(phrases, [['a receipt', 'a till slip'], ['a boat'], ['mc² = a formula = an equation']]);
  const again = labels.map(({ name }, i) => writtenLine(name, phrases[i]!));
  assert.deepEqual(parseWritten(again, { templates, none: [] }).phrases, phrases);
});

test('what can be no label is a sentence', () => {
  const refused = (lines: string[], code: string, other: { templates?: string[]; none?: string[] } = {}) =>
    assert.throws(() => parseWritten(lines, { templates, none: [], ...other }), { code });
  refused([], 'empty-label');
  refused(['  ', ''], 'empty-label');
  refused([' | '], 'empty-label');
  refused(['= a cat'], 'empty-label');
  refused(['cat = '], 'empty-text');
  refused(['a cat', 'A Cat | a kitten'], 'labels-alike');
  refused(['a cat', 'None of these | a thing'], 'labels-alike');
  refused(['caf\u00e9', 'cafe\u0301'], 'labels-alike');
  refused(['a cat'], 'bad-template', { templates: ['a photo'] });
  refused(['a cat'], 'bad-template', { templates: [] });
});

test('words that stand for two labels, or for one and for none of these, are contradictory', () => {
  const read = (lines: string[], none: string[]) => parseWritten(lines, { templates, none });
  assert.throws(() => read(['a cat | a kitten', 'a dog | A  Kitten'], []), {
    code: 'contradictory-words',
    message: /"A Kitten" stands for "a cat" and for "a dog"/,
  });
  assert.throws(() => read(['a thing', 'a dog'], [...neutralPhrases]), { code: 'contradictory-words' });
  assert.equal(read(['a cat | a cat', 'a dog'], []).labels.length, 2);
});

test('texts that were cut are told, three of them by their beginnings', () => {
  assert.deepEqual(cutNotes(['a'], [], 77), []);
  const [note] = cutNotes(
    Array.from({ length: 9 }, (_, i) => `${i} long`),
    [1, 3, 5, 7, 8],
    77,
  );
  assert.equal(note!.code, 'text-cut');
  assert.match(note!.message, /at most 77 tokens.*"1 long…", "3 long…", "5 long…" and 2 more/);
});

test(
  'with one bare phrase a written head gives the logits of the model, and its direction adds up to them',
  needsShared,
  async () => {
    const { folder, manifest } = await importModel(join(shared, 'models/variants/clip-huggingface'), root);
    const { text } = manifest.architecture as unknown as VitConfig;
    const { tokenizer, positions } = text!;
    const tower = buildTextGraph(folder, manifest)!;
    const session = await openSession(tower);
    const embed = async (texts: string[]) => {
      const { ids, ends } = openTokenizer(folder, tokenizer, positions)(texts);
      const out = await session.run({
        token_ids: new ort.Tensor('int64', ids, [texts.length, positions]),
        ends: new ort.Tensor('int64', ends, [texts.length]),
      });
      return out['text_embeds']!.data as Float32Array;
    };
    const fits = fitOf(manifest)!;
    assert.deepEqual([fits.feature, fits.length], ['embedding', 24]);
    const bare = parseWritten(['a photo of a cat', 'a red umbrella on the beach'], {
      templates: ['{}'],
      none: [],
    });
    const head = headOfTexts(bare, await embed(phrasings(bare)), tower, 'pets', fits);
    const expected = golden('backbones.safetensors');
    const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
    const feature = (await runGraph(graph, expected('clip-huggingface.pixel_values')))['feature']!.data;
    const logits = headLogits(head, { data: feature, length: fits.length });
    const wanted = expected('clip-huggingface.logits_per_image').data; // [3 photos, 16 texts], of which the first and third
    const picked = [0, 1, 2].flatMap((photo) => [wanted[photo * 16]!, wanted[photo * 16 + 2]!]);
    assert.ok(largestDifference(logits, picked) < 1e-4);
    const own = feature.subarray(0, 24);
    const along = (direction: Float32Array) => direction.reduce((sum, value, i) => sum + value * own[i]!, 0);
    assert.ok(Math.abs(along(evidenceDirection(head, 1, own)) - logits[1]!) < 1e-4);
    assert.ok(Math.abs(along(evidenceDirection(head, 1, own, 0)) - (logits[1]! - logits[0]!)) < 1e-4);

    const averaged = parseWritten(['a cat | a kitten', 'a boat'], { templates, none: neutralPhrases });
    const several = headOfTexts(averaged, await embed(phrasings(averaged)), tower, 'pets', fits);
    assert.ok(several.none);
    for (let row = 0; row < 3; row++)
      assert.ok(Math.abs(Math.hypot(...several.weight.subarray(row * 24, (row + 1) * 24)) - 1) < 1e-6);
    await session.release();
  },
);

for (const distillation of [false, true])
  test(`a model's own head${distillation ? ', of two that are averaged,' : ''} reads its logits off its feature`, async () => {
    const shape = { ...tinyShape, distillation };
    const source = writeTimm(join(root, `tiny-${distillation}`), shape);
    const { folder, manifest } = await importModel(source, join(root, 'installed'));
    const head = ownHead(folder, manifest)!;
    const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
    const side = shape.grid * shape.patchSize;
    const { logits, feature } = await runGraph(graph, {
      data: randomNumbers(2 * 3 * side * side, 1),
      shape: [2, 3, side, side],
    });
    assert.equal(head.fits.feature, distillation ? 'cls+distillation' : 'cls');
    const read = headLogits(head, { data: feature!.data, length: head.fits.length });
    assert.ok(largestDifference(read, logits!.data) < 1e-5);
  });
