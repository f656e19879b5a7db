/**
 * What Saccade itself wrote into a packet, kept in it as one text property of a namespace of its own, so that it can be
 * told from what others wrote, and taken out, without a catalog.
 */
import { z } from 'zod';
import { type Packet, valuesOf } from './properties.ts';

const schema = z.object({
  /** Values of dc:subject, and of lr:hierarchicalSubject. */
  subject: z.array(z.string()),
  hierarchical: z.array(z.string()),
  /** Levels above those of `hierarchical` that dc:subject did not have. */
  higher: z.array(z.string()).optional(),
  rating: z.number().optional(),
  label: z.string().optional(),
  /** How lists that were there without a value were written. */
  before: z.object({ subject: z.string().optional(), hierarchical: z.string().optional() }).optional(),
  /** There was no rdf:Description. */
  bare: z.boolean().optional(),
  /** There was no file. */
  file: z.boolean().optional(),
});
export type Written = z.infer<typeof schema>;

export const markName = 'written';

/** Null: there is no mark, or nothing that this version reads. */
export function readMark(text: string): Written | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function markIn(packet: Packet): Written | null {
  const [mark] = valuesOf(packet, 'saccade', markName);
  return mark === undefined ? null : readMark(mark);
}
