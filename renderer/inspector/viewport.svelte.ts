import { fit, fitted, held, zoomAt } from '../components/stage.ts';
import type { Size, View } from '../components/stage.ts';

/** CSS pixels between the fitting photo and the stage's edge. */
const margin = 16;

/** Which part of the photo the stage shows, and how large. */
export class Viewport {
  readonly #photo: () => Size | null;
  #view = $state.raw<View>(fitted);
  stage: Size = $state.raw({ width: 1, height: 1 });
  /** Size of the photo on the stage before zooming. */
  readonly fits: Size = $derived.by(() => fit(this.#photo() ?? this.stage, this.stage, margin));
  readonly view: View = $derived(held(this.#view, this.fits, this.stage));

  /** `photo`: its oriented pixels; null until known. */
  constructor(photo: () => Size | null) {
    this.#photo = photo;
  }

  /** Around a point of the stage; around its middle where there is none. */
  zoom(factor: number, at = { x: this.stage.width / 2, y: this.stage.height / 2 }): void {
    this.#view = held(zoomAt(this.view, factor, at, this.stage), this.fits, this.stage);
  }
  pan(x: number, y: number): void {
    const { view } = this;
    this.#view = held({ zoom: view.zoom, x: view.x + x, y: view.y + y }, this.fits, this.stage);
  }
  showWhole(): void {
    this.#view = fitted;
  }
}
