import type { IconName } from './Icon.svelte';

/** What can be done with one of a list: a button of its page, an item of its menu. */
export interface ItemAction {
  name: string;
  icon: IconName;
  run: () => void;
  disabled?: boolean;
  /** What it does in more words. */
  hint?: string;
  /** `main`: what is done most; `danger`: what is asked about once more. */
  kind?: 'main' | 'danger';
}
