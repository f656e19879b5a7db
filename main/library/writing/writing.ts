/** What is written for other programs: one at a time, in the background, tried without writing where that is asked for. */
import { setImmediate as breathe } from 'node:timers/promises';
import { SaccadeError } from '../../../models/error.ts';
import type { WrittenItem, WritingStatus } from '../../contract/entities/writing.ts';
import type { WritingTask } from '../../contract/writing.ts';
import { toFailure } from '../../contract/result.ts';
import type { Request } from '../../contract/verbs.ts';
import { shownName } from '../../file-names.ts';
import { eachOf } from '../../schedule/each.ts';

/** One file to be written. What goes wrong with it is told; rejects only where none can be written any more. */
export type Step = (dryRun: boolean, progress?: (done: number) => void) => Promise<WrittenItem>;

/** At `path` nothing is done. */
export const untouched = (path: string): WrittenItem => ({
  path: shownName(path),
  does: 'none',
  from: null,
  adds: [],
  removes: [],
  kept: [],
  error: null,
});

/** What an export is going to do, found out before anything is written. */
export interface Plan {
  steps: readonly Step[];
  /** Where a step is many photos: how many there are in all. Absent: a step is one. */
  total?: number;
  /** Steps at a time. */
  atOnce: number;
  /** Once all went well or were cancelled, if anything was written. Answers with the steps that take it back; null: they are not known. */
  ended(): Promise<readonly Step[] | null>;
}

export interface WritingOptions {
  plan(
    selection: Request<'writing.start'>['selection'],
    task: WritingTask,
    signal: AbortSignal,
  ): Promise<Plan>;
  emit(status: WritingStatus): void;
  /** Something was written. */
  wrote(): void;
  /** Takes back while no other process does. */
  inTurn(work: () => Promise<void>): Promise<void>;
}

const itemsTold = 300;
const everyMs = 250;

export class Writing {
  readonly #options: WritingOptions;
  #status: WritingStatus | null = null;
  #stop: AbortController | null = null;
  #going: Promise<void> = Promise.resolve();
  /** What takes the last one back that was written. */
  #back: { kind: WritingTask['kind']; steps: readonly Step[] } | null = null;
  #toldMs = 0;

  constructor(options: WritingOptions) {
    this.#options = options;
  }

  status(): WritingStatus | null {
    return this.#status;
  }

  /** @throws SaccadeError `writing-active` */
  async start({ selection, task, dryRun, asker }: Request<'writing.start'>): Promise<WritingStatus> {
    const what = { kind: task.kind, asker: asker ?? null, dryRun };
    while (this.#goesOn((tried) => !dryRun || tried.asker === what.asker)) await this.#going;
    return this.#begin(what, (signal) => this.#options.plan(selection, task, signal));
  }

  /** @throws SaccadeError `writing-active`, `nothing-to-undo` */
  async undo(): Promise<WritingStatus> {
    while (this.#goesOn(() => true)) await this.#going;
    const back = this.#back;
    if (!back)
      throw new SaccadeError(
        'nothing-to-undo',
        'Expected an export to take back that was made since Saccade was opened; there is none.',
      );
    this.#back = null;
    return this.#begin(
      { kind: back.kind, asker: null, dryRun: false },
      () => Promise.resolve({ steps: back.steps, atOnce: 1, ended: () => Promise.resolve(null) }),
      (work) => this.#options.inTurn(work),
    );
  }

  /** Others may have waited too, and begun. What is tried that `ends` says is ended. @throws SaccadeError `writing-active` */
  #goesOn(ends: (tried: WritingStatus) => boolean): boolean {
    if (!this.#stop || !this.#status) return false;
    if (!this.#status.dryRun)
      throw new SaccadeError(
        'writing-active',
        'Something is being written already. Wait for it, or cancel it.',
      );
    if (ends(this.#status)) this.#stop.abort();
    return true;
  }

  #begin(
    what: Pick<WritingStatus, 'kind' | 'asker' | 'dryRun'>,
    plan: (signal: AbortSignal) => Promise<Plan>,
    inTurn = (work: () => Promise<void>) => work(),
  ): WritingStatus {
    const stop = new AbortController();
    this.#stop = stop;
    const status: WritingStatus = {
      ...{ ...what, state: 'running', done: 0, total: 0, changed: 0, failed: 0 },
      ...{ items: [], canUndo: false, error: null },
    };
    this.#status = status;
    this.#going = inTurn(() => this.#run(status, plan, stop));
    return status;
  }

  async #run(
    status: WritingStatus,
    planned: (signal: AbortSignal) => Promise<Plan>,
    stop: AbortController,
  ): Promise<void> {
    const { signal } = stop;
    try {
      const plan = await planned(signal);
      status.total = plan.total ?? plan.steps.length;
      await eachOf(plan.steps, plan.atOnce, async (step) => {
        if (signal.aborted) return;
        const progress = (done: number) => {
          status.done = done;
          this.#tell(status, false);
        };
        const item = await step(status.dryRun, progress);
        // A step of many photos counts as all of them.
        if (plan.total !== undefined) status.done = plan.total - 1;
        this.#count(status, item);
        if (status.done % 50 === 0) await breathe();
      });
      if (!status.dryRun) {
        const steps = await plan.ended();
        if (status.changed > 0) this.#back = steps && { kind: status.kind, steps };
        status.canUndo = status.changed > 0 && steps !== null;
        this.#options.wrote();
      }
      status.state = signal.aborted ? 'cancelled' : 'finished';
    } catch (error) {
      status.state = signal.aborted ? 'cancelled' : 'failed';
      if (!signal.aborted) status.error = toFailure(error);
    }
    if (this.#stop === stop) this.#stop = null;
    this.#tell(status, true);
  }

  #count(status: WritingStatus, item: WrittenItem): void {
    status.done += 1;
    if (item.error) status.failed += 1;
    else if (item.does !== 'none') status.changed += 1;
    const telling = item.error !== null || item.does !== 'none' || item.kept.length > 0;
    if (telling && status.items.length < itemsTold) status.items.push(item);
    this.#tell(status, false);
  }

  #tell(status: WritingStatus, always: boolean): void {
    if (!always && performance.now() - this.#toldMs < everyMs) return;
    this.#toldMs = performance.now();
    if (this.#status === status) this.#options.emit(status);
  }

  cancel(): WritingStatus | null {
    this.#stop?.abort();
    return this.#status;
  }

  async close(): Promise<void> {
    this.#stop?.abort();
    await this.#going;
  }
}
