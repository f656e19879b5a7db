import type { FaithfulnessCurve } from '../../main/contract/entities/inspection.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Measuring } from './measuring.svelte.ts';
import type { Overlay } from './overlay.svelte.ts';

/** Fewer passes give no map that a curve could be of. */
const fewestPasses = 4;

/** What curves are of. */
interface Subject {
  readonly photo: { readonly id: number } | null;
  readonly explained: number | null;
  /** Of which set of labels; null: what the model came with; undefined: of the one in use. */
  readonly headId: number | null | undefined;
  readonly overlay: Overlay;
  readonly measuringMap: Measuring;
}

/** Whether the maps of this photo are faithful to the prediction: deletion and insertion, beside chance. */
export class Curves {
  readonly #bridge: Bridge;
  readonly #of: Subject;
  measured = $state.raw<{ classIndex: number; curves: readonly FaithfulnessCurve[] } | null>(null);
  running = $state(false);
  failure = $state.raw<Failure | null>(null);
  #turn = 0;

  constructor(bridge: Bridge, of: Subject) {
    this.#bridge = bridge;
    this.#of = of;
  }

  async measure(steps: number): Promise<void> {
    const photoId = this.#of.photo?.id;
    if (photoId === undefined) return;
    this.reset();
    const turn = this.#turn;
    this.running = true;
    const { fields, passes } = this.#of.measuringMap;
    const answer = await this.#bridge.ask('inspect.faithfulness', {
      photoId,
      headId: this.#of.headId,
      methods: [...this.#of.overlay.methods, 'random'],
      steps,
      classIndex: this.#of.explained,
      measuring: passes >= fewestPasses ? { fields, passes, seed: 0 } : undefined,
    });
    if (turn !== this.#turn) return;
    this.running = false;
    if (answer.ok) this.measured = answer.value;
    else this.failure = answer.error;
  }
  reset(): void {
    this.#turn++;
    this.measured = this.failure = null;
    this.running = false;
  }
}
