import type { Ablated, SmallestPart } from '../../main/contract/entities/trial.ts';
import type { Baseline } from '../../main/contract/values.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { recall, remember } from '../state/remembered.ts';
import { between, brushed, strongest, type Cell, type Grid } from './brush.ts';

/** What is tried on, as the inspector knows it. */
export interface Tried {
  photoId: number;
  /** Whose labels: null, what the model came with; undefined, those in use. */
  headId: number | null | undefined;
  grid: Grid;
  classIndex: number | null;
  /** [N], null where the model can't give it. */
  evidence: Float32Array | null;
}

/** What a stroke does: takes away, puts back, or keeps what it covers of a photo that was whole. */
export type Brush = 'away' | 'back' | 'only';

interface State {
  without: ReadonlySet<number>;
  /** Layer and head as `layer head`. */
  headsOff: ReadonlySet<string>;
}
const nothing: State = { without: new Set(), headsOff: new Set() };
/** Of all patches, that one press takes: about a brush stroke. */
const strongestShare = 0.05;

/** What the photo is called without a part of it, or the model without some of its heads; asked while one draws. */
export class Trial {
  readonly #bridge: Bridge;
  readonly #tried: () => Tried | null;
  #state = $state.raw<State>(nothing);
  #before: State[] = $state.raw([]);
  #after: State[] = $state.raw([]);
  #baseline = $state<Baseline>(recall<Baseline>('eraser-baseline', 'drop'));
  brush: Brush = $state('away');
  size: 1 | 3 | 5 = $state(1);
  #answer = $state.raw<Ablated | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** The answer is to a question before this one. */
  stale = $state(false);
  /** The part that was found; null once anything has changed. */
  smallest = $state.raw<SmallestPart | null>(null);
  searching = $state(false);
  #inFlight = false;
  /** Counts questions: only the last one's answer is the present one's. */
  #asked = 0;
  #stroke: { from: Cell; before: State; restoring: boolean } | null = null;

  constructor(bridge: Bridge, tried: () => Tried | null) {
    this.#bridge = bridge;
    this.#tried = tried;
  }

