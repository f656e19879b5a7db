import type { Failure } from '../../main/contract/result.ts';

export interface NoticeAction {
  label: string;
  run: () => void;
}

export interface Notice {
  id: number;
  level: 'info' | 'warning' | 'error';
  failure: Failure | null;
  text: string;
  /** What can be done about it at once. */
  action: NoticeAction | null;
}

/** Milliseconds that good news stays; a failure stays until it is dismissed. */
const stay = 6_000;
const most = 4;

/** What to tell the user beside the page. */
export class Notices {
  #items = $state.raw<readonly Notice[]>([]);
  #next = 1;

  get items(): readonly Notice[] {
    return this.#items;
  }
  tell(text: string, action: NoticeAction | null = null): void {
    const id = this.#add({ level: 'info', failure: null, text, action });
    setTimeout(() => this.dismiss(id), stay);
  }
  /** Stays until it is answered or dismissed. */
  ask(text: string, action: NoticeAction): void {
    this.#add({ level: 'info', failure: null, text, action });
  }
  fail(failure: Failure, level: Notice['level'] = 'error'): void {
    const { code, message } = failure;
    if (this.#items.some((item) => item.failure?.code === code && item.failure.message === message)) return;
    this.#add({ level, failure, text: message, action: null });
  }
  dismiss(id: number): void {
    this.#items = this.#items.filter((item) => item.id !== id);
  }
  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    this.#items = [...this.#items, { ...notice, id }].slice(-most);
    return id;
  }
}
