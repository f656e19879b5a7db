/** What a label looks at, in English. */
import { n, photos } from './numbers.ts';

export const looks = {
  looks: 'What labels look at',
  looksTitle: (label: string) => `What “${label}” looks at`,
  looksAtLabel: (label: string) => `What “${label}” looks at`,
  looksWhere: 'One label',
  looksCompare: 'Compare maps',
  looksLabel: 'Label',
  looksSet: 'Labels of',
  looksLabelWith: (label: string, many: number) => `${label} (${n(many)})`,
  looksSetNone: (name: string) => `“${name}” names none of these photos`,
  looksSetNoneText:
    'A set reads labels of what the model saw. Classify photos with the chosen model first; what was classified by an earlier version may have to be classified again.',
  looksNone: 'No label to look at',
  looksNoneText: 'Classify photos first: then every label of them can be looked at here.',
  looksKnown: (known: number, all: number) =>
    known === all
      ? `${photos(all)}, the evidence of all of them is known.`
      : `${photos(all)}, the evidence of ${n(known)} of them is known.`,
  looksUnknown: (all: string) =>
    `${all} with this label. A run stores evidence for the model’s own first label only: for this one, the model has to look at them.`,
  looksFind: (many: number) => `Look at ${n(many)} more`,
  looksFindSpecial: 'Look at some for special tokens',
  looksFinding: (done: number, total: number) => `Looking: ${n(done)} of ${n(total)}`,
  looksFailed: (failed: number) => `${photos(failed)} could not be looked at.`,
  looksMeaning:
    'Evidence is what patches add to this label’s logit directly through attention, or take from it. It is exact, and no more than that: what a patch told another patch, or an MLP made of it, is not in it.',
  looksMean: 'Mean map',
  looksMeanHint: (many: string) => `Mean evidence over ${many}, as the model’s input lies: not of one photo`,
  looksUnit: 'logit a patch',
  looksFigures: 'All figures',
  looksPlace: 'Place',
  looksShare: 'Here',
  looksUsual: 'Other labels',
  looksEven: 'If even',
  looksMostly: 'Photos mostly there',

  placeTopLeft: 'the upper left corner',
  placeTopRight: 'the upper right corner',
  placeBottomLeft: 'the lower left corner',
  placeBottomRight: 'the lower right corner',
  placeTop: 'the upper edge',
  placeRight: 'the right edge',
  placeBottom: 'the lower edge',
  placeLeft: 'the left edge',
  placeOutside: 'the places outside the middle',
  placeCropped: 'the rim where the photo was cropped',
  placeSpecial: 'special tokens, of the logit',

  findPlace: (share: string, place: string, against: string) =>
    `${share} of the evidence lies in ${place}; ${against}.`,
  findAgainst: (usual: string, even: string) =>
    `of other labels’ evidence ${usual} does, and evenly spread it would be ${even}`,
  findAgainstEven: (even: string) => `evenly spread it would be ${even}`,
  findMostly: (mostly: number, all: number) =>
    `In ${n(mostly)} of ${photos(all)} more than half of it lies there.`,
  findSpecial: (share: string, many: number) =>
    `Special tokens, which are no place of the photo, bring ${share} of the logit (${photos(many)}).`,
  findNothing:
    'Nothing odd: no corner, edge or cropped rim has more of the evidence than chance and other labels explain.',
  findTooFew: 'With fewer than eight photos nothing can be called odd.',
  findMostIn: (share: string, place: string) => `The most is ${share}, in ${place}.`,
  findLikeOthers: (correlation: string) =>
    `Its evidence lies much where that of other labels lies (rank correlation of the mean maps ${correlation}): its place says little about this label.`,
  findUnlikeOthers: (correlation: string) =>
    `Its evidence lies elsewhere than that of other labels (rank correlation of the mean maps ${correlation}).`,
  findNoOthers: 'There is no evidence of other labels to compare it with.',
  findOthersOfModel: 'The other labels are those that the model came with.',

  speakFor: 'Speaks most for it',
  speakForText: 'The strongest patches of its photos, two a photo at most, with what each adds to the logit.',
  speakAgainst: 'Speaks most against it',
  speakAgainstText: 'In photos that got the label all the same.',
  speakNone: 'No patch does, by as much as 0.01 of a logit.',
  cropName: (photo: string, value: string, row: number, column: number) =>
    `${photo}: ${value} at row ${n(row)}, column ${n(column)}`,
  cropShare: (value: string, share: string) => `${value}, ${share} of the logit`,

  unusual: 'Where the evidence is unusual',
  unusualText:
    'Photos by how much of their evidence lies where this label’s usually does not: the label may be right for a wrong reason. Strong patches count for most. A high share is a reason to look, not an error.',
  unusualFrom: 'At least',
  unusualShare: (share: string) => `${share} elsewhere`,

  compareLeft: 'Left',
  compareRight: 'Right',
  compareMapsText:
    'Two sets of labels or two models on the same photos, each map for its own first label. The photos whose maps differ most come first. That they differ does not say which is right.',
  compareMapsOf: (compared: string, median: string) =>
    `${compared} compared; the middle rank correlation is ${median}.`,
  compareMapsUnknown: (many: string) => `Of ${many} one of the two maps is not known.`,
  compareMapsNone: 'No photo has both maps',
  compareMapsNoneText:
    'Classify the same photos with both models, or let the model look at photos for the labels of a set.',
  compareMapsLook: (name: string) => `Look for “${name}”`,
  compareCorrelation: (value: string) => `Rank correlation ${value}`,
};
