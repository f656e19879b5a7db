import { tick } from 'svelte';
import { dayOf } from '../../main/contract/day.ts';
import type { Selection } from '../../main/contract/requests.ts';
import { libraryDesk } from './desk.ts';
import type { Picking } from '../library/picking.ts';
import type { Navigation } from './navigation.svelte.ts';
import type { UndoHistory } from './undo-history.ts';
import type { Parts } from './parts.svelte.ts';
import { saveFile } from './files.ts';
import type { Subject } from './subject.ts';

type Around = Parts & {
  readonly picking: Picking;
  readonly navigation: Navigation;
  readonly history: UndoHistory;
};

/** What a person can do with folders, runs and photos. */
export class Actions {
  readonly #app: Around;

  constructor(app: Around) {
    this.#app = app;
  }

  focusSearch(): void {
    this.#app.navigation.go('library');
    void tick().then(() => {
      const field = document.querySelector<HTMLInputElement>('[data-search]');
      field?.focus();
      field?.select();
    });
  }

  /** By the system's dialog, or by our own where the host has none. */
  async chooseFolder(): Promise<void> {
    if (!this.#app.info?.can.openFolderDialog) {
      this.#app.navigation.sheet = 'pick-folder';
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
    this.#app.navigation.showFolder(answer.value);
    return true;
  }
  async removeFolder(folderId: number): Promise<void> {
    const { bridge, notices, query, folders, run } = this.#app;
    run.forget(folderId);
    const answer = await bridge.ask('folders.remove', { folderId });
    if (!answer.ok) return notices.fail(answer.error);
    // One that lies elsewhere stays in view.
    if (!folders.liesOutside(query.folderId, folderId)) query.folderId = null;
    await folders.refresh();
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
    const { bridge, notices, preferences, run, models } = this.#app;
    await preferences.change({ model: modelId });
    if (preferences.settings?.model !== modelId) return;
    const everything: Selection = { filter: {}, except: [] };
    if (classify) return run.startNext(everything);
    const waiting = await bridge.ask('photos.count', { filter: { status: ['new'] } });
    if (!waiting.ok || waiting.value.total === 0) return;
    const model = models.named(modelId);
    const { total } = waiting.value;
    notices.ask(
      (speech) =>
        speech.words.modelSwitched(model ? speech.model(model) : modelId, speech.words.photos(total)),
      { label: ({ words }) => words.start, run: () => run.startNext(everything) },
    );
  }
  /** Large, with its map: in its list, or from another page in the library. */
  async inspect(photoId: number): Promise<void> {
    const { navigation, pages } = this.#app;
    const at = navigation.view === 'library' ? pages.positionOf(photoId) : null;
    if (at !== null) navigation.inspect(at);
    else await navigation.findInLibrary({ id: photoId });
  }
  async classifyAgain({ selection }: Subject): Promise<void> {
    await this.#app.run.start(selection, { again: true });
  }
  /** That what the model says is right, or is not. */
  async say(kind: 'confirm' | 'reject', { selection }: Subject): Promise<void> {
    const { person, history, pages } = this.#app;
    const act = await person.act(selection, { kind });
    if (act) history.tell(act);
    pages.refresh();
  }
  async setOwnLabel(label: string, { selection }: Subject): Promise<void> {
    const labels = this.#app.labelsIn(label);
    const act = await this.#app.person.act(
      selection,
      labels.length ? { kind: 'label', labels } : { kind: 'clear' },
    );
    if (act) this.#app.history.tell(act);
    this.#app.pages.refresh();
  }

  async export(format: 'csv' | 'jsonl', { selection, count }: Subject): Promise<void> {
    const { bridge, notices, query } = this.#app;
    if (count > 20_000) notices.tell(({ words }) => words.exporting(count));
    const parts: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const answer = await bridge.ask('photos.export', { selection, sort: query.sort, format, cursor });
      if (!answer.ok) return notices.fail(answer.error);
      parts.push(answer.value.text);
      cursor = answer.value.next;
    }
    const name = `saccade-${dayOf(new Date())}.${format}`;
    saveFile(name, parts, format === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson');
    notices.tell(({ words }) => words.exported(name));
  }
  /** Every failure of the run, with its code and sentence. */
  async exportFailures(): Promise<void> {
    const { run, notices } = this.#app;
    while (run.hasMoreFailures) {
      const before = run.failures.length;
      await run.loadFailures(true);
      if (run.failures.length === before) return; // told already
    }
    const rows = run.failures.map(({ path, error }) => JSON.stringify({ path, ...error }));
    const name = `saccade-failures-${dayOf(new Date())}.jsonl`;
    saveFile(name, [rows.join('\n'), '\n'], 'application/x-ndjson');
    notices.tell(({ words }) => words.exported(name));
  }
  async reveal(photoId: number): Promise<void> {
    const answer = await this.#app.bridge.ask('photos.reveal', { photoId });
    if (!answer.ok) this.#app.notices.fail(answer.error);
  }
  async openDefault(photoId: number): Promise<void> {
    const answer = await this.#app.bridge.ask('photos.openDefault', { photoId });
    if (!answer.ok) this.#app.notices.fail(answer.error);
  }

  /** What keys move: the photo that is inspected, those that are picked, or the one in focus; null: none. */
  get movable(): Pick<Subject, 'selection' | 'count'> | null {
    const { navigation, picking } = this.#app;
    if (navigation.view !== 'library') return null;
    const { selection } = libraryDesk(this.#app);
    if (!selection) return null;
    return { selection, count: 'ids' in selection ? selection.ids.length : picking.count };
  }
  /** To the trash where the host has one, otherwise to a folder. False: there is nothing to move. */
  askToMove(trash: boolean, subject: Pick<Subject, 'selection' | 'count'> | null = this.movable): boolean {
    const { moving, info } = this.#app;
    if (subject) {
      const { selection, count } = subject;
      moving.ask({ selection, photos: count, trash: trash && (info?.can.trash ?? false) });
    }
    return subject !== null;
  }
}
