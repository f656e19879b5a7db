/** The pages of the window, and the dialogs over them. */
export type View = 'library' | 'likeness' | 'labels' | 'models' | 'settings';
export type Sheet =
  'commands' | 'keys' | 'about' | 'failures' | 'pick-folder' | 'own-label' | 'left-out' | 'export' | null;
/** Of the page about labels. */
export type LabelsTab = 'sets' | 'review' | 'compare' | 'duplicates' | 'history';
