/** What the lists show: results of the chosen model, by the head in use, with stacks as they are set. */
import type { InstalledModel, ModelRoots } from '../../models/store.ts';
import { findModel, listModels } from '../../models/store.ts';
import type { Catalog } from './catalog/database.ts';
import { readSettings } from './catalog/settings.ts';
import {
  finishShowing,
  keyIdFor,
  labelsShownUpTo,
  showAgain,
  showKey,
  shownModelHash,
} from './catalog/shown.ts';
import { restack } from './catalog/stacks.ts';
import type { Changes } from './changes.ts';

export class Showing {
  readonly #catalog: Catalog;
  readonly #roots: ModelRoots;
  readonly #changes: Changes;
  /** Of what nobody waits for. */
  readonly #warn: (error: unknown) => void;

  constructor(parts: {
    catalog: Catalog;
    roots: ModelRoots;
    changes: Changes;
    onFailed: (error: unknown) => void;
  }) {
    this.#catalog = parts.catalog;
    this.#roots = parts.roots;
    this.#changes = parts.changes;
    this.#warn = parts.onFailed;
  }

  /**
   * Finishes what a last start left unfinished. Where the chosen model has other weights since (the one that ships, after
   * an update), what is shown was answered by the old ones, in labels of theirs: they stay, and are shown no more.
   */
  async catchUp(): Promise<void> {
    const unfinished = labelsShownUpTo(this.#catalog) !== Infinity;
    const { model } = readSettings(this.#catalog);
    const chosen = listModels(this.#roots).find(({ manifest }) => manifest.id === model);
    const shown = shownModelHash(this.#catalog);
    if (!chosen || shown === null || chosen.manifest.weights.sha256 === shown)
      await finishShowing(this.#catalog);
    else await this.#show(chosen);
    if (unfinished) this.#changes.note('photos', 'labels');
  }

  /** After another model or precision was chosen. @throws SaccadeError `no-model` */
  async chosen(): Promise<void> {
    await this.#show(findModel(this.#roots, readSettings(this.#catalog).model));
  }

  async #show({ manifest }: InstalledModel): Promise<void> {
    const { precision } = readSettings(this.#catalog);
    if (await showKey(this.#catalog, keyIdFor(this.#catalog, manifest.weights.sha256, precision)))
      this.#changes.note('photos', 'labels');
  }

  /** After a change of the head in use: lists are brought up to date in the background. Throws what `change` does. */
  again(change: () => void): void {
    showAgain(this.#catalog, change).then(() => this.#changes.note('photos', 'labels'), this.#warn);
    this.#changes.note('photos', 'labels', 'heads');
  }

  /** After a change of heads, made by `change` in a transaction; `shown`: of the one in use. */
  changeHeads(change: () => void, shown: boolean): void {
    if (shown) this.again(change);
    else this.#catalog.transaction(change);
    this.#changes.note('heads');
  }

  /** Which photos stand for others: below `path`, or everywhere. */
  async restack(path: string | null): Promise<void> {
    const changed = await restack(this.#catalog, path).catch(this.#warn);
    if (changed) this.#changes.note('folders', 'photos', 'labels');
  }
}
