import type { ColourMapName, DivergingName, SequentialName } from '../../models/overlay/colours.ts';
import { defaultDiverging, defaultSequential } from '../../models/overlay/colours.ts';
import type { HeadChoice } from '../../models/overlay/inspection.ts';
import { rangeOf, whyNotDrawable } from '../../models/overlay/normalise.ts';
import type { Normalisation } from '../../models/overlay/normalise.ts';
import type { Interpolation } from '../../models/overlay/paint.ts';
import type { Inspection, RolloutOptions } from '../../main/contract/entities/inspection.ts';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Pages } from '../state/pages.svelte.ts';
import { recall, remember } from '../state/remembered.ts';
import type { Beside } from './beside.svelte.ts';
import type { Looking } from './looking.svelte.ts';
import { listRange, mapMethods, methodsOf, shownMap, storedAsShown } from './map-choice.ts';
import type { ShownMap, ShownMethod } from './map-choice.ts';
import type { MeasuredValues, Measuring } from './measuring.svelte.ts';

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

/** Where its maps come from. */
interface Sources {
  readonly photo: PhotoItem | null;
  readonly inspection: Inspection | null;
  /** The inspection is that of the photo before. */
  readonly stale: boolean;
  readonly explained: number | null;
  /** Nobody asked for another label, and the model speaks for itself: the map is that of the run. */
  readonly asStored: boolean;
  readonly looking: Looking;
  readonly measuringMap: Measuring;
  readonly beside: Beside;
}

/** The map over the photo: which one, of which layers and heads, in which colours and range. */
export class Overlay {
  readonly #from: Sources;
  readonly #pages: Pages;
  drawing = $state.raw<Drawing>({ ...usual, ...recall<Partial<Drawing>>('drawing', {}) });
  head: HeadChoice = $state('mean');
  #layer = $state<number | null>(null);
  #layers = $state.raw<readonly [number, number] | null>(null);

  /** Measured for the class that is explained, so far as it is. */
  readonly measured: MeasuredValues | null = $derived.by(() => {
    const { map, classIndex } = this.#from.measuringMap;
    return !this.#from.stale && classIndex === this.#from.explained ? map : null;
  });
  readonly methods: readonly ShownMethod[] = $derived.by(() => {
    const { inspection } = this.#from;
    return inspection ? methodsOf(inspection, this.measured?.values ?? null) : [];
  });
  /** The one asked for, or the first there is. */
  readonly method: ShownMethod | null = $derived(
    this.methods.includes(this.drawing.method) ? this.drawing.method : (this.methods[0] ?? null),
  );
  readonly #last: number = $derived.by(() => Math.max(0, (this.#from.inspection?.layers ?? 1) - 1));
  /** Counted from 0; the last unless chosen. */
  readonly layer: number = $derived(Math.min(this.#layer ?? Infinity, this.#last));
  readonly layers: readonly [number, number] = $derived.by(() => {
    const [from, to] = this.#layers ?? [0, this.#last];
    return [Math.min(from, this.#last), Math.min(to, this.#last)];
  });
  /** Of the inspection, which may be that of the photo before: for controls, which keep their places meanwhile. */
  readonly map: ShownMap | null = $derived.by(() => {
    const { inspection, looking } = this.#from;
    const { method, layer, layers, head } = this;
    if (!inspection || !method) return null;
    const attention = looking.attended?.attention ?? null;
    const measured = this.measured?.values ?? null;
    return shownMap(inspection, { method, layer, head, layers, attention, measured });
  });
  /** Of the photo in hand: until it is inspected the one that its run has stored, where that is the one chosen. */
  readonly drawn: ShownMap | null = $derived.by(() => {
    const { photo, stale, asStored } = this.#from;
    if (!stale) return this.map;
    // Nothing is measured of it yet: what comes is evidence.
    const { method: wanted } = this.drawing;
    const method = wanted === 'measured' || wanted === 'thorough' ? 'class' : wanted;
    const chosen = { method, layer: this.#layer, layers: this.#layers, head: this.head };
    return photo?.map && asStored ? storedAsShown(photo.map, chosen) : null;
  });
  readonly listed: { range: [number, number]; photos: number } | null = $derived.by(() => {
    const map = this.drawn ?? this.map;
    return (
      map &&
      listRange(
        map,
        this.#pages.items.map((item) => item.map),
      )
    );
  });
  /** `folder` only where there is something to compare with. */
  readonly scale: Normalisation = $derived(
    this.drawing.scale === 'folder' && !this.listed ? 'photo' : this.drawing.scale,
  );
  readonly colours: ColourMapName = $derived(
    (this.drawn ?? this.map)?.signed ? this.drawing.diverging : this.drawing.sequential,
  );
  /** Values of the first and last colour, or the sentence why the map can't be drawn; null: there is none yet. */
  readonly range: { ok: true; value: [number, number] } | { ok: false; reason: string } | null = $derived.by(
    () => {
      const map = this.drawn;
      if (!map) return null;
      const reason = whyNotDrawable(map.values, map.rows, map.columns);
      if (reason) return { ok: false, reason };
      try {
        const own = rangeOf(map.values, map.signed, this.scale, this.listed?.range);
        // Beside another of its kind both have one scale.
        return { ok: true, value: this.scale === 'absolute' ? own : this.#from.beside.common(own, map) };
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
    },
  );

  constructor(from: Sources, pages: Pages) {
    this.#from = from;
    this.#pages = pages;
  }

  draw(change: Partial<Drawing>): void {
    this.drawing = { ...this.drawing, ...change };
    remember('drawing', this.drawing);
  }
  nextMethod(): void {
    const methods = this.methods.length ? this.methods : mapMethods;
    const at = methods.indexOf(this.method ?? this.drawing.method);
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
    const inside = (layer: number) => Math.min(this.#last, Math.max(0, layer));
    if (this.method === 'cls') this.#layer = inside(this.layer + by);
    if (this.method !== 'class') return;
    const [from, to] = this.layers;
    const one = from === to ? inside(from + by) : by < 0 ? to : from;
    this.#layers = from === to && from + by !== one ? [0, this.#last] : [one, one];
  }
  /** One head of one layer, from the grid of all. */
  showHead(layer: number, head: HeadChoice): void {
    this.#layer = layer;
    this.head = head;
    this.draw({ method: 'cls', visible: true });
  }
}
