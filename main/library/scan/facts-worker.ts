/**
 * A thread that asks for the facts of files, one after another: to ask the system takes 3 µs, and to ask for it in
 * libuv's pool seven times as much, most of it on the thread that has everything else to do.
 */
import { statSync } from 'node:fs';
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import { factsWidth, type FactsVerbs } from './facts-thread.ts';
import { factsOf } from './hash.ts';

type Ask = Parameters<FactsVerbs['facts']>[0];

function facts({ paths }: Ask): Float64Array {
  const found = new Float64Array(paths.length * factsWidth).fill(NaN);
  for (const [i, path] of paths.entries()) {
    try {
      const stats = statSync(typeof path === 'string' ? path : Buffer.from(path), { throwIfNoEntry: false });
      if (!stats?.isFile()) continue;
      const { bytes, modifiedMs, changedMs } = factsOf(stats);
      found.set([bytes, modifiedMs, changedMs], i * factsWidth);
    } catch {
      // Whoever asked finds out why, and tells it.
    }
  }
  return found;
}

answer(threadPort(), { facts });
