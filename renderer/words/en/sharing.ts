/** The sheet "Export and share", in English. */
import { n, photos } from './numbers.ts';

const files = (value: number) => (value === 1 ? '1 file' : `${n(value)} files`);

type Kind = string;
const doings: Record<string, string> = {
  write: 'written',
  change: 'changed',
  copy: 'copied',
  link: 'linked',
  move: 'moved',
  back: 'put back as it was',
};
const done = (doing: string) => doings[doing] ?? `${doing}`;

const kinds: Record<Kind, [name: string, about: string, go: string]> = {
  csv: ['Table (CSV)', 'For spreadsheets: a row a photo, with its labels.', 'Save'],
  jsonl: ['Table (JSON lines)', 'For scripts: an object a photo, with its labels.', 'Save'],
  parquet: ['Table (Parquet)', 'For pandas, polars and DuckDB: typed columns.', 'Write'],
  report: ['Page (HTML)', 'One file to send to somebody: photos, labels, your words and maps.', 'Write'],
  'contact-sheet': ['Contact sheet (PNG)', 'All photos on one picture, the first 1,000.', 'Write'],
  fiftyone: ['FiftyOne', 'A file of labels that FiftyOne imports.', 'Write'],
  'label-studio': ['Label Studio', 'A folder with tasks and a labelling interface.', 'Write'],
  imagefolder: [
    'Hugging Face imagefolder',
    'A folder with copies of the photos and metadata.jsonl.',
    'Write',
  ],
  coco: ['COCO', 'A JSON file with images and categories.', 'Write'],
  keywords: [
    'Keywords for my photo program',
    'Labels go into XMP sidecars beside the photos. Photos stay as they are, and what other programs wrote stays too.',
    'Write keywords',
  ],
  organise: [
    'Folders by label',
    'Photos and their sidecars go into folders named after their labels. A photo with several is copied or linked into each, and moved into that of the first. Nothing is overwritten.',
    'Organise',
  ],
  'remove-keywords': [
    'Take keywords out again',
    'What Saccade wrote into sidecars is taken out, and nothing else.',
    'Take out',
  ],
  iptc: [
    'Keywords inside JPEGs (IPTC)',
    'Changes the photos themselves, by exiftool, which has to be installed. Only JPEGs; what was written can be taken out again.',
    'Write into the photos',
  ],
  'remove-iptc': [
    'Take keywords out of JPEGs again',
    'What Saccade wrote into JPEGs is taken out by exiftool, and nothing else.',
    'Take out',
  ],
};
const colours: Record<string, string> = {};
const extras: Record<string, string> = { features: 'Features', maps: 'Maps' };
const splits: Record<string, string> = {
  '': 'one file',
  label: 'a folder a label',
  status: 'a folder a status',
  year: 'a folder a year',
  model: 'a folder a model',
};
const ways: Record<string, string> = { copy: 'Copy', hardlink: 'Hard link', symlink: 'Link', move: 'Move' };

export const sharing = {
  shareOpen: 'Export and share…',
  shareTitle: (count: number) => `Export and share ${photos(count)}`,
  shareAs: 'As',
  shareTables: 'Tables',
  sharePrograms: 'Beside my photos',
  shareSets: 'Data sets',
  sharePages: 'To look at',
  shareHead: 'Label set',
  shareHeadUsed: 'the one in use',
  shareHeadModel: 'what the model came with',
  shareMarks: 'Where there is none',
  shareRating: 'Rating',
  shareNoRating: 'no rating',
  shareColour: 'Colour label',
  shareNoColour: 'no colour',
  shareColourName: (colour: string) => colours[colour] ?? `${colour}`,
  shareMaps: 'Maps',
  shareMapsEvidence: 'Evidence',
  shareMapsEvidenceHint: 'Of the label set in use; each photo is looked at',
  shareMapsStored: 'As runs kept them',
  shareMapsNone: 'None',
  shareKind: (kind: Kind) => kinds[kind]?.[0] ?? `${kind}`,
  shareAbout: (kind: Kind) => kinds[kind]?.[1] ?? `${kind}`,
  shareGo: (kind: Kind) => kinds[kind]?.[2] ?? `${kind}`,
  shareLabels: 'Labels',
  shareAnyLabels: 'Mine, else the model’s',
  shareConfirmed: 'Only mine',
  shareOnlyModel: 'Only the model’s',
  shareWith: 'Also',
  shareExtra: (extra: string) => extras[extra] ?? `${extra}`,
  shareSplit: 'Files',
  shareSplitBy: (split: string) => splits[split] ?? `${split}`,
  shareThreshold: 'From this % on',
  shareSure: 'the first, where sure',
  shareSureAny: 'each that holds, where sure',
  shareNoPercentage: 'Expected a percentage from 0 to 100. Correct it, or leave the field empty.',
  shareNaming: 'Sidecars',
  shareRoot: 'Keywords below',
  shareFolder: 'Folder',
  shareTemplate: 'Template',
  shareWay: 'Photos',
  shareWayName: (way: string) => ways[way] ?? `${way}`,
  sharePreview: 'What will be written',
  shareStaysWith: (other: string) => `a copy: ${other} stays and needs it too`,
  shareNeedsFolder: 'Choose a folder to see what will be written.',
  shareTrying: (done: number, total: number) => `Looking at what would change: ${n(done)} of ${n(total)}`,
  shareWouldExport: (count: number) => `${photos(count)} will be written into:`,
  shareWouldReplace: (count: number) =>
    `${photos(count)} will be written into this, instead of what is there:`,
  shareWouldChange: (changed: number, failed: number, doing: string) =>
    `${files(changed)} will be ${done(doing)}.${failed ? ` ${files(failed)} can’t be written and stay as they are.` : ''}`,
  shareGoing: (done: number, total: number) => `Writing: ${n(done)} of ${n(total)}`,
  shareGoingElsewhere: (done: number, total: number) =>
    `Another window is writing: ${n(done)} of ${n(total)}. What is chosen here can be written once it has finished.`,
  shareDone: (changed: number, failed: number, doing: string) =>
    `${files(changed)} ${done(doing)}.${failed ? ` ${files(failed)} could not be written and stay as they are.` : ''}`,
  shareTakenBack: (path: string) => `Taken back: ${path} is gone again.`,
  shareCancelled: (changed: number, doing: string) => `Cancelled. ${files(changed)} ${done(doing)} by then.`,
  takeLabels: 'Take over labels…',
  takeTitle: 'Take over labels of another program',
  takeText:
    'Labels become your own words, in one step that can be undone. What you said before stays, and no photo is changed.',
  takeFrom: 'From',
  takeFile: 'File',
  takeLook: 'See what would change',
  takeGo: 'Take over',
  takeNothing: 'Nothing had to be changed.',
  takeFound: (pictures: number, matched: number, changed: number) =>
    `The file has labels of ${n(pictures)} ${pictures === 1 ? 'picture' : 'pictures'}; ${photos(matched)} of the library ${matched === 1 ? 'is' : 'are'} among them, and ${photos(changed)} would change.`,
  takeUnlabelled: (count: number) => `Without a label: ${n(count)}.`,
  takeNew: (labels: string) => `New labels: ${labels}`,
  takeUnmatched: (count: number) =>
    `${n(count)} ${count === 1 ? 'picture is no photo' : 'pictures are no photos'} of the library, or could be several:`,
};
