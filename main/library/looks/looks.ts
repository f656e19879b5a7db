/** Looks at photos for maps that no run stored: evidence for labels of heads, and what special tokens bring. */
import { toFailure } from '../../contract/result.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Inspection } from '../../contract/entities/inspection.ts';
import type { LooksStatus } from '../../contract/entities/looks.ts';
import type { InspectRequest } from '../../contract/inference.ts';
import type { Request } from '../../contract/verbs.ts';
import { shownName } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import { drawOrder } from '../catalog/keys.ts';
import { dropOldLabelMaps, labelMaps, storeLabelMap } from '../catalog/label-maps.ts';
import { contentNow } from '../catalog/path-contents.ts';
import { photoById, photoPath } from '../catalog/photos.ts';
import { evidenceMap, inspectWith } from '../labels/evidence.ts';
import { type Called, checkLabel, ownerOf, type Owner, photosCalled } from './asked.ts';

/** One photo through a model. */
type Inspect = (request: Omit<InspectRequest, 'handle'>, signal: AbortSignal) => Promise<Inspection>;

export interface LooksOptions {
  catalog: Catalog;
  /** Through the model that is chosen now, whatever is chosen later; fails where the result key is not of that model. */
  inspector(keyId: number): Inspect;
  emit(status: LooksStatus): void;
}

const everyMs = 250;
/** Photos of other labels that a label is compared with, where the head's maps have to be looked for. */
const compared = 60;
/** Photos that are looked at for what special tokens bring. */
const sampled = 24;
const idle: LooksStatus = {
  state: 'idle',
  headId: null,
  label: null,
  done: 0,
  total: 0,
  failed: 0,
  error: null,
};

type Asked = Request<'looks.find'>;

export class Looks {
  readonly #options: LooksOptions;
  #status = idle;
  #stop: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();
  #toldMs = 0;

  constructor(options: LooksOptions) {
    this.#options = options;
  }

  status(): LooksStatus {
    return this.#status;
  }

  /** @throws SaccadeError as `ownerOf` and `checkLabel` do */
  find(asked: Asked): LooksStatus {
    const { catalog } = this.#options;
    const owner = ownerOf(catalog, asked.headId);
    if (asked.label !== null) checkLabel(owner, asked.label);
    const photos = this.#wanted(owner, asked);
    const inspect = this.#options.inspector(owner.keyId);
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    const { headId, label } = asked;
    this.#tell({ ...idle, state: 'running', headId, label, total: photos.length });
    const before = this.#ended;
    this.#ended = before.then(() => this.#run(owner, photos, inspect, stop));
    return this.#status;
  }

  /** Drawn at random, so that means are those of any photos: missing maps of the label's, then some of others'. */
  #wanted(owner: Owner, { label, filter, most }: Asked): Called[] {
    const { catalog } = this.#options;
    const drawn = (photos: Called[]) => photos.sort((a, b) => drawOrder(a.id) - drawOrder(b.id));
    const mapped = (photos: Called[]) =>
      labelMaps(
        catalog,
        owner,
        photos.map(({ id, label: index }) => [id, index]),
      );
    const without = (photos: Called[], has: ReadonlySet<number>) => photos.filter(({ id }) => !has.has(id));
    const called = drawn(photosCalled(catalog, owner, label, filter));
    const maps = mapped(called);
    const missing = without(called, new Set(maps.map(({ photoId }) => photoId)));
    if (!missing.length && label !== null) {
      const looked = new Set(maps.filter(({ special }) => special !== null).map(({ photoId }) => photoId));
      return without(called, looked).slice(0, Math.max(0, sampled - looked.size));
    }
    if (label === null || owner.id === 0) return missing.slice(0, most);
    const others = drawn(photosCalled(catalog, owner, null, filter).filter((each) => each.label !== label));
    const some = others.slice(0, compared);
    const known = new Set(mapped(some).map(({ photoId }) => photoId));
    return [...missing.slice(0, most), ...without(some, known)];
  }

  async #run(owner: Owner, photos: Called[], inspect: Inspect, stop: AbortController): Promise<void> {
    const { catalog } = this.#options;
    let [done, failed] = [0, 0];
    // The next one is decoded while one is computed.
    const look = async (each: Called) => {
      try {
        await this.#look(owner, each, inspect, stop.signal);
      } catch (error) {
        if (stop.signal.aborted || !(error instanceof SaccadeError) || ofTheModel.has(error.code))
          throw error;
        failed++;
      }
      done++;
      if (this.#stop === stop) this.#tell({ done, failed });
    };
    try {
      catalog.transaction(() => dropOldLabelMaps(catalog, owner));
      for (let at = 0; at < photos.length; at += 2) {
        stop.signal.throwIfAborted();
        await Promise.all(photos.slice(at, at + 2).map(look));
      }
      if (this.#stop === stop) this.#end({ state: 'finished' });
    } catch (error) {
      if (this.#stop !== stop) return;
      this.#end(stop.signal.aborted ? { state: 'cancelled' } : { state: 'failed', error: toFailure(error) });
    }
  }

  async #look(owner: Owner, { id, label }: Called, inspect: Inspect, signal: AbortSignal): Promise<void> {
    const { catalog } = this.#options;
    const photo = photoById(catalog, id);
    const path = photoPath(catalog, photo);
    const ask = (request: Omit<InspectRequest, 'handle'>) => inspect(request, signal);
    const asked = { path, classIndex: label, topK: 1 };
    const seen = await (owner.head ? inspectWith(ask, owner.head, asked) : ask(asked));
    const map = evidenceMap(seen);
    if (!map || !seen.contribution)
      throw new SaccadeError('no-map', seen.absent.class ?? `${seen.model} gives no map of that kind.`);
    const { contribution } = seen;
    const special = contribution.special.reduce((sum, value) => sum + value, 0);
    const found = { map, seen: seen.seen, special, logit: contribution.sum };
    const content = catalog.isOpen() ? await contentNow(catalog, path, 'nothing') : null;
    if (!catalog.isOpen()) return;
    if (content === null || content !== photo.content_id)
      throw new SaccadeError(
        'changed-on-disk',
        `Expected ${shownName(path)} as it was classified; it has changed since. Classify it again.`,
      );
    storeLabelMap(catalog, owner, content, label, found);
  }

  cancel(): LooksStatus {
    this.#stop?.abort();
    return this.#status;
  }

  #end(news: Partial<LooksStatus>): void {
    this.#stop = null;
    this.#tell(news);
  }

  #tell(news: Partial<LooksStatus>): void {
    this.#status = { ...this.#status, ...news };
    if (news.state === undefined && performance.now() < this.#toldMs + everyMs) return;
    this.#toldMs = performance.now();
    if (this.#options.catalog.isOpen()) this.#options.emit(this.#status);
  }

  async close(): Promise<void> {
    this.cancel();
    await this.#ended;
  }
}

/** What goes wrong for every photo. */
const ofTheModel: ReadonlySet<string> = new Set([
  'no-map',
  'no-model',
  'closed',
  'process-ended',
  'crashed-inference',
  'head-of-another-model',
  'no-results',
]);
