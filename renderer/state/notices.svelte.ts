import type { Failure } from '../../main/contract/result.ts';

export interface Notice {
  id: number;
  level: 'info' | 'warning' | 'error';
  failure: Failure | null;
  text: string;
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
  tell(text: string): void {
    const id = this.#add({ level: 'info', failure: null, text });
    setTimeout(() => this.dismiss(id), stay);
  }
  fail(failure: Failure, level: Notice['level'] = 'error'): void {
    const { code, message } = failure;
    if (this.#items.some((item) => item.failure?.code === code && item.failure.message === message)) return;
    this.#add({ level, failure, text: message });
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
