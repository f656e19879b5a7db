/** The downloads of models: started, paused, resumed, cancelled, and found again after a restart. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { knownModels, parseSource } from '../../../models/catalogue.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Answers } from '../../../models/formats/answers.ts';
import type { InstalledModel } from '../../../models/store.ts';
import type { DownloadState, DownloadStatus } from '../../contract/entities/download.ts';
import type { CatalogueEntry } from '../../contract/entities/model.ts';
import type { HubClient } from '../../hub/client.ts';
import { download, totalBytes } from '../../hub/download.ts';
import { bytesHere } from '../../hub/fetch-file.ts';
import { planDownload } from '../../hub/plan.ts';
import { Throughput } from '../../throughput.ts';
import { toFailure } from '../../contract/result.ts';
import { DownloadLock, isLocked, readRecords, writeRecord } from './download-record.ts';
import type { DownloadRecord } from './download-record.ts';

export interface DownloadsOptions {
  /** Folder of the downloads in hand, one folder each. */
  folder: string;
  /** Asked when a download begins, so that the environment is read then and nothing connects before. */
  client(): HubClient;
  installed(): InstalledModel[];
  /** Converts, checks and measures what lies in `folder`; answers with the model's id. */
  install(folder: string, options: { name: string; source: string; answers: Answers }): Promise<string>;
  /** Throws where a model can't be used, from a folder with everything but the content of the weights. */
  inspect(layout: string, answers: Answers): void | Promise<void>;
  emit(status: DownloadStatus): void;
}

/** At most four events a second while bytes flow. */
const emitEveryMs = 250;

interface Download {
  record: DownloadRecord;
  status: DownloadStatus;
  /** Set while it runs. */
  running: { controller: AbortController; ended: Promise<void> } | null;
}

