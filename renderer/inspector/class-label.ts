import type { HeadSummary } from '../../main/contract/entities/head.ts';
import type { Inspection } from '../../main/contract/entities/inspection.ts';
import type { Label } from '../../models/manifest.ts';
import type { Application } from '../state/application.svelte.ts';

type Knowing = Pick<Application, 'models' | 'heads' | 'speech' | 'inspector'>;

/** The set of labels that is explained; null: what the model came with. */
export function explainedSet({
  heads,
  inspector,
}: Pick<Application, 'heads' | 'inspector'>): HeadSummary | null {
  const id = inspector.headId === undefined ? (heads.inUse?.id ?? null) : inspector.headId;
  return id === null ? null : (heads.items?.find((head) => head.id === id) ?? null);
}

/** All that can be explained, in the order of its indices; nothing until it is known. */
export function explainedLabels(app: Pick<Application, 'models' | 'heads' | 'inspector'>): readonly Label[] {
  const set = explainedSet(app);
  if (set) return app.heads.namesOf(set);
  const model = app.inspector.inspection?.model;
  return (model && app.models.detail(model)?.labels) || [];
}

/** What a class of the inspection is called; its number where nothing names it, nothing where there is none. */
export function classLabel(
  app: Knowing,
  inspection: Inspection | null,
  index: number | null | undefined,
): string {
  if (!inspection || index === null || index === undefined) return '';
  const label =
    inspection.predictions.find((one) => one.index === index)?.label ?? explainedLabels(app)[index];
  return label ? app.speech.label(label) : `#${index}`;
}
