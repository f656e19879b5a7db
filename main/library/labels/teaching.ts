/** Teaching a head in the background: examples are found, looked at where they never were, and learnt from. */
import { createHash } from 'node:crypto';
import { SaccadeError } from '../../../models/error.ts';
import type { Examples } from '../../../models/heads/examples.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { InstalledModel } from '../../../models/store.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { TeachingStatus } from '../../contract/entities/head.ts';
import type { AuditBy } from '../../contract/entities/review.ts';
import type { Request } from '../../contract/verbs.ts';
import { toFailure } from '../../contract/result.ts';
import { lastAct } from '../catalog/acts.ts';
import { photoAt } from '../catalog/contents.ts';
import type { Catalog } from '../catalog/database.ts';
import { keywordsVersion } from '../catalog/file-keywords.ts';
import type { PathJob } from '../runs/path-job.ts';
import { describedHead, dropPassingVersions, headInUse, insertHead, readHead } from '../catalog/heads.ts';
import { keyIdFor, shownKeyId } from '../catalog/shown.ts';
import { type LookAt, lookAt, type Looked } from './look-at.ts';
import { neededFit } from './heads.ts';
import type { Duplicates } from '../duplicates/duplicates.ts';
import type { Difference } from './agreement.ts';
import { auditFound, namedSuspects } from './audit.ts';
import { contentsNow, type Gathered, gatherExamples } from './examples.ts';
import { type ChangeHeads, checkNext, followed, keepHead, noteTaughtFrom, taughtFrom } from './keep.ts';
import { findExamples, type Found, seenOfPerson } from './sources.ts';
import { TeachThread } from './teach-thread.ts';

type Asked = Request<'heads.teach'>;

export interface TeachingOptions extends Pick<LookAt, 'endJob'> {
  catalog: Catalog;
  /** `model`: an id or a folder; absent: the chosen one. */
  startJob(paths: string[], model?: string): PathJob;
  /** The chosen model. */
  manifest(): ModelManifest;
  precision(): Parameters<typeof keyIdFor>[2];
  emit(status: TeachingStatus): void;
  /** A head that follows words could not: it does with what comes next. */
  onFailed(error: unknown): void;
  changeHeads: ChangeHeads;
  sameAmong: Duplicates['sameAmong'];
}

const leftOutTold = 100;
const everyMs = 250;

export class Teaching {
  readonly #options: TeachingOptions;
  readonly #thread = new TeachThread();
  #status: TeachingStatus | null = null;
  #stop: AbortController | null = null;
  #toldMs = 0;
  #audit: { asked: string; found: Difference[] } | null = null;
  /** Teaching again after a word: asked for, and at it. */
  #again = false;
  #following: Promise<void> | null = null;

  constructor(options: TeachingOptions) {
    this.#options = options;
  }

  status(): TeachingStatus | null {
    return this.#status;
  }

  /** @throws SaccadeError `teaching-active`, `head-exists`, `no-head`, `no-feature` */
  start(asked: Asked): TeachingStatus {
    if (this.#stop) throw active(this.#status!.name);
    const { catalog, manifest } = this.#options;
    checkNext(catalog, asked.name, asked.headId ?? null, manifest());
    this.#status = {
      state: 'reading',
      name: asked.name,
      done: 0,
      total: 0,
      head: null,
      examples: null,
      notes: [],
      leftOut: [],
      leftOutTotal: 0,
      error: null,
    };
    this.#stop = new AbortController();
    void this.#run(asked, manifest(), this.#stop.signal);
    return this.#status;
  }

  cancel(): TeachingStatus | null {
    this.#stop?.abort();
    this.#thread.cancel();
    return this.#status;
  }

