/** A thread that groups look-alikes (alike.ts) and may be blocked by products of matrices. */
import { alikeGroups, type Products } from '../../../models/search/alike.ts';
import { buildProductsGraph } from '../../../models/search/graph.ts';
import type { AlikeStep } from '../../contract/inference.ts';
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import { createCpuSession, type InferenceSession } from '../runtime/inference-session.ts';
import type { AlikeVerbs } from './alike.ts';

type Ask<Name extends keyof AlikeVerbs> = Parameters<AlikeVerbs[Name]>[0];

let features: { data: Float16Array; length: number } | null = null;
let steps: AsyncGenerator<number, number[][]> | null = null;

function productsBy(session: InferenceSession): Products {
  return async (a, b, length) => {
    const rows = (data: Float32Array) => ({ type: 'float32', data, dims: [data.length / length, length] }) as const; // prettier-ignore
    return (await session.run({ a: rows(a), b: rows(b) }))['products']!.data;
  };
}

answer(threadPort(), {
  add({ length, count, from, data }: Ask<'add'>): void {
    features ??= { data: new Float16Array(count * length), length };
    // What came over a port may begin at an odd byte.
    features.data.set(new Float16Array(data.slice().buffer), from * length);
  },

  async step({ forMs }: Ask<'step'>): Promise<AlikeStep> {
    const session = steps ? null : await createCpuSession(buildProductsGraph(features!.length));
    steps ??= alikeGroups(features!, productsBy(session!));
    for (const begun = performance.now(); ;) {
      const { done, value } = await steps.next();
      if (done) return { share: 1, groups: value };
      if (performance.now() - begun > forMs) return { share: value, groups: null };
    }
  },
});
