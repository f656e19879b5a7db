import type { Prediction } from '../../main/contract/entities/inspection.ts';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';

/**
 * Labels that hold of a photo, the likeliest first, but before them those that the list is of: where room is short they
 * are what it is there for.
 */
export function heldLabels({ top, also }: PhotoItem, wanted: readonly number[]): Prediction[] {
  const held = top ? [top, ...also] : [];
  const isWanted = ({ index }: Prediction) => wanted.includes(index);
  return [...held.filter(isWanted), ...held.filter((each) => !isWanted(each))];
}
