import type { CatalogueEntry, ModelSummary } from '../../main/contract/entities/model.ts';

/** What people want a model for; the catalogue is in this order. */
const purposes = ['start', 'quick', 'best', 'words', 'attention', 'similar'] as const;
export type Purpose = (typeof purposes)[number];

/** Knows a thousand things, four times the work of the smallest, and no licence that asks anything. */
export const recommended = 'vit-small-augreg';
/** Reads text too, at a base model's price. */
export const recommendedForWords = 'clip-base-256';
/** Parameters up to which a laptop answers in a moment. */
const few = 10e6;

const readsWords = ({ family }: CatalogueEntry) => /clip|siglip/i.test(family);
const isBackbone = ({ classes, family }: CatalogueEntry) => classes === 0 || /^dino$|mae|msn/i.test(family);

/** The one thing it is best for. A catalogue that says nothing of a model's size tells it by its name. */
export function purposeOf(entry: CatalogueEntry): Purpose {
  if (entry.id === recommended) return 'start';
  if (readsWords(entry)) return 'words';
  if (isBackbone(entry)) return /^dinov2/i.test(entry.family) ? 'similar' : 'attention';
  const small = entry.parameters === null ? /tiny/i.test(entry.name) : entry.parameters <= few;
  return small ? 'quick' : 'best';
}

/** By purpose; within one the most accurate first, those without a figure last. */
export function byPurpose(
  entries: readonly CatalogueEntry[],
): { purpose: Purpose; entries: CatalogueEntry[] }[] {
  const accuracy = ({ top1 }: CatalogueEntry) => top1?.percent ?? -1;
  return purposes
    .map((purpose) => ({
      purpose,
      entries: entries
        .filter((entry) => purposeOf(entry) === purpose)
        .sort((a, b) => accuracy(b) - accuracy(a)),
    }))
    .filter((group) => group.entries.length > 0);
}

/** Bytes of the weights; from the parameters, four bytes each, where the catalogue does not tell. */
export function bytesOf(entry: CatalogueEntry): number | null {
  return entry.bytes ?? (entry.parameters === null ? null : entry.parameters * 4);
}

type Sized = Pick<CatalogueEntry, 'parameters' | 'input' | 'patchSize'>;
/** Multiplications for a photo: nearly all are a token times a weight. Null where a size is not known. */
function workOf({ parameters, input, patchSize }: Sized): number | null {
  if (!parameters || !input || !patchSize) return null;
  return parameters * (Math.ceil(input.height / patchSize) * Math.ceil(input.width / patchSize) + 1);
}

/**
 * Photos a second to expect of a model, by its work and what another did here. Small models spend a larger part on
 * what is not multiplication, so that this is rather too low than too high.
 */
export function expectedThroughput(
  entry: Sized,
  measured: { model: ModelSummary; photosPerSecond: number } | null,
): number | null {
  if (!measured) return null;
  const { parameters, input, grid } = measured.model;
  const here = workOf({ parameters, input, patchSize: grid?.patchSize ?? null });
  const there = workOf(entry);
  return here && there ? (measured.photosPerSecond * here) / there : null;
}
