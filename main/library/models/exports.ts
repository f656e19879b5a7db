/** Models that are written for other programs: for a window one at a time, in the background. */
import { isAbsolute, resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { findModel, type ModelRoots } from '../../../models/store.ts';
import type { ExportedModel, ModelExportRequest, ModelExportStatus } from '../../contract/exports.ts';
import { toFailure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { headRow, readHead } from '../catalog/heads.ts';
import type { Inference } from '../inference.ts';
import { exportModel, type ExportOptions } from './export-model.ts';

export interface ModelExportsOptions {
  catalog: Catalog;
  inference: Inference;
  roots: ModelRoots;
  emit(status: ModelExportStatus): void;
}

const everyMs = 250;

export class ModelExports {
  readonly #options: ModelExportsOptions;
  #status: ModelExportStatus | null = null;
  #stop: AbortController | null = null;
  #going: Promise<void> = Promise.resolve();
  #toldMs = 0;

  constructor(options: ModelExportsOptions) {
    this.#options = options;
  }

  status(): ModelExportStatus | null {
    return this.#status;
  }

  /** Who asks waits for it. A file of that name is written over. */
  run(request: ModelExportRequest, signal: AbortSignal): Promise<ExportedModel> {
    return this.#export(request, { signal, over: true });
  }

  /** @throws SaccadeError `writing-active`, `cannot-export` */
  start(request: ModelExportRequest): ModelExportStatus {
    const { modelId, path } = request;
    if (this.#stop)
      throw new SaccadeError('writing-active', 'A model is being written already. Wait for it, or cancel it.'); // prettier-ignore
    if (!isAbsolute(path)) throw new SaccadeError('cannot-export', `Expected a full path; found "${path}".`);
    const stop = new AbortController();
    const status: ModelExportStatus = {
      ...{ modelId, path, state: 'running', step: 'building', bytes: 0, totalBytes: 0 },
      ...{ exported: null, error: null },
    };
    this.#stop = stop;
    this.#status = status;
    this.#going = this.#go(request, status, stop.signal);
    return { ...status };
  }

  cancel(): ModelExportStatus | null {
    this.#stop?.abort();
    return this.#status;
  }

  async close(): Promise<void> {
    this.#stop?.abort();
    await this.#going;
  }

  async #go(request: ModelExportRequest, status: ModelExportStatus, signal: AbortSignal): Promise<void> {
    try {
      const onProgress: ExportOptions['onProgress'] = (at) => {
        const moved = at.step !== status.step;
        Object.assign(status, at);
        this.#tell(status, moved);
      };
      status.exported = await this.#export(request, { signal, over: false, onProgress });
      status.state = 'finished';
    } catch (error) {
      status.state = signal.aborted ? 'cancelled' : 'failed';
      if (!signal.aborted) status.error = toFailure(error);
    }
    this.#stop = null;
    this.#tell(status, true);
  }

  async #export({ modelId, headId, path, as }: ModelExportRequest, options: ExportOptions) {
    const { catalog, inference, roots } = this.#options;
    const head = headId === undefined ? null : readHead(catalog, headRow(catalog, headId));
    return exportModel(inference, findModel(roots, modelId), head, resolve(path), as, options);
  }

  #tell(status: ModelExportStatus, always: boolean): void {
    if (!always && performance.now() - this.#toldMs < everyMs) return;
    this.#toldMs = performance.now();
    this.#options.emit({ ...status });
  }
}
