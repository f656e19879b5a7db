/** A model on a processor: its sessions, and what it does when memory runs out. */
import { createHash } from 'node:crypto';
import { SaccadeError } from '../../../models/error.ts';
import { buildGraph, graphVersions } from '../../../models/load.ts';
import type { BuiltGraph } from '../../../models/load.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import { mapGiven } from '../../../models/explain/maps.ts';
import { pixelsVersion } from '../../decode/preprocess.ts';
import { sumsHold } from '../runtime/sums.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import type { MapMethod, ProviderName } from '../../contract/values.ts';
import type { RolloutOptions } from '../../../models/explain/options.ts';
import type { LateTuning } from './late-tuning.ts';
import { collectGarbage } from '../runtime/collect.ts';
import { deviceOf } from '../runtime/devices.ts';
import { providerTable } from '../runtime/providers.ts';
import type { Slots } from '../../schedule/slots.ts';
import { firstLine, isDeviceLost, isOutOfMemory } from '../runtime/failures.ts';
import type { CreateSession, Feeds, Outputs, InferenceSession } from '../runtime/inference-session.ts';
import type { ResultKey } from '../../contract/inference.ts';

/** Which graph of a model: `classify` for runs, with the map that it returns; `inspect` with its kind of rollout. */
export type GraphSpec =
  | { kind: 'classify'; map: MapMethod | null }
  | { kind: 'inspect'; rollout: RolloutOptions }
  | { kind: 'ablate' | 'attend' };

/** What runs use unless they are asked for another map. */
export const usualGraph = ({ manifest }: LoadedModel): GraphSpec => ({
  kind: 'classify',
  map: manifest.grid && mapGiven(manifest, 'class'),
});

function keyOf(spec: GraphSpec): string {
  if (spec.kind === 'classify') return `classify ${spec.map}`;
  return spec.kind === 'inspect' ? `inspect ${spec.rollout.fusion} ${spec.rollout.discardRatio}` : spec.kind;
}

export interface OpenGraph {
  /** Without what the session has taken in: it may be as large as the weights. */
  graph: GraphFacts;
  session: InferenceSession;
}

export type GraphFacts = Omit<BuiltGraph, 'model' | 'externalData'>;

/** What `size` of what is run gave, from `start` on. */
interface RunPart {
  outputs: Outputs;
  graph: GraphFacts;
  start: number;
  size: number;
}

/** More graphs than this are not kept: each holds the weights once more. A run's, and the two of a person who tries. */
const mostSessions = 3;
/** Of a run while a person asks: what comes next waits no longer than this for its turn. */
const shortRunMs = 50;

