/**
 * Stands between every renderer and the rest: knows the contract's verbs and no others, passes those of the
 * library on, which checks them, checks and has the host answer its own, and forwards the contract's events.
 */
import { SaccadeError } from '../../models/error.ts';
import type { EventName, Events, VerbName } from '../contract/verbs.ts';
import { verbs } from '../contract/verbs.ts';
import { parseRequest } from '../contract/parse.ts';
import { settle } from '../contract/result.ts';
import type { Result } from '../contract/result.ts';
import type { EventListener } from '../contract/wire.ts';
import type { HostServices } from './host.ts';
import type { LibrarySide } from './library.ts';

export interface Broker {
  /** Never rejects. Failures of its own: `unknown-verb`, `bad-request` (of a verb that the host answers). */
  ask(verb: unknown, request: unknown): Promise<Result<unknown>>;
  /** Answers with a function that stops listening. */
  onEvent(listener: EventListener): () => void;
  /** Sends an event of the host's own to every listener. */
  emit<Name extends EventName>(event: Name, payload: Events[Name]): void;
}

const eventNames: Record<EventName, true> = {
  'library.changed': true,
  'run.progress': true,
  'models.download': true,
  'models.exporting': true,
  'heads.teaching': true,
  'heads.writing': true,
  'writing.progress': true,
  'duplicates.progress': true,
  'looks.progress': true,
  'scan.progress': true,
  'folders.arrived': true,
  'process.restarted': true,
  notice: true,
  'app.command': true,
};

function isVerb(name: unknown): name is VerbName {
  return typeof name === 'string' && Object.hasOwn(verbs, name);
}

export function createBroker(library: LibrarySide, host: HostServices): Broker {
  const listeners = new Set<EventListener>();
  const emit: Broker['emit'] = (event, payload) => {
    for (const listener of listeners) listener(event, payload);
  };
  library.onEvent((name, payload) => {
    if (Object.hasOwn(eventNames, name)) emit(name as EventName, payload as Events[EventName]);
  });

  async function pass(verb: unknown, request: unknown): Promise<Result<unknown>> {
    if (!isVerb(verb)) {
      const found = typeof verb === 'string' ? `"${verb.slice(0, 60)}"` : typeof verb;
      throw new SaccadeError('unknown-verb', `Expected one of the contract's verbs, found ${found}.`);
    }
    // The library checks whoever asks.
    if (verbs[verb].served === 'library') return library.ask(verb, request);
    const answer = host[verb as keyof HostServices] as (request: unknown) => unknown;
    const parsed = parseRequest(verb, verbs[verb].request, request);
    return settle(() => answer(parsed));
  }

  return {
    emit,
    async ask(verb, request) {
      const passed = await settle(() => pass(verb, request));
      return passed.ok ? passed.value : passed;
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
