import type { Picking } from '../library/picking.ts';
import type { Parts } from './parts.svelte.ts';
import type { Desk } from '../labels/labelling.svelte.ts';

type Around = Parts & { readonly picking: Picking };

/** The grid, or the inspector over it: the next photo is the next of the list. */
export function libraryDesk(app: Around): Desk {
  const { inspector, picked, pages } = app;
  if (inspector.position !== null) {
    const photoId = inspector.photo?.id ?? null;
    return {
      photoId,
      selection: photoId === null ? null : { ids: [photoId] },
      drawn: false,
      next: () => void inspector.step(1),
      goTo: (id) => goTo(app, id),
    };
  }
  const focused = picked.focus === null ? undefined : pages.at(picked.focus);
  const one = picked.isEmpty ? (focused?.id ?? null) : picked.single;
  const many = picked.isEmpty || one !== null ? null : picked.orAll(app.query.filter);
  return {
    photoId: one,
    selection: one === null ? many : { ids: [one] },
    drawn: false,
    next: () => void app.picking.move('right', 'one'),
    goTo: (id) => goTo(app, id),
  };
}

/** Only among what is loaded: further away nobody remembers it. */
function goTo({ inspector, picked, pages }: Around, photoId: number): void {
  const at = pages.positionOf(photoId);
  if (at === null) return;
  if (inspector.position !== null) void inspector.open(at);
  else {
    picked.moveTo(at);
    picked.replace([photoId]);
  }
}
