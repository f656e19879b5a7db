/**
 * `model.json`: everything Saccade knows about an installed model. Nothing about a model is written
 * anywhere else in the code. Its schema: manifest-schema.ts.
 */
import type { z } from 'zod';
import type { VitConfig } from './config.ts';
import type {
  assumption,
  doubt,
  label,
  manifestSchema,
  patchGrid,
  preprocessing,
} from './manifest-schema.ts';

/** How a photo becomes the model's input, in this order: resize, crop, divide by 255, subtract mean, divide by std. */
export type Preprocessing = z.infer<typeof preprocessing>;

/** One class. */
export type Label = z.infer<typeof label>;

/** Of a class; one without a name, or with an empty one, is called by its number. */
export function labelAt(labels: readonly Label[], index: number): Label {
  const label = labels[index];
  return label?.name.trim() ? label : { ...label, id: label?.id || String(index), name: `class ${index}` };
}

/** Patches in the input, row by row; index = row · columns + column. */
export type PatchGrid = z.infer<typeof patchGrid>;

/** When to say "unsure" instead of naming a class. */
export type Doubt = z.infer<typeof doubt>;

/** What an import takes by custom where nothing says it. */
export type Assumption = z.infer<typeof assumption>;

export type ModelManifest = z.infer<typeof manifestSchema>;

/** Whether a model has a text tower. */
export function readsText({ kind, architecture }: ModelManifest): boolean {
  return kind === 'vit' && (architecture as unknown as VitConfig).text !== undefined;
}
