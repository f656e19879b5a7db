/**
 * Well-known checkpoints of the Hugging Face Hub, in `catalogue.json`: data, not code. Every number stands in one of
 * an entry's `sources`; what none of them says is null. Revisions, hashes and sizes are not written down: the Hub
 * tells them when a model is downloaded, and they are fixed then. Parameters are as rounded by their source, those of
 * DINOv2 without the linear head.
 */
import entries from './catalogue.json' with { type: 'json' };

export interface KnownModel {
  /** Short name to ask for it by. */
  id: string;
  /** `owner/name` on the Hub. */
  repository: string;
  name: string;
  family: string;
  parameters: number | null;
  input: { height: number; width: number } | null;
  /** Side of a patch in input pixels. */
  patchSize: number | null;
  classes: number | null;
  /** ImageNet-1k validation accuracy in percent as published, and who says so. */
  top1: { percent: number; source: string } | null;
  licence: string | null;
  /** Addresses where the above was read. */
  sources: string[];
}

export const knownModels: readonly KnownModel[] = entries;

/** A repository of the Hub and which revision of it. */
export interface ModelSource {
  /** `owner/name`. */
  repository: string;
  /** Branch, tag, commit or `refs/pr/N`. */
  revision: string;
}

/** Reads `id`, `owner/name` or `owner/name@revision`; null: no known id and no repository's name. */
export function parseSource(text: string): ModelSource | null {
  const known = knownModels.find(({ id }) => id === text);
  if (known) return { repository: known.repository, revision: 'main' };
  const parts = /^([A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})(?:@([A-Za-z0-9][\w./-]{0,199}))?$/.exec(
    text,
  );
  return parts ? { repository: parts[1]!, revision: parts[2] ?? 'main' } : null;
}
