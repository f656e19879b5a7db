/** How photos are found: words of a search, labels as a set, months, what cameras wrote, in English. */
import { photos } from './numbers.ts';

const fields: Record<string, string> = {
  camera: 'camera',
  lens: 'lens',
  year: 'year',
  label: 'label',
  own: 'your own label',
  keyword: 'keyword',
  folder: 'folder',
  status: 'status',
  probability: 'confidence',
  place: 'place',
};

export const finding = {
  // Search words
  suggestions: 'What there is to search for',
  suggestionField: (field: string) => `${fields[field] ?? field}`,
  fieldHint: (field: string) =>
    ({
      camera: 'camera:x100',
      lens: 'lens:50mm',
      year: 'year:2014',
      label: 'label:dog',
      folder: 'folder:rome',
    })[field] ?? `${field}:`,
  unsureWord: 'unsure',
  unnamedWord: 'unnamed',
  damagedWord: 'damaged',
  statusDamaged: 'Damaged',

  // Where pictures are likely to lie
  pickPlaces: 'Places',
  pickPlace: (kind: string) =>
    ({ pictures: 'Pictures', desktop: 'Desktop', downloads: 'Downloads', home: 'Home' })[kind] ?? `${kind}`,

  // Labels as a set
  anyOf: 'Any of these',
  allOf: 'All of these',
  notLabel: (name: string) => `not ${name}`,
  labelActions: (name: string) => `Actions for “${name}”`,
  onlyLabel: (name: string) => `Only ${name}`,
  alsoLabel: (name: string) => `Also ${name}`,
  withoutLabel: (name: string) => `Leave out ${name}`,
  labelRowHint: 'Click: only this. Ctrl+click or +: also this. Alt+click or −: not this.',

  // Saved searches
  savedSearches: 'Saved searches',
  saveSearch: 'Save this search…',
  saveSearchTitle: 'Save this search',
  renameSearchTitle: (name: string) => `Rename “${name}”`,
  searchName: 'Name',
  searchActions: (name: string) => `Actions for the search “${name}”`,
  renameSearch: 'Rename…',
  removeSearch: 'Remove',
  actSaveSearch: (names: string) => `Search ${names} saved`,
  actRenameSearch: (names: string) => `Search renamed: ${names}`,
  actRemoveSearch: (names: string) => `Search ${names} removed`,

  // Months
  timeline: 'Timeline',
  monthOf: (month: string, value: number) => `${month}, ${photos(value)}`,

  // What the camera wrote
  detailCamera: 'Camera',
  detailLens: 'Lens',
  detailExposure: 'Exposure',
  detailPlace: 'Place',
  focal: (millimetres: string, on35: string | null) =>
    on35 === null ? `${millimetres} mm` : `${millimetres} mm (${on35} mm on 35 mm film)`,
  exposureTime: (seconds: string) => `${seconds} s`,
  iso: (value: string) => `ISO ${value}`,
  findCamera: (name: string) => `Show photos taken with ${name}`,
  findLens: (name: string) => `Show photos taken with the lens ${name}`,
  perhapsDamaged: (label: string, percent: string) => `${label}? ${percent}, of a damaged file`,
};
