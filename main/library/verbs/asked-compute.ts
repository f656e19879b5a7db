import { computeOf, type AskedOptions } from '../compute.ts';
import type { ComputeOptions } from '../inference.ts';
import { resolveModel } from '../models/external-model.ts';
import type { LibraryState } from '../state.ts';

/** With a model that may also be a checkpoint that is not installed. */
export async function resolveCompute(library: LibraryState, asked: AskedOptions): Promise<ComputeOptions> {
  const compute = computeOf(library.core().settings(), asked);
  return {
    ...compute,
    model: await resolveModel(library.roots(), library.options().home, compute.model, library.tryOut),
  };
}
