/** A library of its own in a temporary folder, with a model of twenty classes and files that pass for photos. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Events } from '../../../main/contract/verbs.ts';
import type { PhotoItem } from '../../../main/contract/entities/photo.ts';
import type { RunStatus } from '../../../main/contract/entities/run.ts';
import type { TeachingStatus } from '../../../main/contract/entities/head.ts';
import type { WritingStatus } from '../../../main/contract/entities/writing.ts';
import type { PhotoFilter } from '../../../main/contract/requests.ts';
import type { SortKey } from '../../../main/contract/values.ts';
import type { LibraryVerbs } from '../../../main/contract/internal.ts';
import type { ClassifiedPath, JobProgress } from '../../../main/contract/entities/path-job.ts';
import { createLibrary } from '../../../main/library/library.ts';
import { answer, caller } from '../../../main/rpc/calls.ts';
import type { Caller, RequestOf } from '../../../main/rpc/calls.ts';
import type { StartProcess } from '../../../main/rpc/port.ts';
import { asAnswered, asTold } from '../../answers.ts';
import { portPair } from '../rpc/pair.ts';
import { inferenceStandIn } from './inference-stand-in.ts';

/** Of the stand-in's features. */
export const featureWidth = 24;

export interface Place {
  folder: string;
  home: string;
  photos: string;
  model: string;
  /** Called before the folder is deleted. */
  closing: (() => Promise<void>)[];
}

