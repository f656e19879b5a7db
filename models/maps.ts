/** Which maps a model can give, known from its model.json alone. */
import type { VitConfig } from './config.ts';
import { absentMaps, type MapName } from './graphs.ts';
import type { ModelManifest } from './manifest.ts';

export function absentOf(manifest: ModelManifest): Partial<Record<MapName, string>> {
  if (manifest.kind === 'vit') return absentMaps(manifest.architecture as unknown as VitConfig);
  return (manifest.architecture['absent'] ?? {}) as Partial<Record<MapName, string>>;
}

/** The map that a run stores where `wanted` was asked for: that one, else [CLS] attention, else none. */
export function mapGiven(manifest: ModelManifest, wanted: MapName | null): MapName | null {
  const absent = absentOf(manifest);
  if (wanted === null || !(wanted in absent)) return wanted;
  return 'cls' in absent ? null : 'cls';
}
