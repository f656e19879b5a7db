/**
 * - `classify`: what runs use; `inspect`: everything about the answer to one photo;
 * - `ablate`: what is answered of a part of one photo; `attend`: where one token looked. No `map` of these.
 */
export type GraphKind = 'classify' | 'inspect' | 'ablate' | 'attend';

export type GraphPrecision = 'fp32' | 'fp16' | 'int8';

/** Part of every result's key: raise it when a change to a graph may change answers. */
export const graphVersions: Record<GraphPrecision, number> = { fp32: 2, fp16: 2, int8: 3 };
