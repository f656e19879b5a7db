/** Patches and heads as people write them: counted from 1, rows before columns, layers before heads. */
import { InvalidArgumentError } from 'commander';
import type { PatchGrid } from '../../models/manifest.ts';
import { SaccadeError } from '../../models/error.ts';

export interface Block {
  rows: readonly [number, number];
  columns: readonly [number, number];
}

const range = String.raw`([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?`;
const block = new RegExp(`^${range}:${range}$`);

/** `3:4` is one patch, `3-6:1-14` a block of them; several with commas between. */
export function blocks(text: string): Block[] {
  return text.split(',').map((word) => {
    const [, top, bottom, left, right] = block.exec(word.trim()) ?? [];
    if (!top || !left)
      throw new InvalidArgumentError(
        'Expected patches as ROW:COLUMN or ROW-ROW:COLUMN-COLUMN, counted from 1, with commas between.',
      );
    return { rows: [Number(top), Number(bottom ?? top)], columns: [Number(left), Number(right ?? left)] };
  });
}

/** `1.3` is head 3 of layer 1; several with commas between. [layer, head] counted from 0. */
export function headList(text: string): [number, number][] {
  return text.split(',').map((word) => {
    const [, layer, head] = /^([1-9]\d{0,2})\.([1-9]\d{0,2})$/.exec(word.trim()) ?? [];
    if (!layer || !head)
      throw new InvalidArgumentError('Expected heads as LAYER.HEAD, counted from 1, with commas between.');
    return [Number(layer) - 1, Number(head) - 1];
  });
}

/** Indices of the grid, ascending. @throws SaccadeError `no-such-patch` */
export function patchesIn(asked: readonly Block[], { rows, columns }: PatchGrid): number[] {
  const found = new Set<number>();
  for (const {
    rows: [top, bottom],
    columns: [left, right],
  } of asked) {
    if (Math.max(top, bottom) > rows || Math.max(left, right) > columns)
      throw new SaccadeError(
        'no-such-patch',
        `Expected rows of 1 to ${rows} and columns of 1 to ${columns}; found ${top}-${bottom}:${left}-${right}.`,
      );
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++) found.add((row - 1) * columns + column - 1);
  }
  return [...found].sort((a, b) => a - b);
}

/** A token: `3:4` a patch, `token:1` the first special one. */
export type TokenChoice = Block | { special: number };

export function token(text: string): TokenChoice {
  const special = /^token:([1-9]\d?)$/.exec(text)?.[1];
  if (special) return { special: Number(special) - 1 };
  const [one, ...more] = blocks(text);
  if (!one || more.length || one.rows[0] !== one.rows[1] || one.columns[0] !== one.columns[1])
    throw new InvalidArgumentError('Expected one patch as ROW:COLUMN, or token:NUMBER, counted from 1.');
  return one;
}
