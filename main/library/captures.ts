/** Reads in the background what cameras wrote into photos: of new ones, of changed ones, of a catalog that had none. */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { SaccadeError } from '../../models/error.ts';
import type { Capture } from '../contract/entities/photo.ts';
import { noCapture, readCapture } from '../decode/metadata/capture.ts';
import { eachOf } from '../schedule/each.ts';
import { storeCapture, withoutCapture, type Unread } from './catalog/captures.ts';
import type { Catalog } from './catalog/database.ts';
import { lastPhoto } from './catalog/photos.ts';

/** Ids that are looked through at once, photos that are stored at once, and files that are open at once. */
const idsAtOnce = 4000;
const storedAtOnce = 64;
const openAtOnce = 2;
/** It may be on a drive that is not plugged in now. */
const outOfReach: ReadonlySet<string> = new Set(['missing-file', 'unreadable', 'timed-out']);

export interface CaptureHooks {
  stored(): void;
  /** It ended early, as on a full disk; woken again it goes on. */
  failed(error: unknown): void;
  /** Awaited before each photo: what a person waits for goes first. */
  turn(ended: () => boolean): Promise<void>;
}

export class Captures {
  readonly #catalog: Catalog;
  readonly #hooks: CaptureHooks;
  #reading: Promise<void> | null = null;
  /** Asked for while it reads: photos it has passed may have changed. */
  #again = false;
  #closed = false;

  constructor(catalog: Catalog, hooks: CaptureHooks) {
    this.#catalog = catalog;
    this.#hooks = hooks;
  }

  /** Photos came, or changed. */
  wake(): void {
    if (this.#closed) return;
    if (this.#reading) this.#again = true;
    else
      this.#reading = this.#read()
        .catch(this.#hooks.failed)
        .finally(() => {
          this.#reading = null;
          if (!this.#again) return;
          this.#again = false;
          this.wake();
        });
  }

  /** Resolves when all is read that was to be read. */
  async idle(): Promise<void> {
    while (this.#reading) await this.#reading;
  }

  async #read(): Promise<void> {
    const last = lastPhoto(this.#catalog);
    for (let from = 0; from <= last && !this.#closed; from += idsAtOnce) {
      const unread = withoutCapture(this.#catalog, from, from + idsAtOnce);
      for (let at = 0; at < unread.length && !this.#closed; at += storedAtOnce)
        await this.#some(unread.slice(at, at + storedAtOnce));
      await turn();
    }
  }

  async #some(photos: readonly Unread[]): Promise<void> {
    const read = new Map<number, Capture>();
    await eachOf(photos, openAtOnce, async ({ id, folder, name }) => {
      await this.#hooks.turn(() => this.#closed);
      if (this.#closed) return;
      // Why a file can't be read is said where it is classified. One that is out of reach is asked again.
      const capture = await readCapture(join(folder, name)).catch((error: unknown) =>
        error instanceof SaccadeError && outOfReach.has(error.code) ? null : noCapture,
      );
      if (capture) read.set(id, capture);
    });
    if (this.#closed) return;
    this.#catalog.transaction(() => {
      for (const { id, bytes, modifiedMs } of photos) {
        const now = this.#catalog.one(
          'SELECT 1 FROM photos WHERE id = ? AND bytes = ? AND modified_ms = ?',
          ...[id, bytes, modifiedMs],
        );
        // One that changed meanwhile is read again.
        const capture = read.get(id);
        if (now && capture) storeCapture(this.#catalog, id, capture);
      }
    });
    this.#hooks.stored();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reading;
  }
}
