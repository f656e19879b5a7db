/** Which maps a model can give, known from its model.json alone. */
import type { VitConfig } from '../config.ts';
import { absentMaps } from '../absent-maps.ts';
import type { ModelManifest } from '../manifest.ts';
import type { MapName } from './options.ts';
import { hasCls } from './view.ts';

function absentOf(manifest: ModelManifest): Partial<Record<MapName, string>> {
  if (manifest.kind === 'vit') return absentMaps(manifest.architecture as unknown as VitConfig);
  return (manifest.architecture['absent'] ?? {}) as Partial<Record<MapName, string>>;
}

/**
 * Whose row of the softmax `cls_attention` is: [CLS]'s; [CLS]'s though the head averages the patches and never reads
 * it; in a model without [CLS] the mean of the patches' rows; or where [CLS] is averaged with them, the mean of all theirs.
 */
export const attentionKinds = ['cls', 'unread-cls', 'patches', 'tokens'] as const;
export type AttentionOf = (typeof attentionKinds)[number];

export function attentionOf({ kind, architecture }: ModelManifest): AttentionOf {
  const { pool, clsToken, attention } = architecture as {
    pool?: string;
    clsToken?: boolean;
    attention?: { pool?: string; special?: number } | null;
  };
  const known =
    kind === 'vit'
      ? { pool, cls: clsToken }
      : { pool: attention?.pool, cls: hasCls(attention?.pool, attention?.special ?? 1) };
  if (known.pool === 'tokens') return 'tokens';
  if (known.cls === false) return 'patches';
  return known.pool === 'mean' || known.pool === 'attention' ? 'unread-cls' : 'cls';
}

/** The map that a run stores where `wanted` was asked for: that one, else [CLS] attention, else none. */
export function mapGiven(manifest: ModelManifest, wanted: MapName | null): MapName | null {
  const absent = absentOf(manifest);
  if (wanted === null || !(wanted in absent)) return wanted;
  return 'cls' in absent ? null : 'cls';
}
