import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { SaccadeError } from '../../models/error.ts';
import type { Answers } from '../../models/formats/answers.ts';
import { labelsIn, readLabels } from '../../models/formats/labels-file.ts';
import { describeOnnx } from '../../models/formats/onnx.ts';
import { OpenAnswers } from '../../models/formats/open-answers.ts';
import { readToldInFile } from '../../models/formats/told-in-file.ts';
import { importModel } from '../../models/import.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { altered, encodeModel, make, type Model } from '../../models/onnx/schema.ts';
import { tapOnnx } from '../../models/foreign/tap.ts';
import { foreign, foreignVit, inLevels } from './foreign.ts';
import { runGraph } from './session.ts';
import { randomNumbers } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'onnx-import');
let count = 0;

const { height, width, classes } = foreign;
const names = ['cat', 'dog', 'boat', 'tree', 'cup'];
const answers: Answers = {
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  resize: { mode: 'exact', height, width },
  interpolation: 'bicubic',
  labels: names,
};
const processor = { do_resize: true, size: { height, width }, resample: 3, image_mean: [0.1, 0.2, 0.3], image_std: [0.4, 0.5, 0.6] }; // prettier-ignore

/** A folder with the model and whatever else is named. */
function place(model: Model | Uint8Array, beside: Record<string, unknown> = {}, name = 'model.onnx'): string {
  const folder = join(root, String(count++));
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, name), model instanceof Uint8Array ? model : encodeModel(model));
  for (const [file, content] of Object.entries(beside))
    writeFileSync(join(folder, file), content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content)); // prettier-ignore
  return join(folder, name);
}

function refuses(file: string, code: string, sentence: RegExp, given: Answers = answers): void {
  assert.throws(
    () => describeOnnx(file, given),
    (error) => {
      assert.ok(error instanceof SaccadeError, String((error as Error).stack));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, sentence);
      return true;
    },
  );
}

const plain = () => foreignVit({ style: 'softmax' });

test('an ONNX file with answers given by name is described whole', () => {
  const draft = describeOnnx(place(plain()), answers);
  assert.equal(draft.kind, 'onnx');
  assert.deepEqual(draft.grid, { rows: 3, columns: 4, patchSize: 8 });
  assert.deepEqual(draft.input, { height, width });
  assert.deepEqual(draft.labels.map(({ name }) => name), names); // prettier-ignore
  assert.deepEqual(draft.files, ['model.onnx']);
  assert.equal(draft.dtype, 'F32');
  const { attention } = draft.architecture as unknown as { attention: Record<string, unknown> };
  assert.deepEqual(attention, { heads: 2, tokens: 13, special: 1, firstPatch: 1, layers: 2, pool: 'cls' });
});

test('a graph of whole numbers is given the levels of photos, whatever stands beside it', () => {
  const { resize, interpolation, labels } = answers;
  const levels = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };
  const file = place(inLevels(plain()), { 'preprocessor_config.json': processor });
  for (const given of [{ labels: names }, { ...levels, labels: names } as Answers]) {
    const { mean, std, interpolation: filter } = describeOnnx(file, given).preprocessing;
    assert.deepEqual([{ mean, std }, filter], [levels, 'bicubic']);
  }
  assert.deepEqual(
    describeOnnx(place(inLevels(plain())), { resize, interpolation, labels }).preprocessing.std,
    levels.std,
  );
  refuses(
    file,
    'unsupported-preprocessing',
    /"photo.uint8" takes whole numbers from 0 to 255.*found mean 0.5/,
  );
});

const withMetadata = (metadata: Record<string, string>) => {
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  return altered(plain(), { metadataProps: make('model', { metadataProps }).metadataProps });
};
const ultralytics = {
  ...{ author: 'Ultralytics', version: '8.3.40', license: 'AGPL-3.0', task: 'classify', imgsz: `[${height}, ${width}]` },
  names: `{0: 'cat', 1: "bird's nest", 2: 'na\\'me "of", two', 3: 'caf\u00e9 \\x07', 4: 'cup'}`,
}; // prettier-ignore

