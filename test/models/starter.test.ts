import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { importModel } from '../../models/import.ts';
import { buildGraph, readManifest } from '../../models/load.ts';
import { encodeSafetensors } from '../../models/weights/encode-safetensors.ts';
import { needsTorchAndPillow, runPython } from '../python.ts';
import { largestDifference } from '../shared.ts';
import { runGraph } from './session.ts';
import { randomNumbers } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const starter = join(import.meta.dirname, '../../models/starter');
const recipe = join(starter, 'train');
const root = temporaryFolder({ after }, 'starter');

const skip = needsTorchAndPillow;

test('the starter ships whole: weights as model.json says, at most 25 MB, with its card', () => {
  const manifest = readManifest(starter);
  const files = manifest.weights.files.map((file) => readFileSync(join(starter, file)));
  const bytes = Buffer.concat(files);
  assert.equal(bytes.length, manifest.weights.bytes);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), manifest.weights.sha256);
  assert.ok(bytes.length <= 25e6, `${bytes.length} bytes`);
  assert.equal(manifest.id, 'starter');
  assert.ok(manifest.licence);
  const card = readFileSync(join(starter, manifest.card as string), 'utf8');
  assert.match(card, /## Terms/);
  for (const said of [
    manifest.parameters.toLocaleString('en'),
    `(temperature ${manifest.calibration.temperature})`,
    `below ${manifest.doubt?.threshold}`,
  ])
    assert.ok(card.includes(said), `the card is of this model: ${said}`);
});

test('every label of the starter has an English and a Simplified Chinese name', () => {
  const { labels, architecture } = readManifest(starter);
  assert.equal(labels.length, architecture.classes);
  for (const { id, name, names } of labels) {
    assert.match(name, /^[a-z][a-z -]*$/, id);
    assert.match(names?.['zh-CN'] ?? '', /^\p{Script=Han}+$/u, id);
  }
});

test('the starter is calibrated and knows doubt', () => {
  const { calibration, doubt } = readManifest(starter);
  assert.ok(calibration.temperature > 0.2 && calibration.temperature < 5);
  assert.ok(doubt && Number.isFinite(doubt.threshold));
});

test("Saccade's graph of the starter answers as the recipe's PyTorch model does", { skip }, async () => {
  const manifest = readManifest(starter);
  const { height, width } = manifest.input;
  const pixels = randomNumbers(2 * 3 * height * width, 1);
  const input = join(root, 'pixels.safetensors');
  writeFileSync(input, encodeSafetensors({ pixels: { shape: [2, 3, height, width], data: pixels } }));
  const script = `
import json, torch, weights
from model import Shape, VisionTransformer, load_into
a = json.load(open(sys.argv[2] + '/model.json'))['architecture']
model = VisionTransformer(Shape(a['imageSize']['height'], a['patchSize'], a['width'], a['depth'], a['heads'], a['mlpWidth'], a['classes'])).eval()
load_into(model, weights.read(sys.argv[2] + '/model.safetensors'))
with torch.no_grad(): print(json.dumps(model(weights.read(sys.argv[3])['pixels']).flatten().tolist()))`;
  const expected = JSON.parse(await inRecipe(script, starter, input)) as number[];
  const graph = await buildGraph(starter, manifest, { kind: 'classify', precision: 'fp32', map: null });
  const { logits } = await runGraph(graph, { data: pixels, shape: [2, 3, height, width] });
  assert.ok(largestDifference(logits!.data, Float32Array.from(expected)) < 1e-4);
});

/** Two classes that a few steps can tell apart, in two shapes and formats. */
async function paintData(folder: string): Promise<void> {
  for (const part of ['train', 'test'])
    for (const [name, background] of [
      ['dark', 40],
      ['light', 210],
    ] as const) {
      mkdirSync(join(folder, part, name), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const tone = background + ((i * 7) % 30);
        const picture = sharp({
          create: { width: 20 + i, height: 24, channels: 3, background: { r: tone, g: tone, b: background } },
        });
        await picture.toFile(join(folder, part, name, `${i}.${i % 2 ? 'jpg' : 'png'}`));
      }
    }
}

