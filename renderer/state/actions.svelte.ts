import { tick } from 'svelte';
import type { Answer } from '../../main/contract/verbs.ts';
import type { Folder, PhotoItem, Selection } from '../../main/contract/entities.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { copyText, saveFile } from './files.ts';
import type { Folders } from '../library/folders.svelte.ts';
import { moved } from '../library/grid-moves.ts';
import type { GridMove } from '../library/grid-moves.ts';
import type { ListQuery } from '../library/list-query.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { Pages } from '../library/pages.svelte.ts';
import type { Sheet } from './places.ts';
import type { InstalledModels } from '../models/installed-models.svelte.ts';
import type { Act } from '../../main/contract/label-entities.ts';
import type { Person } from '../labels/person.svelte.ts';
import type { Preferences } from '../settings/preferences.svelte.ts';
import type { Run } from '../library/run.svelte.ts';
import type { PickedPhotos } from '../library/selection.svelte.ts';
import type { Speech } from './speech.svelte.ts';

/** Paths one copy can hold. */
const mostPaths = 10_000;

/** What actions work with: the parts of the application, and the places it can go to. */
interface Workplace {
  readonly bridge: Bridge;
  readonly notices: Notices;
  readonly speech: Speech;
  readonly query: ListQuery;
  readonly picked: PickedPhotos;
  readonly folders: Folders;
  readonly pages: Pages;
  readonly models: InstalledModels;
  readonly preferences: Preferences;
  readonly person: Person;
  readonly run: Run;
  readonly info: Answer<'app.info'> | null;
  readonly gridShape: { columns: number; rows: number };
  sheet: Sheet;
  go(view: 'library'): void;
  showFolder(folder: Folder): void;
  tellAct(act: Act): void;
}

/** What a person can do with folders and picked photos. */
export class Actions {
  readonly #app: Workplace;

  constructor(app: Workplace) {
    this.#app = app;
  }

  /** What is picked, or everything the filter finds. */
  get selection(): Selection {
    return this.#app.picked.orAll(this.#app.query.filter);
  }
  /** How many photos that is. */
  get count(): number {
    const total = this.#app.pages.total ?? 0;
    return this.#app.picked.isEmpty ? total : this.#app.picked.count(total);
  }

  focusSearch(): void {
    this.#app.go('library');
    void tick().then(() => {
      const field = document.querySelector<HTMLInputElement>('[data-search]');
      field?.focus();
      field?.select();
    });
  }

  /** By the system's dialog, or by our own where the host has none. */
  async chooseFolder(): Promise<void> {
    if (!this.#app.info?.can.openFolderDialog) {
      this.#app.sheet = 'pick-folder';
      return;
    }
    const answer = await this.#app.bridge.ask('dialog.openFolders', {});
    if (!answer.ok) return this.#app.notices.fail(answer.error);
    for (const path of answer.value.paths) await this.addFolder(path);
  }
  /** Adds, shows and classifies it. */
  async addFolder(path: string): Promise<boolean> {
    const { run, folders } = this.#app;
    run.expectScan();
    const answer = await this.#app.bridge.ask('folders.add', { path });
    if (!answer.ok) {
      this.#app.notices.fail(answer.error);
      return false;
    }
    run.whenScanned(answer.value.id);
    await folders.refresh();
    this.#app.showFolder(answer.value);
    return true;
  }
  async removeFolder(folderId: number): Promise<void> {
    const answer = await this.#app.bridge.ask('folders.remove', { folderId });
    if (!answer.ok) return this.#app.notices.fail(answer.error);
    this.#app.query.folderId = null;
    await this.#app.folders.refresh();
  }
  /** Whether photos that come into a root are classified by themselves. */
  async setClassifyNew(folderId: number, classify: boolean): Promise<void> {
    const answer = await this.#app.bridge.ask('folders.setClassifyNew', { folderId, classify });
    if (!answer.ok) this.#app.notices.fail(answer.error);
  }
  async rescan(folderId: number): Promise<void> {
    const answer = await this.#app.bridge.ask('folders.rescan', { folderId });
    if (!answer.ok) this.#app.notices.fail(answer.error);
  }

