/** What the sheet "Export and share" asks for: tried first, then written, with its progress and how to take it back. */
import { dayOf } from '../../main/contract/day.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { WritingStatus } from '../../main/contract/entities/writing.ts';
import type { ExportTarget, Extra, Partition } from '../../main/contract/exports.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Request } from '../../main/contract/verbs.ts';
import type { WritingTask } from '../../main/contract/writing.ts';

export const tables = ['csv', 'jsonl'] as const;
export const sets = ['parquet', 'fiftyone', 'label-studio', 'imagefolder', 'coco'] as const;
export const writings = ['keywords', 'organise', 'remove-keywords', 'iptc', 'remove-iptc'] as const;
export const pages = ['report', 'contact-sheet'] as const;
export type ShareKind =
  (typeof tables)[number] | (typeof pages)[number] | (typeof sets)[number] | (typeof writings)[number];

export interface ShareOptions {
  folder: string;
  by: 'any' | 'person';
  /** Percent; empty: the first label, where the head is sure. */
  threshold: string;
  naming: 'full' | 'short';
  root: string;
  /** Whose labels: those in use, the model's own, or a head's id. */
  head: 'used' | 'model' | number;
  /** 1 … 5; empty: none. */
  rating: string;
  /** Empty: none. */
  colour: string;
  /** Empty: evidence where a head is in use, else what runs stored. */
  maps: 'evidence' | 'stored' | 'none' | '';
  /** Of a data set: whose labels. */
  whose: 'both' | 'person' | 'model';
  /** Of an imagefolder: how photos come into it. */
  place: 'copy' | 'hardlink' | 'symlink';
  /** Of Parquet: columns that take much room. */
  with: Extra[];
  /** Of Parquet: by what it is split into a folder of files; empty: one file. */
  partition: Partition | '';
  template: string;
  way: 'copy' | 'hardlink' | 'symlink' | 'move';
}

/** Of a file or folder that an export becomes. */
const endings: Record<(typeof sets)[number] | (typeof pages)[number], string> = {
  report: '-report.html',
  'contact-sheet': '-contact-sheet.png',
  parquet: '.parquet',
  fiftyone: '-fiftyone.json',
  coco: '-coco.json',
  'label-studio': '-label-studio',
  imagefolder: '-imagefolder',
};

/** What a window calls itself, also once it is loaded again: others have their own. */
function nameOfWindow(): string {
  const key = 'saccade.window';
  const name = sessionStorage.getItem(key) ?? crypto.randomUUID();
  sessionStorage.setItem(key, name);
  return name;
}

export class Sharing {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  readonly #ended: (status: WritingStatus, own: boolean) => void;
  readonly #asker = nameOfWindow();
  kind: ShareKind = $state('csv');
  readonly options: ShareOptions = $state({
    ...{ folder: '', by: 'any', threshold: '', naming: 'full', root: 'Saccade' },
    ...{ whose: 'both', place: 'copy', with: [], partition: '' },
    ...{ template: '{label}/{year}/{name}', way: 'copy', head: 'used', rating: '', colour: '', maps: '' },
  });
  /** What would be written; null: not known yet. */
  preview: WritingStatus | null = $state.raw(null);
  /** What is being written. */
  going: WritingStatus | null = $state.raw(null);

  #told = 0;

  /** @param ended told of what was written or taken back, and whether it was written from this window's sheet */
  constructor(
    bridge: Bridge,
    fail: (failure: Failure) => void,
    ended: (status: WritingStatus, own: boolean) => void,
  ) {
    this.#bridge = bridge;
    this.#fail = fail;
    this.#ended = ended;
  }

