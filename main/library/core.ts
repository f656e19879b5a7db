/** Everything that lives as long as one catalog: opened together, closed together. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelRoots } from '../../models/store.ts';
import { findModel, listModels } from '../../models/store.ts';
import type { EventName, Events } from '../contract/verbs.ts';
import type { Settings } from '../contract/entities/settings.ts';
import type { Moved } from '../contract/entities/review.ts';
import { toFailure, type Failure } from '../contract/result.ts';
import { keepPrivate } from '../home.ts';
import type { StartProcess } from '../rpc/port.ts';
import { openCatalog, type Catalog } from './catalog/database.ts';
import { dropOrphans } from './catalog/contents.ts';
import { expectModelOf } from './catalog/results.ts';
import { readSettings, writeSettings } from './catalog/settings.ts';
import { Arrivals } from './arrivals.ts';
import { Captures } from './captures.ts';
import { Changes } from './changes.ts';
import { Duplicates } from './duplicates/duplicates.ts';
import { Elsewhere } from './elsewhere.ts';
import { SearchScores } from './search/scores.ts';
import { Moves } from './files/moves.ts';
import { Writing } from './writing/writing.ts';
import { planOf } from './writing/plan.ts';
import { takingBack } from './writing/organise.ts';
import { Folders } from './folders.ts';
import { Inference } from './inference.ts';
import { brokenNotice, KeywordRefresh } from './keywords/refresh.ts';
import { DailyBackup } from './keeping/backups.ts';
import { holdHome, type HeldHome } from './keeping/held.ts';
import { inTurn } from './keeping/lock.ts';
import { evidenceOf } from './labels/evidence-of.ts';
import { Teaching } from './labels/teaching.ts';
import { computeOf, withModel } from './compute.ts';
import { catchUpOnAnswers, catchUpOnDoubt } from './models/doubt.ts';
import { ModelExports } from './models/exports.ts';
import { KeptWords } from './lists/kept-words.ts';
import { Looks } from './looks/looks.ts';
import { Notices } from './notices.ts';
import type { PathWatch } from './runs/path-watch.ts';
import { PathJobs } from './runs/path-jobs.ts';
import { Runs } from './runs/runs.ts';
import { movedNotice } from './scan/moved-root.ts';
import { slowNotice } from './scan/watch.ts';
import { Showing } from './showing.ts';
import { Thumbnails } from './thumbnails.ts';

export type Emit = <Name extends EventName>(event: Name, payload: Events[Name]) => void;

export interface CoreOptions {
  home: string;
  roots: ModelRoots;
  window: boolean;
  remember: boolean;
  start: StartProcess;
  emit: Emit;
}

/** Before each file that is read in the background while a run goes on, which wants the processor for itself. */
const besideRunMs = 50;

export class Core {
  readonly catalog: Catalog;
  readonly notices: Notices;
  readonly changes: Changes;
  readonly showing: Showing;
  readonly inference: Inference;
  readonly thumbnails: Thumbnails;
  readonly folders: Folders;
  readonly captures: Captures;
  readonly keywords: KeywordRefresh;
  readonly runs: Runs;
  readonly arrivals: Arrivals;
  readonly teaching: Teaching;
  readonly duplicates: Duplicates;
  readonly searchScores: SearchScores;
  readonly keptWords: KeptWords;
  readonly looks: Looks;
  readonly writing: Writing;
  readonly modelExports: ModelExports;
  readonly moves: Moves;
  /** Resolves once the lists show what the chosen model answered. */
  readonly shown: Promise<void>;
  readonly jobs: PathJobs;
  readonly watches = new Map<number, PathWatch>();
  readonly #options: CoreOptions;
  readonly #held: HeldHome | null;
  readonly #backup: DailyBackup | null;
  /** Of a window, which shows what it read before. */
  readonly #elsewhere: Elsewhere | null;
  /** Ends the waits beside a run. */
  readonly #closing = new AbortController();

