import type { Application } from '../state/application.svelte.ts';
import { mapTitle } from './map-words.ts';

/** Keeps the map that is shown beside, or lets go of the one that is there. False: there is none to keep. */
export function keepBeside(app: Application): boolean {
  const { beside, overlay, photo, inspection, size, stale } = app.inspector;
  if (beside.kept) {
    beside.kept = null;
    return true;
  }
  const { map, colours, range } = overlay;
  if (!photo || !inspection?.seen || !size || stale || !map || !range?.ok) return false;
  const { id, version, name } = photo;
  beside.kept = {
    photo: { id, version, name },
    size,
    seen: inspection.seen,
    map,
    colours,
    range: range.value,
    title: mapTitle(app),
  };
  return true;
}