const config = {
  id: 'smoke',
  name: 'Smoke',
  licence: 'none',
  source: 'a test',
  model: { image: 16, patch: 4, width: 16, depth: 2, heads: 2, mlp: 32 },
  recipe: { epochs: 4, fullEpochs: 1, batch: 8, learningRate: 3e-3, ema: 0.5 },
  labels: { dark: { name: 'dark', names: { 'zh-CN': '暗' } } },
};

/** Runs code with the recipe's folder as its first argument and on its path. */
const inRecipe = (code: string, ...more: string[]): Promise<string> =>
  runPython({ code: `import sys\nsys.path.insert(0, sys.argv[1])\n${code}`, argv: ['-c', recipe, ...more] });

const runRecipe = (script: string, ...more: string[]): Promise<string> =>
  runPython({ argv: [join(recipe, script), ...more] });

const train = (out: string, ...more: string[]): Promise<string> =>
  runRecipe('train.py', '--config', join(root, 'config.json'), '--data', join(root, 'data'), '--out', out, ...more); // prettier-ignore

test(
  'the recipe turns class folders into a model that imports and answers; a resumed run ends the same',
  { skip },
  async () => {
    await paintData(join(root, 'data'));
    writeFileSync(join(root, 'config.json'), JSON.stringify(config));
    const whole = await train(join(root, 'whole'));
    assert.match(whole, /^epoch 4\/4 loss [\d.]+ top-1 [\d.]+ /m);
    await train(join(root, 'parts'), '--stop-after', '2');
    assert.ok(!existsSync(join(root, 'parts/model')), 'an unfinished run ships nothing');
    const rest = await train(join(root, 'parts'));
    assert.match(rest, /resumed after epoch 2 of 4/);
    const weightsOf = (run: string) => readFileSync(join(root, run, 'model/model.safetensors'));
    assert.ok(weightsOf('whole').equals(weightsOf('parts')), 'resuming changes nothing');

    const { folder, manifest } = await importModel(join(root, 'whole/model'), join(root, 'installed'), {});
    assert.deepEqual(
      manifest.labels.map(({ name, names }) => [name, names?.['zh-CN']]),
      [
        ['dark', '暗'],
        ['light', undefined],
      ],
    );
    const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: 'cls' });
    const pixels = new Float32Array(2 * 3 * 16 * 16).fill(-0.6, 0, 768).fill(0.7, 768);
    const { logits } = await runGraph(graph, { data: pixels, shape: [2, 3, 16, 16] });
    const [a, b, c, d] = logits!.data as unknown as [number, number, number, number];
    assert.ok(a > b && d > c, `a dark and a light picture: ${[a, b, c, d]}`);
  },
);

test('--init takes other weights: a new head, positions of another grid, more blocks', { skip }, async () => {
  await paintData(join(root, 'data'));
  const larger = {
    ...config,
    model: { ...config.model, image: 24, depth: 3 },
    augment: { blur: 0.5 },
    recipe: { ...config.recipe, epochs: 1 },
  };
  writeFileSync(join(root, 'config.json'), JSON.stringify(larger));
  const from = join(root, 'from.safetensors');
  const script = `
import torch, weights
from model import Shape, VisionTransformer, load_into
torch.manual_seed(0)
shallow, deep = (VisionTransformer(Shape(16, 4, 16, depth, 2, 32, 7)).eval() for depth in (2, 5))
shallow.head.weight.data.normal_()
weights.write(sys.argv[2], shallow.state_dict())
load_into(deep, dict(shallow.state_dict()))
pixels = torch.rand(4, 3, 16, 16)
print((shallow(pixels) - deep(pixels)).abs().max().item() < 1e-5, shallow(pixels).std().item() > 0.01)`;
  assert.equal((await inRecipe(script, from)).trim(), 'True True');
  const said = await train(join(root, 'tuned'), '--init', from);
  assert.match(said, /head of 7 classes replaced by one of 2/);
  assert.match(said, /positions resized from 4 × 4 to 6 × 6/);
  assert.match(said, /2 blocks taken as 3/);
  writeFileSync(
    join(root, 'config.json'),
    JSON.stringify({ ...larger, model: { ...larger.model, depth: 1 } }),
  );
  await assert.rejects(
    train(join(root, 'cut'), '--init', from),
    /the weights have 2 blocks, this configuration 1/,
  );
});

