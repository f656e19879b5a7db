/** A model that is being written for other programs: what is asked for, how far it is, what came of it. */
import type { ModelSummary } from '../../main/contract/entities/model.ts';
import type { ModelExport as Target, ModelExportStatus } from '../../main/contract/exports.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { MapMethod, Precision } from '../../main/contract/values.ts';
import type { Bridge } from '../../main/contract/wire.ts';

/** In the order that they are offered in. */
const allMaps: readonly MapMethod[] = ['class', 'cls', 'rollout'];
/** Of ONNX's operators, oldest first. */
export const exportedOpsets: readonly number[] = [13, 14, 15, 16, 17, 18, 19, 20, 21];
const usualOpset = 20;

/** A set of one's own in place of the labels that the model came with. */
export interface OtherLabels {
  id: number;
  /** Cosines are no linear classifier's, so that no weights hold them. */
  written: boolean;
}

export class ModelExport {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  readonly #ended: (status: ModelExportStatus) => void;
  /** Whose sheet is open. */
  model: ModelSummary | null = $state.raw(null);
  format: Target['format'] = $state('onnx');
  #maps: readonly MapMethod[] = $state.raw(['class']);
  precision: Precision = $state('fp32');
  opset: number = $state(usualOpset);
  /** Null: what the model came with. */
  labels: OtherLabels | null = $state.raw(null);
  folder = $state('');
  /** Of the file, or of the new folder. */
  name = $state('');
  /** Of whichever model. */
  #last: ModelExportStatus | null = $state.raw(null);
  /** Why it was not even begun. */
  refused: Failure | null = $state.raw(null);
  /** Whose answers are filled in. */
  #formOf = '';
  #told = 0;

  /** What can be had with the labels that are chosen. */
  readonly #possible = $derived(
    (this.labels ? this.model?.exports?.others : this.model?.exports?.came) ?? { maps: [], weights: false },
  );
  readonly maps: readonly MapMethod[] = $derived(allMaps.filter((map) => this.#possible.maps.includes(map)));
  readonly chosenMaps: readonly MapMethod[] = $derived(this.maps.filter((map) => this.#maps.includes(map)));
  readonly formats: readonly Target['format'][] = $derived(
    this.#possible.weights && !this.labels?.written ? ['onnx', 'safetensors'] : ['onnx'],
  );
  /** What is written: the one that is chosen, where it can be had. */
  readonly as: Target['format'] = $derived(this.formats.includes(this.format) ? this.format : 'onnx');
  /** Of the model on the sheet. */
  readonly status: ModelExportStatus | null = $derived(
    this.#last?.modelId === this.model?.id ? this.#last : null,
  );
  /** Of whichever model; one at a time. */
  readonly running: ModelExportStatus | null = $derived(this.#last?.state === 'running' ? this.#last : null);

  /** @param ended is told of the end of an export whose sheet is not open */
  constructor(bridge: Bridge, fail: (failure: Failure) => void, ended: (status: ModelExportStatus) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
    this.#ended = ended;
  }

  get ready(): boolean {
    return this.folder.trim() !== '' && this.name.trim() !== '' && !/[\\/]/.test(this.name);
  }
  get path(): string {
    const folder = this.folder.trim();
    const slash = folder.includes('\\') ? '\\' : '/';
    const ending = this.as === 'onnx' && !/\.onnx$/i.test(this.name.trim()) ? '.onnx' : '';
    return `${folder.replace(/[\\/]$/, '')}${slash}${this.name.trim()}${ending}`;
  }

  /** What is being written of it stays in sight; else it is asked anew. */
  open(model: ModelSummary): void {
    this.model = model;
    this.refused = null;
    if (this.status?.state === 'running' && this.#formOf === model.id) return;
    if (!this.running) this.#last = null;
    this.#formOf = model.id;
    this.labels = null;
    this.name = model.id;
  }
  /** What came of it is read. */
  show(model: ModelSummary): void {
    this.model = model;
    this.#formOf = model.id;
  }
  close(): void {
    this.model = null;
  }
  choose(map: MapMethod, wanted: boolean): void {
    this.#maps = allMaps.filter((each) => (each === map ? wanted : this.#maps.includes(each)));
  }

  async go(): Promise<void> {
    const { model, as, chosenMaps, precision, opset, labels, path } = this;
    if (!model) return;
    this.refused = null;
    this.#last = null;
    const told = this.#told;
    const answer = await this.#bridge.ask('models.startExport', {
      ...{ modelId: model.id, path, headId: labels?.id },
      as: as === 'onnx' ? { format: as, maps: [...chosenMaps], precision, opset } : { format: as },
    });
    // What is short may have told its end before it is answered that it began.
    if (answer.ok && told === this.#told) this.#last = answer.value;
    if (answer.ok) return;
    if (this.model?.id === model.id) this.refused = answer.error;
    else this.#fail(answer.error);
  }
  async cancel(): Promise<void> {
    this.#failed(await this.#bridge.ask('models.cancelExport', {}));
  }
  /** What was going on before this window was there, or what it did not hear. */
  async refresh(): Promise<void> {
    const told = this.#told;
    const answer = await this.#bridge.ask('models.currentExport', {});
    this.#failed(answer);
    if (!answer.ok || told !== this.#told) return;
    const { running } = this;
    // A process that ended took its export with it.
    if (answer.value?.state === 'running' || !running || !answer.value) this.#last = answer.value;
    else this.progressed(answer.value);
  }
  progressed(status: ModelExportStatus): void {
    this.#told++;
    this.#last = status;
    if (status.state !== 'running' && status.modelId !== this.model?.id) this.#ended(status);
  }
  #failed(answer: Result<unknown>): void {
    if (!answer.ok) this.#fail(answer.error);
  }
}