export class LoadedModel {
  readonly manifest: ModelManifest;
  readonly folder: string;
  readonly #create: CreateSession;
  readonly #queue: Slots;
  readonly #sessions = new Map<string, Promise<OpenGraph>>();
  #kept: Map<string, BuiltGraph> | null = null;
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
    this.#create = parts.create;
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
    this.#placement = { ...this.#placement, streams };
    if (streams === 1) delete this.#placement.streams;
    // Those that a person looks through are of one photo, and stay.
    const shared = [...this.#sessions.keys()].filter((key) => key.startsWith('classify'));
    await Promise.all(shared.map((key) => this.#release(key)));
  }

  /** Meanwhile graphs are kept that sessions are made of again and again. */
  async trying<T>(work: () => Promise<T>): Promise<T> {
    this.#kept = new Map();
    try {
      return await work();
    } finally {
      this.#kept = null;
      setImmediate(collectGarbage);
    }
  }

  set fallback(fallback: string) {
    this.#placement = { ...this.#placement, fallback };
  }

  get resultKey(): ResultKey {
    const { weights, preprocessing, input, architecture, outputActivation, calibration } = this.manifest;
    // The same weights built otherwise (other heads, another activation) answer otherwise.
    // So does a foreign file whose temperature was not read when it was imported before.
    const read = this.manifest.kind === 'onnx' && calibration.temperature !== 1 ? [calibration] : [];
    const described = JSON.stringify([pixelsVersion, preprocessing, input, architecture, outputActivation, ...read], sortedKeys); // prettier-ignore
    return {
      modelHash: weights.sha256,
      preprocessing: createHash('sha256').update(described).digest('hex'),
      precision: this.#placement.precision,
      graphVersion: graphVersions[this.#placement.precision],
    };
  }

  /** @throws SaccadeError of models/load.ts, `provider-unavailable` */
  graph(spec: GraphSpec): Promise<OpenGraph> {
    const key = keyOf(spec);
    const known = this.#sessions.get(key);
    if (known) {
      // Last used, last let go.
      this.#sessions.delete(key);
      this.#sessions.set(key, known);
      return known;
    }
    const opened = this.#open(spec, key);
    this.#sessions.set(key, opened);
    opened.catch(() => {
      if (this.#sessions.get(key) === opened) this.#sessions.delete(key);
    });
    return opened;
  }

  async #open(spec: GraphSpec, key: string): Promise<OpenGraph> {
    const stale = [...this.#sessions.keys()].filter((other) => other !== key).slice(0, -(mostSessions - 1));
    await Promise.all(stale.map((other) => this.#release(other)));
    const { precision, provider, streams } = this.#placement;
    const graph =
      this.#kept?.get(key) ??
      (await buildGraph(this.folder, this.manifest, {
        map: null,
        precision,
        signed: precision === 'int8' && (await sumsHold()),
        ...spec,
      }));
    this.#kept?.set(key, graph);
    // Inspection is of one photo.
    const session = await this.#create(graph, provider, spec.kind === 'classify' ? streams : undefined);
    if (!this.#kept) setImmediate(collectGarbage);
    const { outputs, absent, direction, layers, heads, batch, tokens, whole, allHeads } = graph;
    return { graph: { outputs, absent, direction, layers, heads, batch, tokens, whole, allHeads }, session };
  }

  /**
   * Runs the graph for `count` photos of `pixelValues`, float32 [count, 3, height, width], in batches of at most
   * `placement.batch`, halved when memory runs out, smaller while a person waits for something else. `each` gets the outputs of `size` photos from `start` on. Calls from
   * several requests take turns batch by batch.
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
    if (this.#kept || !this.#queue.pressed || this.#msPerPhoto === 0) return batch;
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
    const { title } = providerTable[provider];
    if (!isOutOfMemory(error)) {
      if (error instanceof SaccadeError) throw error;
      if (isDeviceLost(error))
        throw new SaccadeError(
          'device-lost',
          `${title} lost its device while computing: ${firstLine(error)}`,
          {
            cause: error,
          },
        );
      throw new SaccadeError('provider-failed', `${title} failed while computing: ${firstLine(error)}`, {
        cause: error,
      });
    }
    await this.release();
    if (this.#placement.streams !== undefined) return this.#setStreams(1);
    if (size > 1) {
      const batch = Math.ceil(size / 2);
      const reason = `${this.#placement.reason}; ${size} photos at once were too many for the memory of ${title}, so ${batch}`;
      // Told once: how far it is halved shows in `batch`.
      const { fallback = `${title} has too little memory for ${size} photos at once, so it gets fewer.` } =
        this.#placement;
      this.#placement = { ...this.#placement, batch, reason, fallback };
      return;
    }
    const [next] = this.#next;
    if (!next)
      throw new SaccadeError(
        'out-of-memory',
        `${title} has too little memory even for one photo with this model. Choose a smaller model or another provider.`,
        { cause: error },
      );
    const { title: other, precisions } = providerTable[next];
    const reason = `${title} has too little memory even for one photo, so ${other}`;
    // Results are kept by precision: for another one the model has to be loaded anew, elsewhere.
    if (!precisions.includes(this.#placement.precision)) {
      this.exhausted = `${reason} computes.`;
      throw new SaccadeError('not-loaded', this.exhausted, { cause: error });
    }
    this.#next.shift();
    this.#placement = {
      ...this.#placement,
      ...(await deviceOf(next)),
      provider: next,
      nodesOnCpu: next === 'cpu' ? 0 : null,
      reason,
      fallback: `${reason} computes.`,
    };
    // What was opened meanwhile was for the other.
    await this.release();
  }

  async #release(key: string): Promise<void> {
    const opened = this.#sessions.get(key);
    this.#sessions.delete(key);
    await opened?.then(
      ({ session }) => session.release(),
      () => {},
    );
  }

  async release(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((key) => this.#release(key)));
  }
}

/** The same settings give the same text, in whatever order their keys stand. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
