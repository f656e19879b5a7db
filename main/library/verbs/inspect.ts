/** What a model saw in one photo: of the library with its settings, of any path with what is asked for. */
import type { Inspection, Evidence } from '../../contract/entities/inspection.ts';
import type { InferenceVerbs, InspectRequest } from '../../contract/inference.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import { findModel } from '../../../models/store.ts';
import type { AnswerOf, CallContext, Handlers, RequestOf } from '../../rpc/calls.ts';
import type { Head } from '../../../models/heads/head.ts';
import { fittingHead, headAsked } from '../labels/heads.ts';
import { pathOf } from '../catalog/photos.ts';
import { computeOf, withModel } from '../compute.ts';
import { resolveCompute } from './asked-compute.ts';
import type { ComputeOptions } from '../inference.ts';
import { ablatedBy } from '../labels/ablated.ts';
import { inspectWith } from '../labels/evidence.ts';
import { contentOfPhoto } from '../photo-content.ts';
import { evidenceOf } from '../labels/evidence-of.ts';
import type { LibraryState } from '../state.ts';

/** A photo, and whose labels are asked about: absent, those of the head in use; null, those that the model came with. */
interface OfPhoto {
  photoId: number;
  headId?: number | null | undefined;
}

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

  function inspectPhoto(
    { photoId, headId }: OfPhoto,
    request: Omit<InspectRequest, 'handle' | 'path' | 'explained'>,
    context: CallContext,
  ): Promise<Inspection> {
    const { path, compute, head } = shown({ photoId, headId });
    const look = (asked: Omit<InspectRequest, 'handle'>) => inspect(compute, asked, context);
    return head ? inspectWith(look, head, { path, ...request }) : look({ path, ...request });
  }

  /** Asks one loaded model; a person waits for it. */
  function ask<N extends 'faithfulness' | 'ablate' | 'smallestPart' | 'measureMap' | 'attend'>(
    name: N,
    compute: ComputeOptions,
    request: Omit<RequestOf<InferenceVerbs, N>, 'handle'>,
    { signal }: CallContext,
  ): Promise<AnswerOf<InferenceVerbs, N>> {
    const { inference } = core();
    return withModel(inference, compute, ({ handle }) =>
      inference.interactive(name, { handle, ...request } as RequestOf<InferenceVerbs, N>, { signal }),
    );
  }

  /** A photo of the library, what it is computed with, and the head that is asked about where it is not the model's own. */
  function shown({ photoId, headId }: OfPhoto) {
    const { catalog } = core();
    const settings = core().settings();
    const { manifest } = findModel(library.roots(), settings.model);
    const head = headAsked(catalog, manifest, headId);
    return { path: pathOf(catalog, photoId), compute: computeOf(settings), settings, manifest, head };
  }
  /** By name, where it is one of the model's. */
  function headOf({ model }: ComputeOptions, name: string | undefined): Head | undefined {
    return name === undefined ? undefined : fittingHead(core().catalog, name, findModel(library.roots(), model).manifest); // prettier-ignore
  }

  return {
    'inspect.photo': async ({ photoId, headId, ...request }, context) => {
      await contentOfPhoto(core(), photoId);
      const { topK } = core().settings();
      return inspectPhoto({ photoId, headId }, { topK, ...request }, context);
    },
    'heads.evidence': async ({ photoIds }, context) => {
      const items: Evidence[] = [];
      for (const photoId of photoIds) {
        context.signal.throwIfAborted();
        const { catalog, inference } = core();
        const place = { catalog, inference, roots: library.roots() };
        items.push({ photoId, ...(await evidenceOf(place, photoId, context.signal)) });
      }
      return { items };
    },
    'inspect.faithfulness': ({ photoId, headId, ...request }, context) => {
      const { path, compute, head } = shown({ photoId, headId });
      return ask('faithfulness', compute, { path, head, ...request }, context);
    },
    'inspect.ablate': async ({ photoId, headId, classIndex, ...request }, context) => {
      const { path, compute, head, manifest, settings } = shown({ photoId, headId });
      const { topK } = settings;
      const answer = await ask('ablate', compute, { path, topK, ...request }, context);
      return ablatedBy(answer, head ?? null, manifest, classIndex, topK);
    },
    'inspect.smallestPart': ({ photoId, headId, ...request }, context) => {
      const { path, compute, head } = shown({ photoId, headId });
      return ask('smallestPart', compute, { path, head, ...request }, context);
    },
    'inspect.measureMap': ({ photoId, headId, ...request }, context) => {
      const { path, compute, head } = shown({ photoId, headId });
      return ask('measureMap', compute, { path, head, ...request }, context);
    },
    'inspect.attend': ({ photoId, query }, context) => {
      const { path, compute } = shown({ photoId });
      return ask('attend', compute, { path, query }, context);
    },
    'internal.inspect': async ({ model, provider, precision, batch, head, ...request }, context) => {
      const compute = await resolveCompute(library, { model, provider, precision, batch });
      const used = headOf(compute, head);
      const look = (asked: Omit<InspectRequest, 'handle'>) => inspect(compute, asked, context);
      return used ? inspectWith(look, used, request) : look(request);
    },
    'internal.faithfulness': async ({ model, provider, precision, batch, head, ...request }, context) => {
      const compute = await resolveCompute(library, { model, provider, precision, batch });
      return ask('faithfulness', compute, { ...request, head: headOf(compute, head) }, context);
    },
    'internal.ablate': async (
      { model, provider, precision, batch, classIndex, head, ...request },
      context,
    ) => {
      const compute = await resolveCompute(library, { model, provider, precision, batch });
      const { manifest } = findModel(library.roots(), compute.model);
      const used = headOf(compute, head) ?? null;
      return ablatedBy(await ask('ablate', compute, request, context), used, manifest, classIndex, request.topK); // prettier-ignore
    },
    'internal.smallestPart': async ({ model, provider, precision, batch, head, ...request }, context) => {
      const compute = await resolveCompute(library, { model, provider, precision, batch });
      return ask('smallestPart', compute, { ...request, head: headOf(compute, head) }, context);
    },
    'internal.measureMap': async ({ model, provider, precision, batch, head, ...request }, context) => {
      const compute = await resolveCompute(library, { model, provider, precision, batch });
      return ask('measureMap', compute, { ...request, head: headOf(compute, head) }, context);
    },
    'internal.attend': async ({ model, provider, precision, batch, ...request }, context) =>
      ask('attend', await resolveCompute(library, { model, provider, precision, batch }), request, context),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
