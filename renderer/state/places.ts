/** The pages of the window, and the dialogs over them. */
export type View = 'library' | 'models' | 'settings';
export type Sheet = 'commands' | 'keys' | 'about' | 'failures' | 'pick-folder' | 'own-label' | null;