export function makePlace(t: { after(done: () => Promise<void>): void }): Place {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-library-'));
  const place: Place = {
    folder,
    home: join(folder, 'home'),
    photos: join(folder, 'photos'),
    model: join(folder, 'starter'),
    closing: [],
  };
  t.after(async () => {
    for (const close of place.closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });
  mkdirSync(place.photos);
  makeModel(place.model, 'starter', 'a');
  return place;
}

/** A trash beside the photos, of this test alone. Answers with where files lie in it. */
export function ownTrash(t: TestContext, place: Place): string {
  const before = process.env['XDG_DATA_HOME'];
  process.env['XDG_DATA_HOME'] = join(place.folder, 'data');
  t.after(() => {
    if (before === undefined) delete process.env['XDG_DATA_HOME'];
    else process.env['XDG_DATA_HOME'] = before;
  });
  return join(place.folder, 'data', 'Trash', 'files');
}

/** `classes` 0: it sees and does not name. */
export function makeModel(folder: string, id: string, hash: string, classes = 20): void {
  mkdirSync(folder, { recursive: true });
  const labels = Array.from({ length: classes }, (_, i) => ({
    id: `n${i}`,
    name: `class ${i}`,
    names: { 'zh-CN': i === 7 ? '猫咪' : `第${i}类` },
  }));
  const manifest = {
    format: 1,
    id,
    name: `Model ${id}`,
    kind: 'vit',
    architecture: { family: 'vit', pool: 'cls', width: featureWidth },
    input: { height: 2, width: 2 },
    grid: { rows: 2, columns: 2, patchSize: 1 },
    preprocessing: {
      resize: { mode: 'exact', height: 2, width: 2 },
      interpolation: 'bicubic',
      crop: null,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    },
    labels,
    calibration: { temperature: 1 },
    doubt: null,
    parameters: 1,
    licence: 'MIT',
    source: null,
    weights: { files: ['model.safetensors'], dtype: 'F32', sha256: hash.repeat(64), bytes: 1 },
    card: null,
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
}

/** Contents by path below the photos' folder. */
export function writePhotos(place: Place, contents: Record<string, string>): void {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(place.photos, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

type Heard = { [Name in keyof Events]: { name: Name; payload: Events[Name] } }[keyof Events];

export interface Asked extends Pick<Caller<LibraryVerbs>, 'call'> {
  heard: Heard[];
  /** Adds the photos' folder and waits for its scan. */
  scan(): Promise<number>;
  /** Waits until no run goes on. */
  runEnds(): Promise<RunStatus>;
  /** Starts a run over everything and waits for its end. */
  runAll(options?: { again?: boolean; retryFailed?: boolean }): Promise<RunStatus>;
  /** Waits until nothing is taught, and nothing written. */
  teachingEnds(): Promise<TeachingStatus>;
  writingEnds(): Promise<WritingStatus>;
  items(filter?: PhotoFilter, key?: SortKey): Promise<PhotoItem[]>;
  /** name → class index, status or failure's code. */
  outcomes(): Promise<Record<string, string | number>>;
  close(): Promise<void>;
}

export function asked(calls: Caller<LibraryVerbs>, place: Place, close: () => Promise<void>): Asked {
  const heard: Heard[] = [];
  calls.onEvent((name, payload) => heard.push({ name, payload: asTold(name, payload) } as Heard));
  const call: Caller<LibraryVerbs>['call'] = async (name, request, options) => {
    const answered = await calls.call(name, request, options);
    // What the stand-in for inference says of a photo's inside is made up.
    return name === 'inspect.photo' ? answered : asAnswered(name, answered);
  };
  const ends = async <Status extends { state: string }>(
    ask: () => Promise<Status | null>,
  ): Promise<Status> => {
    for (;;) {
      const status = await ask();
      if (status && !['preparing', 'running', 'reading', 'features', 'teaching'].includes(status.state))
        return status;
      await sleep(5);
    }
  };
  const self: Asked = {
    call,
    heard,
    close,
    async scan() {
      const before = heard.length;
      const { id } = await call('folders.add', { path: place.photos });
      const ended = () =>
        heard.slice(before).some(({ name, payload }) => name === 'scan.progress' && payload.done);
      while (!ended()) await sleep(5);
      return id;
    },
    runEnds: () => ends(() => call('runs.current', {})),
    teachingEnds: () => ends(() => call('heads.teaching', {})),
    writingEnds: () => ends(() => call('writing.status', {})),
    async runAll({ again = false, retryFailed = false } = {}) {
      await call('runs.start', { selection: { filter: {}, except: [] }, again, retryFailed });
      return self.runEnds();
    },
    async items(filter = {}, key = 'name') {
      const page = await call('photos.page', { filter, sort: { key, descending: false }, limit: 500 });
      return page.items;
    },
    async outcomes() {
      const items = await self.items();
      return Object.fromEntries(
        items.map(({ name, top, error, status }) => [name, error?.code ?? top?.index ?? status]),
      );
    },
  };
  return self;
}

/** Within this process, so that time-outs and failures can be arranged. */
export async function openLibrary(
  place: Place,
  options: {
    start?: StartProcess;
    window?: boolean;
    remember?: boolean;
  } = {},
): Promise<Asked> {
  const { start = inferenceStandIn(), window = false, remember = true } = options;
  const [near, far] = portPair();
  const library = createLibrary(start, (event, payload) => emit(event, payload));
  const { emit } = answer(far, library.handlers);
  const calls = caller<LibraryVerbs>(near);
  let closed: Promise<void> | null = null;
  const close = () => (closed ??= library.close());
  place.closing.push(close);
  await calls.call('internal.open', { home: place.home, builtInModel: place.model, window, remember });
  return asked(calls, place, close);
}

/** A folder added, and looked through to its end. @returns its row's id */
export async function added(library: Asked, path: string): Promise<number> {
  const { id } = await library.call('folders.add', { path });
  // What was heard before the answer is of an earlier look, perhaps of the place where the folder was.
  const before = library.heard.length;
  const ended = () =>
    library.heard
      .slice(before)
      .some(({ name, payload }) => name === 'scan.progress' && payload.folderId === id && payload.done);
  while (!ended()) await sleep(5);
  return id;
}

export async function classifyPaths(
  library: Asked,
  request: Partial<RequestOf<LibraryVerbs, 'internal.classify'>> & { paths: string[] },
): Promise<{ items: ClassifiedPath[]; progress: JobProgress }> {
  const { jobId } = await library.call('internal.classify', {
    recursive: true,
    topK: 3,
    map: null,
    retryFailed: false,
    again: false,
    ...request,
  });
  const items: ClassifiedPath[] = [];
  for (;;) {
    const answered = await library.call('internal.results', { jobId, limit: 7 });
    items.push(...answered.items);
    if (answered.next) continue;
    await library.call('internal.stop', { jobId });
    return { items, progress: answered.progress };
  }
}
