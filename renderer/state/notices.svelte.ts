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
  /** The next one of the same takes its place: its action is of what was done last. Null: it stands for itself. */
  of: 'act' | 'writing' | null;
}

/** Milliseconds that good news stays where the page can be seen; a failure stays until it is dismissed. */
const stay = 6_000;
const most = 4;

/** What to tell the user beside the page. */
export class Notices {
  items = $state.raw<readonly Notice[]>([]);
  #next = 1;

  tell(say: Saying, action: NoticeAction | null = null, of: Notice['of'] = null): void {
    const id = this.#add({ level: 'info', failure: null, say, action, of });
    this.#passes(id);
  }
  /** A page that is behind others tells it once it is in sight. */
  #passes(id: number): void {
    const inSight = () => document.visibilityState === 'visible';
    const again = () => this.#passes(id);
    if (inSight()) setTimeout(() => (inSight() ? this.dismiss(id) : again()), stay);
    else document.addEventListener('visibilitychange', again, { once: true });
  }
  /** Stays until it is answered or dismissed. */
  ask(say: Saying, action: NoticeAction, of: Notice['of'] = null): void {
    this.#add({ level: 'info', failure: null, say, action, of });
  }
  fail(failure: Failure, level: Notice['level'] = 'error'): void {
    const { code, message } = failure;
    if (this.items.some((item) => item.failure?.code === code && item.failure.message === message)) return;
    this.#add({ level, failure, say: ({ words }) => words.failure(code, message) });
  }
  /** The window itself can't; the same is said once. */
  refuse(say: Saying, level: Notice['level'] = 'error'): void {
    if (!this.items.some((item) => item.say === say)) this.#add({ level, failure: null, say });
  }
  dismiss(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }
  #add(notice: Pick<Notice, 'level' | 'failure' | 'say'> & Partial<Notice>): number {
    const id = this.#next++;
    const { of = null } = notice;
    const others = of === null ? this.items : this.items.filter((item) => item.of !== of);
    this.items = [...others, { action: null, ...notice, of, id }].slice(-most);
    return id;
  }
}