test('photos that a graph normalises itself are not normalised before', () => {
  const usual = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const whole = { mean: usual.mean.map((each) => each * 255), std: usual.std.map((each) => each * 255) };
  const exported = (normalises: { mean: number[]; std: number[] }) => place(foreignVit({ style: 'softmax', normalises })); // prettier-ignore
  refuses(exported(usual), 'unsupported-preprocessing', /itself, from numbers of 0 to 1, .*twice.* mean as 0, 0, 0 and the standard deviation as 1, 1, 1\./); // prettier-ignore
  refuses(exported(whole), 'unsupported-preprocessing', /from numbers of 0 to 255, .* as 0\.00392157, 0\.00392157/); // prettier-ignore
  const plainScale: Answers = { ...answers, mean: [0, 0, 0], std: [1, 1, 1] };
  refuses(exported(whole), 'unsupported-preprocessing', /from numbers of 0 to 255/, plainScale);
  const bytes = 1 / 255;
  assert.deepEqual(describeOnnx(exported(usual), plainScale).preprocessing.std, [1, 1, 1]);
  describeOnnx(exported(whole), { ...plainScale, std: [bytes, bytes, bytes] });
  // From ImageNet's to another normalisation, as Inception's graphs go: their own matter.
  describeOnnx(exported({ mean: [0.06, 0.2, 0.4], std: [2.18, 2.23, 2.22] }), answers);
});

const lobe = {
  ...{ format: 'onnx', filename: 'model.onnx', export_model_version: 1, classes: { Label: names } },
  inputs: { Image: { dtype: 'float32', shape: [null, height, width, 3], name: 'Image:0' } },
  outputs: { Confidences: { dtype: 'float32', shape: [null, 5], name: 'Confidences:0' } },
};

test('what Lobe writes beside its ONNX file is read: names, size and how photos are prepared', () => {
  const model = () => foreignVit({ style: 'softmax', coloursLast: true, endsInSoftmax: true });
  const { labels, input, preprocessing, assumed, grid } = describeOnnx(
    place(model(), { 'signature.json': lobe }),
  );
  assert.deepEqual(labels.map(({ name }) => name), names); // prettier-ignore
  assert.deepEqual([input, grid?.columns], [{ height, width }, 4]);
  assert.deepEqual(preprocessing, { resize: { mode: 'cover', height, width }, interpolation: 'bicubic', crop: { height, width }, mean: [0, 0, 0], std: [1, 1, 1] }); // prettier-ignore
  assert.deepEqual(assumed, ['interpolation']); // Lobe leaves it to Pillow
  const wrong = { ...lobe, classes: { Label: 'cat' } };
  refuses(place(model(), { 'signature.json': wrong }), 'bad-config', /"Label" should be a list of names/, {});
  const other = { 'signature.json': { inputs: '[{"name": "x"}]', outputs: null } }; // MLflow's word for its own
  refuses(place(model(), other), 'missing-preprocessing', /preprocessor_config/, {});
});

test('what Ultralytics writes of its classifiers is read: names, size and how photos are prepared', () => {
  const draft = describeOnnx(place(withMetadata(ultralytics)));
  assert.deepEqual(draft.labels.map(({ name }) => name), ['cat', "bird's nest", `na'me "of", two`, 'caf\u00e9 \u0007', 'cup']); // prettier-ignore
  assert.deepEqual(draft.preprocessing, { resize: { mode: 'exact', height, width }, crop: null, interpolation: 'bilinear', mean: [0, 0, 0], std: [1, 1, 1] }); // prettier-ignore
  assert.equal(draft.licence, 'AGPL-3.0');
  const said = describeOnnx(place(withMetadata(ultralytics)), { labels: names });
  assert.equal(said.labels[1]!.name, names[1]);
  const square = readToldInFile(withMetadata({ ...ultralytics, imgsz: '[224, 224]' })).preprocessing;
  assert.deepEqual([square?.resize, square?.crop], [{ mode: 'shortest-edge', size: 224 }, { height: 224, width: 224 }]); // prettier-ignore
});

test('of what Ultralytics writes only what is known is taken', () => {
  const refused = (change: Record<string, string>, code: string, sentence: RegExp) =>
    refuses(place(withMetadata({ ...ultralytics, ...change })), code, sentence, {});
  // Its earlier versions prepared photos in several ways.
  refused({ version: '8.0.20' }, 'missing-preprocessing', /Nothing beside the model says how photos are prepared/); // prettier-ignore
  refused(
    { task: 'detect' },
    'unsupported-output',
    /its task is "detect"; a model for "classify" was expected/,
  );
  for (const wrong of ["{0: 'cat', 2: 'dog'}", "{0: 'cat'", '{0: cat}', '', '{}'])
    refused({ names: wrong }, 'bad-onnx', /should name its classes from 0 on/);
  refused({ names: "{0: 'cat', 1: 'dog'}" }, 'wrong-labels', /There are 2 labels/);
});

