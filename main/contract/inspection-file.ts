/** What a file of an inspection holds, whoever writes it. */
import type { Writable } from '../../models/weights/encode-safetensors.ts';
import type { Inspection } from './entities/inspection.ts';

/** Everything the inspection has, under the names of docs/command-line.md; what the model can't give is left out. */
export function inspectionTensors(inspection: Inspection): Writable {
  const { layers, heads, grid, contribution } = inspection;
  const patches = grid ? grid.rows * grid.columns : 0;
  const tensors: Writable = {
    logits: { shape: [inspection.logits.length], data: inspection.logits },
    feature: { shape: [inspection.clsFeature.length], data: inspection.clsFeature },
  };
  if (inspection.clsAttention)
    tensors['cls_attention'] = { shape: [layers, heads, patches], data: inspection.clsAttention };
  if (inspection.rollout) tensors['rollout'] = { shape: [patches], data: inspection.rollout };
  if (contribution) {
    tensors['class_map'] = { shape: [layers, patches], data: contribution.patches };
    tensors['class_special'] = { shape: [layers], data: contribution.special };
    tensors['class_mlp'] = { shape: [layers], data: contribution.mlp };
    tensors['class_bias'] = { shape: [layers], data: contribution.bias };
    tensors['class_start'] = { shape: [1], data: Float32Array.of(contribution.start) };
    tensors['class_head'] = { shape: [1], data: Float32Array.of(contribution.head) };
  }
  return tensors;
}

/** safetensors metadata holds strings: what is not one is JSON. */
export function inspectionMetadata(inspection: Inspection, preprocessing: unknown): Record<string, string> {
  const { model, placement, photo, seen, grid, contribution, predictions, absent } = inspection;
  const { attentionOf, rolloutOptions, head } = inspection;
  return {
    made_by: 'Saccade',
    model,
    ...(head !== null && { head }),
    provider: placement.provider,
    precision: placement.precision,
    photo: JSON.stringify(photo),
    seen: JSON.stringify(seen),
    attention_of: attentionOf,
    rollout: JSON.stringify(rolloutOptions),
    grid: JSON.stringify(grid),
    ...(preprocessing !== undefined && { preprocessing: JSON.stringify(preprocessing) }),
    ...(contribution && { class_index: String(contribution.classIndex) }),
    labels: JSON.stringify(
      predictions.map(({ index, label, probability }) => ({ index, label: label.name, probability })),
    ),
    absent: JSON.stringify(absent),
  };
}
