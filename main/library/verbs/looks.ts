/** What a label looks at over many photos. */
import type { Head } from '../../../models/heads/head.ts';
import { ownHead } from '../../../models/heads/own.ts';
import { findModel } from '../../../models/store.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { compareLooks } from '../looks/compare.ts';
import { labelLooks, unusualPhotos } from '../looks/label.ts';
import { labelsCalled } from '../looks/labels.ts';
import type { LibraryState } from '../state.ts';

/** Reading a larger model's weights for its head alone would take longer than anybody waits. */
const readableBytes = 500e6;

export function looksVerbs({ core, roots }: LibraryState) {
  let kept: { hash: string; head: Head | null } | null = null;

  /** The chosen model's own head; null: it has none that is known, or is too large to be read for it. */
  function own(): Head | null {
    const { folder, manifest } = findModel(roots(), core().settings().model);
    const { sha256, bytes } = manifest.weights;
    if (kept?.hash !== sha256)
      kept = { hash: sha256, head: bytes > readableBytes ? null : ownHead(folder, manifest) };
    return kept.head;
  }

  return {
    'looks.labels': (request) => labelsCalled(core().catalog, request),
    'looks.label': (request) => labelLooks(core().catalog, request, own),
    'looks.photos': (request) => unusualPhotos(core().catalog, request),
    'looks.compare': (request) => compareLooks(core().catalog, request),
    'looks.find': (request) => core().looks.find(request),
    'looks.cancel': () => core().looks.cancel(),
    'looks.status': () => core().looks.status(),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
