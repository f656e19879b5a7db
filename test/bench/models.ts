/**
 * One random Vision Transformer in both worlds: as timm safetensors for Saccade, and as transformers.js wants it
 * (`onnx/model.onnx`, `onnx/model_quantized.onnx`, Hugging Face configurations). Speed does not depend on the values.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VitConfig } from '../../models/config.ts';
import { importModel } from '../../models/import.ts';
import { Layers } from '../../models/layers.ts';
import type { Value } from '../../models/onnx/types.ts';
import { decodeModel, encodeModel } from '../../models/onnx/schema.ts';
import { quantizeColumns } from '../../models/quantize.ts';
import { variants } from '../../models/variants.ts';
import { Vit } from '../../models/vit.ts';
import { readVitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { writeTimm } from '../models/tiny.ts';

/** What ONNX Runtime's dynamic quantisation makes of a product, and so what a hub file's q8 holds. */
class DynamicLayers extends Layers {
  override project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    const { g } = this;
    const { data, scale } = quantizeColumns(weight, inputs, out);
    const [rounded, unit, zero] = g.node('DynamicQuantizeLinear', [x], {}, 3) as [Value, Value, Value];
    const w = g.tensor(g.scoped(`${name}.int8`), data, [inputs, out]);
    const middle = g.tensor(g.scoped(`${name}.zero`), new Int8Array(out), [out]);
    const product = g.float(g.op('MatMulInteger', [rounded, w, zero, middle]));
    const factor = g.mul(unit, g.tensor(g.scoped(`${name}.scale`), scale, [out]));
    return g.mul(product, factor);
  }
}

/** As exporters write it: every token through every block, weights in the file. */
function exported(Kind: typeof Layers, config: VitConfig, source: WeightSource): Uint8Array {
  const options = { type: 'float32', allRows: true } as const;
  const vit = new Vit(config, readVitWeights(source, config), options, new Kind(config, options));
  const logits = vit.classify(vit.read(vit.encode().tokens).feature);
  vit.g.output('logits', logits, 'float32', ['batch', config.classes]);
  const { model, externalData } = vit.g.finish('exported');
  const whole = decodeModel(model);
  const data = new Map(externalData.map((tensor) => [tensor.path, tensor.data]));
  for (const tensor of whole.graph?.initializer ?? []) {
    if (tensor.dataLocation !== 1) continue;
    tensor.rawData = data.get(tensor.name) ?? new Uint8Array();
    tensor.dataLocation = 0;
    tensor.externalData = [];
  }
  return encodeModel(whole);
}

export interface BenchModel {
  name: string;
  /** Installed for Saccade. */
  folder: string;
  /** For transformers.js, below its `localModelPath`. */
  hub: string;
}

export async function writeModel(root: string, variant: 'vit-tiny' | 'vit-base'): Promise<BenchModel> {
  const { width, depth, heads, patchSize, imageSize } = variants[variant]!;
  const installed = join(root, 'home', 'models');
  const folder = join(installed, variant);
  const hub = join(root, 'hub', variant);
  if (existsSync(join(hub, 'done'))) return { name: variant, folder, hub };
  rmSync(folder, { recursive: true, force: true });
  const shape = { width, depth, heads, patchSize, grid: imageSize / patchSize, classes: 1000, distillation: false, registers: 0, layerScale: false, activation: 'gelu' } as const; // prettier-ignore
  const checkpoint = writeTimm(join(root, 'checkpoint', variant), { ...shape, mlpRatio: 4, scale: 0.04 });
  const { manifest } = await importModel(checkpoint, installed, { name: variant });
  mkdirSync(join(hub, 'onnx'), { recursive: true });
  const config = manifest.architecture as unknown as VitConfig;
  {
    using source = new WeightSource([join(checkpoint, 'model.safetensors')]);
    writeFileSync(join(hub, 'onnx', 'model.onnx'), exported(Layers, config, source));
    writeFileSync(join(hub, 'onnx', 'model_quantized.onnx'), exported(DynamicLayers, config, source));
  }
  const id2label = Object.fromEntries(manifest.labels.map(({ name }, index) => [index, name]));
  const size = { height: imageSize, width: imageSize };
  const half = [0.5, 0.5, 0.5];
  const texts = {
    'config.json': {
      model_type: 'vit',
      architectures: ['ViTForImageClassification'],
      id2label,
      image_size: imageSize,
    },
    'preprocessor_config.json': { image_processor_type: 'ViTImageProcessor', do_resize: true, do_rescale: true, do_normalize: true, image_mean: half, image_std: half, resample: 3, rescale_factor: 1 / 255, size }, // prettier-ignore
  };
  for (const [file, value] of Object.entries(texts)) writeFileSync(join(hub, file), JSON.stringify(value));
  rmSync(checkpoint, { recursive: true });
  writeFileSync(join(hub, 'done'), '');
  return { name: variant, folder, hub };
}
