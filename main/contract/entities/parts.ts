/** Parts that several entities share. */
import { z } from 'zod';

/** How many of something. */
export const count = z.int().nonnegative();
/** 0 … 1 */
export const fraction = z.number().min(0).max(1);
/** Milliseconds since 1970. */
export const timeMs = z.number();
/** SPDX identifier, or the owner's own words; null: unknown. */
export const licence = z.string().nullable();

/** Height and width in pixels. */
export const size = z.strictObject({ height: count, width: count });

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
export const floats = z.custom<Float32Array>((value) => value instanceof Float32Array);
