/**
 * Small checkpoints that once got a wrong answer, or none with a true word: each through the real import with its trial
 * run, and against an independent PyTorch reference where there is one.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../../main/decode/preprocess.ts';
import { Slots } from '../../../main/schedule/slots.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import { preprocessInWorker } from '../../../main/inference/answering/preprocess-batch.ts';
import { probabilitiesOf } from '../../../main/inference/answering/answers.ts';
import { createVerdicts } from '../../../main/inference/placing/verdicts.ts';
import { tryOut } from '../../../main/inference/try-out.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Answers } from '../../../models/formats/answers.ts';
import { importModel } from '../../../models/import.ts';
import { buildGraph } from '../../../models/load.ts';
import { SafetensorsFile, toFloat32 } from '../../../models/weights/safetensors.ts';
import { runGraph } from '../../models/session.ts';
import { largestDifference, shared } from '../../shared.ts';
import { temporaryFolder } from '../../temporary.ts';

const cases = join(shared, 'cases', 'models');
const skip = existsSync(cases)
  ? false
  : 'SKIPPED: ../shared/cases with small checkpoints is not beside the project';

const root = temporaryFolder({ after }, 'cases');

const parts = {
  create: createOrtSession,
  queue: new Slots(1),
  verdicts: createVerdicts(join(root, 'verdicts.json'), () =>
    Promise.reject(new Error('nothing is measured')),
  ),
  preprocess: preprocessInWorker,
};

interface Right {
  answers?: Answers;
  /** Refused: code and words. */
  refused?: [code: string, words: RegExp];
  /** What the manifest then says. */
  outputActivation?: string;
  heads?: number;
  resize?: object;
  size?: number;
}

const half: [number, number, number] = [0.5, 0.5, 0.5];
const told: Answers = { heads: 3, mean: half, std: half, resize: { mode: 'exact', height: 56, width: 56 }, interpolation: 'bilinear' }; // prettier-ignore

/** By folder; what a person has to say is said. A folder that does not stand here is imported and held to its reference. */
const right: Record<string, Right> = {
  'hf-multilabel': { outputActivation: 'sigmoid' },
  'hf-regression1': { refused: ['unsupported-output', /"problem_type": "regression"/] },
  'hf-crop-pct': { refused: ['bad-config', /"crop_pct"/] },
  'ox-softmax-mul': { outputActivation: 'none' },
  'hf-nan': { refused: ['not-finite', /NaN/] },
  'cfg-mean-zero-std': { refused: ['bad-config', /"std"/] },
  'st-lfs': { refused: ['lfs-pointer', /Git LFS pointer.*git lfs pull/] },
  't-plus-84': { heads: 14 },
  't-nonsq-pre': { resize: { mode: 'cover', height: 93, width: 186 } },
  'o-fixed2': { refused: ['unsupported-input', /2 photos at a time/] },
  'h-badheads': { refused: ['bad-config', /48 columns and 5 attention heads/] },
  'f-deit-noconfig': { answers: told },
  'v-torchvision-noconfig': { answers: told },
  // Their names say 12 heads of 64 columns; made with other numbers, they don't say which.
  't-rpn': { answers: { heads: 12 } },
  't-clip-hub': { answers: { heads: 3 } },
  't-reg4-gap-hub': { answers: { heads: 3 } },
  't-siglip-hub': { answers: { heads: 3 } },
};

async function imported(name: string, answers: Answers | undefined, installed: string) {
  return importModel(join(cases, name), installed, {
    ...(answers && { answers }),
    tryOut: (folder) => tryOut(folder, null, parts),
  });
}

for (const name of skip ? ['small checkpoints'] : readdirSync(cases))
  test(`${name}: right, or refused in true words`, { skip }, async (t) => {
    const { answers, refused, ...expected } = right[name] ?? {};
    const installed = join(root, name);
    if (refused) {
      await assert.rejects(imported(name, answers, installed), (error) => {
        assert.ok(error instanceof SaccadeError, String(error));
        t.diagnostic(`${error.code}: ${error.message}`);
        assert.equal(error.code, refused[0]);
        assert.match(error.message, refused[1]);
        return true;
      });
      assert.deepEqual(existsSync(installed) ? readdirSync(installed) : [], [], 'nothing is left behind');
      return;
    }
    const { folder, manifest } = await imported(name, answers, installed);
    if (expected.outputActivation) assert.equal(manifest.outputActivation, expected.outputActivation);
    if (expected.heads) assert.equal(manifest.architecture['heads'], expected.heads);
    if (expected.resize) assert.deepEqual(manifest.preprocessing.resize, expected.resize);
    const file = join(cases, name, 'expected.safetensors');
    const { height, width } = manifest.input;
    const options = { kind: 'inspect', precision: 'fp32', map: null } as const;
    const graph = await buildGraph(folder, manifest, options);
    if (!existsSync(file)) {
      const pixels = new Float32Array(3 * height * width).fill(0.25);
      const { logits } = await runGraph(graph, { data: pixels, shape: [1, 3, height, width] }, -1);
      const sum = probabilitiesOf(logits!.data, manifest).reduce((a, b) => a + b, 0);
      t.diagnostic(`imported; probabilities sum to ${sum.toFixed(6)}`);
      assert.ok(Number.isFinite(sum));
      if (manifest.outputActivation !== 'sigmoid') assert.ok(Math.abs(sum - 1) < 1e-4);
      return;
    }
    using reference = new SafetensorsFile(file);
    const read = (what: string) => toFloat32(what, reference.info(what).dtype, reference.bytes(what));
    const pixels = { data: read('pixel_values'), shape: [1, 3, height, width] };
    const own = new Float32Array(pixels.data.length);
    const photo = await decodePhoto(join(cases, name, 'photo.png'), {
      atLeast: (size) => pixelsNeeded(size, manifest.preprocessing),
    });
    await preprocess(photo.pixels, photo, manifest.preprocessing, own);
    assert.deepEqual(own, pixels.data, 'the photo as the reference prepared it, to the bit');
    const outputs = await runGraph(graph, pixels, -1);
    const logits = largestDifference(outputs['logits']!.data, read('logits'));
    const attention = largestDifference(outputs['cls_attention']!.data, read('cls_attention'));
    t.diagnostic(
      `logits ${logits.toExponential(1)} of 1e-3, attention ${attention.toExponential(1)} of 1e-5`,
    );
    assert.ok(logits < 1e-3 && attention < 1e-5);
  });
