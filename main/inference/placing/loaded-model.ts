/** A model on a processor: what runs there, in turns, and what it does when memory runs out. */
import { SaccadeError } from '../../../models/error.ts';
import { mapGiven } from '../../../models/explain/maps.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import type { ResultKey } from '../../contract/inference.ts';
import type { ProviderName } from '../../contract/values.ts';
import type { Slots } from '../../schedule/slots.ts';
import { isOutOfMemory } from '../runtime/failures.ts';
import type { CreateSession, Feeds, InferenceSession, Outputs } from '../runtime/inference-session.ts';
import { providerTable } from '../runtime/providers.ts';
import type { LateTuning } from './late-tuning.ts';
import { type GraphFacts, type GraphSpec, type OpenGraph, OpenGraphs } from './open-graphs.ts';
import { resultKeyOf } from './result-key.ts';
import { computingFailed, elsewhere, withFewer, withoutStreams } from './with-less.ts';

/** What runs use unless they are asked for another map. */
export const usualGraph = ({ manifest }: LoadedModel): GraphSpec => ({
  kind: 'classify',
  map: manifest.grid && mapGiven(manifest, 'class'),
});

/** What `size` of what is run gave, from `start` on. */
interface RunPart {
  outputs: Outputs;
  graph: GraphFacts;
  start: number;
  size: number;
}

/** Of a run while a person asks: what comes next waits no longer than this for its turn. */
const shortRunMs = 50;

export class LoadedModel {
  readonly manifest: ModelManifest;
  readonly folder: string;
  readonly #graphs: OpenGraphs;
  readonly #queue: Slots;
  #placement: Placement;
  /** Where to go on when memory runs out even for one photo. */
  readonly #next: ProviderName[];
  /** The provider has no room even for one photo, and elsewhere another precision is due: a sentence. */
  exhausted: string | null = null;
  /** Null: what it runs with was chosen, or has been measured. */
  lateTuning: LateTuning | null = null;
  /** When the last run ended, in milliseconds of `performance.now()`. */
  lastRunEnd = 0;
  /** Of the last piece of a run; 0: none yet. */
  #msPerPhoto = 0;

  constructor(
    folder: string,
    manifest: ModelManifest,
    placement: Placement,
    parts: { create: CreateSession; queue: Slots; next: ProviderName[] },
  ) {
    this.folder = folder;
    this.manifest = manifest;
    this.#placement = placement;
    this.#graphs = new OpenGraphs(folder, manifest, parts.create, () => this.#placement);
    this.#queue = parts.queue;
    this.#next = [...parts.next];
  }

