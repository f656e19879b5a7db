import type { HeadSummary } from '../../main/contract/entities/head.ts';
import type { Judge } from '../../main/contract/labels.ts';
import type { Parts } from '../state/parts.svelte.ts';

export interface NamedJudge {
  judge: Judge;
  /** For choosing it out of a list. */
  value: string;
  label: string;
}

/** The model's own set goes by the model's name, in the language in use. */
export function nameOfSet(
  { speech, modelInUse }: Parts,
  { id, name }: { id: number | null; name: string },
): string {
  return id === null && modelInUse ? speech.model(modelInUse) : name;
}

/** Who can be compared: the person, the sets of labels, and what other models came with. */
export function judgesOf(app: Parts): NamedJudge[] {
  const { speech, heads, models, preferences } = app;
  const used = preferences.settings?.model;
  const judges: { judge: Judge; label: string }[] = [
    { judge: { by: 'person' }, label: speech.words.judgeMe },
    ...(heads.items ?? [])
      .filter(({ id, labels }) => id !== null || labels > 0)
      .map((head) => ({
        judge: { by: 'head' as const, headId: head.id },
        label: nameOfSet(app, head),
      })),
    ...(models.items ?? [])
      .filter(({ id, classes }) => id !== used && classes > 0)
      .map((model) => ({ judge: { by: 'model' as const, modelId: model.id }, label: speech.model(model) })),
  ];
  return judges.map((each) => ({ ...each, value: JSON.stringify(each.judge) }));
}

/** The taught set that is held against the person, whose words it may have been taught with; null: none is. */
export function taughtByPerson(
  { heads }: Pick<Parts, 'heads'>,
  ...judges: readonly Judge[]
): HeadSummary | null {
  if (!judges.some(({ by }) => by === 'person')) return null;
  const taught = heads.items?.filter(({ kind }) => kind === 'taught') ?? [];
  return taught.find(({ id }) => judges.some((judge) => judge.by === 'head' && judge.headId === id)) ?? null;
}
