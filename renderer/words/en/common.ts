/** What several screens say, in English. */
import { photos } from './numbers.ts';

export const common = {
  library: 'Library',
  models: 'Models',
  settings: 'Settings',
  keys: 'Keyboard shortcuts',
  about: 'About Saccade',
  folders: 'Folders',
  labels: 'Labels',
  status: 'Status',
  allPhotos: 'All photos',
  photos,
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back to the library',
  more: 'Show more',
  loading: 'Loading…',
  stillOpening:
    'Still opening the library. The first time after an update or after damage, a large one takes minutes.',
  tryAgain: 'Try again',
  dismiss: 'Dismiss',
  itemActions: (name: string) => `Actions for ${name}`,
  skipToPhotos: 'Skip to the photos',
  colon: ': ',
  /** What other parts of the program say in English: facts of processors, models and runs. */
  told: (text: string) => text,
  commands: 'Find a command',
  commandSearch: 'What do you want to do?',
  commandNone: 'No command of that name',

  /** What a failure of this code is called, before its own sentence. Codes that are not here show only that sentence. */
  failure: (code: string, message: string) =>
    code === 'internal' ? `Something went wrong inside Saccade: ${message}` : message,
};