  get placement(): Placement {
    return { ...this.#placement };
  }

  set batch(batch: number) {
    this.#placement = { ...this.#placement, batch };
  }

  /** Lets go of sessions that were made for another number, between two batches. */
  setStreams(streams: number): Promise<void> {
    return this.#queue.run(() => this.#setStreams(streams));
  }

  async #setStreams(streams: number): Promise<void> {
    if (streams === (this.#placement.streams ?? 1)) return;
    // First: what is opened from now on has the new number.
    this.#placement = { ...withoutStreams(this.#placement), ...(streams > 1 ? { streams } : {}) };
    // Those that a person looks through are of one photo, and stay.
    await this.#graphs.release('classify');
  }

  /** Meanwhile graphs are kept that sessions are made of again and again. */
  trying<T>(work: () => Promise<T>): Promise<T> {
    return this.#graphs.keepingBuilt(work);
  }

  set fallback(fallback: string) {
    this.#placement = { ...this.#placement, fallback };
  }

  get resultKey(): ResultKey {
    return resultKeyOf(this.manifest, this.#placement.precision);
  }

  /** @throws SaccadeError of models/load.ts, `provider-unavailable` */
  graph(spec: GraphSpec): Promise<OpenGraph> {
    return this.#graphs.get(spec);
  }

  /**
   * Runs the graph for `count` photos of `pixelValues`, float32 [count, 3, height, width], in batches of at most
   * `placement.batch`: halved when memory runs out, smaller while a person waits for something else. `each` gets the
   * outputs of `size` photos from `start` on. Calls from several requests take turns batch by batch.
   * @throws SaccadeError `out-of-memory`, `provider-failed`, `device-lost` (only a new process gets it back),
   * `not-loaded` (`exhausted` says why)
   */
  async run(
    spec: GraphSpec,
    pixelValues: Float32Array,
    count: number,
    each: (part: RunPart) => void,
    options: { urgent?: boolean; signal?: AbortSignal; feeds?: (graph: GraphFacts) => Feeds } = {},
  ): Promise<{ runMs: number }> {
    const one = 3 * this.manifest.input.height * this.manifest.input.width;
    const feeds = (graph: GraphFacts, start: number, size: number): Feeds => ({
      pixel_values: this.pixels(pixelValues.subarray(start * one, (start + size) * one), size),
      ...options.feeds?.(graph),
    });
    return this.runParts(spec, count, feeds, each, options);
  }

  /** float32 [count, 3, height, width] as the input of that name. */
  pixels(data: Float32Array, count: number): Feeds[string] {
    const { height, width } = this.manifest.input;
    return { type: 'float32', data: data.subarray(0, count * 3 * height * width), dims: [count, 3, height, width] }; // prettier-ignore
  }

  /** As `run`, with whatever else than photos `count` counts: `feeds` makes the inputs for `size` of them. */
  async runParts(
    spec: GraphSpec,
    count: number,
    feeds: (graph: GraphFacts, start: number, size: number) => Feeds,
    each: (part: RunPart) => void,
    options: { urgent?: boolean; signal?: AbortSignal } = {},
  ): Promise<{ runMs: number }> {
    let runMs = 0;
    for (let start = 0; start < count;) {
      // Beside what runs: opening a graph takes longer than a turn should. What fails is tried again, and met, in the turn.
      await this.graph(spec).catch(() => {});
      await this.#queue.run(
        async () => {
          if (options.signal?.aborted) throw new SaccadeError('cancelled', 'The run was cancelled.');
          let size = Math.min(options.urgent ? this.#placement.batch : this.#atOnce(), count - start);
          const begun = performance.now();
          try {
            const { graph, session } = await this.graph(spec);
            if (graph.batch !== null) size = Math.min(size, graph.batch * (this.#placement.streams ?? 1));
            const opened = performance.now();
            const outputs = await session.run(feeds(graph, start, size));
            runMs += performance.now() - begun;
            if (spec.kind === 'classify') this.#msPerPhoto = (performance.now() - opened) / size;
            this.#count(session);
            each({ outputs, graph, start, size });
            start += size;
          } catch (error) {
            await this.#afterFailure(error, size);
          } finally {
            this.lastRunEnd = performance.now();
          }
        },
        { urgent: options.urgent },
      );
    }
    return { runMs };
  }

  /** Photos of a run at once: fewer while a person asks, in powers of two, so that few sizes are compiled. */
  #atOnce(): number {
    const { batch, streams = 1 } = this.#placement;
    if (this.#graphs.keepsBuilt || !this.#queue.pressed || this.#msPerPhoto === 0) return batch;
    const few = 2 ** Math.floor(Math.log2(shortRunMs / this.#msPerPhoto));
    return Math.min(batch, Math.max(streams, few));
  }

  #count(session: InferenceSession): void {
    const { provider, nodesOnCpu } = this.#placement;
    const nodes = session.nodes();
    if (nodesOnCpu !== null || !nodes) return;
    if (provider !== 'cpu' && nodes.onCpu === nodes.all)
      throw new SaccadeError(
        'provider-unavailable',
        `Expected the model to run on ${providerTable[provider].title}; all of its ${nodes.all} nodes ran on the CPU.`,
      );
    this.#placement = { ...this.#placement, nodesOnCpu: nodes.onCpu };
  }

  /** Returns where trying again makes sense. */
  async #afterFailure(error: unknown, size: number): Promise<void> {
    const { provider } = this.#placement;
    if (!isOutOfMemory(error)) throw computingFailed(provider, error);
    await this.release();
    const fewer = withFewer(this.#placement, size);
    if (fewer) {
      this.#placement = fewer;
      return;
    }
    const [next] = this.#next;
    if (!next)
      throw new SaccadeError(
        'out-of-memory',
        `${providerTable[provider].title} has too little memory even for one photo with this model. Choose a smaller model or another provider.`,
        { cause: error },
      );
    const placement = await elsewhere(this.#placement, next);
    if (typeof placement === 'string') {
      this.exhausted = placement;
      throw new SaccadeError('not-loaded', placement, { cause: error });
    }
    this.#next.shift();
    this.#placement = placement;
    // What was opened meanwhile was for the other.
    await this.release();
  }

  release(): Promise<void> {
    return this.#graphs.release();
  }
}