  async #run(asked: Asked, manifest: ModelManifest, signal: AbortSignal): Promise<void> {
    try {
      await this.#following;
      const acts = lastAct(this.#options.catalog);
      const found = await findExamples(this.#options.catalog, asked.source);
      const { keyId, seen, gathered } = await this.#look(found, manifest, signal);
      const { examples, labels } = gathered;
      const fits = neededFit(this.#options.catalog, manifest);
      this.#tell({ state: 'teaching', done: 0, total: 0, examples: examples.labels.length });
      const { name, answers = several(examples) ? 'any' : 'one' } = asked;
      const taught = await this.#thread.teach(
        { examples, options: { name, labels, answers, fits } },
        (done, total) => this.#tell({ done, total }),
      );
      signal.throwIfAborted();
      const { source, headId = null, use = false } = asked;
      const follows = source.from === 'person' ? source : null;
      const { catalog, changeHeads } = this.#options;
      const from = { acts, digest: digestOf(keyId, gathered), seen };
      const kept = { kind: 'teach-head', headId, use, follows, from } as const;
      const head = keepHead(catalog, changeHeads, taught.head, kept);
      this.#stop = null;
      this.#tell({ state: 'finished', head: head.id, notes: taught.notes });
    } catch (error) {
      this.#stop = null;
      if (signal.aborted) this.#tell({ state: 'cancelled' });
      else this.#tell({ state: 'failed', error: toFailure(error) });
    }
    // What was said meanwhile waited for it.
    if (this.#again) this.follow();
  }

  async #look(found: Found, manifest: ModelManifest, signal: AbortSignal) {
    this.#tell({ state: 'features' });
    const { catalog, startJob, endJob } = this.#options;
    const { keyId, contents } = await lookAt(
      { catalog, startJob, endJob, keyId: this.#keyOf(manifest) },
      found.paths,
      (done, total) => this.#tell({ done, total }),
      signal,
    );
    const leftOut = contents.flatMap(({ path, error }) => (error ? [{ path, error }] : []));
    this.#tell({ leftOut: leftOut.slice(0, leftOutTold), leftOutTotal: leftOut.length });
    const seen = seenOfPerson(catalog, keyId);
    const gathered = await this.#grouped(gatherExamples(catalog, keyId, contents, found), true, signal);
    return { keyId, seen, gathered };
  }

  /** With which of them show the same picture: those are held out together. */
  async #grouped(gathered: Gathered, read: boolean, signal: AbortSignal): Promise<Gathered> {
    const { examples, paths, contentIds } = gathered;
    const files = paths.map((path, i) => ({ path, contentId: contentIds[i]! }));
    const total = files.length;
    const onstep = (done: number) => read && this.#tell({ done, total });
    const same = await this.#options.sameAmong(files, read, onstep, signal);
    // Below zero, so that no content of its own has the number.
    const groupOf = new Map(same.flatMap((group, i) => group.map((id) => [id, -1 - i])));
    return { ...gathered, examples: { ...examples, groups: contentIds.map((id) => groupOf.get(id) ?? id) } };
  }

  /** Files looked at by a model, the chosen one if none is named, as far as they never were. */
  lookAt(paths: string[], signal: AbortSignal, asked?: InstalledModel): Promise<Looked> {
    const { catalog, startJob, endJob, manifest } = this.#options;
    const keyId = this.#keyOf(asked?.manifest ?? manifest());
    const start = (some: string[]) => startJob(some, asked?.folder);
    return lookAt({ catalog, startJob: start, endJob, keyId }, paths, () => {}, signal);
  }

  #keyOf({ weights }: ModelManifest): number | null {
    return keyIdFor(this.#options.catalog, weights.sha256, this.#options.precision());
  }

  /**
   * After a person's word, where photos may have been seen since, or where another head is in use: that is taught again
   * where it follows words, and these, or what was seen of their photos, are others than it was taught from.
   */
  follow(): void {
    this.#again = true;
    this.#following ??= this.#followWords()
      .catch((error: unknown) => this.#options.onFailed(error))
      .finally(() => (this.#following = null));
  }

  async #followWords(): Promise<void> {
    while (this.#again && !this.#stop && this.#options.catalog.isOpen()) {
      this.#again = false;
      // What cannot be taught just now (the last example of a label was taken back) is taught with a later word.
      await this.#teachAgain().catch((error: unknown) => {
        if (!(error instanceof SaccadeError)) throw error;
      });
    }
  }

  async #teachAgain(): Promise<void> {
    const { catalog, manifest, changeHeads } = this.#options;
    const { weights } = manifest();
    const used = headInUse(catalog, weights.sha256);
    const source = used && followed(catalog)[used.id];
    const keyId = shownKeyId(catalog);
    if (!used || !source || keyId === null) return;
    const known = taughtFrom(catalog, used);
    const acts = lastAct(catalog);
    const seen = seenOfPerson(catalog, keyId);
    // Which photos a filter finds is not only up to acts, nor is what keywords files have.
    const byWords = !source.keywords && !Object.keys(source.filter ?? {}).length;
    if (byWords && known?.acts === acts && known.seen) {
      // Those seen no more stay taught: under another precision few may be seen yet.
      const before = new Set(known.seen);
      if (seen.every((id) => before.has(id))) return;
    }
    // A person's threshold is not what was fitted.
    const again = { ...readHead(catalog, used), doubt: describedHead(used).doubt };
    const found = await findExamples(catalog, source);
    const contents = await contentsNow(catalog, found.paths, 'as it was');
    const gathered = gatherExamples(catalog, keyId, contents, found);
    const from = { acts, digest: digestOf(keyId, gathered), seen };
    if (known?.digest === from.digest) {
      catalog.transaction(() => noteTaughtFrom(catalog, used, from));
      return;
    }
    const { examples, labels } = gathered;
    const { name, answers, fits } = again;
    const { head } = await this.#thread.teach({ examples, options: { name, labels, answers, fits, again } });
    // Changed meanwhile: another head, or this one taught anew, perhaps by another window that follows the same words.
    const isStill = () => {
      const now = headInUse(catalog, weights.sha256);
      return now?.id === used.id && now.version === used.version;
    };
    if (!catalog.isOpen() || !isStill()) return;
    changeHeads(() => {
      if (!isStill()) return;
      const next = insertHead(catalog, head, used.id);
      dropPassingVersions(catalog, used.id);
      noteTaughtFrom(catalog, next, from);
    }, true);
  }

