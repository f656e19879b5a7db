/** Classification of paths, for the command line. */
import { SaccadeError } from '../../../models/error.ts';
import { findModel } from '../../../models/store.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { countStrays } from '../catalog/contents.ts';
import { resolveCompute } from './asked-compute.ts';
import { fittingHead, neededFit } from '../labels/heads.ts';
import { nearest, photosWith } from '../search/like.ts';
import { featuresOf } from '../catalog/features.ts';
import { agreementOf } from '../models/agreement.ts';
import { noteShard } from '../merge/shards.ts';
import type { LibraryState } from '../state.ts';

export function jobVerbs(library: LibraryState) {
  const { core, roots } = library;

  return {
    'internal.classify': async ({ model, provider, precision, batch, head, ...request }) => {
      const compute = await resolveCompute(library, { model, provider, precision, batch });
      const { manifest } = findModel(roots(), compute.model);
      const used = head === undefined ? undefined : fittingHead(core().catalog, head, manifest);
      const job = core().jobs.start(compute, { ...request, head: used });
      if (request.shard) noteShard(core().catalog, request.shard, job);
      return { jobId: job.id, model: manifest.id };
    },
    'internal.results': ({ jobId, limit }) => core().jobs.job(jobId).results(limit),
    'internal.leftOut': ({ jobId, limit, cursor }) => core().jobs.job(jobId).leftOut.items(limit, cursor),
    'internal.strays': () => ({ count: countStrays(core().catalog) }),
    'internal.stop': async ({ jobId }) => {
      await core().jobs.end(jobId);
      return null;
    },
    'internal.like': async ({ path, top, model }, { signal }) => {
      const { catalog, teaching } = core();
      const asked = findModel(roots(), (await resolveCompute(library, { model })).model);
      const looked = await teaching.lookAt([path], signal, asked);
      const [only] = looked.contents;
      if (only?.error) throw new SaccadeError(only.error.code, only.error.message);
      const { data, rows } = featuresOf(catalog, looked.keyId, [only!.contentId!]);
      if (!rows.size) neededFit(catalog, asked.manifest);
      const except = photosWith(catalog, only!.contentId!);
      return nearest(core(), { keyId: looked.keyId, query: data, filter: {}, except, top }, signal);
    },
    'internal.agreement': async ({ model, precision }) => {
      const { manifest } = findModel(roots(), (await resolveCompute(library, { model })).model);
      return agreementOf(core().catalog, manifest.weights.sha256, precision);
    },
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
