import type { ColourMapName, DivergingName, SequentialName } from '../../models/overlay/colours.ts';
import { defaultDiverging, defaultSequential } from '../../models/overlay/colours.ts';
import { rangeOf, whyNotDrawable } from '../../models/overlay/normalise.ts';
import type { Normalisation } from '../../models/overlay/normalise.ts';
import type { Interpolation } from '../../models/overlay/paint.ts';
import type {
  FaithfulnessCurve,
  Inspection,
  PhotoDetail,
  PhotoItem,
  RolloutOptions,
} from '../../main/contract/entities.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { listRange, mapMethods, methodsOf, quickMethods, shownMap } from './map-choice.ts';
import { contributionMap, type HeadChoice } from '../../models/overlay/inspection.ts';
import type { ShownMap, ShownMethod } from './map-choice.ts';
import { rankCorrelation } from '../../models/overlay/measured.ts';
import { Distances } from './distances.svelte.ts';
import { Looking } from './looking.svelte.ts';
import { Measuring } from './measuring.svelte.ts';
import { Trial, type Tried } from './trial.svelte.ts';
import type { Pages } from '../library/pages.svelte.ts';
import { recall, remember } from '../state/remembered.ts';
import { fit, fitted, held, zoomAt } from './stage.ts';
import type { Size, View } from './stage.ts';
import type { Cell } from './brush.ts';

/** How maps are drawn; remembered. */
export interface Drawing {
  method: ShownMethod;
  visible: boolean;
  opacity: number;
  sequential: SequentialName;
  diverging: DivergingName;
  interpolation: Interpolation;
  contour: boolean;
  scale: Normalisation;
  /** Of rollout. */
  rollout: RolloutOptions;
}
const usual: Drawing = {
  method: 'class',
  visible: true,
  opacity: 0.6,
  sequential: defaultSequential,
  diverging: defaultDiverging,
  interpolation: 'bicubic',
  contour: false,
  scale: 'photo',
  rollout: { fusion: 'mean', discardRatio: 0 },
};

/** Pixels between the fitting photo and the stage's edge. */
const stageMargin = 16;

/** The eraser, or asking a patch where it looks. */
export type Tool = 'eraser' | 'patch';

export interface Measured {
  classIndex: number;
  curves: readonly FaithfulnessCurve[];
}

/** One photo large, what the model looked at in it, and the choice of what to draw. */
export class Inspector {
  readonly #bridge: Bridge;
  readonly #pages: Pages;
  #position = $state<number | null>(null);
  #photo = $state.raw<PhotoItem | null>(null);
  #detail = $state.raw<PhotoDetail | null>(null);
  #inspection = $state.raw<Inspection | null>(null);
  /** The inspection is still that of the photo before. */
  #stale = $state(false);
  #failure = $state.raw<Failure | null>(null);
  #busy = $state(false);
  #classIndex = $state<number | null>(null);
  #layer = $state<number | null>(null);
  #layers = $state.raw<readonly [number, number] | null>(null);
  head: HeadChoice = $state('mean');
  #drawing = $state.raw<Drawing>({ ...usual, ...recall<Partial<Drawing>>('drawing', {}) });
  #measured = $state.raw<Measured | null>(null);
  #measuring = $state(false);
  #measureFailure = $state.raw<Failure | null>(null);
  #turn = 0;
  /** What the pointer does on the photo; null: it reads and pans. */
  #tool = $state<Tool | null>(null);
  /** The patch that keys act on, while there is a tool. */
  #cursor = $state.raw<Cell | null>(null);
  readonly trial: Trial;
  readonly looking: Looking;
  readonly measuringMap: Measuring;
  readonly distances: Distances;
  #view = $state.raw<View>(fitted);
  stage: Size = $state.raw({ width: 1, height: 1 });

  /** Oriented pixels of the photo; null until known. */
  readonly size: Size | null = $derived.by(() => {
    const inspected = this.#stale ? undefined : this.#inspection?.photo;
    const photo = inspected ?? this.#detail ?? this.#photo;
    return photo && photo.width > 0 ? { width: photo.width, height: photo.height } : null;
  });
  /** Size of the photo on the stage before zooming. */
  readonly fits: Size = $derived(fit(this.size ?? this.stage, this.stage, stageMargin));