test(
  "a teacher's answers and tokens are learned from; what is no class, and other photos, set doubt",
  { skip },
  async () => {
    const dataFolder = join(root, 'data');
    await paintData(dataFolder);
    mkdirSync(join(root, 'none/middling'), { recursive: true });
    for (let i = 0; i < 16; i++)
      await sharp({
        create: { width: 16, height: 16, channels: 3, background: { r: 230 - i, g: 20, b: 20 } },
      }).toFile(join(root, 'none/middling', `${i}.png`));
    const taught = { ...config, recipe: { ...config.recipe, none: 8 } };
    writeFileSync(join(root, 'config.json'), JSON.stringify(taught));
    const teacher = join(root, 'teacher.safetensors');
    await inRecipe(
      `
import weights
from model import Shape, VisionTransformer
weights.write(sys.argv[2], VisionTransformer(Shape(16, 8, 64, 2, 1, 64, 7)).state_dict())`,
      teacher,
    );
    const soft = join(root, 'soft.npz');
    const asked = [
      '--teacher',
      teacher,
      '--config',
      join(root, 'config.json'),
      '--data',
      join(dataFolder, 'train'),
    ];
    const told = await runRecipe('teacher.py', ...asked, '--folds', '2', '--out', soft);
    assert.match(told, /24 photos; the teacher is right on 100\.0%/);

    const others = ['--everyday', join(dataFolder, 'test'), '--strangers', join(root, 'none')];
    const more = ['--soft', soft, '--none', join(root, 'none'), ...others];
    const said = await train(join(root, 'taught'), ...more);
    assert.match(said, /^32 photos, 2 classes/m, 'eight of no class beside the 24');
    assert.match(said, /"everyday": \{"top1": [\d.]+/);
    const left = await train(join(root, 'left'), ...more, '--stop-after', '2');
    assert.doesNotMatch(left, /resumed/);
    await train(join(root, 'left'), ...more);
    const weightsOf = (run: string) => readFileSync(join(root, run, 'model/model.safetensors'));
    assert.ok(weightsOf('taught').equals(weightsOf('left')), 'resuming changes nothing');
    const { doubt, architecture } = readManifest(join(root, 'taught/model'));
    assert.ok(doubt && Number.isFinite(doubt.threshold));
    assert.equal(architecture.width, 16, 'the layer that imitates is no part of the model');
  },
);

test(
  'a teacher is asked about every picture as it is drawn, its patches taken closer',
  { skip },
  async () => {
    await paintData(join(root, 'data'));
    writeFileSync(join(root, 'config.json'), JSON.stringify(config));
    const [teacher, stranger] = ['of-two', 'of-seven'].map((name) => join(root, `${name}.safetensors`));
    const said = await inRecipe(
      `
import torch, weights
import torch.nn.functional as F
from model import Shape, VisionTransformer, kernel_of
torch.manual_seed(0)
of_two, of_seven = (VisionTransformer(Shape(32, 8, 64, 2, 1, 64, classes)) for classes in (2, 7))
of_two.head.weight.data.normal_()
weights.write(sys.argv[2], of_two.state_dict())
weights.write(sys.argv[3], of_seven.state_dict())
kernel, closer = of_two.patch_embed.proj.weight, kernel_of(of_two.patch_embed.proj.weight, 4)
patch = torch.rand(1, 3, 4, 4)
enlarged = F.interpolate(patch, (8, 8), mode='bilinear', align_corners=False)
wider = kernel_of(kernel, 16)
large = torch.rand(1, 3, 16, 16)
print((F.conv2d(enlarged, kernel) - F.conv2d(patch, closer)).abs().max().item() < 1e-5)
print((F.conv2d(F.avg_pool2d(large, 2), kernel) - F.conv2d(large, wider)).abs().max().item() < 1e-5)
from distill import Teaching
from teacher import open_teacher
import data
photos = data.load(sys.argv[4], 16)
teaching = Teaching(photos, {'soft': 1.0, 'softTemperature': 1.0, 'imitate': 1.0, 'smoothing': 0.1}, None, open_teacher(sys.argv[2], 4, patch=4))
pixels = data.normalise(photos.pixels[:6]).flip(0)
_, targets, cls, maps = teaching.seen(pixels, *teaching.of(torch.arange(6), 'cpu'))
asked = teaching.teacher(pixels).softmax(1)
print((targets - asked).abs().max().item() < 0.02, tuple(cls.shape), tuple(maps.shape))`,
      teacher!,
      stranger!,
      join(root, 'data/train'),
    );
    assert.deepEqual(said.trim().split('\n'), ['True', 'True', 'True (6, 64) (6, 64, 4, 4)']);
    assert.match(await train(join(root, 'asked'), '--teacher', teacher!), /^epoch 4\/4 loss/m);
    const { architecture } = readManifest(join(root, 'asked/model'));
    assert.equal(architecture.width, 16, 'the layer that imitates is no part of the model');
    await assert.rejects(
      train(join(root, 'other'), '--teacher', stranger!),
      /--teacher knows 7 classes, the photos have 2/,
    );
  },
);

test(
  "a teacher's tokens stay on the patches they are of, however a photo is turned, cut and joined",
  { skip },
  async () => {
    const said = await inRecipe(`
import torch
from augment import DEFAULTS, augment
torch.manual_seed(0)
maps = torch.rand(64, 3, 8, 8) * 2 - 1
pixels = maps.repeat_interleave(4, 2).repeat_interleave(4, 3)
how = {**DEFAULTS, 'colour': 0, 'grey': 0, 'erase': 0, 'rotate': 0, 'shear': 0, 'crop': [1, 1], 'mixing': 1}
for _ in range(8):
    turned, targets, cls, moved = augment(pixels, how, torch.eye(64), torch.rand(64, 5), maps)
    seen = torch.nn.functional.avg_pool2d(turned, 4)
    print((seen - moved).abs().mean().item() < 0.05, (targets.sum(1) - 1).abs().max().item() < 1e-5)`);
    assert.deepEqual(said.trim().split('\n'), Array<string>(8).fill('True True'));
  },
);

test(
  'the threshold of doubt may be asked for the share of what it names that is right',
  { skip },
  async () => {
    const said = await inRecipe(`
import torch, evaluate
torch.manual_seed(0)
labels = torch.randint(0, 5, (4000,))
logits = torch.nn.functional.one_hot(labels, 5) * torch.rand(4000, 1) * 4 + torch.randn(4000, 5)
right = logits.argmax(1) == labels
for at_least in (0.0, 0.97, 1.1):
    sure = evaluate.is_sure(logits, 1.0, evaluate.fit_doubt(logits, labels, None, 1.0, at_least))
    print(right[sure].float().mean().item(), sure.float().mean().item())`);
    const [free, asked, impossible] = said
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    assert.ok(free![0]! < 0.97 && asked![0]! >= 0.97, said);
    assert.ok(asked![1]! > 0.1 && asked![1]! < free![1]!, said);
    assert.deepEqual(impossible, free, 'where no threshold does, the best one');
  },
);

test(
  'class folders of one data set are sorted under the classes of another, the rest by turns',
  { skip },
  async () => {
    await paintData(join(root, 'data'));
    const by = join(root, 'by.json');
    writeFileSync(by, JSON.stringify({ classes: { dark: 'night' }, near: [] }));
    const out = join(root, 'sorted');
    const said = await runRecipe('regroup.py', join(root, 'data/test'), '--by', by, '--out', out);
    assert.match(said, /'classes': 12, 'none-a': 12/);
    assert.ok(existsSync(join(out, 'classes/night/dark-0.png')));
    assert.ok(existsSync(join(out, 'none-a/light/light-1.jpg')));
  },
);
