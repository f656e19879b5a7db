/** What a host needs of the library process; main/rpc's Library is one. */
import type { LibraryVerbs } from '../contract/internal.ts';
import type { Result } from '../contract/result.ts';

export interface AskOptions {
  /** Gives the question up. */
  signal?: AbortSignal;
}

export interface LibrarySide {
  /** A library verb of the contract, or an internal one of main/contract/internal.ts. */
  ask(verb: string, request: unknown, options?: AskOptions): Promise<Result<unknown>>;
  /** Answers with a function that stops listening. */
  onEvent(listener: (name: string, payload: unknown) => void): () => void;
}

/** Verbs for hosts only: no renderer can name them, because the broker knows the contract's verbs and no others. */
type HostOnly =
  | 'internal.thumbnail'
  | 'internal.rendition'
  | 'internal.path'
  | 'internal.trash'
  | 'internal.trashBegin'
  | 'internal.trashEnd';

export async function askInternal<Name extends HostOnly>(
  library: LibrarySide,
  verb: Name,
  request: Parameters<LibraryVerbs[Name]>[0],
  options?: AskOptions,
): Promise<Result<ReturnType<LibraryVerbs[Name]>>> {
  return (await library.ask(verb, request, options)) as Result<ReturnType<LibraryVerbs[Name]>>;
}
