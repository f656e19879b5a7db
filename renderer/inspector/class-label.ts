import type { Inspection } from '../../main/contract/entities/inspection.ts';
import type { Application } from '../state/application.svelte.ts';

/** What a class of the inspection's model is called; its number where nothing names it, nothing where there is none. */
export function classLabel(
  { models, speech }: Pick<Application, 'models' | 'speech'>,
  inspection: Inspection | null,
  index: number | null | undefined,
): string {
  if (!inspection || index === null || index === undefined) return '';
  const label =
    inspection.predictions.find((one) => one.index === index)?.label ??
    models.detail(inspection.model)?.labels[index];
  return label ? speech.label(label) : `#${index}`;
}
