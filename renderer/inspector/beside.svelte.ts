import type { SeenRegion } from '../../main/contract/entities/inspection.ts';
import type { ColourMapName } from '../../models/overlay/colours.ts';
import { extent } from '../../models/overlay/normalise.ts';
import type { Cell, Grid } from './brush.ts';
import type { ShownMap } from './map-choice.ts';
import type { Size } from '../components/stage.ts';

/** A map as it was shown: of which photo, and what it is called. */
export interface KeptMap {
  photo: { id: number; version: string; name: string };
  size: Size;
  seen: SeenRegion;
  map: ShownMap;
  colours: ColourMapName;
  range: [number, number];
  /** Model, kind of map, layer and head. */
  title: string;
}

/** A point of what the model saw, 0 … 1 from its left and its top: patches of different models lie on it alike. */
interface Point {
  x: number;
  y: number;
}

/** A map that stays beside the one that is shown, so that two photos, layers, heads or models are compared. */
export class Beside {
  kept: KeptMap | null = $state.raw(null);
  /** What is pointed at, over either. */
  #at: Point | null = $state.raw(null);

  point(cell: Cell | null, grid: Grid | null): void {
    this.#at = cell && grid && { x: (cell.column + 0.5) / grid.columns, y: (cell.row + 0.5) / grid.rows };
  }
  /** The patch of a grid that lies there. */
  cellOf(grid: Grid | null): Cell | null {
    if (!grid || !this.#at) return null;
    return { row: Math.floor(this.#at.y * grid.rows), column: Math.floor(this.#at.x * grid.columns) };
  }
  /** Numbers of the map mean the same as those of the one kept, so that both can have one scale. */
  comparable(map: ShownMap): boolean {
    return this.kept?.map.method === map.method && this.kept.map.signed === map.signed;
  }
  /** The range that holds both. */
  common(range: [number, number], map: ShownMap): [number, number] {
    if (!this.kept || !this.comparable(map)) return range;
    const [low, high] = extent([...range, ...extent(this.kept.map.values)]);
    const bound = Math.max(-low, high);
    return map.signed ? [-bound, bound] : [low, high];
  }
}