export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #all = new Map<string, Download>();

  constructor(options: DownloadsOptions) {
    this.#options = options;
    for (const record of readRecords(options.folder)) {
      if (isLocked(this.#folderOf(record.id))) continue;
      const status = this.#statusOf(record, record.failed ? 'failed' : 'paused');
      this.#all.set(record.id, { record, status, running: null });
    }
  }

  catalogue(): CatalogueEntry[] {
    const installed = this.#options.installed();
    return knownModels.map((known) => ({
      ...known,
      bytes: null,
      installed: installed
        .filter(({ manifest }) => manifest.source?.startsWith(`${known.repository}@`))
        .map(({ manifest }) => manifest.id),
    }));
  }

  list(): DownloadStatus[] {
    return [...this.#all.values()].map(({ status }) => ({ ...status }));
  }

  /**
   * Asked for something that waits already, goes on with that.
   * @param source catalogue id, `owner/name` or `owner/name@revision`
   * @param answers what the files don't say
   * @throws SaccadeError `unknown-source`, `model-exists`, `hub-endpoint`, `hub-offline`
   */
  start(source: string, name?: string, answers?: Answers): DownloadStatus {
    const asked = parseSource(source);
    if (!asked)
      throw new SaccadeError(
        'unknown-source',
        `Expected a name of the catalogue or owner/name of the Hugging Face Hub, with or without @revision; found "${source}".`,
      );
    const id = name ?? asked.repository.split('/')[1]!;
    const same = [...this.#all.values()].find(
      ({ record, status }) =>
        record.repository === asked.repository &&
        record.revision === asked.revision &&
        record.name === id &&
        status.state !== 'installed' &&
        status.state !== 'cancelled',
    );
    if (same) return this.resume(same.record.id, answers);
    if (this.#options.installed().some(({ manifest }) => manifest.id === id))
      throw new SaccadeError(
        'model-exists',
        `A model "${id}" is installed already. Remove it first, or download under another name.`,
      );
    const record: DownloadRecord = {
      format: 1,
      id: randomBytes(8).toString('hex'),
      startedMs: Date.now(),
      ...asked,
      name: id,
      plan: null,
      error: null,
      failed: false,
      answers,
    };
    return this.#run({ record, status: this.#statusOf(record, 'resolving'), running: null });
  }

  /** `answers` are put over what was said before. @throws SaccadeError `no-download`, `download-busy`, `hub-endpoint` */
  resume(id: string, answers?: Answers): DownloadStatus {
    const found = this.#find(id);
    // In the record that is at work, which takes them when it installs.
    if (answers) found.record.answers = { ...found.record.answers, ...answers };
    if (answers && found.running) writeRecord(this.#folderOf(id), found.record);
    if (found.running || found.status.state === 'installed') return { ...found.status };
    return this.#run(found);
  }

  /** @throws SaccadeError `no-download` */
  async pause(id: string): Promise<DownloadStatus> {
    const found = this.#find(id);
    // What is being installed is nearly done, and can't be taken apart.
    if (found.status.state !== 'installing') found.running?.controller.abort();
    if (found.status.state !== 'installing') await found.running?.ended;
    return { ...found.status };
  }

  /** @throws SaccadeError `no-download` */
  async cancel(id: string): Promise<DownloadStatus> {
    const found = this.#find(id);
    found.running?.controller.abort();
    await found.running?.ended;
    this.#all.delete(id);
    await rm(this.#folderOf(id), { recursive: true, force: true });
    if (found.status.state !== 'installed') this.#set(found, { state: 'cancelled', error: null });
    return { ...found.status };
  }

  /** Pauses everything; resolves when nothing runs any more. */
  async close(): Promise<void> {
    const running = [...this.#all.values()].flatMap(({ running }) => running ?? []);
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ ended }) => ended));
  }

  #folderOf(id: string): string {
    return join(this.#options.folder, id);
  }

  #find(id: string): Download {
    const found = this.#all.get(id);
    if (!found) throw new SaccadeError('no-download', `There is no download ${id}; it may have ended.`);
    return found;
  }

  #set(one: Download, changes: Partial<DownloadStatus>): void {
    Object.assign(one.status, changes);
    this.#options.emit({ ...one.status });
  }

  #run(one: Download): DownloadStatus {
    const client = this.#options.client();
    const lock = new DownloadLock(this.#folderOf(one.record.id));
    this.#all.set(one.record.id, one);
    one.record = { ...one.record, error: null, failed: false };
    const controller = new AbortController();
    this.#set(one, { state: one.record.plan ? 'downloading' : 'resolving', error: null });
    // Whoever hears of the end may start again at once, so everything is let go before it is told.
    const letGo = () => {
      one.running = null;
      lock.release();
    };
    const ended = this.#work(one, client, controller.signal).then(
      (model) => {
        letGo();
        this.#set(one, { state: 'installed', model });
      },
      (error: unknown) => {
        letGo();
        this.#stopped(one, error, controller.signal);
      },
    );
    one.running = { controller, ended };
    return { ...one.status };
  }

  /** Answers with the installed model's id. */
  async #work(one: Download, client: HubClient, signal: AbortSignal): Promise<string> {
    const folder = this.#folderOf(one.record.id);
    writeRecord(folder, one.record);
    if (!one.record.plan) {
      const { repository, revision } = one.record;
      one.record.plan = await planDownload(client, repository, revision, signal);
      writeRecord(folder, one.record);
    }
    const plan = one.record.plan;
    const files = join(folder, 'files');
    const source = `${plan.repository}@${plan.revision}`;
    this.#set(one, { state: 'downloading', revision: plan.revision, totalBytes: totalBytes(plan) });
    const done = this.#options.installed().find(({ manifest }) => manifest.id === one.record.name);
    // Ended between installing and cleaning up, the last time.
    let model = done?.manifest.source === source ? done.manifest.id : null;
    if (model === null) {
      await this.#fetch(one, client, files, signal);
      this.#set(one, { state: 'installing', file: null, bytesPerSecond: null, secondsLeft: null });
      const { name, answers = {} } = one.record;
      model = await this.#options.install(files, { name, source, answers });
    }
    rmSync(folder, { recursive: true, force: true });
    return model;
  }

  async #fetch(one: Download, client: HubClient, files: string, signal: AbortSignal): Promise<void> {
    const throughput = new Throughput(5000);
    const total = totalBytes(one.record.plan!);
    const cachedBefore = one.status.cachedBytes;
    let emittedMs = 0;
    let timer: NodeJS.Timeout | null = null;
    const emitNow = () => {
      timer = null;
      emittedMs = Date.now();
      this.#options.emit({ ...one.status });
    };
    try {
      await download(client, one.record.plan!, files, {
        signal,
        onFile: (file, state) => this.#set(one, { file, state }),
        onBytes: (bytes, cached) => {
          throughput.mark(bytes - cached);
          const rate = throughput.perSecond();
          one.status.bytes = bytes;
          one.status.cachedBytes = cachedBefore + cached;
          one.status.bytesPerSecond = rate;
          one.status.secondsLeft = throughput.secondsLeft(total - bytes);
          // The last number before a silence must not be lost, so that what waits is told later.
          timer ??= setTimeout(emitNow, Math.max(0, emittedMs + emitEveryMs - Date.now()));
        },
        inspect: (layout) => this.#options.inspect(layout, one.record.answers ?? {}),
      });
    } finally {
      if (timer) clearTimeout(timer);
    }
  }

  #stopped(one: Download, error: unknown, signal: AbortSignal): void {
    const failure = signal.aborted ? null : toFailure(error);
    // A full disk passes when somebody makes room: that is a pause, not an end.
    const failed = failure !== null && failure.code !== 'disk-full';
    one.record = { ...one.record, error: failure, failed };
    const folder = this.#folderOf(one.record.id);
    try {
      // What failed before there was anything to fetch leaves nothing to go on with.
      if (failed && !one.record.plan) rmSync(folder, { recursive: true, force: true });
      else writeRecord(folder, one.record);
    } catch {
      // On a full disk the old record has to do: it says the same but for the reason.
    }
    const state: DownloadState = failed ? 'failed' : 'paused';
    this.#set(one, { state, error: failure, bytesPerSecond: null, secondsLeft: null, file: null });
  }

  #statusOf(record: DownloadRecord, state: DownloadState): DownloadStatus {
    const { plan, id, error } = record;
    const files = join(this.#folderOf(id), 'files');
    return {
      id,
      state,
      repository: record.repository,
      revision: plan?.revision ?? null,
      bytes: plan ? plan.files.reduce((sum, file) => sum + bytesHere(files, file), 0) : 0,
      totalBytes: plan ? totalBytes(plan) : null,
      cachedBytes: 0,
      bytesPerSecond: null,
      secondsLeft: null,
      file: null,
      model: null,
      error,
    };
  }
}
