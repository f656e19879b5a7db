/** What a model saw in one photo: of the library with its settings, of any path with what is asked for. */
import type { FaithfulnessCurve, Inspection } from '../../contract/entities.ts';
import type { FaithfulnessRequest, InspectRequest } from '../../contract/inference.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { CallContext, Handlers } from '../../rpc/calls.ts';
import { pathOf } from '../catalog/photos.ts';
import { computeOf, resolveCompute, withModel } from '../compute.ts';
import type { ComputeOptions } from '../inference.ts';
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
      const settings = core().settings();
      const path = pathOf(core().catalog, photoId);
      return inspect(computeOf(settings), { path, topK: settings.topK, ...request }, context);
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
