/** Every provider: usable or why not, on what, how fast, how exact. */
import { readManifest } from '../../../models/load.ts';
import type { ProviderReport } from '../../contract/entities/placement.ts';
import type { ProviderName } from '../../contract/values.ts';
import { obstacle } from './choose.ts';
import { deviceOf } from '../runtime/devices.ts';
import type { ProbeResult } from './probe.ts';
import { providerNames, providerTable } from '../runtime/providers.ts';
import type { Verdict, Verdicts } from './verdicts.ts';

/** `measure`: measures anew what can be measured; otherwise only what is known already is told. */
export async function reportProviders(
  request: { modelFolder: string | null; measure: boolean },
  verdicts: Verdicts,
): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = [];
  // One after another: two at once would slow each other down.
  for (const provider of providerNames) reports.push(await reportProvider(provider, request, verdicts));
  return reports;
}

async function reportProvider(
  provider: ProviderName,
  { modelFolder, measure }: { modelFolder: string | null; measure: boolean },
  verdicts: Verdicts,
): Promise<ProviderReport> {
  const reason = await obstacle(provider);
  const unmeasured = { photosPerSecond: null, parityError: null, nodesOnCpu: null };
  if (reason) return { provider, usable: false, reason, device: 'unknown', driver: 'unknown', ...unmeasured };
  const device = await deviceOf(provider);
  if (modelFolder === null) return { provider, usable: true, reason: null, ...device, ...unmeasured };

  const { sha256 } = readManifest(modelFolder).weights;
  const found: Verdict[] = [];
  for (const precision of providerTable[provider].precisions) {
    const request = { modelFolder, provider, precision };
    const verdict = measure
      ? await verdicts.of(request, sha256, true)
      : await verdicts.known(request, sha256);
    if (verdict) found.push(verdict);
  }
  const sound = found.flatMap((verdict): ProbeResult[] => (verdict.ok ? [verdict.value] : []));
  const failures = found.flatMap((verdict) => (verdict.ok ? [] : [verdict.error.message]));
  const [best] = sound.sort((a, b) => b.photosPerSecond - a.photosPerSecond);
  return {
    provider,
    usable: sound.length > 0 || failures.length === 0,
    reason: failures.length > 0 ? failures.join(' ') : null,
    ...device,
    photosPerSecond: best?.photosPerSecond ?? null,
    parityError: best?.parityError ?? null,
    nodesOnCpu: best?.nodesOnCpu ?? null,
  };
}
