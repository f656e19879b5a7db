/** Parts that the requests of several verbs share. */
import { z } from 'zod';
import { id, photoStatus, sortKey } from './values.ts';

const probability = z.number().min(0).max(1);

export const photoFilter = z.strictObject({
  folderId: id.optional(),
  labels: z.array(z.int().nonnegative()).max(1000).optional(),
  status: z.array(photoStatus).max(5).optional(),
  minProbability: probability.optional(),
  maxProbability: probability.optional(),
  own: z.boolean().optional(),
  person: z.array(z.string().min(1).max(200)).max(1000).optional(),
  cell: z.strictObject({ row: z.int().nonnegative(), column: z.int().nonnegative() }).optional(),
  search: z.string().max(500).optional(),
});
export const photoSort = z.strictObject({
  key: sortKey,
  descending: z.boolean(),
});
export const selection = z.union([
  z.strictObject({ ids: z.array(id).max(10_000) }),
  z.strictObject({ filter: photoFilter, except: z.array(id).max(10_000) }),
]);
export const page = { limit: z.int().min(1).max(500), cursor: z.string().max(2000).optional() };
