import type { Failure } from '../../main/contract/result.ts';
import type { Speech } from './speech.svelte.ts';

/** What is said, in whatever language is in use when it is read: a notice outlasts a change of the language. */
export type Saying = (speech: Speech) => string;

export interface NoticeAction {
  label: Saying;
  run: () => void;
}

export interface Notice {
  id: number;
  level: 'info' | 'warning' | 'error';
  /** Null: it is said by `say`. */
  failure: Failure | null;
  say: Saying;
  /** What can be done about it at once. */
  action: NoticeAction | null;
}

/** Milliseconds that good news stays; a failure stays until it is dismissed. */
const stay = 6_000;
const most = 4;

/** What to tell the user beside the page. */
export class Notices {
  items = $state.raw<readonly Notice[]>([]);
  #next = 1;

  tell(say: Saying, action: NoticeAction | null = null): void {
    const id = this.#add({ level: 'info', failure: null, say, action });
    setTimeout(() => this.dismiss(id), stay);
  }
  /** Stays until it is answered or dismissed. */
  ask(say: Saying, action: NoticeAction): void {
    this.#add({ level: 'info', failure: null, say, action });
  }
  fail(failure: Failure, level: Notice['level'] = 'error'): void {
    const { code, message } = failure;
    if (this.items.some((item) => item.failure?.code === code && item.failure.message === message)) return;
    this.#add({ level, failure, say: ({ words }) => words.failure(code, message), action: null });
  }
  /** The window itself can't; the same is said once. */
  refuse(say: Saying, level: Notice['level'] = 'error'): void {
    if (!this.items.some((item) => item.say === say)) this.#add({ level, failure: null, say, action: null });
  }
  dismiss(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }
  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    this.items = [...this.items, { ...notice, id }].slice(-most);
    return id;
  }
}
