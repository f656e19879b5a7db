/** Every field of every configuration, as the one table has it: used ones decide something, harmless ones nothing. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SaccadeError } from '../../models/error.ts';
import { checkFields, fields, type Format } from '../../models/formats/fields.ts';
import { describeHuggingFace } from '../../models/formats/huggingface.ts';
import { Fields } from '../../models/formats/parse.ts';
import { describeSource } from '../../models/formats/source.ts';
import { describeTimm } from '../../models/formats/timm.ts';
import { encodeSafetensors } from '../../models/weights/encode-safetensors.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { huggingFaceTensors, sourceTensors, timmConfig, timmTensors, tinyShape } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'fields');

function written(name: string, tensors: ReturnType<typeof timmTensors>): string {
  const file = join(root, `${name}.safetensors`);
  writeFileSync(file, encodeSafetensors(tensors));
  return file;
}
const files = {
  timm: written('timm', timmTensors(tinyShape)),
  huggingface: written('huggingface', huggingFaceTensors(tinyShape)),
  source: written('source', sourceTensors(tinyShape)),
};

type Values = Record<string, unknown>;
const { width, depth, heads, patchSize, grid, classes } = tinyShape;
const side = grid * patchSize;

const huggingFace: Values = {
  ...{ model_type: 'vit', hidden_size: width, num_hidden_layers: depth, num_attention_heads: heads },
  ...{ image_size: side, patch_size: patchSize, hidden_act: 'gelu', layer_norm_eps: 1e-6 },
};
const processor: Values = { image_processor_type: 'ViTImageProcessor', size: { height: side, width: side } };
const timm: Values = timmConfig(tinyShape);
const data = timm['pretrained_cfg'] as Values;
const args = timm['model_args'] as Values;
const flat: Values = { ...timm, ...data };
delete flat['pretrained_cfg'];
const source: Values = {
  ...{ img_size: side, patch_size: patchSize, num_classes: classes, emb_dim: width },
  ...{ num_layers: depth, num_heads: heads },
};

/** What each format's own object is, and what comes of a folder in which it holds these values. */
const formats: Partial<Record<Format, { plain: Values; describe(values: Values): unknown }>> = {
  huggingface: {
    plain: huggingFace,
    describe: (values) => read(files.huggingface, (weights) => describeHuggingFace(of('config.json', values), of('preprocessor_config.json', processor), weights)), // prettier-ignore
  },
  preprocessor: {
    plain: processor,
    describe: (values) => read(files.huggingface, (weights) => describeHuggingFace(of('config.json', huggingFace), of('preprocessor_config.json', values), weights)), // prettier-ignore
  },
  timm: { plain: timm, describe: describedByTimm },
  'timm pretrained_cfg': {
    plain: data,
    describe: (values) => describedByTimm({ ...timm, pretrained_cfg: values }),
  },
  'timm flat': { plain: flat, describe: describedByTimm },
  'timm model_args': {
    plain: args,
    describe: (values) => describedByTimm({ ...timm, model_args: values }),
  },
  source: {
    plain: source,
    describe: (values) => read(files.source, (weights) => describeSource(of('config.json', values), weights)), // prettier-ignore
  },
};

const of = (file: string, values: Values) => new Fields(join(root, file), values);

function read<T>(file: string, describe: (weights: WeightSource) => T): T {
  using weights = new WeightSource([file]);
  return describe(weights);
}

function describedByTimm(values: Values): unknown {
  return read(files.timm, (weights) => describeTimm(of('config.json', values), weights));
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `label ${i}`);
const table = (of: string[]) => Object.fromEntries(of.map((name, i) => [i, name]));
const turned = (of: string[]) => Object.fromEntries(of.map((name, i) => [name, i]));

/** Another value of each used field: it changes what comes out, or is refused with its name. */
const others: Record<string, unknown> = {
  model_type: 'deit', hidden_size: 48, num_hidden_layers: 1, num_attention_heads: 5, intermediate_size: 7, hidden_act: 'relu',
  layer_norm_eps: 1e-3, image_size: [side, 2 * side], patch_size: [8, 4], num_channels: 1, qkv_bias: false, id2label: table(names(classes)),
  label2id: turned(names(classes)), num_labels: 9, problem_type: 'multi_label_classification', mlp_ratio: 9,
  image_processor_type: 'LevitImageProcessor', feature_extractor_type: 'LevitFeatureExtractor', do_resize: false, size: { height: 24, width: 24 },
  resample: 3, do_rescale: false, rescale_factor: 1, do_center_crop: true, crop_size: { height: 16, width: 16 }, crop_pct: 0.5, do_normalize: false,
  image_mean: [0.1, 0.2, 0.3], image_std: [0, 1, 1], architecture: 'vit_base_patch16_rpn_224', num_classes: 9, global_pool: 'avg',
  model_args: { num_heads: 2 }, label_names: names(classes), pretrained_cfg: { crop_pct: 0.5 }, input_size: [3, 16, 16], interpolation: 'lanczos',
  crop_mode: 'squash', mean: [0.1, 0.2, 0.3], std: [0, 1, 1], license: 'mit', num_heads: 2, act_layer: 'relu', norm_layer: 'rmsnorm', img_size: 16,
  in_chans: 1, embed_dim: 48, depth: 9, class_token: false, reg_tokens: 4, pre_norm: true, fc_norm: true, in_ch: 1, emb_dim: 48, ff_dim: 7,
  num_layers: 1, activation: 'relu', norm: 'pre', labels: names(classes), default_to_square: false,
}; // prettier-ignore

