/**
 * An inference process for tests: answers by the file's content ("7" is class 7), and misbehaves by the file's name.
 * Runs within this process, or forked through fixtures/inference.ts, where it really crashes.
 */
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Placement } from '../../../main/contract/entities/placement.ts';
import type {
  ClassifyAnswer,
  ClassifyRequest,
  Classified,
  InspectRequest,
  LoadRequest,
  Loaded,
} from '../../../main/contract/inference.ts';
import { type Failure, toFailure } from '../../../main/contract/result.ts';
import { isAsExpected } from '../../../main/decode/file.ts';
import { readError } from '../../../main/files.ts';
import { answer } from '../../../main/rpc/calls.ts';
import type { Port, ProcessHandle, StartProcess } from '../../../main/rpc/port.ts';
import { systemPath } from '../../../main/file-names.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import { readManifest } from '../../../models/store.ts';
import { portPair } from '../rpc/pair.ts';

export interface Behaviour {
  /** Photos in a batch. Default 4. */
  batch?: number;
  /** Called for every photo that is decoded. */
  onDecode?(path: string): void;
  /** Whether a photo is given up as too slow, in a batch of so many. */
  slow?(name: string, photos: number): boolean;
  /** Waited for before a batch is answered. */
  beforeAnswer?(request: ClassifyRequest): Promise<void> | void;
  /** Waited for before a photo's inside is told. */
  beforeInspection?(path: string): Promise<void> | void;
  /** What differs, by now, of where it computes. */
  moved?(): Partial<Placement>;
  /** Why maps were left out. */
  withheld?: Failure;
  /** Ends the process. */
  crash(): void;
}

const placement = {
  provider: 'cpu',
  device: 'test',
  driver: 'none',
  precision: 'fp32',
  nodesOnCpu: 0,
  reason: 'asked for',
} as const;

export function classOf(content: string): number {
  return Number.parseInt(content, 10) || 0;
}

/** [24]: the class, with a little of its own for each content. */
function featureOf(content: string): Float32Array {
  const feature = new Float32Array(24);
  feature[classOf(content) % 20] = 3;
  for (const byte of new TextEncoder().encode(content)) feature[byte % 24]! += 0.2;
  return feature;
}

function classified(content: string, { topK, map }: ClassifyRequest, classes: number): Classified {
  const best = classOf(content);
  const spreadOut = new Uint8Array(4).map((_, i) => (i <= best % 4 ? 200 : 0));
  return {
    width: 40,
    height: 30,
    takenMs: content.includes('taken') ? 1e12 : null,
    damaged: content.includes('damaged'),
    top: Array.from({ length: Math.min(topK, classes) }, (_, i) => ({
      index: (best + i) % classes,
      probability: (0.5 + best / 40) / (i + 1),
    })),
    unsure: content.includes('unsure'),
    clsFeature: featureOf(content),
    map: map && {
      method: map,
      layers: [0, 0],
      classIndex: null,
      rows: 2,
      columns: 2,
      scale: 1 / 256,
      offset: 0,
      bytes: spreadOut,
    },
    seen: { x: 5, y: 0, width: 30, height: 30 },
    thumbnail: null,
  };
}

/** As the real one, which tells of each photo why it can't be read. */
function contentOf(path: string): string | SaccadeError {
  try {
    return readFileSync(systemPath(path), 'utf8');
  } catch (error) {
    return readError(path, error);
  }
}

/** Evidence for a label on a grid of 2 × 2 patches, each worth the first digit of the model's hash. */
function evidence(hash: string, classIndex: number) {
  const value = Number.parseInt(hash[0]!, 16);
  return {
    layers: 1,
    grid: { rows: 2, columns: 2 },
    seen: { x: 5, y: 0, width: 30, height: 30 },
    photo: { width: 40, height: 30 },
    absent: {},
    contribution: {
      classIndex,
      patches: new Float32Array(4).fill(value),
      special: Float32Array.of(0),
      sum: 4 * value,
    },
  };
}

export function serveInference(port: Port, behaviour: Behaviour): void {
  const {
    batch = 4,
    onDecode,
    slow,
    beforeAnswer,
    beforeInspection,
    moved,
    withheld = null,
    crash,
  } = behaviour;
  const loaded = new Map<string, ModelManifest>();
  let last = 0;
  const known = (handle: string) => {
    if (!loaded.has(handle)) throw new SaccadeError('not-loaded', `There is no handle ${handle}.`);
  };
  answer(port, {
    load({ modelFolder }: LoadRequest): Loaded {
      const manifest = readManifest(modelFolder);
      if (manifest.name.includes('crash')) crash();
      const handle = `handle ${++last}`;
      loaded.set(handle, manifest);
      const resultKey = {
        modelHash: manifest.weights.sha256,
        preprocessing: 'p',
        precision: 'fp32',
        graphVersion: 1,
      };
      return { handle, resultKey, placement: { ...placement, batch } };
    },
    async classify(request: ClassifyRequest): Promise<ClassifyAnswer> {
      known(request.handle);
      const results: ClassifyAnswer['results'] = [];
      for (const { path, ...expected } of request.photos) {
        onDecode?.(path);
        const name = basename(path);
        if (name.includes('crash')) crash();
        if (name.includes('hang')) await new Promise(() => {});
        if (slow?.(name, request.photos.length)) {
          results.push({ ok: false, error: { code: 'timed-out', message: `${name} took too long.` } });
          continue;
        }
        const content = contentOf(path);
        if (typeof content === 'string' && !isAsExpected(statSync(systemPath(path)), expected)) {
          results.push({ ok: false, error: { code: 'changed-on-disk', message: `${name} changed.` } });
          continue;
        }
        if (content instanceof SaccadeError) {
          results.push({ ok: false, error: toFailure(content) });
          continue;
        }
        results.push(
          content.startsWith('bad')
            ? { ok: false, error: { code: 'corrupt-image', message: `${name} can't be decoded.` } }
            : { ok: true, value: classified(content, request, loaded.get(request.handle)!.labels.length) },
        );
      }
      await beforeAnswer?.(request);
      return {
        results,
        placement: { ...placement, batch, ...moved?.() },
        timing: { decodeMs: 4, waitMs: 2, runMs: 1 },
        withheld,
      };
    },
    async inspect({ path, handle, classIndex }: Omit<InspectRequest, 'topK'>) {
      known(handle);
      if (path.includes('crash')) crash();
      await beforeInspection?.(path);
      const content = contentOf(path);
      if (typeof content !== 'string') throw content;
      return { path, ...evidence(loaded.get(handle)!.weights.sha256, classIndex ?? 0) };
    },
    providers: () => [],
    tryOut: ({ modelFolder }: { modelFolder: string }) => ({
      rows: [new Float32Array(readManifest(modelFolder).labels.length)],
      noEvidence: null,
    }),
    unload: ({ handle }: { handle: string }) => void loaded.delete(handle),
  });
}

/** Within this process; a crash closes the port, and a new start answers again. */
export function inferenceStandIn(
  behaviour: Omit<Behaviour, 'crash'> & { onStart?(): void } = {},
): StartProcess {
  return (): ProcessHandle => {
    behaviour.onStart?.();
    const [near, far, shut] = portPair();
    const crash = () => {
      shut('was ended by SIGKILL');
      throw new Error('crashed');
    };
    serveInference(far, { ...behaviour, crash });
    return { port: near, pid: undefined, kill: () => shut('was ended by SIGKILL') };
  };
}

/** Writes every decoded path to a file, so that tests can count across processes. */
export function decodeLog(file: string): (path: string) => void {
  return (path) => appendFileSync(file, JSON.stringify(path) + '\n');
}
