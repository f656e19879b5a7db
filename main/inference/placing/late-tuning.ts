/** A model whose batch and streams nobody has measured yet: begins with what is safe and is measured beside the run. */
import type { ClassifyAnswer } from '../../contract/inference.ts';
import type { Placement } from '../../contract/entities/placement.ts';

/** Of computing. What is over sooner would wait longer for the measurement than it could gain by it. */
const worthMeasuringMs = 1000;
/** More photos at once are as fast on few machines only. */
const mostUnmeasured = 8;
/** One run should not keep an open window waiting longer. */
export const longestRunMs = 300;

/** A loaded model, as far as this concerns it. */
interface Tuned {
  readonly placement: Placement;
  /** Photos in one run. */
  batch: number;
}

export class LateTuning {
  readonly #model: Tuned;
  readonly #measure: () => Promise<unknown>;
  readonly #calm: () => boolean;
  #computedMs = 0;
  #measured: Promise<unknown> | null = null;

  /**
   * `measure` sets batch and streams of `model`; what keeps it from that costs speed alone. It is put off until it is
   * `calm`: it takes turns of its own, for which a person would wait, and whose questions it would count as slowness.
   */
  constructor(model: Tuned, measure: () => Promise<unknown>, calm: () => boolean) {
    this.#model = model;
    this.#measure = measure;
    this.#calm = calm;
  }

  /**
   * A batch of a run. While the model is measured the next ones wait: they would be measured with it. Between batches
   * it may change over, because neither batch nor streams are part of what a result is kept under.
   */
  async beside(work: () => Promise<ClassifyAnswer>): Promise<ClassifyAnswer> {
    await this.#measured;
    const answer = await work();
    if (this.#measured) return answer;
    this.#grow(answer);
    this.#computedMs += answer.timing.runMs;
    if (this.#computedMs >= worthMeasuringMs && this.#calm())
      this.#measured = this.#measure().catch(() => {});
    return { ...answer, placement: this.#model.placement };
  }

  /** Twice as many photos at once, where that is sure to stay short. */
  #grow({ results, timing }: ClassifyAnswer): void {
    const { batch, fallback } = this.#model.placement;
    if (fallback !== undefined || results.length < batch || batch >= mostUnmeasured) return;
    if (2 * timing.runMs <= longestRunMs) this.#model.batch = 2 * batch;
  }

  /** Resolves when it is not measured just now. */
  async idle(): Promise<void> {
    await this.#measured;
  }
}
