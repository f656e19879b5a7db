import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { headLogits } from '../../../models/heads/apply.ts';
import { exportTaught } from '../../../models/heads/export.ts';
import { rowsOf } from '../../../models/heads/head.ts';
import { fitOf } from '../../../models/heads/own.ts';
import { teach } from '../../../models/heads/teach.ts';
import { importModel } from '../../../models/import.ts';
import { buildGraph } from '../../../models/load.ts';
import { largestDifference, needsShared, shared } from '../../shared.ts';
import { runGraph } from '../session.ts';
import { randomNumbers } from '../tiny.ts';
import { clouds, examplesOf, labelsOf } from './data.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'export');
const variants = 'models/variants';

for (const path of [
  'models/vit-tiny-patch16-224/timm',
  'models/vit-tiny-patch16-224/huggingface-fp16',
  `${variants}/deit-distilled-huggingface`,
  `${variants}/deit-distilled-timm`,
  `${variants}/layerscale-meanpool-timm`,
  `${variants}/dinov2-huggingface-resized`,
  `${variants}/dinov2-registers-swiglu-huggingface-resized`,
  `${variants}/vit-dino-headless-huggingface`,
  `${variants}/dinov2-headless-huggingface`,
  `${variants}/dinov2-headless-timm`,
])
  test(
    `${path} with labels of one's own is exported and imported again with the same logits`,
    needsShared,
    async () => {
      const id = path.replaceAll('/', '-');
      const { folder, manifest } = await importModel(join(shared, path), root, { name: id });
      const fits = fitOf(manifest)!;
      const given = clouds(100, fits.length, 4, 0.5);
      const examples = examplesOf(given, fits.length);
      const { head } = teach(
        { ...examples, labels: examples.labels.map(([own]) => (own === 'blurred' ? [] : [own!])) },
        { name: 'Ours', labels: labelsOf(4), answers: 'one', fits, l2: 10 },
      );
      assert.equal(rowsOf(head), 4);
      const to = join(root, `${id}-exported`);
      exportTaught(folder, manifest, head, to);
      assert.throws(() => exportTaught(folder, manifest, head, to), {
        code: 'cannot-export',
        message: /not to be there yet/,
      });
      const again = await importModel(to, root, { name: `${id}-again` });
      assert.deepEqual(
        again.manifest.labels.map(({ name }) => name),
        ['boat', 'receipt', 'zebra', 'none of these'],
      );
      assert.deepEqual(again.manifest.preprocessing, manifest.preprocessing);
      const { height, width } = manifest.input;
      const pixels = { data: randomNumbers(2 * 3 * height * width, 1), shape: [2, 3, height, width] };
      const options = { kind: 'classify', precision: 'fp32', map: null } as const;
      const before = await runGraph(await buildGraph(folder, manifest, options), pixels);
      const after = await runGraph(await buildGraph(again.folder, again.manifest, options), pixels);
      const expected = headLogits(head, { data: before['feature']!.data, length: fits.length });
      assert.ok(largestDifference(after['logits']!.data, expected) < 1e-4);
      assert.match(
        readFileSync(join(to, 'README.md'), 'utf8'),
        /Labels: boat, receipt, zebra, none of these\./,
      );
    },
  );

test('what neither library has words for is refused, and nothing is written', needsShared, async () => {
  const { folder, manifest } = await importModel(join(shared, variants, 'clip-open_clip'), root);
  const fits = fitOf(manifest)!;
  const { head } = teach(examplesOf(clouds(40, fits.length, 2, 1), fits.length), {
    name: 'x',
    labels: labelsOf(2),
    answers: 'one',
    fits,
  });
  assert.throws(() => exportTaught(folder, manifest, head, join(root, 'never')), { code: 'cannot-export' });
  const seed = await importModel(join(shared, 'models/seed-vit'), root);
  const own = { ...head, fits: fitOf(seed.manifest)! };
  assert.throws(() => exportTaught(seed.folder, seed.manifest, own, join(root, 'never')), {
    code: 'cannot-export',
  });
  assert.throws(() => exportTaught(seed.folder, seed.manifest, head, join(root, 'never')), {
    code: 'head-of-another-model',
  });
});
