/** From stored and inspected maps to what the painter takes, and what they mean in words. */
import type { Inspection, StoredMap } from '../contract/entities/inspection.ts';
import type { MapMethod, ShownMethod } from '../contract/values.ts';
import { SaccadeError } from '../../models/error.ts';
import { defaultDiverging, defaultSequential, type ColourMapName } from '../../models/overlay/colours.ts';
import { attentionMap, contributionMap, type HeadChoice } from '../../models/overlay/inspection.ts';
import { assertDrawable, extent, rangeOf, type Normalisation } from '../../models/overlay/normalise.ts';
import type { Interpolation, PaintOptions } from '../../models/overlay/paint.ts';
import { unpackMap } from '../../models/overlay/stored.ts';

/** A map whose numbers are at hand. */
export interface DrawnMap {
  method: ShownMethod;
  /** [rows · columns] */
  values: Float32Array;
  rows: number;
  columns: number;
}

export interface DrawingChoice {
  normalisation: Normalisation;
  /** Of all photos shown together, for the `folder` scale. */
  folderRange?: [number, number];
  /** Null: the default of the map's kind. */
  colours: ColourMapName | null;
  opacity: number;
  interpolation: Interpolation;
  contour: boolean;
}

export const defaultDrawing: DrawingChoice = {
  normalisation: 'photo',
  colours: null,
  opacity: 0.6,
  interpolation: 'bicubic',
  contour: false,
};

export const meaning: Record<MapMethod, string> = {
  cls: 'Bright patches are those that the [CLS] token attended to in the last layer (in a model that averages its patches instead: the patches, on average). That they were looked at does not prove that they decided the label.',
  rollout:
    'Bright patches are those whose information could reach the [CLS] token through all layers. It is the same for every label and does not say what speaks for one.',
  class:
    'Orange patches raised the score of the first label, blue ones lowered it, as far as attention carried them directly; what the other layers made of them is not in the picture.',
};

/** Evidence and what is measured have a sign, attention has none. */
export function isSigned(method: ShownMethod): boolean {
  return method !== 'cls' && method !== 'rollout';
}

export function fromStored(map: StoredMap): DrawnMap {
  return { method: map.method, values: unpackMap(map), rows: map.rows, columns: map.columns };
}

/** Extent over several maps, for the `folder` scale. */
export function commonRange(maps: Iterable<Pick<DrawnMap, 'values'>>): [number, number] {
  let range: [number, number] = [Infinity, -Infinity];
  for (const { values } of maps) range = extent([...range.filter(Number.isFinite), ...extent(values)]);
  return range;
}

/** Throws a SaccadeError `map-not-drawable`. */
export function toPaint(map: DrawnMap, choice: DrawingChoice): Omit<PaintOptions, 'width' | 'height'> {
  assertDrawable(map.values, map.rows, map.columns);
  const signed = isSigned(map.method);
  return {
    values: map.values,
    rows: map.rows,
    columns: map.columns,
    range: rangeOf(map.values, signed, choice.normalisation, choice.folderRange),
    colours: choice.colours ?? (signed ? defaultDiverging : defaultSequential),
    opacity: choice.opacity,
    interpolation: choice.interpolation,
    contour: choice.contour,
  };
}

/**
 * One map out of an inspection. `layer` counts from 0, null: the last layer of `cls`, the sum over all of `class`;
 * `rollout` has neither layers nor heads. Throws a SaccadeError `map-absent` where the model has no such map,
 * `no-such-layer`, `no-such-head`.
 */
export function mapOf(
  inspection: Inspection,
  method: MapMethod,
  layer: number | null,
  head: HeadChoice,
): DrawnMap {
  const { grid, layers, heads } = inspection;
  if (!grid)
    throw new SaccadeError('map-absent', `${inspection.model} has no patches, so there is no map to draw.`);
  const size = grid.rows * grid.columns;
  const drawn = (values: Float32Array) => ({ method, values, rows: grid.rows, columns: grid.columns });
  const absent = () =>
    new SaccadeError(
      'map-absent',
      inspection.absent[method] ?? `${inspection.model} gives no map of the method "${method}".`,
    );
  if (layer !== null && !(layer >= 0 && layer < layers))
    throw new SaccadeError(
      'no-such-layer',
      `${inspection.model} has layers 1 to ${layers}; asked for ${layer + 1}.`,
    );
  if (typeof head === 'number' && !(head >= 0 && head < heads))
    throw new SaccadeError(
      'no-such-head',
      `${inspection.model} has heads 1 to ${heads}; asked for ${head + 1}.`,
    );
  if (method === 'rollout') {
    if (!inspection.rollout) throw absent();
    return drawn(inspection.rollout);
  }
  if (method === 'class') {
    const patches = inspection.contribution?.patches;
    if (!patches) throw absent();
    return drawn(contributionMap(patches, size, layer === null ? [0, layers - 1] : [layer, layer]));
  }
  if (!inspection.clsAttention) throw absent();
  return drawn(attentionMap(inspection.clsAttention, { heads, patches: size }, layer ?? layers - 1, head));
}