  get without(): ReadonlySet<number> {
    return this.#state.without;
  }
  get headsOff(): ReadonlySet<string> {
    return this.#state.headsOff;
  }
  /** Something is left out, so that the answer is not the whole photo's. */
  get active(): boolean {
    return this.#state.without.size > 0 || this.#state.headsOff.size > 0;
  }
  /** Null until the first has come. */
  get answer(): Ablated | null {
    return this.active ? this.#answer : null;
  }
  get baseline(): Baseline {
    return this.#baseline;
  }
  set baseline(baseline: Baseline) {
    this.#baseline = baseline;
    remember('eraser-baseline', baseline);
    this.smallest = null;
    void this.#ask();
  }
  nextBaseline(): void {
    this.baseline = ({ drop: 'blur', blur: 'grey', grey: 'drop' } as const)[this.#baseline];
  }
  get canUndo(): boolean {
    return this.#before.length > 0;
  }
  get canRedo(): boolean {
    return this.#after.length > 0;
  }

  /** Another photo, or it is put away. */
  reset(): void {
    this.#asked++;
    this.#state = nothing;
    this.#before = this.#after = [];
    this.#stroke = this.#answer = this.failure = this.smallest = null;
    this.stale = this.searching = false;
  }
  /** Another class is explained, or another model or head answers. */
  again(): void {
    this.smallest = null;
    void this.#ask();
  }

  /** One act that can be undone. */
  #do(state: State): void {
    this.#before = [...this.#before, this.#state];
    this.#after = [];
    this.#show(state);
  }
  #show(state: State): void {
    this.#state = state;
    this.smallest = null;
    void this.#ask();
  }
  undo(): void {
    const before = this.#before.at(-1);
    if (!before) return;
    this.#before = this.#before.slice(0, -1);
    this.#after = [...this.#after, this.#state];
    this.#show(before);
  }
  redo(): void {
    const after = this.#after.at(-1);
    if (!after) return;
    this.#after = this.#after.slice(0, -1);
    this.#before = [...this.#before, this.#state];
    this.#show(after);
  }

  #brushed(patches: number[], restoring: boolean): State {
    const without = new Set(this.#state.without);
    for (const patch of patches) {
      if (restoring) without.delete(patch);
      else without.add(patch);
    }
    return { ...this.#state, without };
  }
  /** All gone but some. */
  #only({ rows, columns }: Grid, kept: ReadonlySet<number>): State {
    const all = Array.from({ length: rows * columns }, (_, i) => i);
    return { ...this.#state, without: new Set(all.filter((patch) => !kept.has(patch))) };
  }
  /** Begins, or goes on with, a stroke. `other`: does the opposite of what the brush does. */
  drawTo(cell: Cell, other = false): void {
    const grid = this.#tried()?.grid;
    if (!grid) return;
    const begins = this.#stroke === null;
    const stroke = (this.#stroke ??= {
      from: cell,
      before: this.#state,
      restoring: (this.brush !== 'away') !== other,
    });
    if (begins && this.brush === 'only' && stroke.restoring && !this.#state.without.size)
      this.#state = this.#only(grid, new Set());
    const patches = between(stroke.from, cell).flatMap((at) => brushed(at, this.size, grid));
    stroke.from = cell;
    const state = this.#brushed(patches, stroke.restoring);
    if (state.without.size !== this.#state.without.size) this.#show(state);
  }
  endStroke(): void {
    const stroke = this.#stroke;
    this.#stroke = null;
    if (!stroke || stroke.before === this.#state) return;
    this.#before = [...this.#before, stroke.before];
    this.#after = [];
  }
  /** A stroke of one cell, by keys: takes away what is there and puts back what is not. */
  toggle(cell: Cell): void {
    const grid = this.#tried()?.grid;
    if (!grid) return;
    const patches = brushed(cell, this.size, grid);
    if (this.brush === 'only' && !this.#state.without.size)
      return this.#do(this.#only(grid, new Set(patches)));
    const gone = this.#state.without.has(cell.row * grid.columns + cell.column);
    this.#do(this.#brushed(patches, gone));
  }
  invert(): void {
    const grid = this.#tried()?.grid;
    if (!grid) return;
    this.#do(this.#only(grid, this.#state.without));
  }
  clear(): void {
    if (this.active) this.#do(nothing);
  }
  /** What speaks for the label most, of what is still there. */
  eraseStrongest(): void {
    const evidence = this.#tried()?.evidence;
    if (!evidence) return;
    const count = Math.max(1, Math.round(evidence.length * strongestShare));
    this.#do(this.#brushed(strongest(evidence, this.#state.without, count), false));
  }
  /** Keeps the smallest part that is still called so. */
  async keepSmallest(): Promise<void> {
    const tried = this.#tried();
    if (!tried || this.searching) return;
    const turn = ++this.#asked;
    this.searching = true;
    this.failure = null;
    const { photoId, headId, classIndex, grid } = tried;
    const answer = await this.#bridge.ask('inspect.smallestPart', {
      photoId,
      headId,
      classIndex,
      baseline: this.#baseline,
    });
    if (turn !== this.#asked) {
      // Something else was tried meanwhile; another photo has put an end to it already.
      if (this.#tried()?.photoId === photoId) this.searching = false;
      return;
    }
    this.searching = false;
    if (!answer.ok) {
      this.failure = answer.error;
      return;
    }
    const { without } = this.#only(grid, new Set(answer.value.kept));
    this.#do({ headsOff: new Set(), without });
    this.smallest = answer.value;
  }

  isOff(layer: number, head: number): boolean {
    return this.#state.headsOff.has(`${layer} ${head}`);
  }
  allHeadsOn(): void {
    this.#do({ ...this.#state, headsOff: new Set() });
  }
  /** Switches heads of a layer off, or on again where all of them are off. */
  toggleHeads(layer: number, heads: readonly number[]): void {
    const names = heads.map((head) => `${layer} ${head}`);
    const headsOff = new Set(this.#state.headsOff);
    const off = names.every((name) => headsOff.has(name));
    for (const name of names) {
      if (off) headsOff.delete(name);
      else headsOff.add(name);
    }
    this.#do({ ...this.#state, headsOff });
  }

  /** One question at a time, always the latest: those between are never asked. */
  async #ask(): Promise<void> {
    this.#asked++;
    this.stale = this.active;
    this.searching = false;
    if (this.#inFlight) return;
    this.#inFlight = true;
    try {
      for (let turn = -1; turn !== this.#asked && this.active;) {
        const tried = this.#tried();
        if (!tried) return;
        turn = this.#asked;
        const { photoId, headId, classIndex } = tried;
        const { without, headsOff } = this.#state;
        const answer = await this.#bridge.ask('inspect.ablate', {
          photoId,
          headId,
          classIndex,
          baseline: this.#baseline,
          without: [...without],
          headsOff: [...headsOff].map((name) => name.split(' ').map(Number) as [number, number]),
        });
        if (this.#tried()?.photoId !== photoId) continue;
        // An answer that is overtaken shows what one draws, dimmed, rather than what was there long before.
        if (answer.ok) this.#answer = answer.value;
        if (turn !== this.#asked) continue;
        this.failure = answer.ok ? null : answer.error;
        if (!answer.ok) this.#answer = null;
        this.stale = false;
      }
    } finally {
      this.#inFlight = false;
    }
  }
}