  get running(): boolean {
    return this.going?.state === 'running';
  }
  /** Another window is writing, and its sheet is where that is cancelled. */
  get elsewhere(): boolean {
    const asker = this.going?.asker ?? null;
    return this.running && asker !== null && asker !== this.#asker;
  }
  get needsFolder(): boolean {
    return this.kind === 'organise' || this.kind in endings;
  }
  get writes(): boolean {
    return this.kind !== 'csv' && this.kind !== 'jsonl';
  }
  /** Whether what is chosen is about labels that photos get. */
  get labels(): boolean {
    return ['keywords', 'iptc', 'organise'].includes(this.kind);
  }
  /** From 0 to 1; undefined: none is asked for; null: what stands there is no percentage. */
  get share(): number | undefined | null {
    if (!this.labels || this.options.by !== 'any') return undefined;
    const text = this.options.threshold.replace(/[%％]/, '').replace(',', '.').trim();
    if (text === '') return undefined;
    const share = Number(text) / 100;
    return share >= 0 && share <= 1 ? share : null;
  }
  /** Whether all is said that has to be. */
  get ready(): boolean {
    return (!this.needsFolder || this.options.folder.trim() !== '') && this.share !== null;
  }
  get task(): WritingTask | null {
    const { by, naming, root, folder, template, way, head, rating, colour } = this.options;
    const labels = {
      by,
      minProbability: this.share ?? undefined,
      headId: head === 'used' ? undefined : head === 'model' ? null : head,
    };
    switch (this.kind) {
      case 'keywords':
        return {
          ...{ kind: 'keywords', labels, naming, root },
          rating: rating === '' ? undefined : Number(rating),
          colour: colour === '' ? undefined : colour,
        };
      case 'iptc':
        return { kind: 'iptc', labels };
      case 'remove-keywords':
      case 'remove-iptc':
        return { kind: this.kind };
      case 'organise':
        return folder.trim() ? { kind: 'organise', labels, folder: folder.trim(), template, way } : null;
      case 'csv':
      case 'jsonl':
        return null;
      default:
        return folder.trim() ? { kind: 'export', path: this.target, target: this.#target(this.kind) } : null;
    }
  }
  #target(format: keyof typeof endings): ExportTarget {
    const { whose, place, partition, with: columns } = this.options;
    switch (format) {
      case 'parquet': {
        const split = partition === '' ? undefined : partition;
        const extras = columns.length ? [...columns] : undefined;
        return { format, layout: split ? 'folder' : 'file', with: extras, partitionBy: split };
      }
      case 'report':
      case 'contact-sheet':
        return { format, maps: this.options.maps === '' ? undefined : this.options.maps };
      case 'imagefolder':
        return { format, labels: whose, place };
      default:
        return { format, labels: whose };
    }
  }
  /** The file or folder that a data set or a page becomes. */
  get target(): string {
    const folder = this.options.folder.trim().replace(/[\\/]$/, '');
    const slash = folder.includes('\\') ? '\\' : '/';
    const split = this.kind === 'parquet' && this.options.partition !== '';
    const ending = split ? '-parquet' : endings[this.kind as keyof typeof endings];
    return `${folder}${slash}saccade-${dayOf(new Date())}${ending}`;
  }

  /** Tries what would be written; what was tried before is let go. */
  async try(selection: Selection): Promise<void> {
    const { task } = this;
    this.preview = null;
    if (!task || this.running) return;
    await this.#start({ selection, task, dryRun: true });
  }
  async go(selection: Selection): Promise<void> {
    const { task } = this;
    if (!task) return;
    await this.#start({ selection, task, dryRun: false });
  }
  #start(request: Request<'writing.start'>): Promise<void> {
    return this.#begin(() => this.#bridge.ask('writing.start', { ...request, asker: this.#asker }));
  }
  cancel(): void {
    void this.#bridge.ask('writing.cancel', {});
  }
  async undo(): Promise<void> {
    await this.#begin(() => this.#bridge.ask('writing.undo', {}));
  }
  /** What is short may have told its end before it is answered that it began. */
  async #begin(ask: () => Promise<Result<WritingStatus>>): Promise<void> {
    const told = this.#told;
    const answer = await ask();
    if (!answer.ok) this.#fail(answer.error);
    else if (this.#told === told) this.progressed(answer.value);
  }
  progressed(status: WritingStatus): void {
    const own = status.asker === this.#asker;
    if (status.dryRun && !own) return;
    this.#told++;
    if (status.dryRun) {
      // What was let go tells its end after the next has begun.
      if (status.state !== 'cancelled' && status.kind === this.task?.kind) this.preview = status;
      return;
    }
    this.going = status;
    if (status.state === 'running') return;
    this.#ended(status, own);
    this.preview = null;
  }
}