test("ONNX's own words for images are read, and photos are not given as other than they say", () => {
  const scaled = (range: string) => describeOnnx(place(withMetadata({ 'Image.BitmapPixelFormat': 'Rgb8', 'Image.NominalPixelRange': range })), { resize: answers.resize, interpolation: 'bicubic', labels: names }).preprocessing; // prettier-ignore
  assert.deepEqual(scaled('NominalRange_0_255').std, [1 / 255, 1 / 255, 1 / 255]);
  assert.deepEqual([scaled('Normalized_0_1').mean, scaled('Normalized_0_1').std], [[0, 0, 0], [1, 1, 1]]); // prettier-ignore
  assert.deepEqual([scaled('Normalized_1_1').mean, scaled('Normalized_1_1').std], [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]); // prettier-ignore
  const refused = (metadata: Record<string, string>, sentence: RegExp) =>
    refuses(place(withMetadata(metadata)), 'unsupported-preprocessing', sentence);
  refused({ 'Image.BitmapPixelFormat': 'Bgr8' }, /its input is "Bgr8".*Saccade gives photos as red, green and blue/); // prettier-ignore
  refused({ 'Image.NominalPixelRange': 'NominalRange_16_235' }, /its input is "NominalRange_16_235"/);
  refused({ 'Image.ColorSpaceGamma': 'Linear' }, /its input is "Linear"/);
});

test('weights that are nodes count as weights, and NaN in them is found', () => {
  const own = describeOnnx(place(plain()), answers);
  const inNodes = () => {
    const model = plain();
    const graph = model.graph!;
    const constants = graph.initializer.map((t) => make('node', { opType: 'Constant', name: `constant ${t.name}`, output: [t.name], attribute: [{ name: 'value', type: 4, t }] })); // prettier-ignore
    graph.node.unshift(...constants);
    graph.initializer = [];
    return model;
  };
  const draft = describeOnnx(place(inNodes()), answers);
  assert.deepEqual([draft.parameters, draft.dtype, draft.grid], [own.parameters, own.dtype, own.grid]);
  const broken = inNodes();
  const matrix = broken.graph!.node.find(({ output }) => output[0] === 'layer0.fc1.weight')!.attribute[0]!.t!;
  new DataView(matrix.rawData.buffer, matrix.rawData.byteOffset).setUint32(8, 0x7fc00000, true);
  refuses(place(broken), 'not-finite', /hold NaN/);
});

test("Hugging Face's files beside it answer everything, also from above a folder onnx", () => {
  const config = {
    id2label: Object.fromEntries(names.map((name, i) => [i, name])),
    image_size: [height, width],
  };
  const beside = { 'config.json': config, 'preprocessor_config.json': processor };
  for (const name of ['model.onnx', 'onnx/model.onnx']) {
    const draft = describeOnnx(place(plain(), beside, name));
    assert.deepEqual(draft.preprocessing, { resize: { mode: 'exact', height, width }, interpolation: 'bicubic', crop: null, mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] }); // prettier-ignore
    assert.deepEqual(draft.labels.map(({ name: label }) => label), names); // prettier-ignore
  }
});

test("timm's config.json beside it answers everything", () => {
  const config = {
    architecture: 'vit_custom',
    num_classes: classes,
    label_names: names,
    pretrained_cfg: { input_size: [3, height, width], crop_pct: 1, mean: [0.1, 0.2, 0.3], std: [1, 1, 1], interpolation: 'bilinear' }, // prettier-ignore
  };
  const draft = describeOnnx(place(plain(), { 'config.json': config }));
  assert.deepEqual(draft.preprocessing.crop, { height, width });
  assert.equal(draft.preprocessing.interpolation, 'bilinear');
  assert.equal(draft.labels[2]!.name, 'boat');
});

