import type { Inspection, RolloutOptions } from '../../main/contract/entities/inspection.ts';
import type { PhotoDetail, PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { contributionMap } from '../../models/overlay/inspection.ts';
import type { Pages } from '../state/pages.svelte.ts';
import { Beside } from './beside.svelte.ts';
import { Curves } from './curves.svelte.ts';
import { Distances } from './distances.svelte.ts';
import { Looking } from './looking.svelte.ts';
import { Measuring } from './measuring.svelte.ts';
import { Overlay } from './overlay.svelte.ts';
import type { Size } from '../components/stage.ts';
import { Tools } from './tools.svelte.ts';
import { Trial, type Tried } from './trial.svelte.ts';
import { Viewport } from './viewport.svelte.ts';

/** One photo large, and what the model looked at in it; what is asked and drawn of it stands in files of its own. */
export class Inspector {
  readonly #bridge: Bridge;
  readonly #pages: Pages;
  readonly #ownLabels: () => boolean;
  /** Position in the list; null: closed. */
  position = $state<number | null>(null);
  photo = $state.raw<PhotoItem | null>(null);
  detail = $state.raw<PhotoDetail | null>(null);
  inspection = $state.raw<Inspection | null>(null);
  /** The inspection is that of the photo before: good for what is chosen, not for what is shown. */
  stale = $state(false);
  failure = $state.raw<Failure | null>(null);
  busy = $state(false);
  #classIndex = $state<number | null>(null);
  /** Of which set of labels that class is; null: what the model came with; undefined: of the one in use. */
  headId = $state<number | null | undefined>(undefined);
  #turn = 0;
  readonly trial: Trial;
  readonly looking: Looking;
  readonly measuringMap: Measuring;
  readonly distances: Distances;
  readonly beside = new Beside();
  readonly overlay: Overlay;
  readonly tools: Tools;
  readonly curves: Curves;

  /** Oriented pixels of the photo; null until known. */
  readonly size: Size | null = $derived.by(() => {
    const inspected = this.stale ? undefined : this.inspection?.photo;
    const photo = inspected ?? this.detail ?? this.photo;
    return photo && photo.width > 0 ? { width: photo.width, height: photo.height } : null;
  });
  readonly viewport = new Viewport(() => this.size);
  /** The class that maps, curves and trials are about; null: nothing is named. */
  readonly explained: number | null = $derived(
    this.inspection?.contribution?.classIndex ??
      this.#classIndex ??
      this.inspection?.predictions[0]?.index ??
      null,
  );

  /** `ownLabels`: whether labels, and so evidence, are those that the model came with. */
  constructor(bridge: Bridge, pages: Pages, ownLabels: () => boolean = () => true) {
    this.#bridge = bridge;
    this.#pages = pages;
    this.#ownLabels = ownLabels;
    const tried = () => this.#tried();
    this.trial = new Trial(bridge, tried);
    this.looking = new Looking(bridge, tried);
    this.measuringMap = new Measuring(bridge, tried);
    this.distances = new Distances(bridge, pages);
    this.overlay = new Overlay(this, pages);
    this.tools = new Tools(this);
    this.curves = new Curves(bridge, this);
  }

  get asStored(): boolean {
    return this.#classIndex === null && this.headId === undefined && this.#ownLabels();
  }

  #tried(): Tried | null {
    const { photo, inspection } = this;
    if (!photo || !inspection?.grid || this.stale) return null;
    const patches = inspection.contribution?.patches;
    const { rows, columns } = inspection.grid;
    const all = [0, inspection.layers - 1] as const;
    const evidence = patches ? contributionMap(patches, rows * columns, all) : null;
    const { headId, explained: classIndex } = this;
    return { photoId: photo.id, headId, grid: { rows, columns }, classIndex, evidence };
  }

  /** The photo opened last is there, with what the model saw in it. */
  opened: Promise<void> = Promise.resolve();

  /** `shown`: what stands at that place now; null where the list has just changed and shows what was. */
  open(position: number, shown: PhotoItem | null = this.#pages.at(position) ?? null): Promise<void> {
    return (this.opened = this.#open(position, shown));
  }
  async #open(position: number, shown: PhotoItem | null): Promise<void> {
    const turn = ++this.#turn;
    this.position = position;
    this.viewport.showWhole();
    const item = shown ?? (await this.#pages.load(position));
    if (turn !== this.#turn) return;
    if (!item) {
      this.photo = this.detail = this.inspection = null;
      this.failure = {
        code: 'no-such-photo',
        message: 'Expected a photo at this place of the list, found none.',
      };
      return;
    }
    this.photo = item;
    this.detail = null;
    this.stale = true;
    this.tools.pointed = null;
    this.#classIndex = null;
    this.headId = undefined;
    this.curves.reset();
    this.trial.reset();
    this.looking.reset();
    this.measuringMap.reset();
    // The mean over the list stays: it is of no one photo.
    if (!this.distances.running && (this.distances.mean?.photos ?? 0) < 2) this.distances.reset();
    await Promise.all([this.refresh(), this.#inspect()]);
  }
  close(): void {
    this.#turn++;
    this.position = this.photo = this.detail = this.inspection = this.failure = null;
    this.busy = false;
    this.headId = undefined;
    this.tools.inHand = null;
    this.trial.reset();
    this.looking.reset();
    this.measuringMap.reset();
    this.distances.reset();
  }
  /** To the photo before or after; false at the ends. */
  step(by: -1 | 1): boolean {
    const to = (this.position ?? 0) + by;
    if (this.position === null || to < 0 || to >= (this.#pages.total ?? 0)) return false;
    void this.open(to);
    return true;
  }
  /** The list has changed: the photo may stand elsewhere in it. */
  follow(): void {
    const { photo, position } = this;
    if (photo && position !== null) this.position = this.#pages.placeOf(photo.id, position);
  }
  /** The photo has left the list: to the one that takes its place, or the one before. False: there is none. */
  passedOn(): boolean {
    const at = this.position;
    if (at === null) return false;
    const there = this.#pages.at(at);
    if (there && there.id !== this.photo?.id) {
      void this.open(at);
      return true;
    }
    if (this.step(1)) this.position = at;
    else return this.step(-1);
    return true;
  }
  /**
   * The photo may have changed: where its file is another one, all that was seen in it is of the one before.
   * @returns the photo, where the library does not have it any more
   */
  async refresh(): Promise<PhotoItem | null> {
    const turn = this.#turn;
    const { photo, position } = this;
    if (!photo || position === null) return null;
    const answer = await this.#bridge.ask('photos.get', { photoId: photo.id });
    if (turn !== this.#turn || photo.id !== this.photo?.id) return null;
    if (!answer.ok) return answer.error.code === 'no-such-photo' ? photo : null;
    const changed = answer.value.version !== photo.version;
    // What could not be found where it was may be seen where it is now.
    const found = this.failure !== null && answer.value.path !== photo.path;
    if (changed && this.beside.kept?.photo.id === photo.id) this.beside.kept = null;
    if (changed || found) await this.open(position, answer.value);
    else this.detail = answer.value;
    return null;
  }
  /** Another model answers, or other labels are in use: what is shown is of those before. */
  async answeredAnew(): Promise<void> {
    if (this.position !== null && this.photo) await this.open(this.position, this.photo);
  }
  /** Another label of the same set; null: the first. */
  explain(classIndex: number | null): Promise<void> {
    return this.explainOf(this.headId, classIndex);
  }
  /** @param headId undefined: the set in use @param classIndex null: the first label */
  async explainOf(headId: number | null | undefined, classIndex: number | null): Promise<void> {
    if (headId === this.headId) this.measuringMap.stop();
    else this.measuringMap.reset();
    this.#classIndex = classIndex;
    this.headId = headId;
    this.curves.reset();
    await this.#inspect();
    this.trial.again();
  }
  /** Measures a map, or goes on with it, and shows it; stops while it is measured. */
  measure(): void {
    if (this.measuringMap.running) return this.measuringMap.stop();
    void this.measuringMap.start();
    this.overlay.draw({ method: 'measured', visible: true });
  }
  async again(): Promise<void> {
    if (this.photo) {
      this.measuringMap.reset();
      this.looking.reset();
      this.curves.reset();
      await this.#inspect();
      this.trial.again();
    } else if (this.position !== null) await this.open(this.position);
  }
  /** Rollout is made inside the model's graph, so another one is another inspection. */
  async rollout(change: Partial<RolloutOptions>): Promise<void> {
    const { overlay } = this;
    overlay.draw({ rollout: { ...overlay.drawing.rollout, ...change }, visible: true });
    await this.#inspect();
  }

  async #inspect(): Promise<void> {
    const turn = this.#turn;
    const classIndex = this.#classIndex;
    const headId = this.headId;
    const { rollout } = this.overlay.drawing;
    this.busy = true;
    this.failure = null;
    const photoId = this.photo!.id;
    const answer = await this.#bridge.ask('inspect.photo', { photoId, headId, classIndex, rollout });
    const stillAsked =
      classIndex === this.#classIndex && headId === this.headId && rollout === this.overlay.drawing.rollout;
    if (turn !== this.#turn || !stillAsked) return;
    this.busy = false;
    this.stale = false;
    this.inspection = answer.ok ? answer.value : null;
    if (!answer.ok) this.failure = answer.error;
  }
}
