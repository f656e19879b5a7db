/** What a model saw in one photo: of the library with its settings, of any path with what is asked for. */
import type { Head } from '../../../models/heads/head.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import { findModel } from '../../../models/store.ts';
import type { Evidence, Inspection } from '../../contract/entities/inspection.ts';
import type { Ablated } from '../../contract/entities/trial.ts';
import type { InferenceVerbs } from '../../contract/inference.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { AnswerOf, CallContext, Handlers, RequestOf } from '../../rpc/calls.ts';
import { pathOf } from '../catalog/photos.ts';
import { type AskedOptions, computeOf, withModel } from '../compute.ts';
import type { ComputeOptions } from '../inference.ts';
import { ablatedBy } from '../labels/ablated.ts';
import { inspectWith } from '../labels/evidence.ts';
import { evidenceOf } from '../labels/evidence-of.ts';
import { fittingHead, headAsked } from '../labels/heads.ts';
import { contentOfPhoto } from '../photo-content.ts';
import type { LibraryState } from '../state.ts';
import { resolveCompute } from './asked-compute.ts';

/** A photo, and whose labels are asked about: absent, those of the head in use; null, those that the model came with. */
interface OfPhoto {
  photoId: number;
  headId?: number | null | undefined;
}

/** What a path is asked with; `head` by its name, absent: the model's own. */
type OfPath = AskedOptions & { head?: string | undefined };

/** What is asked, and with what. */
interface Asked<R> {
  compute: ComputeOptions;
  manifest: ModelManifest;
  /** Undefined: the model's own. */
  head: Head | undefined;
  request: R;
}

type PhotoVerb = 'inspect' | 'faithfulness' | 'ablate' | 'smallestPart' | 'measureMap' | 'attend';
type PhotoQuestion<N extends PhotoVerb> = Omit<RequestOf<InferenceVerbs, N>, 'handle'>;

/** The head goes along: the inference process answers by it. */
const byHead = <R>({ compute, head, request }: Asked<R>) => ({ compute, request: { ...request, head } });

export function inspectVerbs(library: LibraryState) {
  const { core } = library;

  function ofPhoto<R extends OfPhoto>({ photoId, headId, ...rest }: R) {
    const { catalog } = core();
    const settings = core().settings();
    const { manifest } = findModel(library.roots(), settings.model);
    const head = headAsked(catalog, manifest, headId);
    return {
      compute: computeOf(settings),
      manifest,
      head,
      request: { path: pathOf(catalog, photoId), ...rest },
    };
  }

  async function ofPath<R extends OfPath>({ model, provider, precision, batch, head: name, ...request }: R) {
    const compute = await resolveCompute(library, { model, provider, precision, batch });
    const { manifest } = findModel(library.roots(), compute.model);
    const head = name === undefined ? undefined : fittingHead(core().catalog, name, manifest);
    return { compute, manifest, head, request };
  }

  /** Asks one loaded model; a person waits for it. */
  function ask<N extends PhotoVerb>(
    name: N,
    { compute, request }: Pick<Asked<PhotoQuestion<N>>, 'compute' | 'request'>,
    { signal }: CallContext,
  ): Promise<AnswerOf<InferenceVerbs, N>> {
    const { inference } = core();
    return withModel(inference, compute, ({ handle }) =>
      inference.interactive(name, { handle, ...request } as RequestOf<InferenceVerbs, N>, { signal }),
    );
  }

  function inspect(
    { compute, head, request }: Asked<Omit<PhotoQuestion<'inspect'>, 'explained'>>,
    context: CallContext,
  ): Promise<Inspection> {
    const look = (asked: PhotoQuestion<'inspect'>) => ask('inspect', { compute, request: asked }, context);
    return head ? inspectWith(look, head, request) : look(request);
  }

  async function ablate(
    { compute, manifest, head, request }: Asked<PhotoQuestion<'ablate'> & { classIndex: number | null }>,
    context: CallContext,
  ): Promise<Ablated> {
    const { classIndex, ...parts } = request;
    const answer = await ask('ablate', { compute, request: parts }, context);
    return ablatedBy(answer, head ?? null, manifest, classIndex, parts.topK);
  }

  return {
    'inspect.photo': async (request, context) => {
      await contentOfPhoto(core(), request.photoId);
      const { topK } = core().settings();
      return inspect(ofPhoto({ topK, ...request }), context);
    },
    'inspect.faithfulness': (request, context) => ask('faithfulness', byHead(ofPhoto(request)), context),
    'inspect.ablate': (request, context) =>
      ablate(ofPhoto({ topK: core().settings().topK, ...request }), context),
    'inspect.smallestPart': (request, context) => ask('smallestPart', byHead(ofPhoto(request)), context),
    'inspect.measureMap': (request, context) => ask('measureMap', byHead(ofPhoto(request)), context),
    'inspect.attend': (request, context) => ask('attend', ofPhoto(request), context),
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
    'internal.inspect': async (request, context) => inspect(await ofPath(request), context),
    'internal.faithfulness': async (request, context) =>
      ask('faithfulness', byHead(await ofPath(request)), context),
    'internal.ablate': async (request, context) => ablate(await ofPath(request), context),
    'internal.smallestPart': async (request, context) =>
      ask('smallestPart', byHead(await ofPath(request)), context),
    'internal.measureMap': async (request, context) =>
      ask('measureMap', byHead(await ofPath(request)), context),
    'internal.attend': async (request, context) => ask('attend', await ofPath(request), context),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