test('an answer wins over a file, and the shortest edge is cropped to what the model takes', () => {
  const file = place(plain(), {
    'preprocessor_config.json': processor,
    'labels.txt': names.join('\n') + '\n',
  });
  const draft = describeOnnx(file, { mean: [0, 0, 0], resize: { mode: 'shortest-edge', size: 40 } });
  assert.deepEqual(draft.preprocessing.mean, [0, 0, 0]);
  assert.deepEqual(draft.preprocessing.std, [0.4, 0.5, 0.6]);
  assert.deepEqual(draft.preprocessing.crop, { height, width });
});

test('classes that nothing names are numbered where a configuration counts as many, and a backbone has none', () => {
  const unnamed = { ...answers, labels: undefined };
  const draft = (config: object) => describeOnnx(place(plain(), { 'config.json': { model_type: 'vit', ...config } }), unnamed); // prettier-ignore
  assert.deepEqual(draft({ num_labels: classes }).labels.at(-1), { id: 'class 4', name: 'class 4' });
  for (const config of [{}, { num_labels: 3 }])
    assert.throws(() => draft(config), { code: 'missing-labels', message: /names its 5 classes/ });
});

test('free sides of the input take the size that is answered', () => {
  const model = plain();
  const dims = model.graph!.input[0]!.type!.tensorType!.shape!.dim;
  for (const [axis, side] of ['n', 'channels', 'height', 'width'].entries()) dims[axis]!.dimParam = side;
  refuses(place(model), 'missing-preprocessing', /say height and width of the input\.$/, { ...answers, resize: { mode: 'shortest-edge', size: 24 } }); // prettier-ignore
  assert.deepEqual(describeOnnx(place(model), { ...answers, size: { height, width } }).input, {
    height,
    width,
  });
  const other = { height: 40, width: 40 };
  refuses(place(model), 'wrong-input-size', /40 × 40/, {
    ...answers,
    size: other,
    resize: { mode: 'exact', ...other },
  });
});

function without(name: keyof Answers): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([key]) => key !== name));
}

test('what is missing is asked for by name', () => {
  const file = place(plain());
  refuses(file, 'missing-preprocessing', /preprocessor_config\.json.*say the mean, the standard deviation, how photos are resized, the filter of resizing\.$/, {}); // prettier-ignore
  refuses(file, 'missing-preprocessing', /or say the standard deviation\.$/, without('std'));
  refuses(file, 'missing-labels', /5 classes.*a file with one name a line/, without('labels'));
  refuses(file, 'wrong-labels', /2 labels.*logits \[batch, 5\]/, { ...answers, labels: ['a', 'b'] });
  refuses(file, 'wrong-input-size', /48 × 48.*24 × 32/, { ...answers, resize: { mode: 'exact', height: 48, width: 48 } }); // prettier-ignore
});

test('what is open is told as fields, with what was found', () => {
  const questions = (given: Answers, beside: Record<string, unknown> = {}) => {
    try {
      describeOnnx(place(plain(), beside), given);
      return null;
    } catch (error) {
      return error instanceof OpenAnswers ? error.questions : error;
    }
  };
  const size = { height, width };
  assert.deepEqual(questions({ mean: [0, 0, 0] }), {
    fields: ['std', 'resize', 'interpolation', 'labels'],
    found: { mean: [0, 0, 0], size },
    classes,
  });
  assert.deepEqual(questions({}, { 'labels.txt': names.join('\n') }), {
    fields: ['mean', 'std', 'resize', 'interpolation'],
    found: { size },
    classes,
  });
  const { mean, std, resize, interpolation } = answers;
  assert.deepEqual(questions(without('labels')), { fields: ['labels'], found: { mean, std, resize, interpolation, size }, classes }); // prettier-ignore
  assert.deepEqual(questions({ ...answers, labels: ['a', 'b'] }), { fields: ['labels'], found: {}, classes }); // prettier-ignore
  assert.equal(questions(answers), null);
});

