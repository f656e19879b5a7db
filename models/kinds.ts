/**
 * - `classify`: what runs use; `inspect`: everything about the answer to one photo;
 * - `ablate`: what is answered of a part of one photo; `attend`: where one token looked. No `map` of these.
 */
export type GraphKind = 'classify' | 'inspect' | 'ablate' | 'attend';
