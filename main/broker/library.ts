/** What a host needs of the library process; main/rpc's Library is one. */
import type { Result } from '../result.ts';

export interface LibrarySide {
  /** A library verb of the contract, or one of `InternalVerbs`. */
  ask(verb: string, request: unknown): Promise<Result<unknown>>;
  /** Answers with a function that stops listening. */
  onEvent(listener: (name: string, payload: unknown) => void): () => void;
}

/** Verbs for hosts only: no renderer can name them, because the broker knows the contract's verbs and no others. */
export interface InternalVerbs {
  /** WebP, longest edge as the grid needs it. */
  'internal.thumbnail': { request: { photoId: number }; answer: { bytes: Uint8Array; type: string } };
  /** WebP, oriented, sRGB, at most `edge` pixels a side. */
  'internal.rendition': {
    request: { photoId: number; edge: number };
    answer: { bytes: Uint8Array; type: string };
  };
  /** Where the photo's file is. */
  'internal.path': { request: { photoId: number }; answer: { path: string } };
}

export async function askInternal<Name extends keyof InternalVerbs>(
  library: LibrarySide,
  verb: Name,
  request: InternalVerbs[Name]['request'],
): Promise<Result<InternalVerbs[Name]['answer']>> {
  return (await library.ask(verb, request)) as Result<InternalVerbs[Name]['answer']>;
}
