/** What the sheet "Export and share" asks for: tried first, then written, with its progress and how to take it back. */
import type { Selection } from '../../main/contract/entities.ts';
import type { WritingStatus } from '../../main/contract/entities/writing.ts';
import type { ExportTarget } from '../../main/contract/exports.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { WritingTask } from '../../main/contract/writing.ts';

export const tables = ['csv', 'jsonl'] as const;
export const sets = ['parquet', 'fiftyone', 'label-studio', 'imagefolder', 'coco'] as const;
export const writings = ['keywords', 'organise', 'remove-keywords', 'iptc', 'remove-iptc'] as const;
export type ShareKind = (typeof tables)[number] | (typeof sets)[number] | (typeof writings)[number];

const isWriting = (kind: ShareKind): kind is (typeof writings)[number] =>
  (writings as readonly string[]).includes(kind);

export interface ShareOptions {
  folder: string;
  by: 'any' | 'person';
  /** Percent; empty: the first label, where the head is sure. */
  threshold: string;
  naming: 'full' | 'short';
  root: string;
  template: string;
  way: 'copy' | 'hardlink' | 'symlink' | 'move';
}

const endings: Record<(typeof sets)[number], string> = {
  parquet: '.parquet',
  fiftyone: '-fiftyone.json',
  coco: '-coco.json',
  'label-studio': '-label-studio',
  imagefolder: '-imagefolder',
};

export class Sharing {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  readonly #ended: (status: WritingStatus) => void;
  kind: ShareKind = $state('csv');
  readonly options: ShareOptions = $state({
    ...{ folder: '', by: 'any', threshold: '', naming: 'full', root: 'Saccade' },
    ...{ template: '{label}/{year}/{name}', way: 'copy' },
  });
  /** What would be written; null: not known yet. */
  preview: WritingStatus | null = $state.raw(null);
  /** What is being written. */
  going: WritingStatus | null = $state.raw(null);
  busy = $state(false);

  constructor(bridge: Bridge, fail: (failure: Failure) => void, ended: (status: WritingStatus) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
    this.#ended = ended;
  }

  get running(): boolean {
    return this.busy || this.going?.state === 'running';
  }
  get needsFolder(): boolean {
    return this.kind === 'organise' || (sets as readonly string[]).includes(this.kind);
  }
  get writes(): boolean {
    return isWriting(this.kind);
  }
  /** Whether all is said that has to be. */
  get ready(): boolean {
    return !this.needsFolder || this.options.folder.trim() !== '';
  }
  get task(): WritingTask | null {
    const { by, threshold, naming, root, folder, template, way } = this.options;
    const share = Number(threshold) / 100;
    const labels = {
      by,
      minProbability: threshold.trim() !== '' && share >= 0 && share <= 1 ? share : undefined,
    };
    switch (this.kind) {
      case 'keywords':
        return { kind: 'keywords', labels, naming, root };
      case 'iptc':
        return { kind: 'iptc', labels };
      case 'remove-keywords':
      case 'remove-iptc':
        return { kind: this.kind };
      case 'organise':
        return folder.trim() ? { kind: 'organise', labels, folder: folder.trim(), template, way } : null;
      default:
        return null;
    }
  }
  /** The file or folder that a data set becomes. */
  get target(): string {
    const folder = this.options.folder.trim().replace(/[\\/]$/, '');
    const slash = folder.includes('\\') ? '\\' : '/';
    const ending = endings[this.kind as keyof typeof endings];
    return `${folder}${slash}saccade-${new Date().toISOString().slice(0, 10)}${ending}`;
  }

  /** Tries what would be written; what was tried before is let go. */
  async try(selection: Selection): Promise<void> {
    const { task } = this;
    this.preview = null;
    if (!task || this.running) return;
    const answer = await this.#bridge.ask('writing.start', { selection, task, dryRun: true });
    if (answer.ok) this.progressed(answer.value);
    else this.#fail(answer.error);
  }
  /** Writes files of the library's own, or (a data set) one that other programs take. Answers with its path, or null. */
  async go(selection: Selection): Promise<string | null> {
    const { task } = this;
    if (task) {
      const answer = await this.#bridge.ask('writing.start', { selection, task, dryRun: false });
      if (answer.ok) this.progressed(answer.value);
      else this.#fail(answer.error);
      return null;
    }
    this.busy = true;
    const format = this.kind as (typeof sets)[number];
    const target: ExportTarget = format === 'parquet' ? { format, layout: 'file' } : { format };
    const answer = await this.#bridge.ask('exports.write', { selection, path: this.target, target });
    this.busy = false;
    if (answer.ok) return answer.value.path;
    this.#fail(answer.error);
    return null;
  }
  cancel(): void {
    void this.#bridge.ask('writing.cancel', {});
  }
  async undo(): Promise<void> {
    const answer = await this.#bridge.ask('writing.undo', {});
    if (answer.ok) this.progressed(answer.value);
    else this.#fail(answer.error);
  }
  progressed(status: WritingStatus): void {
    if (status.dryRun) {
      // What was let go tells its end after the next has begun.
      if (status.state !== 'cancelled' && status.kind === this.kind) this.preview = status;
      return;
    }
    const was = this.going?.state;
    this.going = status;
    if (status.state !== 'running' && (was === 'running' || was === undefined)) this.#ended(status);
    if (status.state !== 'running') this.preview = null;
  }
}
