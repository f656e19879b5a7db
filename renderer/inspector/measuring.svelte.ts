import type { Fields } from '../../main/contract/values.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { emptyTally, measuredMap, tallied, type Tally } from '../../models/overlay/measured.ts';
import { recall, remember } from '../state/remembered.ts';
import type { Tried } from './trial.svelte.ts';

/** Passes of one question: few enough that the picture grows before one's eyes. */
const together = 16;
/** Fewer say nothing about their own error. */
const fewest = 2 * together;

/** [N] each, logits. */
export interface MeasuredValues {
  values: Float32Array;
  errors: Float32Array;
}

/** A map that is measured pass by pass, drawn as it converges. Seeded: the same photo gives the same map again. */
export class Measuring {
  readonly #bridge: Bridge;
  readonly #tried: () => Tried | null;
  #fields = $state<Fields>(recall<Fields>('measured-fields', 'single'));
  #tally = $state.raw<Tally | null>(null);
  running = $state(false);
  failure = $state.raw<Failure | null>(null);
  /** Why patches are taken away otherwise than by leaving tokens out. */
  instead = $state<string | null>(null);
  #turn = 0;
  /** Whose map it is. */
  classIndex = $state<number | null>(null);
  wanted = $state(400);

  /** Null until there are enough passes. */
  readonly map: MeasuredValues | null = $derived.by(() => {
    if (!this.#tally || this.#tally.passes < fewest) return null;
    const map = measuredMap(this.#tally);
    return map.values.every(Number.isFinite) ? map : null;
  });
  /** Root of the mean squared standard error of a patch, logits. */
  readonly error: number | null = $derived(
    this.map && Math.sqrt(this.map.errors.reduce((sum, one) => sum + one * one, 0) / this.map.errors.length),
  );

  constructor(bridge: Bridge, tried: () => Tried | null) {
    this.#bridge = bridge;
    this.#tried = tried;
  }

  get passes(): number {
    return this.#tally?.passes ?? 0;
  }
  get fields(): Fields {
    return this.#fields;
  }
  set fields(fields: Fields) {
    this.#fields = fields;
    remember('measured-fields', fields);
    this.reset();
  }

  reset(): void {
    this.#turn++;
    this.#tally = this.failure = this.instead = this.classIndex = null;
    this.running = false;
  }
  /** Keeps what was measured. */
  stop(): void {
    this.#turn++;
    this.running = false;
  }

  /** Goes on to `wanted` passes; after that, as many again. */
  async start(): Promise<void> {
    const tried = this.#tried();
    if (!tried || this.running) return;
    const turn = ++this.#turn;
    const { photoId, headId, classIndex, grid } = tried;
    this.running = true;
    this.failure = null;
    if (this.classIndex !== classIndex) this.#tally = null;
    this.classIndex = classIndex;
    let tally = this.#tally ?? emptyTally(grid.rows * grid.columns);
    const end = (Math.floor(tally.passes / this.wanted) + 1) * this.wanted;
    while (tally.passes < end) {
      const answer = await this.#bridge.ask('inspect.measureMap', {
        photoId,
        headId,
        classIndex,
        fields: this.#fields,
        seed: 0,
        from: tally.passes,
        passes: Math.min(together, end - tally.passes),
        baseline: 'drop',
      });
      if (turn !== this.#turn) return;
      if (!answer.ok) {
        this.failure = answer.error;
        break;
      }
      tally = this.#tally = tallied(tally, answer.value.scores, answer.value.kept);
      this.instead = answer.value.instead;
    }
    this.running = false;
  }
}
