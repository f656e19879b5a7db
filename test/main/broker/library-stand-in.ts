/** A library process that remembers what it was asked and answers what the test says. */
import type { LibrarySide } from '../../../main/broker/library.ts';
import type { Result } from '../../../main/contract/result.ts';

export interface LibraryStandIn extends LibrarySide {
  asked: { verb: string; request: unknown }[];
  emit(name: string, payload: unknown): void;
}

export function libraryStandIn(
  answer: (verb: string, request: never) => Result<unknown> = () => ({ ok: true, value: null }),
): LibraryStandIn {
  const listeners = new Set<(name: string, payload: unknown) => void>();
  const asked: LibraryStandIn['asked'] = [];
  return {
    asked,
    ask(verb, request) {
      asked.push({ verb, request });
      return Promise.resolve(answer(verb, request as never));
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(name, payload) {
      for (const listener of listeners) listener(name, payload);
    },
  };
}
