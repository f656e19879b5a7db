/** The inference process as the library keeps it: started when needed, started again when it is gone. */
import { findModel } from '../../models/store.ts';
import type { InstalledModel, ModelRoots } from '../../models/store.ts';
import { SaccadeError } from '../../models/error.ts';
import type { Placement } from '../contract/entities/placement.ts';
import type { Trial } from '../../models/try-out.ts';
import type { Settings } from '../contract/entities/settings.ts';
import type { InferenceVerbs, Loaded } from '../contract/inference.ts';
import type { Failure } from '../contract/result.ts';
import { caller } from '../rpc/calls.ts';
import type { AnswerOf, CallOptions, Caller, RequestOf } from '../rpc/calls.ts';
import type { ProcessHandle, StartProcess } from '../rpc/port.ts';
import { agreementOf } from './models/agreement.ts';
import type { Catalog } from './catalog/database.ts';
import { resultKeyId } from './catalog/results.ts';

/** What a run computes with. `model`: an id or a folder. */
export type ComputeOptions = Pick<Settings, 'model' | 'provider' | 'precision' | 'batch'>;

/** A model that the inference process has loaded, as this process knows it. */
export interface RemoteModel extends Loaded {
  installed: InstalledModel;
  /** Row of `resultKey` in the catalog. */
  keyId: number;
  /** Rejects with `process-ended` when the process it was loaded in is gone. */
  call: Caller<InferenceVerbs>['call'];
  /** False once that process is gone. */
  alive(): boolean;
  kill(): void;
}

interface Running {
  process: ProcessHandle;
  calls: Caller<InferenceVerbs>;
  models: Map<string, Promise<RemoteModel>>;
  /** Calls a person waits for that are in flight: one of them may be what crashes it. */
  interactive: number;
  alive: boolean;
}

export interface InferenceOptions {
  catalog: Catalog;
  roots: ModelRoots;
  start: StartProcess;
  onEnded(reason: string): void;
  /** Something computes otherwise than chosen, or maps are left out: for people, told once a process. */
  onTold(failure: Failure): void;
}

/** Building and measuring a large model takes minutes on a slow machine. */
const loadWithinMs = 15 * 60_000;
/** The one of a run and the one a person looks through. */
const mostModels = 2;

