/**
 * How near every photo is to a query: by graphs of eight bits in the inference process where there are very many, else,
 * and until those are loaded, by a scan.
 */
import { chunkSize, scoresOf } from '../../../models/search/nearest.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresInOrder } from '../catalog/features.ts';
import type { Inference } from '../inference.ts';
import { SearchRows } from './search-rows.ts';

export interface Scores {
  rows: SearchRows;
  /** [rows], cosines; rounded to eight bits but for the last few. */
  scores: Float32Array;
}

/** From so many on graphs are worth their room: a scan of as many takes about a tenth of a second. */
const fewest = 20_000;
/** Vectors read from the catalog between which others are served: 3 MB of 768 numbers. */
const atOnce = 2000;
const mostFailures = 2;

const othersServed = () => new Promise((resolve) => setImmediate(resolve));

export interface SearchScoresOptions {
  catalog: Catalog;
  inference: Pick<Inference, 'interactive'>;
  /** Rows from which on graphs are loaded. Default: twenty thousand. */
  fewestForGraphs?: number | undefined;
}

export class SearchScores {
  readonly #options: SearchScoresOptions;
  #rows: SearchRows | null = null;
  /** Rows that the inference process can score. */
  #loaded = 0;
  #loading: Promise<void> | null = null;
  #failures = 0;
  #sets = 0;

  constructor(options: SearchScoresOptions) {
    this.#options = options;
  }

  #rowsOf(keyId: number): SearchRows {
    if (this.#rows?.keyId === keyId && this.#rows.refresh()) return this.#rows;
    this.#loaded = this.#failures = 0;
    this.#sets++;
    return (this.#rows = new SearchRows(this.#options.catalog, keyId));
  }

  /** @param query [F], of length 1 */
  async of(keyId: number, query: Float32Array, signal?: AbortSignal): Promise<Scores> {
    const rows = this.#rowsOf(keyId);
    const scores = new Float32Array(rows.count);
    let done = await this.#byGraphs(rows, query, scores);
    while (done < scores.length) {
      signal?.throwIfAborted();
      const end = Math.min(done + atOnce, scores.length);
      scores.set(scoresOf(query, this.#features(rows, done, end)), done);
      done = end;
      await othersServed();
    }
    this.#load(rows);
    return { rows, scores };
  }

  /** Answers with how many rows were scored: the first ones. */
  async #byGraphs(rows: SearchRows, query: Float32Array, into: Float32Array): Promise<number> {
    if (this.#loaded === 0) return 0;
    try {
      const asked = { set: this.#set(), query };
      const { scores } = await this.#options.inference.interactive('scoreVectors', asked);
      into.set(scores.subarray(0, into.length));
      return Math.min(scores.length, into.length);
    } catch (error) {
      // A scan answers instead.
      this.#lost(rows, error);
      return 0;
    }
  }

  /** In the background, chunk by chunk: what is there is used while the rest comes. */
  #load(rows: SearchRows): void {
    if (this.#loading || rows.count - this.#loaded < this.#fewest || this.#failures >= mostFailures) return;
    this.#loading = this.#loadAll(rows)
      .catch((error: unknown) => this.#lost(rows, error))
      .finally(() => (this.#loading = null));
  }

  async #loadAll(rows: SearchRows): Promise<void> {
    const { catalog, inference } = this.#options;
    const set = this.#set();
    const total = rows.count;
    for (let start = this.#loaded; start < total; start += chunkSize) {
      const end = Math.min(start + chunkSize, total);
      for (let from = start; from < end; from += atOnce) {
        await othersServed();
        if (!catalog.isOpen() || this.#rows !== rows) return;
        const { data, length } = this.#features(rows, from, Math.min(from + atOnce, end));
        const part = { set, length, chunk: { start, count: end - start }, data: new Uint8Array(data.buffer) };
        await inference.interactive('addVectors', part);
      }
      if (this.#rows === rows) this.#loaded = end;
    }
  }

  /** Given back, or gone with the process, they are loaded again; what fails time and again is left. */
  #lost(rows: SearchRows, error: unknown): void {
    if (this.#rows !== rows) return;
    this.#loaded = 0;
    this.#sets++;
    if (!(error instanceof SaccadeError) || error.code !== 'not-loaded') this.#failures++;
  }

  get #fewest(): number {
    return this.#options.fewestForGraphs ?? fewest;
  }

  #set(): string {
    return `${this.#rows!.keyId}/${this.#sets}`;
  }

  /** [to − from, F]; zeros where one has gone meanwhile. */
  #features(rows: SearchRows, from: number, to: number) {
    return featuresInOrder(this.#options.catalog, rows.keyId, rows.contentsOf(from, to));
  }

  async close(): Promise<void> {
    await this.#loading;
  }
}