  readonly view: View = $derived(held(this.#view, this.fits, this.stage));

  /** Measured for the class that is explained, so far as it is. */
  readonly tried: { values: Float32Array; errors: Float32Array } | null = $derived.by(() => {
    const { map, classIndex } = this.measuringMap;
    return !this.#stale && classIndex === this.explained ? map : null;
  });
  readonly methods: readonly ShownMethod[] = $derived(
    this.#inspection ? methodsOf(this.#inspection, this.tried?.values ?? null) : [],
  );
  /** The class that maps, curves and trials are about; null: nothing is named. */
  readonly explained: number | null = $derived(
    this.#inspection?.contribution?.classIndex ??
      this.#classIndex ??
      this.#inspection?.predictions[0]?.index ??
      null,
  );
  /** How well each quick map agrees with the measured one, patch by patch: rank correlation. */
  readonly agreement: Partial<Record<ShownMethod, number>> = $derived.by(() => {
    const { tried } = this;
    if (!tried || !this.#inspection) return {};
    const layer = Math.max(0, this.#inspection.layers - 1);
    const choice = { layer, head: 'mean', layers: [0, layer] } as const;
    return Object.fromEntries(
      quickMethods(this.methods).map((method) => {
        const map = shownMap(this.#inspection!, { method, ...choice });
        return [method, map ? rankCorrelation(map.values, tried.values) : NaN];
      }),
    );
  });
  /** The one asked for, or the first there is. */
  readonly method: ShownMethod | null = $derived(
    this.methods.includes(this.#drawing.method) ? this.#drawing.method : (this.methods[0] ?? null),
  );
  /** Counted from 0; the last unless chosen. */
  readonly layer: number = $derived(
    Math.min(this.#layer ?? Infinity, Math.max(0, (this.#inspection?.layers ?? 1) - 1)),
  );
  readonly layers: readonly [number, number] = $derived.by(() => {
    const last = Math.max(0, (this.#inspection?.layers ?? 1) - 1);
    const [from, to] = this.#layers ?? [0, last];
    return [Math.min(from, last), Math.min(to, last)];
  });
  readonly map: ShownMap | null = $derived.by(() => {
    if (!this.#inspection || !this.method) return null;
    const { layer, layers } = this;
    const attention = this.looking.attended?.attention ?? null;
    const measured = this.tried?.values ?? null;
    return shownMap(this.#inspection, { method: this.method, layer, head: this.head, layers, attention, measured }); // prettier-ignore
  });
  readonly listed: { range: [number, number]; photos: number } | null = $derived.by(() =>
    this.map
      ? listRange(
          this.map,
          this.#pages.items.map((item) => item.map),
        )
      : null,
  );
  /** `folder` only where there is something to compare with. */
  readonly scale: Normalisation = $derived(
    this.#drawing.scale === 'folder' && !this.listed ? 'photo' : this.#drawing.scale,
  );
  readonly colours: ColourMapName = $derived(
    this.map?.signed ? this.#drawing.diverging : this.#drawing.sequential,
  );
  /** Values of the first and last colour, or the sentence why the map can't be drawn. */
  readonly range: { ok: true; value: [number, number] } | { ok: false; reason: string } | null = $derived.by(
    () => {
      const { map } = this;
      if (!map) return null;
      const reason = whyNotDrawable(map.values, map.rows, map.columns);
      if (reason) return { ok: false, reason };
      try {
        return { ok: true, value: rangeOf(map.values, map.signed, this.scale, this.listed?.range) };
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
    },
  );

  constructor(bridge: Bridge, pages: Pages) {
    this.#bridge = bridge;
    this.#pages = pages;
    const tried = () => this.#tried();
    this.trial = new Trial(bridge, tried);
    this.looking = new Looking(bridge, tried);
    this.measuringMap = new Measuring(bridge, tried);
    this.distances = new Distances(bridge, pages);
  }

  #tried(): Tried | null {
    const photoId = this.#photo?.id;
    const grid = this.#inspection?.grid;
    if (photoId === undefined || !grid || this.#stale) return null;
    const patches = this.#inspection?.contribution?.patches;
    const { rows, columns } = grid;
    const all = [0, this.#inspection!.layers - 1] as const;
    const evidence = patches ? contributionMap(patches, rows * columns, all) : null;
    return { photoId, grid: { rows, columns }, classIndex: this.explained, evidence };
  }

  /** Position in the list; null: closed. */
  get position(): number | null {
    return this.#position;
  }
  get photo(): PhotoItem | null {
    return this.#photo;
  }
  get detail(): PhotoDetail | null {
    return this.#detail;
  }
  get inspection(): Inspection | null {
    return this.#inspection;
  }
  /** The inspection is that of the photo before: good for what is chosen, not for what is shown. */
  get stale(): boolean {
    return this.#stale;
  }
  get failure(): Failure | null {
    return this.#failure;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get drawing(): Drawing {
    return this.#drawing;
  }
  get measured(): Measured | null {
    return this.#measured;
  }
  get measuring(): boolean {
    return this.#measuring;
  }
  get measureFailure(): Failure | null {
    return this.#measureFailure;
  }

  get tool(): Tool | null {
    return this.#tool;
  }
  get cursor(): Cell | null {
    return this.#tool && this.#cursor;
  }
  /** Takes a tool, or puts it away where it is in hand. */
  take(tool: Tool | null): void {
    this.#tool = tool === this.#tool ? null : tool;
    if (!this.#tool) return;
    if (this.#tool === 'patch') this.draw({ method: 'cls', visible: true });
    const grid = this.#inspection?.grid;
    if (grid) this.#cursor ??= { row: Math.floor(grid.rows / 2), column: Math.floor(grid.columns / 2) };
    if (this.#tool === 'patch' && !this.looking.query) this.mark();
  }
  moveCursor(x: number, y: number): void {
    const grid = this.#inspection?.grid;
    if (!grid || !this.#cursor) return;
    const inside = (at: number, count: number) => Math.min(count - 1, Math.max(0, at));
    const { row, column } = this.#cursor;
    this.#cursor = { row: inside(row + y, grid.rows), column: inside(column + x, grid.columns) };
    if (this.#tool === 'patch') this.mark();
  }
  /** What the tool does to the patch under the cursor, or to the one that is pointed at. */
  mark(cell: Cell | null = this.#cursor): void {
    const grid = this.#inspection?.grid;
    if (!cell || !grid) return;
    this.#cursor = cell;
    if (this.#tool === 'patch') void this.looking.ask({ patch: cell.row * grid.columns + cell.column });
    else if (this.#tool === 'eraser') this.trial.toggle(cell);
  }

  /** Around a point of the stage; around its middle where there is none. */
  zoom(factor: number, at = { x: this.stage.width / 2, y: this.stage.height / 2 }): void {
    this.#view = held(zoomAt(this.view, factor, at, this.stage), this.fits, this.stage);
  }
  pan(x: number, y: number): void {
    const view = this.view;
    this.#view = held({ zoom: view.zoom, x: view.x + x, y: view.y + y }, this.fits, this.stage);
  }
  showWhole(): void {
    this.#view = fitted;
  }

  async open(position: number): Promise<void> {
    const turn = ++this.#turn;
    this.#position = position;
    this.#view = fitted;
    const item = this.#pages.at(position) ?? (await this.#pages.load(position));
    if (turn !== this.#turn) return;
    if (!item) {
      this.#photo = this.#detail = this.#inspection = null;
      this.#failure = {
        code: 'no-such-photo',
        message: 'Expected a photo at this place of the list, found none.',
      };
      return;
    }
    this.#photo = item;
    this.#detail = null;
    this.#stale = true;
    this.#classIndex = null;
    this.#forgetMeasured();
    this.trial.reset();
    this.looking.reset();
    this.measuringMap.reset();
    // The mean over the list stays: it is of no one photo.
    if (!this.distances.running && (this.distances.mean?.photos ?? 0) < 2) this.distances.reset();
    await Promise.all([this.refresh(), this.#inspect()]);
  }
  close(): void {
    this.#turn++;
    this.#position = this.#photo = this.#detail = this.#inspection = this.#failure = null;
    this.#busy = false;
    this.#tool = null;
    this.trial.reset();
    this.looking.reset();
    this.measuringMap.reset();
    this.distances.reset();
  }
  /** To the photo before or after; false at the ends. */
  step(by: -1 | 1): boolean {
    const to = (this.#position ?? 0) + by;
    if (this.#position === null || to < 0 || to >= (this.#pages.total ?? 0)) return false;
    void this.open(to);
    return true;
  }
  /** The photo has left the list: to the one that takes its place, or the one before. False: there is none. */
  passedOn(): boolean {
    const at = this.#position;
    if (at === null) return false;
    if (this.step(1)) this.#position = at;
    else return this.step(-1);
    return true;
  }
  /** The photo may have changed. */
  async refresh(): Promise<void> {
    const id = this.#photo?.id;
    if (id === undefined) return;
    const answer = await this.#bridge.ask('photos.get', { photoId: id });
    if (id === this.#photo?.id && answer.ok) this.#detail = answer.value;
  }
  async explain(classIndex: number): Promise<void> {
    this.#classIndex = classIndex;
    this.measuringMap.stop();
    this.#forgetMeasured();
    await this.#inspect();
    this.trial.again();
  }
  async again(): Promise<void> {
    if (this.#photo) {
      this.measuringMap.reset();
      await this.#inspect();
      this.trial.again();
    } else if (this.#position !== null) await this.open(this.#position);
  }

  draw(change: Partial<Drawing>): void {
    this.#drawing = { ...this.#drawing, ...change };
    remember('drawing', this.#drawing);
  }
  /** Rollout is made inside the model's graph, so another one is another inspection. */
  async rollout(change: Partial<RolloutOptions>): Promise<void> {
    this.draw({ rollout: { ...this.#drawing.rollout, ...change }, visible: true });
    await this.#inspect();
  }
  nextMethod(): void {
    const methods = this.methods.length ? this.methods : mapMethods;
    const at = methods.indexOf(this.method ?? this.#drawing.method);
    this.draw({ method: methods[(at + 1) % methods.length]! });
  }
  showLayer(layer: number): void {
    this.#layer = layer;
  }
  showLayers(layers: readonly [number, number]): void {
    this.#layers = layers;
  }
  /** To the layer before or after; a range of layers becomes that one layer. */
  stepLayer(by: -1 | 1): void {
    const last = (this.#inspection?.layers ?? 1) - 1;
    const inside = (layer: number) => Math.min(last, Math.max(0, layer));
    if (this.method === 'cls') this.#layer = inside(this.layer + by);
    if (this.method !== 'class') return;
    const [from, to] = this.layers;
    const one = from === to ? inside(from + by) : by < 0 ? to : from;
    this.#layers = from === to && from + by !== one ? [0, last] : [one, one];
  }
  /** One head of one layer, from the grid of all. */
  showHead(layer: number, head: HeadChoice): void {
    this.#layer = layer;
    this.head = head;
    this.draw({ method: 'cls', visible: true });
  }

  async measure(steps: number): Promise<void> {
    const id = this.#photo?.id;
    if (id === undefined) return;
    this.#forgetMeasured();
    this.#measuring = true;
    const { fields, passes } = this.measuringMap;
    const methods = [...this.methods, 'random' as const];
    const answer = await this.#bridge.ask('inspect.faithfulness', {
      photoId: id,
      methods,
      steps,
      classIndex: this.explained,
      ...(passes >= 4 && { measuring: { fields, passes, seed: 0 } }),
    });
    if (id !== this.#photo?.id) return;
    this.#measuring = false;
    if (answer.ok) this.#measured = answer.value;
    else this.#measureFailure = answer.error;
  }

  #forgetMeasured(): void {
    this.#measured = this.#measureFailure = null;
    this.#measuring = false;
  }
  async #inspect(): Promise<void> {
    const turn = this.#turn;
    const classIndex = this.#classIndex;
    const { rollout } = this.#drawing;
    this.#busy = true;
    this.#failure = null;
    const answer = await this.#bridge.ask('inspect.photo', {
      photoId: this.#photo!.id,
      classIndex,
      rollout,
    });
    if (turn !== this.#turn || classIndex !== this.#classIndex || rollout !== this.#drawing.rollout) return;
    this.#busy = false;
    this.#stale = false;
    if (answer.ok) this.#inspection = answer.value;
    else {
      this.#failure = answer.error;
      this.#inspection = null;
    }
  }
}
