/** What was measured, kept: a provider's speed and soundness for a model on this machine with these drivers. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SaccadeError } from '../../../models/error.ts';
import { graphVersions } from '../../../models/kinds.ts';
import { readManifest } from '../../../models/load.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { Failure, Result } from '../../contract/result.ts';
import { toFailure } from '../../contract/result.ts';
import { caller } from '../../rpc/calls.ts';
import type { StartProcess } from '../../rpc/port.ts';
import { deviceOf } from '../runtime/devices.ts';
import type { ProbeResult, ProbeRequest } from './probe.ts';
import { providerTable } from '../runtime/providers.ts';
import { onnxruntimeVersion } from '../runtime/inference-session.ts';
import { makeFolder } from '../../files.ts';

export type Verdict = Result<ProbeResult>;
export type RunProbe = (request: ProbeRequest) => Promise<ProbeResult>;

export interface ProbeVerbs {
  probe(request: ProbeRequest): ProbeResult;
}

/** Half a minute, and for weights, which are read and arranged several times, a second for 5 million parameters. */
const patienceMs = ({ parameters }: ModelManifest): number => 30_000 + parameters / 5000;

/** In a process of its own, so that a driver that crashes or hangs costs nothing but a sentence. */
export function probeInChild(start: StartProcess, givenMs?: number): RunProbe {
  async function attempt(request: ProbeRequest): Promise<ProbeResult> {
    const limitMs = givenMs ?? patienceMs(readManifest(request.modelFolder));
    const child = start('inference');
    try {
      return await caller<ProbeVerbs>(child.port).call('probe', request, { timeoutMs: limitMs });
    } catch (error) {
      const { code, message } = toFailure(error);
      const { title } = providerTable[request.provider];
      if (code === 'process-ended')
        throw new SaccadeError('provider-crashed', `${title} crashed while it was tried.`, { cause: error });
      if (code === 'timed-out')
        throw new SaccadeError(
          'provider-hangs',
          `${title} was tried and gave no answer within ${Math.round(limitMs / 1000)} s.`,
          { cause: error },
        );
      throw new SaccadeError(code, message, { cause: error });
    } finally {
      child.kill();
    }
  }
  return async (request) => {
    try {
      return await attempt(request);
    } catch (error) {
      const gone = ['provider-crashed', 'provider-hangs'].includes((error as SaccadeError).code);
      // A CPU has no driver: what can be at fault is that several sessions compute at once.
      if (request.provider !== 'cpu' || !gone) throw error;
      return attempt({ ...request, oneSession: true });
    }
  };
}

export interface Verdicts {
  known(request: ProbeRequest, modelHash: string): Promise<Verdict | null>;
  /** Measures, unless a verdict is known and `again` is not asked for. Failures are verdicts too. */
  of(request: ProbeRequest, modelHash: string, again?: boolean): Promise<Verdict>;
  /** Keeps what was measured elsewhere. */
  keep(request: ProbeRequest, modelHash: string, probe: ProbeResult): Promise<void>;
}

/** What a machine can have measured. Anything else is measured anew: a batch of a billion would hang it. */
const verdictShape = z.union([
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({
    ok: z.literal(true),
    value: z.object({
      photosPerSecond: z.number().positive().max(1e7),
      batch: z.int().min(1).max(256),
      streams: z.int().min(1).max(cpus().length).optional(),
      disturbed: z.literal(true).optional(),
      parityError: z.number().nonnegative().nullable(),
      nodesOnCpu: z.int().nonnegative().max(1e7).nullable(),
    }),
  }),
]);

const isVerdict = (entry: [string, unknown]): entry is [string, Verdict] =>
  verdictShape.safeParse(entry[1]).success;

export function createVerdicts(file: string, runProbe: RunProbe): Verdicts {
  async function keyOf({ provider, precision }: ProbeRequest, modelHash: string): Promise<string> {
    const { device, driver } = await deviceOf(provider);
    const processor = cpus();
    const machine = [process.platform, process.arch, processor[0]?.model, processor.length, device, driver];
    const parts = [machine, modelHash, provider, precision, onnxruntimeVersion, graphVersions[precision]];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }

  function read(): Record<string, Verdict> {
    try {
      const stored = JSON.parse(readFileSync(file, 'utf8')) as { format?: number; verdicts?: object };
      const entries: [string, unknown][] = Object.entries(stored.format === 2 ? { ...stored.verdicts } : {});
      return Object.fromEntries(entries.filter(isVerdict));
    } catch {
      // Not there yet, or unreadable: it can be measured again.
      return {};
    }
  }

  function write(key: string, verdict: Verdict): void {
    const temporary = `${file}.${process.pid}`;
    const verdicts = { ...read(), [key]: verdict };
    try {
      makeFolder(dirname(file));
      writeFileSync(temporary, JSON.stringify({ format: 2, verdicts }, null, 2));
      renameSync(temporary, file);
    } catch {
      // A full or read-only disk: it is measured again next time.
    }
  }

  const known: Verdicts['known'] = async (request, modelHash) =>
    read()[await keyOf(request, modelHash)] ?? null;

  return {
    known,
    async keep(request, modelHash, value) {
      write(await keyOf(request, modelHash), { ok: true, value });
    },
    async of(request, modelHash, again = false) {
      const stored = again ? null : await known(request, modelHash);
      if (stored) return stored;
      const verdict = await runProbe(request).then(
        (value): Verdict => ({ ok: true, value }),
        (error: unknown): { ok: false; error: Failure } => ({ ok: false, error: toFailure(error) }),
      );
      write(await keyOf(request, modelHash), verdict);
      return verdict;
    },
  };
}
