import type { DownloadStatus } from '../../main/contract/entities/download.ts';
import type {
  BrokenModel,
  CatalogueEntry,
  ModelDetail,
  ModelSummary,
} from '../../main/contract/entities/model.ts';
import type { RunStatus } from '../../main/contract/entities/run.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { OpenAnswers } from './open-answers.svelte.ts';
import { expectedThroughput } from '../components/purposes.ts';

const photosForThroughput = 200;

export type DownloadStep = 'models.pauseDownload' | 'models.resumeDownload' | 'models.cancelDownload';

/** Models on this machine, ones to fetch, and those on their way. */
export class InstalledModels {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  items = $state.raw<readonly ModelSummary[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  #details = $state.raw<ReadonlyMap<string, ModelDetail>>(new Map());
  catalogue = $state.raw<readonly CatalogueEntry[]>([]);
  downloads = $state.raw<readonly DownloadStatus[]>([]);
  /** Somebody is asked whether it is to be removed; null: nobody is. */
  leaving: ModelSummary | null = $state.raw(null);
  importing = $state(false);
  /** What a model that is being imported still asks. */
  open: OpenAnswers | null = $state.raw(null);
  #answered: ((told: OpenAnswers['told'] | null) => void) | null = null;
  /** Of downloads, by their id: what was typed is not lost where it did not do. */
  readonly #forms = new Map<string, OpenAnswers>();
  /** Folders of models that can't be read as one. */
  broken: readonly BrokenModel[] = $state.raw([]);
  /** Why models can't compute, as they were found when they were looked at. */
  #unsound = $state.raw<ReadonlyMap<string, Failure>>(new Map());
  /** What the last run reached here. */
  throughput: { model: string; photosPerSecond: number } | null = $state.raw(null);

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  detail(id: string): ModelDetail | undefined {
    return this.#details.get(id);
  }

  named(id: string): ModelSummary | undefined {
    return this.items?.find((model) => model.id === id);
  }

  /** Takes a run's throughput once it means something: a short run is mostly its start. */
  ran({ model, done, known, photosPerSecond }: RunStatus): void {
    if (photosPerSecond !== null && done - known >= photosForThroughput)
      this.throughput = { model, photosPerSecond };
  }
  /** Photos a second to expect of an entry of the catalogue; null: nothing was measured yet. */
  throughputOf(entry: CatalogueEntry): number | null {
    const { throughput } = this;
    const model = this.items?.find(({ id }) => id === throughput?.model);
    return expectedThroughput(
      entry,
      throughput && model ? { model, photosPerSecond: throughput.photosPerSecond } : null,
    );
  }

  async refresh(): Promise<void> {
    const [models, catalogue, downloads] = await Promise.all([
      this.#bridge.ask('models.list', {}),
      this.#bridge.ask('models.catalogue', {}),
      this.#bridge.ask('models.downloads', {}),
    ]);
    this.failure = models.ok ? null : models.error;
    if (models.ok) {
      this.items = models.value.items;
      this.broken = models.value.broken;
    }
    if (catalogue.ok) this.catalogue = catalogue.value.items;
    if (downloads.ok) this.downloads = downloads.value.items;
    await this.#lookAgain();
  }
  /** A command may have put another model under the name of one that was shown. */
  async #lookAgain(): Promise<void> {
    const known = [...this.#details.keys()];
    if (!known.length) return;
    const answers = await Promise.all(
      known.map(async (modelId) => [modelId, await this.#bridge.ask('models.show', { modelId })] as const),
    );
    const details = new Map(this.#details);
    for (const [id, answer] of answers)
      if (answer.ok) details.set(id, answer.value);
      else if (answer.error.code === 'no-model') details.delete(id);
    this.#details = details;
  }
  async show(modelId: string): Promise<void> {
    if (this.#details.has(modelId)) return;
    const answer = await this.#bridge.ask('models.show', { modelId });
    if (answer.ok) this.#details = new Map([...this.#details, [modelId, answer.value]]);
    else this.#fail(answer.error);
  }
  unsound(id: string): Failure | undefined {
    return this.#unsound.get(id);
  }
  /** Its folder and weights may have been deleted or exchanged since. */
  async check(modelId: string): Promise<void> {
    const answer = await this.#bridge.ask('models.check', { modelId });
    if (!answer.ok) return this.#fail(answer.error);
    const { failure } = answer.value;
    const others = [...this.#unsound].filter(([id]) => id !== modelId);
    this.#unsound = new Map(failure ? [...others, [modelId, failure]] : others);
  }
  /**
   * Asks a person for what the files leave open, as often as it takes.
   * @returns the model's summary, or null where it failed (and was told) or nobody answered
   */
  async import(path: string): Promise<ModelSummary | null> {
    this.answer(null);
    const imported = await this.#import(path, null, null);
    await this.refresh();
    return imported;
  }
  /** Asks a person for what the files of a download leave open, and goes on with it. */
  async answerDownload({ id, repository, error }: DownloadStatus): Promise<void> {
    if (!error?.questions) return;
    this.answer(null);
    // Only what was sent and did not do is there again.
    const typed = this.#forms.get(id);
    typed?.ask(error.questions, error);
    const form = typed ?? new OpenAnswers(repository, error.questions);
    const told = await this.#asked(form);
    this.#close(form);
    if (!told) return;
    this.#forms.set(id, form);
    this.#moved(await this.#bridge.ask('models.resumeDownload', { downloadId: id, ...told }));
  }
  #asked(form: OpenAnswers): Promise<OpenAnswers['told'] | null> {
    this.open = form;
    return new Promise((resolve) => (this.#answered = resolve));
  }
  #close(form: OpenAnswers | null): void {
    if (this.open === form) this.open = null;
  }
  /** What is filled in; null: nothing, the import is dropped. */
  answer(told: OpenAnswers['told'] | null): void {
    this.#answered?.(told);
    this.#answered = null;
  }
  async #import(
    path: string,
    told: OpenAnswers['told'] | null,
    form: OpenAnswers | null,
  ): Promise<ModelSummary | null> {
    this.importing = true;
    const answer = await this.#bridge.ask('models.import', { path, ...told });
    this.importing = false;
    const questions = answer.ok ? null : (answer.error.questions ?? null);
    if (answer.ok || !(form || questions)) {
      if (!answer.ok) this.#fail(answer.error);
      this.#close(form);
      return answer.ok ? answer.value : null;
    }
    form?.ask(questions, answer.error);
    const asking = form ?? new OpenAnswers(path, questions!);
    const next = await this.#asked(asking);
    if (next) return this.#import(path, next, asking);
    this.#close(asking);
    return null;
  }
  async remove(modelId: string): Promise<void> {
    const answer = await this.#bridge.ask('models.remove', { modelId });
    if (!answer.ok) this.#fail(answer.error);
    this.#details = new Map([...this.#details].filter(([id]) => id !== modelId));
    await this.refresh();
  }
  async download(source: string): Promise<boolean> {
    return this.#moved(await this.#bridge.ask('models.download', { source }));
  }
  async step(step: DownloadStep, downloadId: string): Promise<void> {
    const ended = this.downloads.find(({ id }) => id === downloadId)?.state;
    const moved = this.#moved(await this.#bridge.ask(step, { downloadId }));
    if (
      moved &&
      step === 'models.cancelDownload' &&
      ['installed', 'failed', 'cancelled'].includes(ended ?? '')
    )
      this.downloads = this.downloads.filter(({ id }) => id !== downloadId);
  }
  /** A download moved on. */
  progressed(status: DownloadStatus): void {
    const others = this.downloads.some(({ id }) => id === status.id);
    this.downloads = others
      ? this.downloads.map((one) => (one.id === status.id ? status : one))
      : [...this.downloads, status];
  }
  #moved(answer: Result<DownloadStatus>): boolean {
    if (answer.ok) this.progressed(answer.value);
    else this.#fail(answer.error);
    return answer.ok;
  }
}
