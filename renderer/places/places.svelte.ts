import type { GeoBox, PlaceCount } from '../../main/contract/entities/place.ts';
import { onMap } from '../../main/contract/mercator.ts';
import type { Coordinates } from '../../main/contract/mercator.ts';
import type { PhotoFilter } from '../../main/contract/requests.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { OneAtATime } from '../state/one-at-a-time.ts';
import { around, boxOf, fitted, held, holds } from './map-view.ts';
import type { MapView, Size } from './map-view.ts';

/** Squares that photos are counted by are from this wide on, pixels; and less than twice as wide. */
const square = 48;
/** Of the window's width and height, counted on each side of it, so that the map can be moved without waiting. */
const more = 0.25;
/** At first no closer than that a country around the photos is seen. */
const closest = 256 * 2 ** 7;
/** Around one photo: a region. */
const besideOne = 256 * 2 ** 9;
/** All of it is one square, counted along one range. */
const overview = 0;

interface Asked {
  filter: PhotoFilter;
  level: number;
  box: GeoBox;
}

/** The map of where photos of the list were taken. */
export class Places {
  readonly #bridge: Bridge;
  items: readonly PlaceCount[] = $state.raw([]);
  /** Photos with a place, of all that the filter finds; null: not known yet. */
  placed: number | null = $state(null);
  all = $state(0);
  failure: Failure | null = $state.raw(null);
  view: MapView | null = $state.raw(null);
  /** The photo that the map was opened at. */
  mark: Coordinates | null = $state.raw(null);
  size: Size = $state.raw({ width: 0, height: 0 });
  #filter: PhotoFilter | null = null;
  /** Around all places that are known. */
  #extent: GeoBox | null = null;
  /** What `items` are, or will be once it is answered. */
  #known: Asked | null = null;
  readonly #whole = new OneAtATime(() => this.#count());
  readonly #look = new OneAtATime(() => this.#countInView());

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** @param mark a place to open the map at; null: as it was */
  open(mark: Coordinates | null): void {
    this.mark = mark;
    if (mark) this.view = { ...onMap(mark), scale: Math.max(this.view?.scale ?? 0, besideOne) };
    if (mark && this.size.width > 0) this.move(this.view!);
  }
  /** Photos of another filter. */
  show(filter: PhotoFilter): void {
    if (JSON.stringify(filter) !== JSON.stringify(this.#filter)) {
      this.#filter = filter;
      this.placed = null;
    }
    void this.refresh();
  }
  /** Something of the photos has changed. */
  refresh(): Promise<void> {
    return this.#whole.ask();
  }
  async #count(): Promise<void> {
    const filter = this.#filter;
    if (!filter) return;
    const [world, count] = await Promise.all([
      this.#bridge.ask('photos.places', { filter, level: overview }),
      this.#bridge.ask('photos.count', { filter }),
    ]);
    if (filter !== this.#filter) return;
    this.failure = world.ok ? null : world.error;
    if (!world.ok) return;
    const { items } = world.value;
    this.placed = items.reduce((sum, { photos }) => sum + photos, 0);
    this.all = count.ok ? count.value.total : this.placed;
    this.#extent = items.length ? items.map(({ box }) => box).reduce(around) : null;
    this.#known = null;
    if (!items.length) this.items = [];
    if (!this.view) this.showAll();
    void this.#look.ask();
  }
  resize(size: Size): void {
    this.size = size;
    if (this.view) this.move(this.view);
    else this.showAll();
  }
  move(view: MapView): void {
    this.view = held(view, this.size);
    void this.#look.ask();
  }
  /** As much of the map as has photos. */
  showAll(): void {
    if (this.#extent && this.size.width > 0) this.move(fitted(this.#extent, this.size, closest));
  }

  /** Counts what is in view, unless that is known. */
  async #countInView(): Promise<void> {
    const { view, size } = this;
    const filter = this.#filter;
    if (!view || !filter || size.width === 0 || !this.placed) return;
    const level = Math.min(22, Math.max(0, Math.floor(Math.log2(view.scale / square))));
    const known = this.#known;
    if (known?.level === level && holds(known.box, boxOf(view, size))) return;
    const asked = { filter, level, box: boxOf(view, size, more) };
    this.#known = asked;
    const answer = await this.#bridge.ask('photos.places', asked);
    if (filter !== this.#filter) return;
    if (answer.ok) this.items = answer.value.items;
    else this.failure = answer.error;
  }
}