/** Fields that decide something only beside others: what else stands in the file then. */
const beside: Record<string, Values> = {
  'huggingface mlp_ratio': { model_type: 'dinov2' },
  'huggingface use_swiglu_ffn': { model_type: 'dinov2' },
  'huggingface num_register_tokens': { model_type: 'dinov2_with_registers' },
  'preprocessor default_to_square': { size: side, do_center_crop: true, crop_size: side },
  'preprocessor feature_extractor_type': { image_processor_type: null },
  'preprocessor do_center_crop': { crop_size: { height: 16, width: 16 }, do_center_crop: false },
  'timm label_descriptions': { label_names: names(classes) },
  'timm flat label_descriptions': { label_names: names(classes) },
  'timm pretrained_cfg label_descriptions': { label_names: names(classes) },
  'timm crop_mode': {},
  'timm pretrained_cfg crop_mode': { crop_pct: 0.5 },
  'timm flat crop_mode': { crop_pct: 0.5 },
  'timm model_args global_pool': {},
};
/** Decide something only for tensors or families that this small model is not; their own tests hold them. */
const elsewhere = new Set([
  'huggingface mlp_ratio', 'huggingface use_swiglu_ffn', 'huggingface num_register_tokens',
  'timm model_type', 'timm id2label', 'timm label2id', 'timm num_labels', 'timm problem_type', 'timm model_args global_pool',
]); // prettier-ignore

function outcome(format: Format, values: Values): string {
  try {
    return JSON.stringify(describedBy(format).describe(values));
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

/** CLIP's formats are read with both towers (their own test has them); here they are held to the table alone. */
function describedBy(format: Format) {
  const tableAlone = (values: Values) => {
    checkFields(format, of('config.json', values));
    return {};
  };
  return formats[format] ?? { plain: {}, describe: tableAlone };
}

const counts = { used: 0, harmless: 0, refused: 0 };

for (const format of Object.keys(fields) as Format[])
  test(`every field of ${format} does what the table says`, () => {
    const { plain } = describedBy(format);
    const usual = outcome(format, plain);
    assert.match(usual, /^\{/, `${format}: the plain configuration describes a model`);
    for (const [name, use] of Object.entries(fields[format])) {
      const what = `${format} ${name}`;
      if (use === 'harmless') {
        counts.harmless++;
        assert.equal(outcome(format, { ...plain, [name]: 'odd' }), usual, `${what} changes nothing`);
      } else if (use === 'used') {
        counts.used++;
        if (elsewhere.has(what) || !formats[format]) continue;
        const other = name === 'label_descriptions' ? { 'label 0': 'a word' } : others[name];
        assert.notEqual(other, undefined, `${what}: give this test another value of it`);
        const before = outcome(format, { ...plain, ...beside[what] });
        const changed = outcome(format, { ...plain, ...beside[what], [name]: other });
        assert.notEqual(changed, before, `${what} decides something`);
      } else {
        counts.refused++;
        for (const accepted of use.refusedUnless)
          assert.equal(outcome(format, { ...plain, [name]: accepted }), usual, `${what}: ${JSON.stringify(accepted)} is taken`); // prettier-ignore
        const found = outcome(format, { ...plain, [name]: 'odd' });
        assert.ok(found.startsWith('unknown-field') && found.includes(`"${name}"`), `${what}: ${found}`);
      }
    }
    const unknown = outcome(format, { ...plain, wobble: 1 });
    assert.ok(unknown.startsWith('unknown-field') && unknown.includes('"wobble"'), unknown);
  });

test('the table is counted', (t) => {
  t.diagnostic(`used ${counts.used}, harmless ${counts.harmless}, refused ${counts.refused}`);
  assert.ok(counts.used > 70 && counts.harmless > 100 && counts.refused > 30);
});
