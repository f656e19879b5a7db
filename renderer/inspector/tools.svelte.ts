import type { Cell, Grid } from './brush.ts';
import type { Looking } from './looking.svelte.ts';
import type { Overlay } from './overlay.svelte.ts';
import type { Trial } from './trial.svelte.ts';

/** The eraser, or asking a patch where it looks. */
export type Tool = 'eraser' | 'patch';

/** What tools work on. */
interface Bench {
  readonly inspection: { readonly grid: Grid | null } | null;
  readonly overlay: Overlay;
  readonly looking: Looking;
  readonly trial: Trial;
}

/** What the pointer and keys do on the photo. */
export class Tools {
  readonly #bench: Bench;
  /** Null: the pointer reads and pans. */
  inHand = $state<Tool | null>(null);
  #cursor = $state.raw<Cell | null>(null);
  /** A patch that somebody was led to, until another photo is opened or a tool is taken. */
  pointed = $state.raw<Cell | null>(null);

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** The patch that keys act on, while there is a tool. */
  get cursor(): Cell | null {
    return this.inHand ? this.#cursor : this.pointed;
  }
  get #grid(): Grid | null {
    return this.#bench.inspection?.grid ?? null;
  }

  /** Takes a tool, or puts it away where it is in hand. */
  take(tool: Tool | null): void {
    this.inHand = tool === this.inHand ? null : tool;
    this.pointed = null;
    if (!this.inHand) return;
    if (this.inHand === 'patch') this.#bench.overlay.draw({ method: 'cls', visible: true });
    const grid = this.#grid;
    if (grid) this.#cursor ??= { row: Math.floor(grid.rows / 2), column: Math.floor(grid.columns / 2) };
    if (this.inHand === 'patch' && !this.#bench.looking.query) this.mark();
  }
  moveCursor(x: number, y: number): void {
    const grid = this.#grid;
    if (!grid || !this.#cursor) return;
    const inside = (at: number, count: number) => Math.min(count - 1, Math.max(0, at));
    const { row, column } = this.#cursor;
    this.#cursor = { row: inside(row + y, grid.rows), column: inside(column + x, grid.columns) };
    if (this.inHand === 'patch') this.mark();
  }
  /** What the tool does to the patch under the cursor, or to the one that is pointed at. */
  mark(cell: Cell | null = this.#cursor): void {
    const grid = this.#grid;
    if (!cell || !grid) return;
    this.#cursor = cell;
    if (this.inHand === 'patch')
      void this.#bench.looking.ask({ patch: cell.row * grid.columns + cell.column });
    else if (this.inHand === 'eraser') this.#bench.trial.toggle(cell);
  }
}
