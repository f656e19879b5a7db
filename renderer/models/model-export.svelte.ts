/** A model that is being written for other programs: what is asked for, how far it is, what came of it. */
import type { ModelExport as Target, ModelExportStatus } from '../../main/contract/exports.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { MapMethod, Precision } from '../../main/contract/values.ts';
import type { Bridge } from '../../main/contract/wire.ts';

export const exportedMaps: readonly MapMethod[] = ['class', 'cls', 'rollout'];
/** Of ONNX's operators, oldest first. */
export const exportedOpsets: readonly number[] = [13, 14, 15, 16, 17, 18, 19, 20, 21];
const usualOpset = 20;

export class ModelExport {
  readonly #bridge: Bridge;
  /** Of the model on the page, while its sheet is open. */
  modelId: string | null = $state(null);
  format: Target['format'] = $state('onnx');
  maps: MapMethod[] = $state(['class']);
  precision: Precision = $state('fp32');
  opset: number = $state(usualOpset);
  /** Null: what the model came with. */
  headId: number | null = $state(null);
  folder = $state('');
  /** Of the file, or of the new folder. */
  name = $state('');
  status: ModelExportStatus | null = $state.raw(null);
  /** Why it was not even begun. */
  refused: Failure | null = $state.raw(null);
  #told = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  get running(): boolean {
    return this.status?.state === 'running';
  }
  get ready(): boolean {
    return this.folder.trim() !== '' && this.name.trim() !== '' && !/[\\/]/.test(this.name);
  }
  get path(): string {
    const folder = this.folder.trim();
    const slash = folder.includes('\\') ? '\\' : '/';
    const ending = this.format === 'onnx' && !/\.onnx$/i.test(this.name.trim()) ? '.onnx' : '';
    return `${folder.replace(/[\\/]$/, '')}${slash}${this.name.trim()}${ending}`;
  }

  open(modelId: string): void {
    this.modelId = modelId;
    this.refused = null;
    if (this.running) return;
    this.status = null;
    this.headId = null;
    this.name = modelId;
  }
  close(): void {
    this.modelId = null;
  }
  choose(map: MapMethod, wanted: boolean): void {
    this.maps = exportedMaps.filter((each) => (each === map ? wanted : this.maps.includes(each)));
  }

  async go(modelId: string, hasMaps: boolean): Promise<void> {
    const { format, precision, opset, headId, path } = this;
    const maps = hasMaps ? [...this.maps] : [];
    this.refused = null;
    this.status = null;
    await this.#ask(() =>
      this.#bridge.ask('models.startExport', {
        ...{ modelId, path, headId: headId ?? undefined },
        as: format === 'onnx' ? { format, maps, precision, opset } : { format },
      }),
    );
  }
  async cancel(): Promise<void> {
    await this.#bridge.ask('models.cancelExport', {});
  }
  /** What was going on before this window was there. */
  async refresh(): Promise<void> {
    await this.#ask(() => this.#bridge.ask('models.currentExport', {}));
  }
  progressed(status: ModelExportStatus): void {
    this.#told++;
    this.status = status;
  }
  /** What is short may have told its end before it is answered that it began. */
  async #ask(ask: () => Promise<Result<ModelExportStatus | null>>): Promise<void> {
    const told = this.#told;
    const answer = await ask();
    if (!answer.ok) this.refused = answer.error;
    else if (answer.value && this.#told === told) this.status = answer.value;
  }
}
