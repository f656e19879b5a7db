/** Which of an inspection's maps is shown, taken out of its tensors. Pure. */
import { attentionMap, contributionMap, type HeadChoice } from '../../models/overlay/inspection.ts';
import { extent } from '../../models/overlay/normalise.ts';
import { unpackMap } from '../../models/overlay/stored.ts';
import { rankCorrelation, standardisedSum } from '../../models/overlay/measured.ts';
import type { Inspection, StoredMap } from '../../main/contract/entities/inspection.ts';
import type { MapMethod, ShownMethod } from '../../main/contract/values.ts';

export type { ShownMethod } from '../../main/contract/values.ts';

export interface MapChoice {
  method: ShownMethod;
  /** For `cls`: another token's rows [L, H, N]; absent or null: those of the inspection. */
  attention?: Float32Array | null;
  /** For `measured` and `thorough`: what was measured so far, [N]. */
  measured?: Float32Array | null;
  /** For `cls`; counted from 0. */
  layer: number;
  head: HeadChoice;
  /** For `class`: first and last layer summed, counted from 0. */
  layers: readonly [number, number];
}

export interface ShownMap {
  method: ShownMethod;
  values: Float32Array;
  rows: number;
  columns: number;
  /** Has evidence against as well as for. */
  signed: boolean;
  /** What `layers` of a stored map would say. */
  layers: [number, number];
  head: HeadChoice;
}

/** In the order offered. */
export const mapMethods: readonly ShownMethod[] = ['class', 'cls', 'rollout', 'measured', 'thorough'];

/** Those the inspection has, in the order offered. */
export function methodsOf(inspection: Inspection, measured: Float32Array | null = null): ShownMethod[] {
  if (!inspection.grid) return [];
  const { contribution, clsAttention, rollout } = inspection;
  const has = {
    class: contribution,
    cls: clsAttention,
    rollout,
    measured,
    thorough: measured && contribution,
  };
  return mapMethods.filter((method) => has[method] !== null);
}

/** Of those that one look gives. */
function quickMethods(methods: readonly ShownMethod[]): MapMethod[] {
  return methods.filter((method) => method !== 'measured' && method !== 'thorough');
}

/** Null where the inspection has no such map. */
export function shownMap(inspection: Inspection, choice: MapChoice): ShownMap | null {
  const { grid, layers: depth, heads } = inspection;
  if (!grid) return null;
  const { rows, columns } = grid;
  const patches = rows * columns;
  const base = { method: choice.method, rows, columns, head: choice.head };
  const inside = (layer: number) => Math.min(depth - 1, Math.max(0, layer));
  const { measured = null } = choice;
  if (choice.method === 'measured' && measured)
    return { ...base, values: measured, signed: true, layers: [0, depth - 1] };
  if (choice.method === 'thorough' && measured && inspection.contribution) {
    const evidence = contributionMap(inspection.contribution.patches, patches, [0, depth - 1]);
    return { ...base, values: standardisedSum(evidence, measured), signed: true, layers: [0, depth - 1] };
  }
  if (choice.method === 'cls' && inspection.clsAttention) {
    const layer = inside(choice.layer);
    const values = attentionMap(
      choice.attention ?? inspection.clsAttention,
      { heads, patches },
      layer,
      typeof choice.head === 'number' ? Math.min(choice.head, heads - 1) : choice.head,
    );
    return { ...base, values, signed: false, layers: [layer, layer] };
  }
  if (choice.method === 'rollout' && inspection.rollout)
    return { ...base, values: inspection.rollout, signed: false, layers: [0, depth - 1] };
  if (choice.method === 'class' && inspection.contribution) {
    const layers: [number, number] = [inside(choice.layers[0]), inside(choice.layers[1])];
    const values = contributionMap(inspection.contribution.patches, patches, layers);
    return { ...base, values, signed: true, layers };
  }
  return null;
}

/** How well each quick map agrees with the measured one, patch by patch: rank correlation. */
export function agreement(
  inspection: Inspection,
  measured: Float32Array,
): { method: MapMethod; value: number }[] {
  const last = Math.max(0, inspection.layers - 1);
  const choice = { layer: last, head: 'mean', layers: [0, last] } as const;
  return quickMethods(methodsOf(inspection)).map((method) => {
    const map = shownMap(inspection, { method, ...choice });
    return { method, value: map ? rankCorrelation(map.values, measured) : NaN };
  });
}

/** A map that a run has stored, as it is shown; null: another one is chosen. */
export function storedAsShown(
  stored: StoredMap,
  chosen: {
    method: ShownMethod;
    layer: number | null;
    layers: readonly [number, number] | null;
    head: HeadChoice;
  },
): ShownMap | null {
  const { method, rows, columns, layers } = stored;
  const span =
    method === 'cls' && chosen.layer !== null ? ([chosen.layer, chosen.layer] as const) : chosen.layers;
  if (chosen.method !== method || (method === 'cls' && chosen.head !== 'mean')) return null;
  if (span && (span[0] !== layers[0] || span[1] !== layers[1])) return null;
  return {
    method,
    values: unpackMap(stored),
    rows,
    columns,
    signed: method === 'class',
    layers,
    head: 'mean',
  };
}

/** Whether numbers of a stored map mean the same as those of the map shown. */
function comparable(shown: ShownMap, stored: StoredMap): boolean {
  const sameHeads = shown.method !== 'cls' || shown.head === 'mean';
  return (
    sameHeads &&
    stored.method === shown.method &&
    stored.layers[0] === shown.layers[0] &&
    stored.layers[1] === shown.layers[1]
  );
}

/** Extent of the stored maps that can be compared with the one shown, and how many they are. */
export function listRange(
  shown: ShownMap,
  stored: readonly (StoredMap | null)[],
): { range: [number, number]; photos: number } | null {
  const maps = stored.filter((map): map is StoredMap => map !== null && comparable(shown, map));
  if (maps.length < 2) return null;
  const ends = maps.flatMap((map) => {
    const [low, high] = extent(map.bytes);
    return [map.offset + map.scale * low, map.offset + map.scale * high];
  });
  return { range: extent([...ends, ...extent(shown.values)]), photos: maps.length };
}
