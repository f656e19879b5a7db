import type { WritingStatus } from '../../main/contract/entities/writing.ts';
import type { ModelExportStatus } from '../../main/contract/exports.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Act, Moved } from '../../main/contract/entities/review.ts';
import { actText, sharedText } from '../labels/act-text.ts';
import { doingOf } from '../sharing/doing.ts';
import type { Navigation } from './navigation.svelte.ts';
import type { Words } from '../words/en.ts';
import type { Parts } from './parts.svelte.ts';
import type { NoticeAction, Saying } from './notices.svelte.ts';

type Around = Parts & { readonly navigation: Navigation };

/** What a person did, told with the way back. */
export class UndoHistory {
  readonly #app: Around;

  constructor(app: Around) {
    this.#app = app;
  }

  tell(act: Act, say: Saying = ({ words }) => this.#text(words, act)): void {
    const back: NoticeAction = { label: ({ words }) => words.undo, run: () => void this.undo(act.id) };
    this.#app.notices.tell(say, act.undoable ? back : null, 'act');
  }
  #text(words: Words, act: Act): string {
    return actText(words, act, (name) => this.#app.labelNamed(name));
  }
  /** @param actId of a notice that offers it: another window or a command may have done something else since */
  async undo(actId?: number): Promise<void> {
    const { notices, person } = this.#app;
    const act = await person.undo(actId);
    if (act === undefined) return;
    if (!act) return notices.tell(({ words }) => words.nothingToUndo, null, 'act');
    const again: NoticeAction = { label: ({ words }) => words.redo, run: () => void this.redo(act.id) };
    notices.tell(({ words }) => words.undone(this.#text(words, act)), again, 'act');
  }
  async redo(actId?: number): Promise<void> {
    const { notices, person } = this.#app;
    const act = await person.redo(actId);
    if (act === undefined) return;
    if (act) this.tell(act, ({ words }) => words.redone(this.#text(words, act)));
    else notices.tell(({ words }) => words.nothingToRedo, null, 'act');
  }
  /** What was written where other programs look. @param own from the sheet of this window */
  written(status: WritingStatus, own: boolean): void {
    const { kind, state, changed, failed, error, canUndo, items } = status;
    const { notices, sharing, navigation } = this.#app;
    if (error) return notices.fail(error);
    const [only] = kind === 'export' ? items : [];
    if (only?.error && state !== 'cancelled') return notices.fail(only.error);
    const say: Saying = ({ words }) =>
      only?.does === 'create' || only?.does === 'change'
        ? [words.exported(only.path), ...(only.notes ?? []).map((note) => words.told(note))].join(' ')
        : only?.does === 'back'
          ? words.shareTakenBack(only.path)
          : state === 'cancelled'
            ? words.shareCancelled(changed, doingOf(status))
            : words.shareDone(changed, failed, doingOf(status));
    const undo: NoticeAction = { label: ({ words }) => words.undo, run: () => void sharing.undo() };
    if (canUndo) notices.ask(say, undo, 'writing');
    else notices.tell(say, null, 'writing');
    if (own && navigation.sheet === 'export') navigation.sheet = null;
  }
  /** A model that was written while nobody looked. */
  exported({ modelId, state, path, error, exported }: ModelExportStatus): void {
    const { notices, models, modelExport } = this.#app;
    if (error) return notices.fail(error);
    if (state === 'cancelled') return notices.tell(({ words }) => words.exportCancelled);
    const say: Saying = ({ words }) => words.exportDone(exported?.path ?? path);
    const model = models.named(modelId);
    if (!model) return notices.tell(say);
    notices.ask(say, { label: ({ words }) => words.exportShow, run: () => modelExport.show(model) });
  }
  moved({ act, shared }: Moved, selection: Selection): void {
    const { picked, pages, inspector, navigation } = this.#app;
    if (!act) return;
    this.tell(act, ({ words }) =>
      shared.length
        ? [words.actEnds(this.#text(words, act)), ...sharedText(words, shared)].join(' ')
        : this.#text(words, act),
    );
    picked.clear();
    pages.refresh();
    // Another photo is inspected where somebody went on meanwhile.
    const { photo } = inspector;
    const went = photo && (!('ids' in selection) || selection.ids.includes(photo.id));
    if (went && !inspector.passedOn()) navigation.back();
  }
}
