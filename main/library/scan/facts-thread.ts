/** Facts of very many files, asked for in a thread. */
import { startThread, type Thread } from '../../rpc/thread.ts';
import { systemPath } from '../../file-names.ts';
import type { FileFacts } from '../files/file-facts.ts';

export interface FactsVerbs {
  /** [n, 3]: bytes, modifiedMs, changedMs; not numbers for what is no file that can be reached. */
  facts(request: { paths: (string | Uint8Array)[] }): Float64Array;
}

export const factsWidth = 3;

/** Files asked about so far. To start a thread takes as long as to ask about a few thousand without it. */
let asked = 0;
const worthwhile = 2000;
let thread: Thread<FactsVerbs> | null = null;

/** In the order of `paths`; null for all but files that can be reached. Null: there were too few so far. */
export async function factsTogether(paths: readonly string[]): Promise<(FileFacts | null)[] | null> {
  asked += paths.length;
  if (asked < worthwhile) return null;
  thread ??= started();
  const found = await thread.call('facts', { paths: paths.map(systemPath) }).catch(() => null);
  return (
    found &&
    paths.map((_, i) => {
      const [bytes, modifiedMs, changedMs] = found.subarray(i * factsWidth, (i + 1) * factsWidth);
      return Number.isNaN(bytes) ? null : { bytes: bytes!, modifiedMs: modifiedMs!, changedMs: changedMs! };
    })
  );
}

function started(): Thread<FactsVerbs> {
  const fresh = startThread<FactsVerbs>(import.meta.url, 'facts-worker');
  // Without it everything goes on, more slowly.
  fresh.port.onClose(() => {
    thread = null;
    asked = 0;
  });
  return fresh;
}