test('labels are read from lines, lists, objects and indices', () => {
  const read = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(root, name), content);
    return readLabels(join(root, name)).map((label) => label.name);
  };
  assert.deepEqual(read('labels.txt', '\uFEFFcat\r\ndog\r\n'), ['cat', 'dog']);
  assert.deepEqual(read('a.json', '["cat", "dog"]'), ['cat', 'dog']);
  assert.deepEqual(read('b.json', '[{"index": 0, "name": "cat"}, {"label": "dog"}]'), ['cat', 'dog']);
  assert.deepEqual(read('c.json', '{"1": "dog", "0": "cat"}'), ['cat', 'dog']);
  assert.deepEqual(read('old-mac.txt', 'cat\rdog\r'), ['cat', 'dog']);
  // By their numbers, whatever the order of the lines.
  for (const numbered of [
    '1: dog\n0: cat',
    '1,dog\n0,"cat"\n',
    'id,label\n1,dog\n0,cat',
    '"label","id"\n"dog",1\n"cat",0',
    '1 dog\n0 cat',
    '2\tdog\n1\tcat',
    '1. dog\n0. cat',
    '2) dog\n1) cat',
    'dog: 1\ncat: 0',
    'dog=1\ncat=0',
    'dog 1\ncat 0',
    "{1: 'dog',\n 0: 'cat'}\n",
    '{0: "cat",\n 1: \'dog\',\n}',
  ])
    assert.deepEqual(read('numbered.csv', numbered), ['cat', 'dog'], numbered);
  for (const names of [
    '1 person\n2 people',
    '0 cats\n5 dogs',
    '7 up, 3\ncola',
    '0\n1',
    '0 fingers\n1 finger\n2 fingers',
    'ID card',
    'class 0\nclass 1',
    'Rocky: 1\nAlien: 2',
    "'n' and 'm'",
    `x${' '.repeat(1e6)}y`,
  ])
    // prettier-ignore

    assert.deepEqual(read('names.txt', names), names.split('\n'), 'numbers that are part of names');
  assert.deepEqual(read('keras.json', '{"1": ["n2", "dog"], "0": ["n1", "cat"]}'), ['cat', 'dog']);
  for (const list of [
    '[{"id": 1, "name": "dog"}, {"id": 0, "name": "cat"}]',
    '[{"label": 2, "name": "dog"}, {"label": 1, "name": "cat"}]',
    '[[1, "dog"], [0, "cat"]]',
    '[{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}]',
  ])
    // prettier-ignore
    assert.deepEqual(read('list.json', list), ['cat', 'dog'], list);
  assert.deepEqual(read('turned.json', '{"dog": 1, "cat": 0}'), ['cat', 'dog']);
  assert.deepEqual(labelsIn("{1: 'dog',\n 0: 'cat'}").map(({ name }) => name), ['cat', 'dog']); // prettier-ignore
  const wide = Buffer.from('\uFEFF猫\r\n狗\r\n', 'utf16le');
  assert.deepEqual(read('wide.txt', wide), ['猫', '狗']);
  assert.deepEqual(read('wide-be.txt', Buffer.from(wide).swap16()), ['猫', '狗']);
  for (const [name, content] of Object.entries({
    'gbk.txt': Buffer.from([0xc3, 0xa8, 0xc8, 0x0a, 0xb9, 0xb7]),
    'wide-without-mark.txt': wide.subarray(2),
    'half.txt': wide.subarray(0, wide.length - 1),
  }))
    assert.throws(() => read(name, content), { code: 'bad-labels', message: /UTF-8/ }, name);
  for (const [name, content] of Object.entries({
    'd.txt': '',
    'e.txt': 'cat\n\ndog',
    'f.json': '{',
    'g.json': '[1]',
    'h.json': '{"5": "cat"}',
    'many.txt': 'a\r'.repeat(100_001),
    'i.json': '7',
    'j.json': '[{"id": 9, "name": "cat"}, {"id": 7, "name": "dog"}]',
    'k.txt': "{0: 'cat',\n 2: 'dog'}",
  }))
    // prettier-ignore
    assert.throws(() => read(name, content), { code: 'bad-labels' }, name);
});

/** The patch kernel's bytes elsewhere, where the entries say. */
function external(entries: Record<string, string>): { model: Model; bytes: Uint8Array } {
  const model = plain();
  const list = model.graph!.initializer;
  const at = list.findIndex(({ name }) => name === 'patch');
  const { dims, dataType, rawData: bytes } = list[at]!;
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  list[at] = make('tensor', { name: 'patch', dims, dataType, dataLocation: 1, externalData });
  return { model, bytes };
}

