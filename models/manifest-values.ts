/** What `model.json` is written in, apart from its schema: no code of zod comes along where only these are used. */
/** Pillow's filters, at the numbers they have in PIL.Image.Resampling. */
export const interpolations = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;
export type Interpolation = (typeof interpolations)[number];

/** A model's or a head's id, which is its folder's name. */
export const modelIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
