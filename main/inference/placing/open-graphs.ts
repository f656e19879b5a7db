/** The graphs of one model that are open: few, each opened when it is first asked for, the one used last let go last. */
import type { RolloutOptions } from '../../../models/explain/options.ts';
import { buildGraph, type BuiltGraph } from '../../../models/load.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import type { MapMethod } from '../../contract/values.ts';
import { collectGarbage } from '../runtime/collect.ts';
import type { CreateSession, InferenceSession } from '../runtime/inference-session.ts';
import { sumsHold } from '../runtime/sums.ts';

/** Which graph of a model: `classify` for runs, with the map that it returns; `inspect` with its kind of rollout. */
export type GraphSpec =
  | { kind: 'classify'; map: MapMethod | null }
  | { kind: 'inspect'; rollout: RolloutOptions }
  | { kind: 'ablate' | 'attend' };

/** A graph without what its session has taken in, which may be as large as the weights. */
export type GraphFacts = Omit<BuiltGraph, 'model' | 'externalData'>;

export interface OpenGraph {
  graph: GraphFacts;
  session: InferenceSession;
}

/** More graphs than this are not kept: each holds the weights once more. A run's, and the two of a person who tries. */
const mostSessions = 3;

function keyOf(spec: GraphSpec): string {
  if (spec.kind === 'classify') return `classify ${spec.map}`;
  return spec.kind === 'inspect' ? `inspect ${spec.rollout.fusion} ${spec.rollout.discardRatio}` : spec.kind;
}

export class OpenGraphs {
  readonly #folder: string;
  readonly #manifest: ModelManifest;
  readonly #create: CreateSession;
  readonly #placement: () => Placement;
  readonly #sessions = new Map<string, Promise<OpenGraph>>();
  #built: Map<string, BuiltGraph> | null = null;

  /** `placement`: where what is opened from now on computes. */
  constructor(folder: string, manifest: ModelManifest, create: CreateSession, placement: () => Placement) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.#create = create;
    this.#placement = placement;
  }

  /** Whether graphs are kept by `keepingBuilt`. */
  get keepsBuilt(): boolean {
    return this.#built !== null;
  }

  /** During `work`, which opens and releases the same graphs again and again, they are built once. */
  async keepingBuilt<T>(work: () => Promise<T>): Promise<T> {
    this.#built = new Map();
    try {
      return await work();
    } finally {
      this.#built = null;
      setImmediate(collectGarbage);
    }
  }

  /** @throws SaccadeError of models/load.ts, `provider-unavailable` */
  get(spec: GraphSpec): Promise<OpenGraph> {
    const key = keyOf(spec);
    const known = this.#sessions.get(key);
    if (known) {
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
    const { precision, provider, streams } = this.#placement();
    const built =
      this.#built?.get(key) ??
      (await buildGraph(this.#folder, this.#manifest, {
        map: null,
        precision,
        signed: precision === 'int8' && (await sumsHold()),
        ...spec,
      }));
    this.#built?.set(key, built);
    // Only runs are of several photos, which streams could share.
    const session = await this.#create(built, provider, spec.kind === 'classify' ? streams : undefined);
    if (!this.#built) setImmediate(collectGarbage);
    const { outputs, absent, direction, layers, heads, batch, tokens, whole, allHeads } = built;
    return { graph: { outputs, absent, direction, layers, heads, batch, tokens, whole, allHeads }, session };
  }

  async #release(key: string): Promise<void> {
    const opened = this.#sessions.get(key);
    this.#sessions.delete(key);
    await opened?.then(
      ({ session }) => session.release(),
      () => {},
    );
  }

  /** All of them, or those of one kind. */
  async release(kind: GraphSpec['kind'] | '' = ''): Promise<void> {
    const keys = [...this.#sessions.keys()].filter((key) => key.startsWith(kind));
    await Promise.all(keys.map((key) => this.#release(key)));
  }
}