test('external data beside the model is taken along and runs', async () => {
  const { model, bytes } = external({ location: 'data/weights.bin', offset: '8', length: '12288' });
  const file = place(model);
  mkdirSync(join(dirname(file), 'data'));
  writeFileSync(
    join(dirname(file), 'data/weights.bin'),
    new Uint8Array([...new Uint8Array(8), ...bytes, 1, 2, 3]),
  );
  const draft = describeOnnx(file, answers);
  assert.deepEqual(draft.files, ['model.onnx', 'data/weights.bin']);
  const manifest = { ...draft, weights: { files: draft.files } } as unknown as ModelManifest;
  const pixels = { data: randomNumbers(3 * height * width), shape: [1, 3, height, width] };
  const seen = await runGraph(tapOnnx(dirname(file), manifest, { kind: 'classify', map: 'cls' }), pixels);
  const whole = place(plain());
  const expected = await runGraph(tapOnnx(dirname(whole), { ...manifest, weights: { ...manifest.weights, files: ['model.onnx'] } }, { kind: 'classify', map: 'cls' }), pixels); // prettier-ignore
  assert.deepEqual(seen, expected);
});

for (const [what, entries, sentence] of [
  [
    'climbs out of its folder',
    { location: '../../etc/passwd' },
    /"patch".*"\.\.\/\.\.\/etc\/passwd", outside its folder/,
  ],
  ['climbs out after going in', { location: 'onnx/../../x' }, /outside its folder/],
  ['is an absolute path', { location: '/etc/passwd' }, /outside its folder/],
  ['is an absolute path of Windows', { location: 'C:\\Windows\\win.ini' }, /outside its folder/],
  [
    "is a mark of onnxruntime's own memory",
    { location: '*/_ORT_MEM_ADDR_/*', offset: '4096' },
    /no file name/,
  ],
  ['is empty', { location: '' }, /no file name/],
  ['is a folder', { location: 'onnx' }, /no file/],
  ['is not there', { location: 'weights.bin' }, /not there/],
  ['is a link out of the folder', { location: 'link.bin' }, /a link out of its folder/],
  [
    'lies beyond the end',
    { location: 'short.bin', offset: '99999999', length: '12288' },
    /at bytes 99999999 .* the file has 12300 bytes/,
  ],
  [
    'is longer than the file',
    { location: 'short.bin', offset: '100', length: '12288' },
    /the file has 12300 bytes/,
  ],
  ['has a negative offset', { location: 'short.bin', offset: '-8', length: '12288' }, /at bytes -8/],
  ['has an offset that is no number', { location: 'short.bin', offset: 'x' }, /at bytes x/],
  [
    'has another length than its shape',
    { location: 'short.bin', offset: '0', length: '16' },
    /16 bytes; its shape \[16,3,8,8\] needs 12288/,
  ],
] as const)
  // prettier-ignore
  test(`external data is refused when it ${what}`, () => {
    const file = place(external(entries).model, { 'short.bin': new Uint8Array(12300) });
    symlinkSync('/etc/passwd', join(dirname(file), 'link.bin'));
    refuses(file, 'bad-onnx', sentence);
  });

test('external data hidden in a constant or in a graph inside a node is refused too', () => {
  const outside = make('tensor', { name: 'hidden', dims: [2n], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: '/etc/passwd' }] }); // prettier-ignore
  const inConstant = plain();
  inConstant.graph!.node.push(make('node', { opType: 'Constant', output: ['hidden'], attribute: [{ name: 'value', type: 4, t: outside }] })); // prettier-ignore
  refuses(place(inConstant), 'bad-onnx', /"hidden".*outside its folder/);
  const inBranch = plain();
  const branch = { name: 'branch', initializer: [outside], output: [{ name: 'hidden' }] };
  inBranch.graph!.node.push(make('node', { opType: 'If', input: ['logits'], output: ['x'], attribute: [{ name: 'then_branch', type: 5, g: branch }] })); // prettier-ignore
  refuses(place(inBranch), 'bad-onnx', /"hidden".*outside its folder/);
});

test('a file that breaks off anywhere is refused', () => {
  const whole = encodeModel(plain());
  for (const length of [0, 1, 7, 100, 5000, whole.length - 500, whole.length - 1])
    refuses(place(whole.slice(0, length)), 'bad-onnx', /is not a sound ONNX model/);
  refuses(place(new TextEncoder().encode('<html>not found</html>')), 'bad-onnx', /is not a sound ONNX model/);
});

