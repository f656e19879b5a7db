/** Photos, sessions and handlers for these tests. */
import { createHash } from 'node:crypto';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharp } from '../../../main/decode/engine.ts';
import { readManifest } from '../../../models/load.ts';
import type { CallContext } from '../../../main/rpc/calls.ts';
import { inferenceHandlers } from '../../../main/inference/handlers.ts';
import type { InferenceParts } from '../../../main/inference/handlers.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import type {
  CreateSession,
  Feeds,
  InferenceSession,
  Outputs,
} from '../../../main/inference/runtime/inference-session.ts';
import type { ClassifyPhoto, LoadRequest } from '../../../main/contract/inference.ts';
import { importModel } from '../../../models/import.ts';
import { tinyShape, writeTimm } from '../../models/tiny.ts';

export const folder = mkdtempSync(join(tmpdir(), 'saccade-inference-'));
/** Blocks, [CLS]'s feature, and patches of a side. */
export const [depth, width, across] = [6, 48, 8];
/** A model to ask, in the place of the one that ships: its graphs are opened in a third of the time and run in a seventeenth. */
export const { folder: modelFolder } = await importModel(
  writeTimm(join(folder, 'asked'), { ...tinyShape, depth, width, grid: across, classes: 10, scale: 0.1 }),
  join(folder, 'models'),
);
const { input, labels } = readManifest(modelFolder);
/** Pixels of a side, all patches, and classes. */
export const side = input.height;
export const patchCount = across * across;
export const classCount = labels.length;
let tiny: ReturnType<typeof importModel> | undefined;
/** The folder of a model that is measured in a moment, for tests of measuring. One for all files of a process. */
export const tinyModel = async (): Promise<string> =>
  (await (tiny ??= importModel(writeTimm(join(folder, 'tiny'), tinyShape), join(folder, 'models')))).folder;
export const context: CallContext = {
  signal: new AbortController().signal,
  urgent: false,
  transfer: [],
};

export const onCpu: LoadRequest = { modelFolder, provider: 'cpu', precision: 'fp32', batch: 4 };

export function described(path: string): ClassifyPhoto {
  const { size: bytes, mtimeMs: modifiedMs, ctimeMs: changedMs } = statSync(path);
  return { path, bytes, modifiedMs, changedMs };
}

/** A different picture for each number. */
export async function photo(n: number, width = 64, height = 48): Promise<ClassifyPhoto> {
  const path = join(folder, `photo-${n}.png`);
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 128 + 127 * Math.sin(i * (n + 1) * 0.013),
  );
  writeFileSync(
    path,
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
  return described(path);
}

const opened = new Map<string, Promise<InferenceSession>>();
/**
 * A session on the CPU for each graph, of all tests of a process: a run leaves nothing behind in it, and to open one is
 * most of what many of these tests cost. How sessions are opened and let go is for the tests that bring their own.
 */
export const sharedSession: CreateSession = (graph, provider, streams = 1) => {
  if (provider !== 'cpu' || streams > 1) return createOrtSession(graph, provider, streams);
  const hash = createHash('sha256').update(graph.model);
  for (const { path, data } of graph.externalData) hash.update(`\n${path}\n`).update(data);
  const key = hash.digest('hex');
  const session =
    opened.get(key) ??
    createOrtSession(graph, provider).then((real) => ({ ...real, release: () => Promise.resolve() }));
  opened.set(key, session);
  return session;
};

let files = 0;
export const handlers = (parts: InferenceParts = {}) =>
  inferenceHandlers({
    create: sharedSession,
    verdictsFile: join(folder, `verdicts-${++files}.json`),
    ...parts,
  });

/** Wraps real or made-up runs; `run` may fail, wait, or answer what it likes. */
export const faulty =
  (
    create: CreateSession,
    run: (feeds: Feeds, real: () => Promise<Outputs>) => Promise<Outputs>,
  ): CreateSession =>
  async (graph, provider) => {
    const session = await create(graph, provider);
    return { ...session, run: (feeds) => run(feeds, () => session.run(feeds)) };
  };

export const photosIn = (feeds: Feeds): number => feeds['pixel_values']!.dims[0]!;
