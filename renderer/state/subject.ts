import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Selection } from '../../main/contract/requests.ts';

/** The photos that a menu, a bar or a sheet speaks of, and that its actions go to. */
export interface Subject {
  selection: Selection;
  count: number;
  /** Where it is exactly one photo. */
  photoId: number | null;
  /** That one, where it is at hand. */
  photo: PhotoItem | null;
  /** False: all that the filter finds, for want of a selection. */
  picked: boolean;
}

export function subjectOf(photo: PhotoItem): Subject {
  return { selection: { ids: [photo.id] }, count: 1, photoId: photo.id, photo, picked: true };
}