function changed(change: (model: Model) => void): string {
  const model = plain();
  change(model);
  return place(model);
}

const tensorOf = (model: Model, name: string) =>
  model.graph!.initializer.find((tensor) => tensor.name === name)!;
const sidesOf = (model: Model) => model.graph!.input[0]!.type!.tensorType!.shape!.dim;

test('nodes that stand in another order, as converters to float16 leave them, are read as if in theirs', () => {
  const whole = describeOnnx(place(plain()), answers);
  const turned = describeOnnx(changed((model) => model.graph!.node.reverse()), answers); // prettier-ignore
  assert.deepEqual(turned, whole);
  assert.notEqual(whole.grid, null);
  const circle = changed(({ graph }) => (graph!.node[0]!.input[0] = graph!.output[0]!.name));
  refuses(circle, 'bad-onnx', /which nothing before it makes/);
});

test('models that lie about themselves are refused, naming what lies', () => {
  const cases: [string, RegExp, (model: Model) => void][] = [
    ['bad-onnx', /"patch".*should hold .* numbers, found 3072/, (m) => (tensorOf(m, 'patch').dims = [1n << 40n])],
    ['bad-onnx', /"patch".*impossible shape/, (m) => (tensorOf(m, 'patch').dims = [1n << 62n, 1n << 62n])],
    ['bad-onnx', /"patch".*impossible shape/, (m) => (tensorOf(m, 'patch').dims = [-16n, 3n, 8n, 8n])],
    ['bad-onnx', /reads "nowhere", which nothing before it makes/, (m) => (m.graph!.node[3]!.input[0] = 'nowhere')],
    ['bad-onnx', /is made twice/, (m) => (m.graph!.node[3]!.output[0] = m.graph!.node[2]!.output[0]!)],
    ['bad-onnx', /output "nothing" is made by no node/, (m) => (m.graph!.output[0]!.name = 'nothing')],
    ['bad-onnx', /holds no graph/, (m) => (m.graph!.node = [])],
    ['unsupported-onnx', /IR 99/, (m) => (m.irVersion = 99n)],
    ['unsupported-onnx', /opset 0/, (m) => (m.opsetImport = [])],
    ['unsupported-onnx', /operator evil\.Conv/, (m) => (m.graph!.node[0]!.domain = 'evil')],
    ['unsupported-input', /Expected one input, the photo; found none/, (m) => (m.graph!.input = [])],
    ['unsupported-input', /found pixel_values, mask/, (m) => (m.graph!.input.push(make('valueInfo', { name: 'mask' })), m.graph!.node.at(-1)!.input.push('mask'))],
    ['unsupported-input', /shape \[free, 4, 24, 32\]\. Export the image classifier again/, (m) => (sidesOf(m)[1]!.dimValue = 4n)],
    ['unsupported-input', /side of 1000000000000 pixels/, (m) => (sidesOf(m)[2]!.dimValue = 10n ** 12n)],
    ['unsupported-input', /has 2 axes/, (m) => sidesOf(m).splice(2)],
    ['unsupported-input', /floating point or uint8.*type 6\. Export the model without the step/, (m) => (m.graph!.input[0]!.type!.tensorType!.elemType = 6)],
    ['bad-onnx', /contradicts itself/, (m) => [24n, 32n, 3n].forEach((side, i) => (sidesOf(m)[i + 1]!.dimValue = side))],
    ['missing-preprocessing', /height and width of the input/, (m) => [0n, 0n, 3n].forEach((side, i) => (sidesOf(m)[i + 1]!.dimValue = side))],
    ['bad-onnx', /contradicts itself at the size that it declares, 24 × 32 pixels .*Conv/, (m) => (tensorOf(m, 'patch').dims = [16n, 6n, 8n, 4n])],
    ['no-logits', /found .*\[batch, 13, 16\]/, (m) => (m.graph!.output[0]!.name = m.graph!.node.findLast((n) => n.opType === 'Gather')!.input[0]!)],
  ]; // prettier-ignore
  for (const [code, sentence, change] of cases) {
    const file = changed((model) => {
      // The order of nodes is checked before inputs are counted.
      if (/found none/.test(sentence.source)) model.graph!.initializer.push(make('tensor', { name: 'pixel_values', dims: [1n, 3n, 24n, 32n], dataType: 1, floatData: Array.from({ length: 2304 }, () => 0) })); // prettier-ignore
      change(model);
    });
    refuses(file, code, sentence);
  }
});

