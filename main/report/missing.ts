/** Cells of a table that programs write where they have no value. */

/** What pandas, and so Hugging Face's datasets, reads as none (`na_values` of `read_csv`); the empty one not among them. */
const words: ReadonlySet<string> = new Set(
  '#N/A;#N/A N/A;#NA;-1.#IND;-1.#QNAN;-NaN;-nan;1.#IND;1.#QNAN;<NA>;N/A;NA;NULL;NaN;None;n/a;nan;null'.split(
    ';',
  ),
);

export const saysMissing = (cell: string): boolean => words.has(cell);
