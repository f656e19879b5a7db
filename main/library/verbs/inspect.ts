/** What a model saw in one photo: of the library with its settings, of any path with what is asked for. */
import type { FaithfulnessCurve, Inspection } from '../../contract/entities.ts';
import type { FaithfulnessRequest, InspectRequest } from '../../contract/inference.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import { findModel } from '../../../models/store.ts';
import type { Evidence } from '../../contract/label-entities.ts';
import { settle } from '../../contract/result.ts';
import type { CallContext, Handlers } from '../../rpc/calls.ts';
import { headInUse, readHead } from '../catalog/heads.ts';
import { pathOf } from '../catalog/photos.ts';
import { computeOf, resolveCompute, withModel } from '../compute.ts';
import type { ComputeOptions } from '../inference.ts';
import { evidenceMap, inspectWith } from '../labels/evidence.ts';
import type { LibraryState } from '../state.ts';

export function inspectVerbs(library: LibraryState) {
  const { core } = library;

  function inspect(
    compute: ComputeOptions,
    request: Omit<InspectRequest, 'handle'>,
    { signal }: CallContext,
  ): Promise<Inspection> {
    const { inference } = core();
    return withModel(inference, compute, ({ handle }) =>
      inference.interactive('inspect', { handle, ...request }, { signal }),
    );
  }

  /** With the head in use, where it is one of the chosen model's. */
  function inspectPhoto(
    photoId: number,
    request: Omit<InspectRequest, 'handle' | 'path' | 'explained'>,
    context: CallContext,
  ): Promise<Inspection> {
    const { catalog } = core();
    const settings = core().settings();
    const path = pathOf(catalog, photoId);
    const ask = (asked: Omit<InspectRequest, 'handle'>) => inspect(computeOf(settings), asked, context);
    const { weights } = findModel(library.roots(), settings.model).manifest;
    const used = headInUse(catalog, weights.sha256);
    if (!used) return ask({ path, ...request });
    return inspectWith(ask, readHead(catalog, used), { path, ...request });
  }

  function faithfulness(
    compute: ComputeOptions,
    request: Omit<FaithfulnessRequest, 'handle'>,
    { signal }: CallContext,
  ): Promise<{ classIndex: number; curves: FaithfulnessCurve[] }> {
    const { inference } = core();
    return withModel(inference, compute, ({ handle }) =>
      inference.interactive('faithfulness', { handle, ...request }, { signal }),
    );
  }

  return {
    'inspect.photo': ({ photoId, ...request }, context) => {
      const { topK } = core().settings();
      return inspectPhoto(photoId, { topK, ...request }, context);
    },
    'heads.evidence': async ({ photoIds }, context) => {
      const items: Evidence[] = [];
      for (const photoId of photoIds) {
        context.signal.throwIfAborted();
        const seen = await settle(() => inspectPhoto(photoId, { topK: 1, classIndex: null }, context));
        const map = seen.ok ? evidenceMap(seen.value) : null;
        const absent = seen.ok ? (seen.value.absent.class ?? null) : seen.error.message;
        items.push({ photoId, map, absent: map ? null : absent });
      }
      return { items };
    },
    'inspect.faithfulness': ({ photoId, ...request }, context) => {
      const path = pathOf(core().catalog, photoId);
      return faithfulness(computeOf(core().settings()), { path, ...request }, context);
    },
    'internal.inspect': async ({ model, provider, precision, batch, ...request }, context) =>
      inspect(await resolveCompute(library, { model, provider, precision, batch }), request, context),
    'internal.faithfulness': async ({ model, provider, precision, batch, ...request }, context) =>
      faithfulness(await resolveCompute(library, { model, provider, precision, batch }), request, context),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
