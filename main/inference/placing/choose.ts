/** Which provider and precision: the one asked for, or what measures fastest among those that are right. */
import { SaccadeError } from '../../../models/error.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { Precision, PrecisionChoice, ProviderChoice, ProviderName } from '../../contract/values.ts';
import { hasGraphics } from '../runtime/devices.ts';
import type { Tuning } from './tuning.ts';
import type { ProbeResult } from './probe.ts';
import { providerNames, providerTable, whyNot } from '../runtime/providers.ts';
import type { Verdicts } from './verdicts.ts';

export interface PlacementPlan {
  provider: ProviderName;
  precision: Precision;
  /** Null: not measured yet. */
  tuning: Omit<Tuning, 'photosPerSecond'> | null;
  reason: string;
  /** Where to go on when memory runs out, best first; empty where a provider was asked for by name. */
  next: ProviderName[];
}

export interface PlacementRequest {
  modelFolder: string;
  manifest: ModelManifest;
  provider: ProviderChoice;
  precision: PrecisionChoice;
  /** Beside the provider's own, on the CPU. */
  earned?: Precision[];
}

/** Why a provider need not even be tried; null: it may work. */
export async function obstacle(provider: ProviderName): Promise<string | null> {
  const reason = whyNot(provider);
  if (reason || provider === 'cpu') return reason;
  return (await hasGraphics())
    ? null
    : 'No graphics processor was found, and computing in its place is slower than the CPU.';
}

interface Candidate {
  provider: ProviderName;
  precision: Precision;
}

function precisionsOf(provider: ProviderName, earned: Precision[] = []): Precision[] {
  const usual = providerTable[provider].precisions;
  return provider === 'cpu' ? [...usual, ...earned] : usual;
}

const named = ({ provider, precision }: Candidate): string => `${providerTable[provider].title} ${precision}`;

/** @throws SaccadeError `provider-unavailable` for a provider that was asked for by name */
export async function choose(
  request: PlacementRequest,
  verdicts: Verdicts,
  obstacleOf = obstacle,
): Promise<PlacementPlan> {
  const { modelFolder, manifest, provider, precision } = request;
  const automatic = provider === 'auto';
  if (!automatic) {
    const reason = whyNot(provider);
    if (reason)
      throw new SaccadeError(
        'provider-unavailable',
        `Expected ${providerTable[provider].title} to compute on this machine; it can't. ${reason} Mend that, or leave the choice to auto.`,
      );
  }
  const obstacles = await Promise.all(providerNames.map((name) => obstacleOf(name)));
  const providers = automatic ? providerNames.filter((_, i) => obstacles[i] === null) : [provider];
  const candidates = providers.flatMap((name) =>
    (precision === 'auto' ? precisionsOf(name, request.earned) : [precision]).map((one): Candidate => ({
      provider: name,
      precision: one,
    })),
  );
  const [only] = candidates;
  if (candidates.length === 1 && only) {
    const verdict = await verdicts.known({ modelFolder, ...only }, manifest.weights.sha256);
    const reason = automatic ? 'the only processor that was found to compute on' : 'asked for';
    return { ...only, tuning: verdict?.ok ? verdict.value : null, reason, next: [] };
  }

  const sound: (Candidate & ProbeResult)[] = [];
  const excluded: string[] = [];
  for (const candidate of candidates) {
    const verdict = await verdicts.of({ modelFolder, ...candidate }, manifest.weights.sha256);
    if (verdict.ok) sound.push({ ...candidate, ...verdict.value });
    else excluded.push(`${named(candidate)}: ${verdict.error.message}`);
  }
  sound.sort((a, b) => b.photosPerSecond - a.photosPerSecond);
  const best = sound[0];
  if (!best) {
    if (!automatic) throw new SaccadeError('provider-unavailable', excluded.join(' '));
    const reason = `nothing could be measured, so the CPU (${excluded.join(' ')})`;
    return { provider: 'cpu', precision: 'fp32', tuning: null, reason, next: [] };
  }
  const speeds = sound.map((each) => `${named(each)} ${Math.round(each.photosPerSecond)} photos/s`);
  const reason = [`measured: ${speeds.join(', ')}`, ...excluded.map((each) => `left out ${each}`)].join('; ');
  const others = automatic ? new Set(sound.map((each) => each.provider)) : new Set<ProviderName>();
  others.delete(best.provider);
  return {
    provider: best.provider,
    precision: best.precision,
    tuning: best,
    reason,
    next: [...others],
  };
}