  /** Space: starts what is not classified here, pauses what runs, goes on with what is paused. */
  async startOrPause(): Promise<void> {
    const { run, query, folders } = this.#app;
    if (!run.active && folders.photos === 0) return;
    if (!run.active) await run.start({ filter: query.filter, except: [] });
    else if (run.status?.state === 'paused') await run.resume();
    else await run.pause();
  }
  /** Another model: says what becomes of the answers there are, and offers to classify what it has not seen. */
  async useModel(modelId: string, classify = false): Promise<void> {
    const { bridge, notices, preferences, run, speech, models } = this.#app;
    await preferences.change({ model: modelId });
    if (preferences.settings?.model !== modelId) return;
    const everything: Selection = { filter: {}, except: [] };
    if (classify) return run.start(everything);
    const waiting = await bridge.ask('photos.count', { filter: { status: ['new'] } });
    if (!waiting.ok || waiting.value.total === 0) return;
    const name = models.items?.find(({ id }) => id === modelId)?.name ?? modelId;
    const { words } = speech;
    notices.ask(words.modelSwitched(name, words.photos(waiting.value.total)), {
      label: words.start,
      run: () => void run.start(everything),
    });
  }
  async classifyAgain(): Promise<void> {
    await this.#app.run.start(this.selection, { again: true });
  }
  async setOwnLabel(label: string): Promise<void> {
    const labels = label
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
    const act = await this.#app.person.act(
      this.selection,
      labels.length ? { kind: 'label', labels } : { kind: 'clear' },
    );
    if (act) this.#app.tellAct(act);
    this.#app.pages.refresh();
  }

  async export(format: 'csv' | 'jsonl'): Promise<void> {
    const { bridge, notices, speech, query } = this.#app;
    const selection = this.selection;
    if (this.count > 20_000) notices.tell(speech.words.exporting(this.count));
    const parts: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const more: { cursor?: string } = cursor ? { cursor } : {};
      const answer = await bridge.ask('photos.export', { selection, sort: query.sort, format, ...more });
      if (!answer.ok) return notices.fail(answer.error);
      parts.push(answer.value.text);
      cursor = answer.value.next;
    }
    const name = `saccade-${new Date().toISOString().slice(0, 10)}.${format}`;
    saveFile(name, parts, format === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson');
    notices.tell(speech.words.exported(name));
  }
  /** Every failure of the run, with its code and sentence. */
  async exportFailures(): Promise<void> {
    const { run, notices, speech } = this.#app;
    while (run.hasMoreFailures) {
      const before = run.failures.length;
      await run.loadFailures(true);
      if (run.failures.length === before) return; // told already
    }
    const rows = run.failures.map(({ path, error }) => JSON.stringify({ path, ...error }));
    const name = `saccade-failures-${new Date().toISOString().slice(0, 10)}.jsonl`;
    saveFile(name, [rows.join('\n'), '\n'], 'application/x-ndjson');
    notices.tell(speech.words.exported(name));
  }
  async copyPaths(): Promise<void> {
    const { notices, speech } = this.#app;
    const paths = await this.#paths();
    if (!paths?.length) return;
    if (await copyText(paths.join('\n'))) notices.tell(speech.words.copied(paths.length));
    else notices.fail({ code: 'copy-failed', message: speech.words.copyFailed });
  }
  async reveal(photoId: number): Promise<void> {
    const answer = await this.#app.bridge.ask('photos.reveal', { photoId });
    if (!answer.ok) this.#app.notices.fail(answer.error);
  }
  async openDefault(photoId: number): Promise<void> {
    const answer = await this.#app.bridge.ask('photos.openDefault', { photoId });
    if (!answer.ok) this.#app.notices.fail(answer.error);
  }

  /** Moves among the photos, and picks the one, the range up to it, or none. */
  async move(by: GridMove, pick: 'one' | 'range' | 'none'): Promise<void> {
    const { picked, pages, gridShape } = this.#app;
    const to = moved(picked.focus, by, gridShape, pages.total ?? 0);
    if (to === null) return;
    picked.moveTo(to, pick === 'range');
    if (pick === 'range') return this.pickRange(to);
    if (pick === 'none') return;
    const item = pages.at(to) ?? (await pages.load(to));
    if (item && picked.focus === to) picked.replace([item.id]);
  }
  toggleFocused(): void {
    const { picked, pages } = this.#app;
    const item = picked.focus === null ? undefined : pages.at(picked.focus);
    if (item) picked.toggle(item.id);
  }

  /** Picks the range from the anchor to a position. */
  async pickRange(to: number): Promise<void> {
    const { picked, notices, speech } = this.#app;
    const from = picked.anchor ?? to;
    const [first, last] = from < to ? [from, to] : [to, from];
    const ids = last - first < mostPaths ? await this.#idsBetween(first, last) : null;
    if (!ids || !picked.replace(ids))
      notices.fail({ code: 'too-many-picked', message: speech.words.tooManySelected(mostPaths) }, 'info');
  }

  async #idsBetween(first: number, last: number): Promise<number[] | null> {
    const { pages, bridge } = this.#app;
    const here = Array.from({ length: last - first + 1 }, (_, i) => pages.at(first + i));
    if (here.every((item): item is PhotoItem => item !== undefined)) return here.map((item) => item.id);
    const ids: number[] = [];
    while (ids.length <= last - first) {
      const limit = Math.min(500, last - first + 1 - ids.length);
      const answer = await bridge.ask('photos.page', { ...pages.query!, at: first + ids.length, limit });
      if (!answer.ok || answer.value.items.length === 0) return ids;
      ids.push(...answer.value.items.map((item) => item.id));
    }
    return ids;
  }
  async #paths(): Promise<string[] | null> {
    const { picked, pages, bridge, notices, speech } = this.#app;
    const wanted = picked.ids?.length ? new Set(picked.ids) : null;
    const known = pages.items.filter((item) => wanted?.has(item.id));
    if (wanted && known.length === wanted.size) return known.map((item) => item.path);
    const paths: string[] = [];
    if (wanted && wanted.size <= 200) {
      for (const photoId of wanted) {
        const answer = await bridge.ask('photos.get', { photoId });
        if (answer.ok) paths.push(answer.value.path);
      }
      return paths;
    }
    if (this.count > mostPaths) {
      notices.fail({ code: 'too-many-picked', message: speech.words.tooManySelected(mostPaths) }, 'info');
      return null;
    }
    for (let cursor: string | null | undefined; cursor !== null;) {
      const more: { cursor?: string } = cursor ? { cursor } : {};
      const answer = await bridge.ask('photos.page', { ...pages.query!, limit: 500, ...more });
      if (!answer.ok) return paths;
      paths.push(
        ...answer.value.items.filter((item) => picked.isEmpty || picked.has(item.id)).map(({ path }) => path),
      );
      cursor = answer.value.next;
    }
    return paths;
  }
}