export class Inference {
  readonly #options: InferenceOptions;
  #running: Running | null = null;
  #closed = false;
  /** Whether an interactive call was in flight when the process last ended. */
  blamedOnInteraction = false;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  #process(): Running {
    if (this.#closed) throw new SaccadeError('closed', 'Saccade is closing.');
    if (this.#running) return this.#running;
    const process = this.#options.start('inference');
    const plain = caller<InferenceVerbs>(process.port);
    let lost: string | null = null;
    const told = new Set<string>();
    const call: typeof plain.call = async (name, request, options) => {
      try {
        const answered = await plain.call(name, request, options);
        for (const failure of toldBy(answered)) {
          if (!told.has(failure.message)) this.#options.onTold(failure);
          told.add(failure.message);
        }
        return answered;
      } catch (error) {
        if (!(error instanceof SaccadeError) || error.code !== 'device-lost') throw error;
        // The driver gives the device to no other session of that process.
        lost ??= `was ended, because its device was lost (${error.message})`;
        process.kill();
        await plain.closed;
        throw new SaccadeError('process-ended', error.message, { cause: error });
      }
    };
    const calls = { ...plain, call };
    const running: Running = { process, calls, models: new Map(), interactive: 0, alive: true };
    void calls.closed.then((ended) => {
      const reason = lost ?? ended;
      running.alive = false;
      if (this.#running !== running) return;
      this.#running = null;
      this.blamedOnInteraction = running.interactive > 0;
      this.#options.onEnded(reason);
    });
    this.#running = running;
    return running;
  }

  /** Loaded once a process. Rejects with `process-ended`, or with what is wrong with the model. */
  load(compute: ComputeOptions): Promise<RemoteModel> {
    const running = this.#process();
    const { provider, precision, batch } = compute;
    const installed = findModel(this.#options.roots, compute.model);
    const { folder, manifest } = installed;
    const { sha256 } = manifest.weights;
    const earned = (['int8'] as const).filter(
      (each) => agreementOf(this.#options.catalog, sha256, each).earned,
    );
    const key = JSON.stringify([
      folder,
      sha256,
      provider,
      precision,
      batch,
      precision === 'auto' ? earned : [],
    ]);
    const known = running.models.get(key);
    if (known) {
      // Last used, last let go.
      running.models.delete(key);
      running.models.set(key, known);
      return known;
    }
    const loading = running.calls
      .call('load', { modelFolder: folder, provider, precision, batch, earned }, { timeoutMs: loadWithinMs })
      .then((loaded): RemoteModel => ({
        ...loaded,
        installed,
        keyId: resultKeyId(this.#options.catalog, loaded.resultKey, manifest),
        call: running.calls.call,
        alive: () => running.alive,
        kill: () => running.process.kill(),
      }));
    running.models.set(key, loading);
    // What failed may be mended by the next attempt.
    loading.then(
      () => this.#letGo(running),
      () => running.models.delete(key),
    );
    return loading;
  }

  /** Each holds a model's weights: the ones not used for longest are let go. Who still holds one loads it anew. */
  #letGo(running: Running): void {
    for (const [key, loading] of [...running.models].slice(0, -mostModels)) {
      running.models.delete(key);
      void loading.then(({ handle }) => running.calls.call('unload', { handle })).catch(() => {});
    }
  }

  /** The process does not know it any more; the next `load` is a new one. */
  async forget(model: RemoteModel): Promise<void> {
    for (const [key, loading] of this.#running?.models ?? [])
      if ((await loading.catch(() => null)) === model) this.#running?.models.delete(key);
  }

  /** For what a person waits for: goes before batches of runs. A crash fails it with `crashed-inference`. */
  async interactive<N extends keyof InferenceVerbs>(
    name: N,
    request: RequestOf<InferenceVerbs, N>,
    options: CallOptions = {},
  ): Promise<AnswerOf<InferenceVerbs, N>> {
    const running = this.#process();
    running.interactive++;
    try {
      return await running.calls.call(name, request, { ...options, urgent: true });
    } catch (error) {
      if (!(error instanceof SaccadeError) || error.code !== 'process-ended' || this.#closed) throw error;
      throw new SaccadeError(
        'crashed-inference',
        'The process that computes crashed on this and was started again. Try another provider, or another photo.',
        { cause: error },
      );
    } finally {
      running.interactive--;
    }
  }

  /** Runs a model that is being installed, once. A crash of the process is that model's. */
  async tryOut(modelFolder: string, batch: number | null): Promise<Trial> {
    try {
      return await this.interactive('tryOut', { modelFolder, batch }, { timeoutMs: loadWithinMs });
    } catch (error) {
      if (!(error instanceof SaccadeError) || error.code !== 'crashed-inference') throw error;
      throw new SaccadeError(
        'trial-failed',
        'The model was read, but running it on a built-in picture crashed the process that computes. Nothing was installed. Export it again, or choose another model.',
        { cause: error },
      );
    }
  }

  /** Frees what was loaded from a folder, whose model is about to be removed. */
  async unload(modelFolder: string): Promise<void> {
    const running = this.#running;
    if (!running) return;
    for (const [key, loading] of running.models) {
      if ((JSON.parse(key) as unknown[])[0] !== modelFolder) continue;
      running.models.delete(key);
      const model = await loading.catch(() => null);
      if (model) await running.calls.call('unload', { handle: model.handle }).catch(() => {});
    }
  }

  close(): void {
    this.#closed = true;
    const running = this.#running;
    this.#running = null;
    if (!running) return;
    running.calls.close();
    // It may be in the middle of a computation that blocks it; nothing of it has to be kept.
    running.process.kill();
  }
}

/** Of an answer that tells where it was computed, and what it leaves out. */
function toldBy(answered: unknown): Failure[] {
  const { placement, withheld } = (answered ?? {}) as { placement?: Placement; withheld?: Failure | null };
  const message = placement?.fallback;
  return [message ? { code: 'provider-fallback', message } : null, withheld ?? null].filter(
    (each) => each !== null,
  );
}