  /**
   * Photos whose word is probably wrong, by heads that were taught without each of them, strongest first.
   * @throws SaccadeError `teaching-active`, as `teach` does, and where the photos are not classified yet: `no-results`
   */
  async suspects(by: AuditBy, filter: PhotoFilter): Promise<Difference[]> {
    const { catalog, manifest } = this.#options;
    if (this.#stop) throw active(this.#status!.name);
    const key = shownKeyId(catalog);
    const acts = lastAct(catalog);
    const known = catalog.one<{ n: number }>('SELECT count(*) AS n FROM features WHERE key_id = ?', key)!.n;
    const asked = JSON.stringify([by, filter, key, acts, known, keywordsVersion(catalog)]);
    if (this.#audit?.asked === asked) return this.#audit.found;
    await this.#following;
    const found = auditFound(catalog, by, filter);
    const contents = await contentsNow(catalog, found.paths, 'as it was');
    if (key === null || !contents.length) return [];
    const { signal } = new AbortController();
    const gathered = gatherExamples(catalog, key, contents, found);
    // A whole library is not read for this: what was compared before is known.
    const { examples, labels, paths } = await this.#grouped(gathered, false, signal);
    const fits = neededFit(catalog, manifest());
    const { head, heldOut } = await this.#thread.teach({
      examples,
      options: { name: 'audit', labels, answers: 'one', fits },
    });
    const differing = heldOut ? namedSuspects(examples, head, heldOut, paths) : [];
    const suspected = differing.flatMap(({ path, ...rest }) => {
      const photoId = photoAt(catalog, path);
      return photoId === null ? [] : [{ photoId, ...rest }];
    });
    this.#audit = { asked, found: suspected };
    return suspected;
  }

  #tell(news: Partial<TeachingStatus>): void {
    this.#status = { ...this.#status!, ...news };
    if (news.state === undefined && performance.now() < this.#toldMs + everyMs) return;
    this.#toldMs = performance.now();
    if (this.#options.catalog.isOpen()) this.#options.emit(this.#status);
  }

  async close(): Promise<void> {
    this.#stop?.abort();
    this.#thread.close();
    await this.#following?.catch(() => {});
  }
}

const active = (name: string) =>
  new SaccadeError(
    'teaching-active',
    `Expected no head to be taught; "${name}" is. Wait for it, or cancel it.`,
  );

const several = ({ labels }: Examples) => labels.some((names) => names.length > 1);

/** The same for the same photos, seen by the same model, with the same labels. */
function digestOf(keyId: number, { contentIds, examples, labels }: Gathered): string {
  const said = contentIds.map((id, i) => JSON.stringify([id, examples.labels[i]])).sort();
  const hash = createHash('sha256').update(JSON.stringify([keyId, labels]));
  for (const each of said) hash.update(each);
  return hash.digest('hex');
}
