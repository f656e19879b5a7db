/** What becomes of a model that failed while it computed: where memory ran out it goes on with less, or elsewhere. */
import { SaccadeError } from '../../../models/error.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import type { ProviderName } from '../../contract/values.ts';
import { deviceOf } from '../runtime/devices.ts';
import { firstLine, isDeviceLost } from '../runtime/failures.ts';
import { providerTable } from '../runtime/providers.ts';

/** `provider-failed`, or `device-lost` (only a new process gets it back); what was told already stays as it is. */
export function computingFailed(provider: ProviderName, cause: unknown): SaccadeError {
  if (cause instanceof SaccadeError) return cause;
  const { title } = providerTable[provider];
  if (isDeviceLost(cause))
    return new SaccadeError('device-lost', `${title} lost its device while computing: ${firstLine(cause)}`, {
      cause,
    });
  return new SaccadeError('provider-failed', `${title} failed while computing: ${firstLine(cause)}`, {
    cause,
  });
}

/** The same model with fewer photos at once; null: one photo was too many already. */
export function withFewer(placement: Placement, size: number): Placement | null {
  if (placement.streams !== undefined) return withoutStreams(placement);
  if (size === 1) return null;
  const { title } = providerTable[placement.provider];
  const batch = Math.ceil(size / 2);
  return {
    ...placement,
    batch,
    reason: `${placement.reason}; ${size} photos at once were too many for the memory of ${title}, so ${batch}`,
    // Told once: how far it is halved shows in `batch`.
    fallback:
      placement.fallback ?? `${title} has too little memory for ${size} photos at once, so it gets fewer.`,
  };
}

/** One session, with all threads. */
export function withoutStreams(placement: Placement): Placement {
  const alone = { ...placement };
  delete alone.streams;
  return alone;
}

/** The same model on `next`; a sentence where it would have to be loaded anew, as results are kept by precision. */
export async function elsewhere(placement: Placement, next: ProviderName): Promise<Placement | string> {
  const { title, precisions } = providerTable[next];
  const reason = `${providerTable[placement.provider].title} has too little memory even for one photo, so ${title}`;
  const fallback = `${reason} computes.`;
  if (!precisions.includes(placement.precision)) return fallback;
  return {
    ...placement,
    ...(await deviceOf(next)),
    provider: next,
    nodesOnCpu: next === 'cpu' ? 0 : null,
    reason,
    fallback,
  };
}