test('of two answers of as many classes none is taken, unless both are one or one is called logits', () => {
  const withSecond = (first: string, opType: string, input: string[]) =>
    place(
      (() => {
        const model = plain();
        const { node, output } = model.graph!;
        node.at(-1)!.output[0] = first;
        output[0]!.name = first;
        node.push(make('node', { opType, input, output: ['second'] }));
        output.push({ ...structuredClone(output[0]!), name: 'second' });
        return model;
      })(),
    );
  const inside = plain().graph!.node.at(-1)!.input[0]!;
  refuses(withSecond('first', 'Add', [inside, 'head.bias']), 'no-logits', /found first \[batch, 5\]; second \[batch, 5\]/); // prettier-ignore
  for (const file of [
    withSecond('logits', 'Add', [inside, 'head.bias']),
    withSecond('first', 'Softmax', [inside]),
  ])
    assert.equal(describeOnnx(file, answers).labels.length, classes);
});

test('an import that is refused installs nothing', async () => {
  const installed = join(root, 'installed');
  for (const bytes of [
    encodeModel(external({ location: '/etc/passwd' }).model),
    encodeModel(plain()).slice(0, 999),
  ]) {
    const file = place(bytes, { 'preprocessor_config.json': processor, 'labels.json': names });
    await assert.rejects(importModel(file, installed), (error) => error instanceof SaccadeError);
    assert.deepEqual(existsSync(installed) ? readdirSync(installed) : [], []);
  }
});

/** Attention as a function of the model, called once a layer, as PyTorch's first dynamo exporter writes everything. */
function withFunctions(): Model {
  const model = plain();
  const graph = model.graph!;
  graph.node = graph.node.map((node) => {
    if (node.opType !== 'Softmax') return node;
    const { input, output, name } = node;
    return make('node', { name, opType: 'torch_softmax', domain: 'pkg.torch', input, output, attribute: [{ name: 'dim', type: 2, i: -1n }] }); // prettier-ignore
  });
  const inner = { opType: 'Softmax', name: 'softmax', input: ['x'], output: ['y'], attribute: [{ name: 'axis', type: 2, refAttrName: 'dim' }] }; // prettier-ignore
  const outer = { opType: 'inner_softmax', domain: 'pkg.torch', name: 'call', input: ['self'], output: ['result'], attribute: [{ name: 'dim', type: 2, refAttrName: 'dim' }] }; // prettier-ignore
  const functions = [
    {
      name: 'torch_softmax',
      domain: 'pkg.torch',
      input: ['self'],
      output: ['result'],
      attribute: ['dim'],
      node: [outer],
    },
    {
      name: 'inner_softmax',
      domain: 'pkg.torch',
      input: ['x'],
      output: ['y'],
      attribute: ['dim'],
      node: [inner],
    },
  ];
  const { irVersion, producerName } = model;
  const opsetImport = [...model.opsetImport.map(({ domain, version }) => ({ domain, version })), { domain: 'pkg.torch', version: 1n }]; // prettier-ignore
  const result = make('model', { irVersion, producerName, opsetImport, functions });
  result.graph = graph;
  return result;
}

test('functions of the dynamo exporter are seen through', async () => {
  const file = place(withFunctions());
  const draft = describeOnnx(file, answers);
  assert.equal((draft.architecture as unknown as { attention: { layers: number } }).attention.layers, 2);
  const manifest = { ...draft, weights: { files: draft.files } } as unknown as ModelManifest;
  const pixels = { data: randomNumbers(3 * height * width), shape: [1, 3, height, width] };
  const seen = await runGraph(tapOnnx(dirname(file), manifest, { kind: 'inspect', map: null }), pixels, -1);
  const expected = await runGraph(tapOnnx(dirname(place(plain())), manifest, { kind: 'inspect', map: null }), pixels, -1); // prettier-ignore
  assert.deepEqual(seen, expected);
});

test('functions that call each other in a circle are refused', () => {
  const model = withFunctions();
  model.functions[1]!.node = model.functions[0]!.node;
  refuses(place(model), 'bad-onnx', /functions call each other without end/);
});
