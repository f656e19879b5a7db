/** What the files of a model leave open, in English. */
import { n } from './numbers.ts';

export const importing = {
  openTitle: 'A few things the files don’t say',
  openText:
    'The model can be read. What is asked here changes its answers: take it from the model’s page or from whoever trained it.',
  answerOpen: 'Answer…',
  openKnown: (what: string) => `Found in the files: ${what}`,
  knownInput: (width: number, height: number) => `input ${width} × ${height} px`,
  fieldHeads: 'Attention heads',
  fieldHeadsText: 'How many heads share the columns. ViT-Tiny has 3, Small 6, Base 12, Large 16.',
  fieldSize: 'Size of the input',
  fieldSizeText: 'The file takes pictures of any size; the model was trained at one.',
  fieldMean: 'Mean',
  fieldMeanText: 'Taken from each channel, of values from 0 to 1. One of the usual ones fills in both:',
  fieldStd: 'Standard deviation',
  fieldStdText: 'What is left is divided by it, a channel each.',
  usualImagenet: 'ImageNet',
  usualHalf: '0.5 each',
  usualClip: 'CLIP',
  usualNone: 'As they are',
  red: 'red',
  green: 'green',
  blue: 'blue',
  fieldResize: 'How photos are resized',
  fieldResizeText: 'Before anything is cut off.',
  resizeModeShortest: 'Shorter side to',
  resizeModeLongest: 'Longer side to, padded',
  resizeModeExact: 'Both sides to',
  height: 'Height',
  width: 'Width',
  heightByWidth: 'px, height × width',
  fieldFilter: 'Filter of resizing',
  fieldFilterText: 'Most are trained with bicubic or bilinear.',
  fieldCrop: 'Cut from the middle',
  fieldCropText:
    'After resizing. Left empty, nothing is cut off, or what the model takes where the shorter side is scaled.',
  fieldLabels: 'Names of the classes',
  fieldLabelsText: (classes: number | null) =>
    classes === null
      ? 'One a line in the model’s order, or JSON.'
      : `The model tells ${n(classes)} classes apart. One name a line in its order, or JSON.`,
  imagenetNames: 'ImageNet-1k’s 1,000 names',
  namesGiven: (given: number, expected: number | null) =>
    expected === null ? `${n(given)} names` : `${n(given)} of ${n(expected)} names`,
};
