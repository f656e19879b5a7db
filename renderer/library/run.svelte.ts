import type { RunFailure, RunStatus } from '../../main/contract/entities/run.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';

/** The run in hand or the last one, and what to do about it. */
export class Run {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  status = $state.raw<RunStatus | null>(null);
  failures = $state.raw<readonly RunFailure[]>([]);
  #next = $state.raw<string | null>(null);
  #scanning = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** Folders to classify as soon as they are scanned. */
  #afterScan = new Set<number>();
  /** What the run in hand keeps waiting, in the order it came: scanned folders, and what another model is to see. */
  #waiting = $state.raw<readonly Selection[]>([]);
  #starting = false;
  /** Told while it is being begun: a short run has ended before it is answered that it began. */
  #told: RunStatus | null = null;
  /** Told of the end of each run that was seen to go on. */
  onended: (() => void) | null = null;
  /** Scans that ended while the answer to adding their folder was still on its way. */
  #ended = new Set<number>();

  readonly active: boolean = $derived(
    this.status !== null && ['preparing', 'running', 'paused'].includes(this.status.state),
  );

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  get hasMoreFailures(): boolean {
    return this.#next !== null;
  }
  /** Photos found by scans going on; null: none goes on. */
  get scanning(): number | null {
    return this.#scanning.size ? [...this.#scanning.values()].reduce((sum, found) => sum + found, 0) : null;
  }

  /** Runs that begin once the one in hand has finished. */
  get waiting(): number {
    return this.#waiting.length;
  }

  async refresh(): Promise<void> {
    const before = this.status;
    const answer = await this.#bridge.ask('runs.current', {});
    if (answer.ok && answer.value && this.status === before) this.progressed(answer.value);
  }
  progressed(status: RunStatus): void {
    if (this.#starting) {
      this.#told = status;
      return;
    }
    const ended = this.active && ['finished', 'cancelled', 'stopped'].includes(status.state);
    this.status = status;
    if (!ended) return;
    const [next, ...rest] = this.#waiting;
    this.#waiting = status.state === 'finished' ? rest : [];
    if (next !== undefined && status.state === 'finished') this.startNext(next);
    this.onended?.();
  }
  scanned(folderId: number, found: number, done: boolean): void {
    const scanning = new Map(this.#scanning);
    if (done) scanning.delete(folderId);
    else scanning.set(folderId, found);
    this.#scanning = scanning;
    if (!done) return;
    this.#ended.add(folderId);
    if (this.#afterScan.delete(folderId)) this.#startFolder(folderId);
  }
  /** Before a folder is removed: the end of its scan starts nothing. */
  forget(folderId: number): void {
    this.#afterScan.delete(folderId);
  }
  /** Before a folder is added. */
  expectScan(): void {
    this.#ended.clear();
  }
  /** Classifies a folder once it is scanned; after the run in hand where there is one by then. */
  whenScanned(folderId: number): void {
    if (this.#ended.has(folderId)) this.#startFolder(folderId);
    else this.#afterScan.add(folderId);
  }
  #startFolder(folderId: number): void {
    this.startNext({ filter: { folderId }, except: [] });
  }
  /** At once, or after the run in hand. */
  startNext(selection: Selection): void {
    if (this.active || this.#starting) this.#waiting = [...this.#waiting, selection];
    else void this.start(selection);
  }

  async start(selection: Selection, how: { again?: boolean; retryFailed?: boolean } = {}): Promise<void> {
    const { again = false, retryFailed = false } = how;
    this.#starting = true;
    const answer = await this.#bridge.ask('runs.start', { selection, again, retryFailed });
    this.#starting = false;
    if (answer.ok) this.status = answer.value;
    else this.#fail(answer.error);
    const told = this.#told;
    this.#told = null;
    if (told && !(answer.ok && told.id < answer.value.id)) this.progressed(told);
  }
  async pause(): Promise<void> {
    await this.#change(() => this.#bridge.ask('runs.pause', {}));
  }
  async resume(): Promise<void> {
    await this.#change(() => this.#bridge.ask('runs.resume', {}));
  }
  async cancel(): Promise<void> {
    await this.#change(() => this.#bridge.ask('runs.cancel', {}));
  }
  /** What was told since it was asked is newer than the answer. */
  async #change(ask: () => Promise<Result<RunStatus>>): Promise<void> {
    const before = this.status;
    const answer = await ask();
    if (!answer.ok) this.#fail(answer.error);
    else if (this.status === before) this.progressed(answer.value);
  }
  async loadFailures(more = false): Promise<void> {
    if (!this.status) return;
    const cursor = (more && this.#next) || undefined;
    const answer = await this.#bridge.ask('runs.failures', { runId: this.status.id, limit: 500, cursor });
    if (cursor && cursor !== this.#next) return; // asked for twice: a page comes once
    if (!answer.ok) return this.#fail(answer.error);
    this.failures = more ? [...this.failures, ...answer.value.items] : answer.value.items;
    this.#next = answer.value.next;
  }
}
