/** People's own labels, in English. */
import { n, photos } from './numbers.ts';

const groups = (value: number) => (value === 1 ? '1 group' : `${n(value)} groups`);

export const labels = {
  // Labelling
  ownLabels: 'Your labels',
  fileKeywords: 'Keywords of files',
  fileKeywordsText: 'What other programs wrote into photos and the sidecars beside them',
  keywordFilter: (name: string) => `Keyword ${name}`,
  labelling: 'Labelling',
  labellingHint: 'Label photos by keys (L)',
  labellingDone: 'Done with labelling',
  typeLabel: 'Type a label, or several with commas',
  suggestionHint: (key: number) => `Press ${key}; with Shift it is added and the photo stays`,
  noSuggestions: 'Type a first label: it is offered from then on.',
  confirm: 'Right',
  confirmThis: (label: string) => `It is ${label}`,
  reject: 'It is not',
  rejectThis: (label: string) => `It is not ${label}`,
  saidRight: 'What it says of them is right',
  saidWrong: 'What it says of them is wrong',
  noneOfThese: 'None of these',
  undo: 'Undo',
  redo: 'Redo',
  actEnds: (what: string) => `${what}.`,
  undone: (what: string) => `Undone: ${what}`,
  redone: (what: string) => `Done again: ${what}`,
  nothingToUndo: 'There is nothing to undo.',
  nothingToRedo: 'There is nothing to do again.',

  // What was done
  history: 'What was done',
  historyNone:
    'Nothing yet. Every label that you give, and everything else that can be undone, is listed here.',
  historyUndone: 'undone',
  quoted: (name: string) => `“${name}”`,
  actConfirm: (many: string) => `${many} confirmed`,
  actLabel: (names: string, many: string) => `${names} given to ${many}`,
  actRemove: (names: string, many: string) => `${names} taken from ${many}`,
  actReject: (names: string, many: string) => `${many}: not ${names}`,
  actRejectFirst: (many: string) => `${many}: not what was said`,
  actNone: (many: string) => `${many}: none of these`,
  actClear: (many: string) => `Your labels taken from ${many}`,
  actDistinguish: (many: string) => `${many} told apart`,
  actMove: (many: string, folder: string) => `${many} moved to ${folder}`,
  actTrash: (many: string) => `${many} moved to the trash`,
  sharedCopied: (sidecar: string, other: string, more: number) =>
    `${sidecar} speaks of ${other} too, which stays, so it stays as well and a copy went along${more ? `; so with ${n(more)} more` : ''}.`,
  sharedStays: (sidecar: string, other: string, more: number) =>
    `${sidecar} speaks of ${other} too, so both stay${more ? `; so with ${n(more)} more` : ''}.`,
  actTeach: (name: string) => `${name} taught`,
  actWrite: (name: string) => `${name} written`,
  actRename: (name: string) => `${name} renamed`,
  actRemoveSet: (name: string) => `${name} removed`,
  actImport: (from: string, many: string) => `Labels of ${from} given to ${many}`,

  // Sets of labels
  sets: 'Label sets',
  setsFailed: 'The sets of labels can’t be listed',
  setOwn: 'came with the model',
  setTaught: 'taught',
  setWritten: 'in words',
  setUse: 'Use this set',
  setUseHint:
    'Photos that are classified already get its labels at once; the model does not look at them again.',
  setUnfit: 'For another model',
  setRename: 'Rename…',
  setName: 'Name of the set',
  setRemove: 'Remove…',
  setRemoveTitle: (name: string) => `Remove “${name}”?`,
  setRemoveText: 'Its labels leave the photos. Your own words stay. It can be undone.',
  setExport: 'Export as a model…',
  setExportText: 'A new folder with the model and these labels, as timm, transformers and Saccade read it.',
  setExportWords: 'Export…',
  setExportWordsText:
    'A new folder with the lines that make these labels again, and their embeddings for programs that read CLIP.',
  setExported: (files: number) => (files === 1 ? '1 file written.' : `${n(files)} files written.`),
  setFolder: 'Folder',
  accuracyOf: (percent: string, low: string, high: string) => `${percent} right (${low} – ${high})`,
  accuracy: 'Accuracy',
  accuracyText: (right: number, of: number) =>
    `${n(right)} of ${n(of)} photos that were held out. In 95 of 100 cases the true share lies between the two in brackets.`,
  accuracyOfSure: 'Accuracy where sure',
  sureOf: (percent: string) => `of the ${percent} that it is sure of`,
  setDoubtOne:
    'Below this probability of its best label. What is unsure is written as no label, into keywords, folders or data sets. Photos are not looked at again.',
  setDoubtAny:
    'Below 50%: where none of its labels reaches this probability, from which on each is given. Above: also below this confidence in the label that it can decide least. What is unsure is written as no label, into keywords, folders or data sets. Photos are not looked at again.',
  setDoubtAsMade: 'As it was made',
  noAccuracy: 'Too few examples to hold any out: nothing can be said of how good it is.',
  examples: 'Examples',
  perLabel: 'By label',
  precisionOf: 'Right when it says so',
  recallOf: 'Found of those there are',
  tooFewOf: 'too few examples',
  confusionTable: 'What is taken for what',
  confusionText:
    'A row is what a photo is by your word, a column what the set says of it. Only held-out photos are counted.',
  confusionCell: (photos_: number, truth: string, said: string) => `${n(photos_)}: ${truth}, called ${said}`,
  templatesOf: 'Templates',
  notes: 'To be told',

  // Teaching
  teach: 'Teach from examples',
  teachText: 'From three labels with a few photos each on. More examples make better labels.',
  teachName: 'Name',
  teachNameDefault: 'My labels',
  teachFrom: 'Examples',
  teachFromMine: 'Labels I gave',
  teachFromFolder: 'A folder of folders',
  teachFromCsv: 'A CSV file',
  teachFolderPath: 'Path of the folder; its folders are the labels',
  teachCsvPath: 'Path of a CSV file with the columns path and label',
  teachAny: 'A photo can have several',
  teachOne: 'A photo has one',
  teachAnswers: 'Labels',
  severalHold:
    'Several labels may hold of a photo, or none: it is listed, counted, found and written under each that does.',
  teachGo: 'Teach',
  teachAgain: 'Teach again with what I said since',
  teachGiven: (labels_: number, many: string) =>
    `${labels_ === 1 ? '1 label' : `${n(labels_)} labels`} on ${many}`,
  teachGivenNone: 'You gave no labels yet. Press L in the library: a photo is labelled with one key.',
  teachKeywords: (many: number) =>
    `With keywords that other programs wrote (${many === 1 ? '1 keyword' : `${n(many)} keywords`})`,
  teachReading: 'Reading examples',
  teachFeatures: 'The model looks at them',
  teachFitting: 'Learning',
  teachFinished: (name: string) => `“${name}” is taught and in use.`,
  teachCancelled: 'Teaching was cancelled.',
  teachLeftOut: (value: number) => `${photos(value)} left out:`,

  // Labels in words
  write: 'Write in words',
  writeText:
    'A label a line; several phrasings with | between, and before = a name of its own where you want one.',
  writeWhyNot: (model: string) =>
    `${model} sees photos and reads no text, so labels can't be written for it in words. This one reads text:`,
  getReader: 'Get it',
  useReader: 'Use it',
  writeField: 'Labels',
  writeExample: 'a receipt | a till slip\na sailing boat\na dog',
  writeTemplates: 'How a phrase is said, a line each; {} is the phrase',
  writeNone: 'None of these',
  writeNoneText: 'Phrases that fit any photo, with | between. Left empty, one of the labels it is.',
  writeGo: 'Make the set',
  writeProgress: (read: number, of: number) => `${n(read)} of ${n(of)} texts read`,
  writeAgain: 'Change the words…',
  writeAgainTitle: (name: string) => `The words of “${name}”`,
  writeAgainGo: 'Make its next version',
  moreOf: (value: number) => `and ${n(value)} more`,

  // Review
  review: 'Review',
  queueUnsure: 'Least sure',
  queueAudit: 'Against your word',
  queueDisagreement: 'Two disagree',
  queueSample: 'Estimate',
  queueUnsureText: 'Photos of which the set in use is least sure: a word from you teaches most here.',
  queueAuditText:
    'Photos that a set, taught with all the others, is sure to be something else than was said of them.',
  queueDisagreementText:
    'Photos that the set in use and another call by different names, both surest first. A word from you settles it.',
  disagreementText: (given: string, other: string, likely: string) =>
    `The set in use says ${given}, ${other} says ${likely}.`,
  compare: 'Compare',
  compareText:
    'What two models, two sets of labels, or a set and you say of the same photos. Every number opens its photos.',
  compareRows: 'Rows',
  compareColumns: 'Columns',
  compareWith: 'with',
  judgeMe: 'My own labels',
  saysNothing: 'says nothing',
  compareCell: (photos_: number, row: string, column: string) => `${photos(photos_)}: ${row} – ${column}`,
  agreeIs: (percent: string, low: string, high: string, right: number, of: number) =>
    `They agree on ${percent} (${low} – ${high}), ${n(right)} of ${n(of)} photos of which both say something.`,
  compareTaught: (name: string) =>
    `“${name}” was taught with labels you gave, so it agrees with you on those photos more than on new ones. Label sets says how right it is on photos it was not taught with.`,
  compareNone: 'Nothing to compare',
  compareNoneText: 'Classify photos with both, or label some yourself.',
  queueSampleText:
    'Photos drawn at random. Judge some, and you know how good the labels are on your library. No set is taught with them.',
  auditBy: 'Against',
  auditPerson: 'my labels',
  auditFolder: 'folder names',
  auditKeywords: 'keywords of files',
  againstText: (given: string, likely: string, percent: string) =>
    `Said to be ${given}; taught with the other photos, a set says ${likely} (${percent}).`,
  queueEmpty: 'Nothing is left here',
  queueEmptyText: 'Classify photos, or choose another queue.',
  queueLeft: (value: number) => `${n(value)} in the queue`,
  estimateNone: (population: string) => `Of ${population} none is judged yet.`,
  estimateIs: (percent: string, plusMinus: string, judged: number, population: string) =>
    `${percent} ± ${plusMinus} of what it says is right, judged by you on ${n(judged)} of ${population}.`,
  estimateIsOf: (label: string, percent: string, plusMinus: string, judged: number, population: string) =>
    `${percent} ± ${plusMinus} of what it calls “${label}” is right, judged by you on ${n(judged)} of ${population}.`,
  estimateOf: 'Of photos called',
  estimateAll: 'anything',

  // Search by likeness
  likeThese: 'More like this',
  likeWords: (text: string) => `Pictures of “${text}”`,
  likeWordsHint: 'Search what photos show, by words. For models that read text.',
  likeNeedsReader: 'Models that read text search what photos show',
  likeTitle: 'Most alike first',
  likeWordsTitle: (text: string) => `What looks like “${text}”`,
  likeCompared: (compared: string) => `${compared} compared`,
  likeUnknown: (unknown: string) => `${unknown} not yet classified and not compared`,
  likeThreshold: 'Likeness at least',
  likeAbove: (many: string) => `${many} above the mark`,
  likeLabel: 'Make this a label…',
  likeLabelTitle: (many: string) => `A label for ${many}`,
  likeNone: 'Nothing to compare with',
  likeNoneText: 'Classify photos first: what the model sees in them is compared.',
  getTextModel: 'Show models that read text',

  // Duplicates
  duplicates: 'Duplicates',
  duplicatesFind: 'Compare all photos',
  duplicatesText:
    'The same picture in another size, format or quality, and classified photos that look alike. Nothing is deleted.',
  duplicatesSame: 'The same picture',
  duplicatesAlike: 'Look alike',
  duplicatesProgress: (done: number, of: number) => `${n(done)} of ${n(of)} read`,
  duplicatesGroupingSame: (percent: string) => `Grouping the same pictures, ${percent}`,
  duplicatesGroupingAlike: (percent: string) => `Grouping photos that look alike, ${percent}`,
  duplicatesNone: 'None found',
  duplicatesFound: (same: number, alike: number) =>
    `The same picture: ${groups(same)}. Look alike: ${groups(alike)}.`,
  duplicatesLeftOut: (value: number) => `${photos(value)} could not be compared`,
  duplicatesBest: 'Keep this one',
  duplicatesNot: 'Not duplicates',
  duplicatesMove: 'Move the others…',
  duplicatesMoveText:
    'The files are moved into this folder, which is made where there is none. It can be undone.',
  duplicatesMoveFailed: (value: number) => `${photos(value)} could not be moved:`,
  duplicatesAlikeBy: (percent: string) => `alike by ${percent}`,
  duplicatesTrash: 'The others to the trash…',
  move: 'Move',
  moveTo: 'Move to a folder…',
  moveTitle: (many: string) => `Move ${many}?`,
  trash: 'Move to the trash',
  trashThese: 'Move to the trash…',
  trashTitle: (many: string) => `Move ${many} to the trash?`,
  trashText: 'The files go to the trash of this computer. Saccade itself deletes nothing.',
  choose: 'Choose…',
};
