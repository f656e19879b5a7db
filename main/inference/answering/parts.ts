/** What is answered of parts of one photo. */
import { readouts, type VitConfig } from '../../../models/config.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Baseline } from '../../contract/values.ts';
import { type LoadedModel, usualGraph } from '../placing/loaded-model.ts';
import type { GraphFacts } from '../placing/open-graphs.ts';
import type { Feeds } from '../runtime/inference-session.ts';
import { row } from '../runtime/outputs.ts';
import type { Answered } from './head-answers.ts';
import { copyPatch, replacement } from './replace.ts';

export interface Taking {
  /** How patches are taken away. */
  baseline: Baseline;
  /** [layer, head], counted from 0, that add nothing. */
  headsOff?: readonly (readonly [number, number])[];
}

export interface PartsAnswer {
  answers: Answered[];
  /** How they were taken away. */
  baseline: Baseline;
  /** Why otherwise than asked, as a sentence; null: as asked. */
  instead: string | null;
}

interface RunOptions {
  urgent?: boolean;
  signal?: AbortSignal;
}

/** Patches are indices of the grid. @throws SaccadeError `no-map` where the model has none */
export function patchesOf({ manifest: { grid, name } }: LoadedModel): {
  rows: number;
  columns: number;
  count: number;
} {
  if (!grid) throw new SaccadeError('no-map', `${name} has no patches that could be replaced.`);
  return { rows: grid.rows, columns: grid.columns, count: grid.rows * grid.columns };
}

/** The fewest patches there must be for an answer: none where [CLS] alone can give one. */
export function fewestPatches({ manifest }: LoadedModel): number {
  if (manifest.kind === 'onnx') return 0;
  return readouts(manifest.architecture as unknown as VitConfig).includes('mean') ? 1 : 0;
}

/**
 * One answer a set of `kept` patches. Where tokens can't be left out, patches are blurred instead, and that is told.
 * @throws SaccadeError `no-map`, `no-patches`, `no-heads-off`
 */
export async function answersOfParts(
  model: LoadedModel,
  pixelValues: Float32Array,
  sets: readonly (readonly number[])[],
  taking: Taking,
  options: RunOptions = {},
): Promise<PartsAnswer> {
  const { baseline } = taking;
  try {
    const run = baseline === 'drop' ? dropping : replacing;
    return { answers: await run(model, pixelValues, sets, taking, options), baseline, instead: null };
  } catch (error) {
    if (!(error instanceof SaccadeError) || error.code !== 'whole-only') throw error;
    const answers = await replacing(model, pixelValues, sets, { ...taking, baseline: 'blur' }, options);
    const instead = `${error.message} Patches are blurred instead of left out.`;
    return { answers, baseline: 'blur', instead };
  }
}

async function dropping(
  model: LoadedModel,
  pixelValues: Float32Array,
  sets: readonly (readonly number[])[],
  { headsOff = [] }: Taking,
  options: RunOptions,
): Promise<Answered[]> {
  const fewest = fewestPatches(model);
  if (sets.some((set) => set.length < fewest))
    throw new SaccadeError(
      'no-patches',
      `${model.manifest.name} answers from its patches themselves; expected at least one that stays, found none. Leave one.`,
    );
  const answers: Answered[] = [];
  // Sets of one size go together: their sequences are equally long.
  for (let from = 0; from < sets.length;) {
    let to = from + 1;
    const oneByOne = model.manifest.kind === 'onnx';
    while (!oneByOne && to < sets.length && sets[to]!.length === sets[from]!.length) to++;
    const together = sets.slice(from, to);
    await model.runParts(
      { kind: 'ablate' },
      together.length,
      (graph, start, size) =>
        feedsOf(model, graph, pixelValues, together.slice(start, start + size), headsOff),
      ({ outputs, size }) => {
        for (let i = 0; i < size; i++)
          answers.push({ logits: row(outputs, 'logits', i), feature: row(outputs, 'feature', i) });
      },
      options,
    );
    from = to;
  }
  return answers;
}

function feedsOf(
  model: LoadedModel,
  { tokens, whole, allHeads, layers, heads }: GraphFacts,
  pixelValues: Float32Array,
  sets: readonly (readonly number[])[],
  headsOff: NonNullable<Taking['headsOff']>,
): Feeds {
  const pixels = { pixel_values: model.pixels(pixelValues, 1) };
  const stay = new Float32Array(layers * heads).fill(1);
  for (const [layer, head] of headsOff) stay[layer * heads + head] = 0;
  const headMask = { type: 'float32', data: stay, dims: [layers, heads] } as const;
  if (model.manifest.kind === 'onnx') {
    if (headsOff.length && allHeads !== null) throw noHeadsOff(model, allHeads);
    const all = tokens !== null && sets[0]!.length === tokens.patches;
    if (!tokens || (whole !== null && !all)) throw new SaccadeError('whole-only', whole ?? '');
    const mask = new Float32Array(tokens.all).fill(1);
    mask.fill(0, tokens.first, tokens.first + tokens.patches);
    for (const patch of sets[0]!) mask[tokens.first + patch] = 1;
    return {
      ...pixels,
      ...(whole === null && { token_mask: { type: 'float32', data: mask, dims: [tokens.all] } }),
      ...(allHeads === null && { head_mask: headMask }),
    };
  }
  const kept = sets[0]!.length;
  return {
    ...pixels,
    kept: { type: 'int64', data: BigInt64Array.from(sets.flat(), BigInt), dims: [sets.length, kept] },
    head_mask: headMask,
  };
}

const noHeadsOff = ({ manifest }: LoadedModel, why: string) =>
  new SaccadeError(
    'no-heads-off',
    `Expected a graph whose heads can be told apart, for some to be switched off; found ${manifest.name}, an ONNX file that somebody else exported. ${why} Import its weights as safetensors.`,
  );

async function replacing(
  model: LoadedModel,
  pixelValues: Float32Array,
  sets: readonly (readonly number[])[],
  { baseline, headsOff = [] }: Taking,
  options: RunOptions,
): Promise<Answered[]> {
  const { manifest } = model;
  const { count, ...grid } = patchesOf(model);
  const by = replacement(pixelValues, baseline === 'grey' ? 'grey' : 'blur', manifest);
  const all = Array.from({ length: count }, (_, i) => i);
  const answers: Answered[] = [];
  const pictureOf = (kept: readonly number[]): Float32Array => {
    const picture = by.slice();
    for (const patch of kept) copyPatch(patch, pixelValues, picture, { input: manifest.input, grid });
    return picture;
  };
  if (headsOff.length) {
    for (const kept of sets)
      answers.push(
        ...(await dropping(model, pictureOf(kept), [all], { baseline: 'drop', headsOff }, options)),
      );
    return answers;
  }
  const one = pixelValues.length;
  await model.runParts(
    // Of the graph that runs use: one more would hold the weights once more.
    usualGraph(model),
    sets.length,
    (_, start, size) => {
      const pictures = new Float32Array(size * one);
      for (let i = 0; i < size; i++) pictures.set(pictureOf(sets[start + i]!), i * one);
      return { pixel_values: model.pixels(pictures, size) };
    },
    ({ outputs, size }) => {
      for (let i = 0; i < size; i++)
        answers.push({ logits: row(outputs, 'logits', i), feature: row(outputs, 'feature', i) });
    },
    options,
  );
  return answers;
}
