/** Verbs about what a label looks at over many photos. */
import { z } from 'zod';
import type { CalledLabel, ComparedPhoto, LabelLooks, LooksStatus, UnusualPhoto } from './entities/looks.ts';
import { page, photoFilter } from './requests.ts';
import { id } from './values.ts';
import { library } from './verb.ts';

const nothing = z.strictObject({});
const asked = {
  /** Null: what the chosen model came with. */
  headId: id.nullable(),
  /** Index of its label. */
  label: z.int().nonnegative(),
  filter: photoFilter.optional(),
};
/** Whose maps are compared: those of a head of the chosen model, or of another model, each for its own first label. */
const mapJudge = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('head'), headId: id.nullable() }),
  z.strictObject({ by: z.literal('model'), modelId: z.string().max(128) }),
]);
export type MapJudge = z.infer<typeof mapJudge>;

export const looksVerbs = {
  /** Labels that a head gives photos first, those of most photos first. */
  'looks.labels': library<{ items: CalledLabel[] }>()(
    z.strictObject({ headId: asked.headId, filter: asked.filter, limit: z.int().min(1).max(1000) }),
  ),
  /** Where the evidence for a label lies over its photos, and the patches that speak most for it and against it. From maps that are known; computes none. */
  'looks.label': library<LabelLooks>()(z.strictObject({ ...asked, crops: z.int().min(0).max(200) })),
  /** Its photos by how much of their evidence lies where the label's usually does not, most first. */
  'looks.photos': library<{ items: UnusualPhoto[]; total: number; next: string | null }>()(
    z.strictObject({ ...asked, minimum: z.number().min(0).max(1).optional(), ...page }),
  ),
  /** Photos that two have maps of, those first whose maps differ most; `unknown`: photos of which one map is missing. */
  'looks.compare': library<{
    items: ComparedPhoto[];
    total: number;
    unknown: number;
    /** Of the correlations; null: nothing was compared. */
    median: number | null;
    next: string | null;
  }>()(z.strictObject({ one: mapJudge, other: mapJudge, filter: photoFilter.optional(), ...page })),
  /**
   * Starts looking at photos for maps that are not known, drawn at random, and keeps the maps; `looks.progress` events
   * follow. `label` null: of each photo for its own first label. Where all maps are known, a few photos are looked at
   * for what only a look tells (`special`). One at a time: asked for again, the one in hand is given up.
   */
  'looks.find': library<LooksStatus>()(
    z.strictObject({ ...asked, label: asked.label.nullable(), most: z.int().min(1).max(20_000) }),
  ),
  /** What was looked at is kept. */
  'looks.cancel': library<LooksStatus>()(nothing),
  'looks.status': library<LooksStatus>()(nothing),
};
