/** What people write in words, read by the model: labels, and what photos are searched by. */
import type { VitConfig } from '../../../models/config.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import { findModel } from '../../../models/store.ts';
import { cutNotes, headOfTexts, noneNotes, parseWritten, phrasings } from '../../../models/texts/written.ts';
import type { EmbeddedTexts } from '../../contract/inference.ts';
import type { SearchResult } from '../../contract/entities/likeness.ts';
import type { Note } from '../../../models/heads/report.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import { neutralPhrases, usualTemplates } from '../../contract/written.ts';
import { keyIdFor } from '../catalog/shown.ts';
import type { LibraryState } from '../state.ts';
import { neededFit, showHead } from './heads.ts';
import { checkNext, keepHead } from './keep.ts';
import { nearest } from '../search/like.ts';

/** Read in one call, between which it is told how far it is. */
const textsAtOnce = 128;
const everyMs = 250;

/** @throws SaccadeError of main/inference/answering/texts.ts */
async function embedTexts(
  { core }: LibraryState,
  modelFolder: string,
  texts: string[],
  signal: AbortSignal,
  onstep: (read: number) => void = () => {},
): Promise<EmbeddedTexts & { notes: Note[] }> {
  const parts: EmbeddedTexts[] = [];
  for (let from = 0; from < texts.length; from += textsAtOnce) {
    onstep(from);
    const some = texts.slice(from, from + textsAtOnce);
    const asked = { modelFolder, texts: some };
    parts.push(await core().inference.interactive('embedTexts', asked, { signal }));
  }
  const [{ scale, bias, positions, embeds: first }] = parts as [EmbeddedTexts];
  const length = first.length / Math.min(textsAtOnce, texts.length);
  const embeds = new Float32Array(texts.length * length);
  for (const [i, part] of parts.entries()) embeds.set(part.embeds, i * textsAtOnce * length);
  const cut = parts.flatMap((part, i) => part.cut.map((at) => i * textsAtOnce + at));
  return { embeds, scale, bias, positions, cut, notes: cutNotes(texts, cut, positions) };
}

/** What is being written, to be cancelled. */
export class Writings {
  readonly #stops = new Set<AbortController>();

  /** Aborted by `cancel` too. */
  async within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    this.#stops.add(stop);
    try {
      return await work(AbortSignal.any([signal, stop.signal]));
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      throw new SaccadeError('cancelled', 'Writing labels was cancelled; everything is as it was before.', {
        cause: error,
      });
    } finally {
      this.#stops.delete(stop);
    }
  }

  cancel(): void {
    for (const stop of this.#stops) stop.abort();
  }
}

/** @throws SaccadeError of models/texts/written.ts and of `checkNext`, `no-text-tower`, `empty-text` */
export async function writeLabels(
  library: LibraryState,
  request: Request<'heads.write'>,
  signal: AbortSignal,
): Promise<Answer<'heads.write'>> {
  const {
    name,
    labels,
    templates = usualTemplates,
    none = neutralPhrases,
    headId = null,
    use = false,
  } = request;
  const { catalog } = library.core();
  const { folder, manifest } = modelOf(library, request.model);
  // Such a model answers each label by itself: a photo may be none of them without words for that.
  const eachByItself = (manifest.architecture as unknown as VitConfig).text?.filled !== undefined;
  const written = parseWritten(labels, { templates, none: eachByItself ? [] : none });
  checkNext(catalog, name, headId, manifest);
  const fits = neededFit(catalog, manifest);
  const texts = phrasings(written);
  let toldMs = performance.now();
  const { embeds, notes, ...reading } = await embedTexts(library, folder, texts, signal, (read) => {
    if (performance.now() < toldMs + everyMs) return;
    toldMs = performance.now();
    library.options().emit('heads.writing', { read, of: texts.length });
  });
  // Cancelled with the last text: nothing is kept.
  signal.throwIfAborted();
  const head = headOfTexts(written, embeds, reading, name, fits);
  // Names may have been taken meanwhile.
  checkNext(catalog, name, headId, manifest);
  const changeHeads = (change: () => void, shown: boolean) =>
    library.core().showing.changeHeads(change, shown);
  const { id } = keepHead(catalog, changeHeads, head, { kind: 'write-head', headId, use, follows: null });
  const told = [...notes, ...(eachByItself ? noneNotes(request.none, neutralPhrases) : [])];
  return { head: showHead(catalog, chosen(library), id), notes: told };
}

const modelOf = ({ core, roots }: LibraryState, model: string | undefined) =>
  findModel(roots(), model ?? core().settings().model);
const chosen = (library: LibraryState): ModelManifest => modelOf(library, undefined).manifest;

/** @throws SaccadeError `no-text-tower`, `empty-text`; `no-results` where the model has looked at no photo */
export async function searchWords(
  library: LibraryState,
  { text, filter = {}, top, model }: Request<'photos.searchWords'>,
  signal: AbortSignal,
): Promise<SearchResult> {
  const { folder, manifest } = modelOf(library, model);
  const { embeds, notes } = await embedTexts(library, folder, [text], signal);
  const { catalog } = library.core();
  const key = keyIdFor(catalog, manifest.weights.sha256, library.core().settings().precision);
  if (key === null)
    throw new SaccadeError(
      'no-results',
      `Expected photos that ${manifest.name} has looked at; found none. Classify them with it first.`,
    );
  const asked = { keyId: key, query: embeds, filter, top };
  return { ...(await nearest(library.core(), asked, signal)), notes };
}
