/** What pointers that hold the map do with it: one drags it, two also zoom it, by how far they are apart. Pure. */
import type { MapPoint } from '../../main/contract/mercator.ts';

/** Pixels of the window. */
export interface Held {
  pan: [right: number, down: number];
  zoom: number;
  /** What stays where it is. */
  at: MapPoint;
}

export class Fingers {
  /** A third and more have no say. */
  readonly #down = new Map<number, MapPoint>();

  get ids(): number[] {
    return [...this.#down.keys()];
  }
  press(id: number, point: MapPoint): void {
    this.#down.set(id, point);
  }
  /** Null: this one does not hold the map. */
  move(id: number, point: MapPoint): Held | null {
    if (!this.#down.has(id)) return null;
    const before = this.#grip();
    this.#down.set(id, point);
    const now = this.#grip();
    return {
      pan: [now.at.x - before.at.x, now.at.y - before.at.y],
      zoom: before.apart > 0 && now.apart > 0 ? now.apart / before.apart : 1,
      at: now.at,
    };
  }
  lift(id: number): void {
    this.#down.delete(id);
  }
  liftAll(): void {
    this.#down.clear();
  }

  #grip(): { at: MapPoint; apart: number } {
    const [one, other = one] = [...this.#down.values()] as [MapPoint, MapPoint?];
    return {
      at: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 },
      apart: Math.hypot(one.x - other.x, one.y - other.y),
    };
  }
}