  constructor(options: CoreOptions) {
    this.#options = options;
    const { home, remember, roots, start, emit, window } = options;
    const file = (name: string) => (remember ? join(home, name) : null);
    this.#held = remember ? holdHome(home, window, roots) : null;
    const catalog = this.#held?.catalog ?? openCatalog(null);
    this.catalog = catalog;
    this.notices = new Notices((notice) => emit('notice', notice), !window);
    this.notices.tell(...(this.#held?.told ?? []));
    /** Of what nobody waits for. */
    const warn = (error: unknown) =>
      catalog.isOpen() && emit('notice', { level: 'warning', failure: toFailure(error) });
    const inform = (failure: Failure) => this.notices.tell({ level: 'info', failure });
    this.changes = new Changes((changed) => emit('library.changed', changed));
    this.showing = new Showing({ catalog, roots, changes: this.changes, onFailed: warn });
    this.inference = new Inference({
      catalog,
      roots,
      start,
      onEnded: (reason) => emit('process.restarted', { process: 'inference', reason }),
      onTold: (failure) => emit('notice', { level: 'warning', failure }),
    });
    this.thumbnails = new Thumbnails(
      file('thumbnails.sqlite'),
      catalog,
      () => this.settings().cacheMegabytes * 1e6,
    );
    if (remember) keepPrivate(home);
    const turn = async (ended: () => boolean) => {
      await this.thumbnails.turns.calm(ended);
      if (!this.runs.active || ended()) return;
      await sleep(besideRunMs, undefined, { signal: this.#closing.signal }).catch(() => {});
    };
    const stored = () => this.changes.note('photos');
    this.captures = new Captures(catalog, { stored, failed: warn, turn });
    this.folders = new Folders({
      catalog,
      changes: this.changes,
      onProgress: (progress) => {
        emit('scan.progress', progress);
        if (progress.done && window) this.captures.wake();
      },
      onFailed: (error) => emit('notice', { level: 'error', failure: toFailure(error) }),
      onSlow: (path, reason) => inform(slowNotice(path, reason)),
      onMoved: (from, to) => inform(movedNotice(from, to)),
      onArrived: (folderId, ids) => this.arrivals.add(folderId, ids),
      onScanned: (path, deep) => {
        this.keywords.folder(path, deep);
        void this.showing.restack(path);
      },
      watch: window,
    });
    this.keywords = new KeywordRefresh({
      catalog,
      onFailed: warn,
      turn,
      onChanged: () => this.wordsChanged(),
      onBroken: (first, sidecars) =>
        emit('notice', { level: 'warning', failure: brokenNotice(first, sidecars) }),
    });
    this.jobs = new PathJobs({
      catalog,
      inference: this.inference,
      shown: () => this.settings().topK,
      // A command ends with its job: a window that is open, or the next one, hears of it.
      onEnded: () => {
        if (window && !this.#closing.signal.aborted) this.teaching.follow();
      },
    });
    const onReplaced = (folder: string) => this.folders.lookAt(folder);
    this.runs = new Runs({
      catalog,
      inference: this.inference,
      thumbnails: this.thumbnails,
      settings: () => this.settings(),
      window,
      changes: this.changes,
      onProgress: (status) => emit('run.progress', status),
      onReplaced,
      onEnded: () => {
        this.changes.note('folders', 'photos', 'labels');
        if (window) this.captures.wake();
        this.teaching.follow();
        setImmediate(() => catalog.isOpen() && this.arrivals.next());
      },
    });
    this.arrivals = new Arrivals({
      catalog,
      runs: this.runs,
      ask: (folderId, photos) => emit('folders.arrived', { folderId, photos }),
      onFailed: warn,
    });
    this.duplicates = new Duplicates({
      catalog,
      thumbnails: this.thumbnails,
      inference: this.inference,
      emit: (status) => emit('duplicates.progress', status),
      onReplaced,
    });
    this.searchScores = new SearchScores({ catalog, inference: this.inference });
    this.keptWords = new KeptWords(catalog);
    this.looks = new Looks({
      catalog,
      inspector: (keyId) => {
        const compute = computeOf(this.settings());
        return (request, signal) =>
          withModel(this.inference, compute, ({ handle, call, resultKey }) => {
            expectModelOf(catalog, keyId, resultKey.modelHash);
            return call('inspect', { handle, ...request }, { signal });
          });
      },
      emit: (status) => emit('looks.progress', status),
    });
    this.teaching = new Teaching({
      catalog,
      sameAmong: (...asked) => this.duplicates.sameAmong(...asked),
      manifest: () => findModel(roots, this.settings().model).manifest,
      precision: () => this.settings().precision,
      startJob: (paths, model) =>
        this.jobs.start(computeOf(this.settings(), { model }), {
          paths,
          recursive: true,
          patterns: [],
          topK: this.settings().topK,
          map: null,
          retryFailed: true,
          again: false,
        }),
      endJob: ({ id }) => this.jobs.end(id),
      emit: (status) => emit('heads.teaching', status),
      onFailed: warn,
      changeHeads: (change, shown) => this.showing.changeHeads(change, shown),
    });
    this.writing = new Writing({
      plan: (selection, task, signal) =>
        planOf(
          { catalog, home, filesMoved: () => window && this.folders.start(), report: this.reporting() },
          selection,
          task,
          signal,
        ),
      emit: (status) => emit('writing.progress', status),
      wrote: () => this.changes.note('photos'),
      inTurn: (work) => inTurn(remember ? takingBack(home) : null, work),
    });
    this.modelExports = new ModelExports({
      catalog,
      inference: this.inference,
      roots,
      emit: (status) => emit('models.exporting', status),
    });
    this.moves = new Moves(catalog, file('moves.lock'));
    // With another Saccade beside it, what is on its way may be that one's.
    if (this.#held?.alone) this.moves.recover();
    this.#backup = remember && window ? new DailyBackup(catalog, home, warn) : null;
    this.#elsewhere =
      remember && window
        ? new Elsewhere({
            ...{ catalog, roots, changes: this.changes, onFailed: warn },
            onWritten: () => {
              this.folders.dropGone();
              this.runs.heed();
              this.arrivals.next();
            },
            onActs: () => this.teaching.follow(),
            onQuiet: () => {
              this.teaching.follow();
              this.folders.takeUpAdded();
              this.runs.takeOver();
              // What a command that was ended left unfinished.
              this.showing.catchUp().catch(warn);
            },
          })
        : null;
    if (remember) {
      const models = listModels(roots);
      catchUpOnDoubt(catalog, models);
      catchUpOnAnswers(catalog, models);
    }
    this.shown = this.showing.catchUp();
    this.shown.catch(warn);
    if (window) {
      this.captures.wake();
      this.folders.start();
      this.runs.recover();
      // Words that were said, and photos that were seen, where nobody waited for the teaching: on the command line, or
      // before a crash.
      this.teaching.follow();
    }
  }

  settings(): Settings {
    return readSettings(this.catalog);
  }

  /** @throws SaccadeError `no-model` */
  async setSettings(change: Partial<Settings>): Promise<Settings> {
    if (change.model !== undefined) findModel(this.#options.roots, change.model);
    const settings = writeSettings(this.catalog, change);
    this.changes.note('settings');
    // Others are in use with another model, and fit it.
    if (change.model !== undefined) this.changes.note('heads');
    if (change.stacks !== undefined) void this.showing.restack(null);
    if (change.model !== undefined || change.precision !== undefined) {
      await this.showing.chosen();
      this.teaching.follow();
    }
    return settings;
  }

  /** What exports with pictures need. */
  reporting() {
    const { catalog, inference } = this;
    const { roots } = this.#options;
    return {
      catalog,
      topK: this.settings().topK,
      evidence: async (photoId: number, signal: AbortSignal) =>
        (await evidenceOf({ catalog, inference, roots }, photoId, signal)).map,
    };
  }

  /** What a person, or a file's keywords, say of photos is another. */
  wordsChanged(): void {
    this.changes.note('photos', 'labels');
    this.teaching.follow();
  }

  /** `failed`: what stayed although all of it was to go. */
  filesMoved(failed: Moved['failed'] = []): void {
    this.changes.note('folders', 'photos', 'labels');
    const [first] = failed;
    if (first)
      this.#options.emit('notice', {
        level: 'warning',
        failure: {
          code: 'not-moved',
          message: `${failed.length} of the files stayed where they are. The first: ${first.error.message}`,
        },
      });
  }

  async removeFolder(folderId: number): Promise<void> {
    await this.folders.remove(folderId);
    // A run, or a comparison, holds contents that it is about to give something to; a command beside it may too. What came
    // then would be given to another photo, whose content has the number of one that was dropped.
    const comparing = this.duplicates.status().state === 'running';
    if (this.runs.active || comparing || this.jobs.any) return;
    const drop = () => dropOrphans(this.catalog);
    if (this.#held) this.#held.beside.ifAlone(drop);
    else drop();
  }

  async close(): Promise<void> {
    // A run goes on until what waits for it has ended.
    this.#closing.abort();
    this.#elsewhere?.close();
    this.changes.close();
    this.keptWords.close();
    await Promise.all([
      this.folders.close(),
      this.keywords.close(),
      ...[...this.watches.values()].map((each) => each.close()),
    ]);
    const ending = [
      this.teaching.close(),
      this.duplicates.close(),
      this.captures.close(),
      this.searchScores.close(),
      this.looks.close(),
      this.writing.close(),
      this.modelExports.close(),
      this.runs.close(),
      this.jobs.close(),
    ];
    // What they wait for is not worth waiting for: a batch that is not stored is done again.
    this.inference.close();
    await Promise.all(ending);
    this.thumbnails.close();
    await this.#backup?.close();
    this.catalog.close();
    this.#held?.release();
  }
}
