/** A host made of nothing: a library of any size, in memory, answering as the contract says. */
import type { Answer, EventName, Events, Request, VerbName } from '../../main/contract/verbs.ts';
import type { DownloadStatus } from '../../main/contract/entities/download.ts';
import type { Folder, LeftOutItem } from '../../main/contract/entities/folder.ts';
import type { Inspection } from '../../main/contract/entities/inspection.ts';
import type { ModelSummary } from '../../main/contract/entities/model.ts';
import type { ModelExportStatus } from '../../main/contract/exports.ts';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Placement } from '../../main/contract/entities/placement.ts';
import type { RunStatus } from '../../main/contract/entities/run.ts';
import type { Settings } from '../../main/contract/entities/settings.ts';
import type { PhotoFilter, Selection } from '../../main/contract/requests.ts';
import type { PhotoStatus } from '../../main/contract/values.ts';
import type { Label } from '../../models/manifest.ts';
import { toFailure } from '../../main/contract/result.ts';
import { SaccadeError } from '../../models/error.ts';
import { asAnswered } from '../answers.ts';
import { FakeWords, noWords } from './fake-labels.ts';
import { packMap } from '../../models/overlay/stored.ts';
import type { Bridge, EventListener } from '../../main/contract/wire.ts';

const rows = 14;
const columns = 14;
const layers = 12;
const heads = 6;
const patches = rows * columns;

const names: [string, string][] = [
  ['tabby cat', '虎斑猫'],
  ['golden retriever', '金毛寻回犬'],
  ['lighthouse', '灯塔'],
  ['sports car', '跑车'],
  ['container ship', '集装箱船'],
  ['espresso', '浓缩咖啡'],
  ['mountain bike, all-terrain bike, off-roader', '山地自行车'],
  ['acoustic guitar', '木吉他'],
  ['airliner', '客机'],
  ['red fox', '赤狐'],
];
export const labels: Label[] = names.map(([name, zh], i) => ({ id: `n${i}`, name, names: { 'zh-CN': zh } }));

/** 0 … 1, the same for the same seed. */
export function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}

/** A hill somewhere, with some unevenness. */
function hill(seed: number, sharp = 10): Float32Array {
  const [cy, cx] = [0.25 + 0.5 * noise(seed), 0.25 + 0.5 * noise(seed + 7)];
  const values = Float32Array.from({ length: patches }, (_, i) => {
    const [y, x] = [(Math.floor(i / columns) + 0.5) / rows, ((i % columns) + 0.5) / columns];
    return Math.exp(-sharp * ((y - cy) ** 2 + (x - cx) ** 2)) + 0.15 * noise(seed + i);
  });
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

const shapes: [number, number][] = [
  [4032, 3024],
  [3024, 4032],
  [1920, 1080],
  [1200, 1200],
];

function statusOf(i: number): PhotoStatus {
  if (i % 97 === 5) return 'failed';
  if (i % 89 === 7) return 'missing';
  if (i % 23 === 3) return 'new';
  return i % 11 === 4 ? 'unsure' : 'ok';
}

export function photo(i: number): PhotoItem {
  const [width, height] = shapes[i % shapes.length]!;
  const status = statusOf(i);
  const known = status === 'ok' || status === 'unsure';
  const index = Math.floor(noise(i) * labels.length);
  const side = Math.min(width, height);
  const long = i % 31 === 6 ? 'a very long file name that somebody’s scanner made up, page 12 of 48, ' : '';
  const name = `${long}IMG_${String(i).padStart(5, '0')}.jpg`;
  return {
    id: i + 1,
    path: `/home/ada/Pictures/${name}`,
    name,
    folderId: 1,
    width,
    height,
    bytes: 2_400_000 + i,
    modifiedMs: 1_760_000_000_000 + i * 60_000,
    takenMs: i % 3 ? 1_750_000_000_000 + i * 60_000 : null,
    status,
    damaged: i % 41 === 9,
    top: known
      ? {
          index,
          label: labels[index]!,
          probability: status === 'unsure' ? 0.2 + noise(i) * 0.2 : 0.6 + noise(i + 1) * 0.399,
        }
      : null,
    ownLabel: i % 29 === 8 ? 'Grandma’s garden' : null,
    spread: known ? 0.5 + noise(i) / 2 : null,
    error:
      status === 'failed'
        ? { code: 'undecodable', message: 'Expected a JPEG, found 0 bytes. Copy the file again.' }
        : null,
    version: 'v1',
    also: [],
    stands: [],
    /** Drawn where somebody looks: thousands of photos are listed for the few in view. */
    get map(): PhotoItem['map'] {
      if (!known) return null;
      const end = layers - 1;
      return {
        method: 'cls',
        layers: [end, end],
        classIndex: null,
        rows,
        columns,
        ...packMap(hill(i)),
      };
    },
    seen: known ? { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side } : null,
  };
}

export const model: ModelSummary = {
  id: 'starter',
  name: 'Starter',
  family: 'vit',
  parameters: 5_500_000,
  input: { height: 224, width: 224 },
  grid: { rows, columns, patchSize: 16 },
  classes: labels.length,
  readsText: false,
  exports: {
    came: { maps: ['cls', 'rollout', 'class'], weights: true },
    others: { maps: ['cls', 'rollout', 'class'], weights: true },
  },
  licence: 'MIT',
  bytes: 22_000_000,
  builtIn: true,
};

const leftOut: LeftOutItem[] = [
  { kind: 'system', path: '/home/ada/Pictures/@eaDir/' },
  { kind: 'other', path: '/home/ada/Pictures/dive.mp4' },
  { kind: 'other', path: '/home/ada/Pictures/wave.mp4' },
];

const unchanged: Events['library.changed'] = {
  ...{ folders: false, photos: false, labels: false, heads: false, models: false, settings: false },
};

export interface FakeOptions {
  photos?: number;
  /** No folders yet. */
  empty?: boolean;
  settings?: Partial<Settings>;
  /** Milliseconds every answer takes. */
  delay?: number;
}

const placement: Placement = {
  provider: 'webgpu',
  device: 'NVIDIA GeForce RTX 4070',
  driver: '560.35.03',
  precision: 'fp16',
  batch: 32,
  nodesOnCpu: 0,
  reason: 'Automatic: 11 times as fast as the CPU, and its answers agree to 2e-4.',
};

type Handlers = { [N in VerbName]?: (request: Request<N>) => Answer<N> };

export class FakeHost {
  readonly asked: { verb: VerbName; request: unknown }[] = [];
  /** Verbs that fail, and how. */
  readonly failing = new Map<VerbName, { code: string; message: string }>();
  readonly #listeners = new Set<EventListener>();
  #items: PhotoItem[];
  readonly #options: FakeOptions;
  #folders: Folder[];
  #settings: Settings;
  #run: RunStatus | null = null;
  models = [model];
  /** Models that can't compute, and why. */
  readonly unsound = new Map<string, { code: string; message: string }>();
  exporting: ModelExportStatus | null = null;
  readonly words = new FakeWords((selection) => this.#picked(selection));

  readonly bridge: Bridge = {
    ask: async (verb, request) => {
      this.asked.push({ verb, request });
      await new Promise((resolve) => setTimeout(resolve, this.#options.delay ?? 0));
      const failure = this.failing.get(verb);
      if (failure) return { ok: false, error: failure };
      const handler = { ...this.words.handlers, ...this.#handlers }[verb] as
        ((request: unknown) => never) | undefined;
      if (!handler)
        return {
          ok: false,
          error: { code: 'unknown-verb', message: `The fake host does not know ${verb}.` },
        };
      try {
        return { ok: true, value: asAnswered(verb, handler(request)) };
      } catch (error) {
        if (error instanceof SaccadeError) return { ok: false, error: toFailure(error) };
        throw error;
      }
    },
    onEvent: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    pathOf: () => '',
  };

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.#items = Array.from({ length: options.photos ?? 1000 }, (_, i) => photo(i));
    this.#folders = options.empty ? [] : this.#makeFolders();
    this.#settings = {
      model: 'starter',
      provider: 'auto',
      precision: 'auto',
      batch: null,
      cacheMegabytes: 2000,
      language: 'en',
      theme: 'system',
      stacks: false,
      topK: 5,
      ...options.settings,
    };
  }

  emit<Name extends EventName>(event: Name, payload: Events[Name]): void {
    for (const listener of this.#listeners) listener(event, payload);
  }
  /** Another program has saved the file. */
  edited(photoId: number): void {
    const before = this.#items[photoId - 1]!;
    this.#items[photoId - 1] = { ...before, version: `${before.version} edited`, map: null };
    this.emit('library.changed', { ...unchanged, photos: true });
  }
  /** Another program has renamed the file, or its folder. */
  renamed(photoId: number, path: string): void {
    this.#items[photoId - 1] = { ...this.#items[photoId - 1]!, path };
    this.emit('library.changed', { ...unchanged, photos: true });
  }
  /** Other labels are in use. */
  headsChanged(): void {
    this.emit('library.changed', { ...unchanged, heads: true });
  }
  /** A run at `done` of `total`. */
  running(done: number, total: number, state: RunStatus['state'] = 'running'): RunStatus {
    this.#run = {
      id: 1,
      state,
      model: 'starter',
      placement,
      total,
      done,
      known: 120,
      failed: 2,
      photosPerSecond: 96.4,
      secondsLeft: Math.max(0, Math.round((total - done) / 96)),
      startedMs: Date.now() - 9000,
      bottleneck: state === 'finished' ? 'Decoding: 71 % of the time went into reading photos.' : null,
      error: null,
    };
    this.emit('run.progress', this.#run);
    return this.#run;
  }
  #makeFolders(): Folder[] {
    const total = this.#items.length;
    const folder = (
      id: number,
      parentId: number | null,
      name: string,
      photos: number,
      children = 0,
    ): Folder => ({
      id,
      parentId,
      path: `/home/ada/${name}`,
      name,
      photos,
      children,
      available: id !== 5,
      reason: id === 5 ? 'The disk “Archive” is not connected.' : null,
      leftOut: id === 1 ? 3 : 0,
      patterns: '',
      classifyNew: null,
    });
    return [
      folder(1, null, 'Pictures', total, 3),
      folder(2, 1, '2025', Math.floor(total / 2), 1),
      folder(3, 1, '2026 Lisbon and everything after it, unsorted', Math.floor(total / 3)),
      folder(4, 2, '葡萄牙', Math.floor(total / 4)),
      folder(5, null, 'Archive', 0),
      folder(6, 1, 'Scans', 12),
    ];
  }

  #find(filter: PhotoFilter): PhotoItem[] {
    return this.#items.filter((item) => {
      if (filter.labels && !filter.labels.includes(item.top?.index ?? -1)) return false;
      if (filter.status && !filter.status.includes(item.status)) return false;
      const probability = item.top?.probability ?? 0;
      if (probability < (filter.minProbability ?? 0) || probability > (filter.maxProbability ?? 1))
        return false;
      const words = `${item.name} ${item.ownLabel ?? ''} ${item.top?.label.name ?? ''} ${item.top?.label.names?.['zh-CN'] ?? ''}`;
      return !filter.search || words.toLowerCase().includes(filter.search.toLowerCase());
    });
  }
  #list: { query: string; items: PhotoItem[] } = { query: '', items: [] };
  /** As quick as an index: a page of a long list must not cost a sort of all of it. */
  #listed(filter: PhotoFilter, sort: Request<'photos.page'>['sort']): PhotoItem[] {
    const query = JSON.stringify([filter, sort]);
    if (this.#list.query !== query) this.#list = { query, items: this.#sorted(filter, sort) };
    return this.#list.items;
  }
  #sorted(filter: PhotoFilter, sort: Request<'photos.page'>['sort']): PhotoItem[] {
    const key = (item: PhotoItem): number | string =>
      ({
        name: item.name,
        path: item.path,
        date: item.takenMs ?? item.modifiedMs,
        confidence: item.top?.probability ?? -1,
        focus: item.spread ?? 2,
      })[sort.key];
    const sign = sort.descending ? -1 : 1;
    return this.#find(filter).sort(
      (a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id),
    );
  }
  #picked(selection: Selection): PhotoItem[] {
    if ('ids' in selection) return this.#items.filter(({ id }) => selection.ids.includes(id));
    return this.#find(selection.filter).filter(({ id }) => !selection.except.includes(id));
  }

  readonly #handlers: Handlers = {
    'app.info': () => ({
      version: '0.1.0',
      host: 'browser',
      platform: 'linux',
      systemLanguage: 'en-GB',
      can: {
        openFolderDialog: false,
        openModelDialog: false,
        reveal: false,
        openDefault: false,
        trash: true,
      },
      dataFolder: '/home/ada/.local/share/saccade',
      samplesFolder: '/opt/saccade/samples',
    }),
    'settings.get': () => this.#settings,
    'settings.set': (change) => {
      this.#settings = { ...this.#settings, ...change } as Settings;
      this.emit('library.changed', { ...unchanged, settings: true });
      return this.#settings;
    },
    'folders.children': ({ parentId }) => ({
      items: this.#folders.filter((folder) => folder.parentId === parentId),
      next: null,
    }),
    'folders.leftOut': ({ folderId, limit, cursor }) => {
      const there = folderId === null || folderId === 1 ? leftOut : [];
      const [from, to] = [Number(cursor ?? 0), Number(cursor ?? 0) + Math.min(limit, 2)];
      return {
        counts: there.length
          ? [
              { kind: 'other', extension: 'mp4', count: 2 },
              { kind: 'system', extension: '', count: 1 },
            ]
          : [],
        items: there.slice(from, to),
        next: to < there.length ? String(to) : null,
      };
    },
    'folders.setClassifyNew': ({ folderId, classify }) => {
      this.#folders = this.#folders.map((each) =>
        each.id === folderId ? { ...each, classifyNew: classify } : each,
      );
      return null;
    },
    'folders.setPatterns': ({ folderId, patterns }) => {
      this.#folders = this.#folders.map((each) => (each.id === folderId ? { ...each, patterns } : each));
      this.emit('library.changed', { ...unchanged, folders: true });
      return null;
    },
    'folders.remove': ({ folderId }) => {
      this.#folders = this.#folders.filter(({ id, parentId }) => id !== folderId && parentId !== folderId);
      return null;
    },
    'folders.add': ({ path }) => {
      if (!this.#folders.length) this.#folders = this.#makeFolders();
      setTimeout(() => this.emit('scan.progress', { folderId: 1, found: this.#items.length, done: true }));
      return { ...this.#folders[0]!, path };
    },
    'photos.page': ({ filter, sort, at = 0, limit }) => {
      const found = this.#listed(filter, sort);
      return { items: found.slice(at, at + limit), start: at, total: found.length, next: null };
    },
    'photos.position': ({ photoId, filter, sort }) => {
      const at = this.#listed(filter, sort).findIndex(({ id }) => id === photoId);
      return { at: at < 0 ? null : at };
    },
    'photos.gone': ({ ids }) => {
      const here = new Set(this.#items.map(({ id }) => id));
      return { ids: ids.filter((id) => !here.has(id)) };
    },
    'photos.get': ({ photoId }) => {
      const item = this.#items.find(({ id }) => id === photoId);
      if (!item) throw new SaccadeError('no-such-photo', `There is no photo ${photoId}.`);
      return {
        ...item,
        predictions: this.#predictions(item),
        head: null,
        capture: null,
        person: this.words.of.get(photoId) ?? noWords,
        keywords: photoId === 1 ? [{ label: 'harbour', from: 'sidecar', program: 'digiKam' }] : [],
        model: 'starter',
        placement: null,
      };
    },
    'photos.facets': ({ filter, search = '' }) => {
      const found = this.#find({ ...filter, labels: undefined });
      const status: Record<string, number> = {};
      for (const item of found) status[item.status] = (status[item.status] ?? 0) + 1;
      const items = labels
        .map((label, index) => ({
          index,
          label,
          photos: found.filter((item) => item.top?.index === index).length,
          unsure: found.filter((item) => item.top?.index === index && item.status === 'unsure').length,
        }))
        .filter(({ photos, label }) => photos > 0 && label.name.includes(search))
        .sort((a, b) => b.photos - a.photos);
      const damaged = found.filter((item) => item.damaged).length;
      return {
        items,
        next: null,
        status,
        own: found.filter(({ ownLabel }) => ownLabel !== null).length,
        damaged,
      };
    },
    'photos.like': ({ selection, top }) => {
      const asked = new Set(this.#picked(selection).map(({ id }) => id));
      const found = this.#items.filter(({ id }) => !asked.has(id)).slice(0, top);
      return {
        items: found.map((photo, i) => ({ photo, score: 1 - i / 100 })),
        ...{ compared: found.length, unknown: 0, notes: [] },
        distribution: { least: 0, most: 1, counts: [0, found.length] },
      };
    },
    'photos.trash': ({ selection }) => {
      const gone = new Set(this.#picked(selection).map(({ id }) => id));
      this.#items = this.#items.filter(({ id }) => !gone.has(id));
      this.#list = { query: '', items: [] };
      this.emit('library.changed', { ...unchanged, photos: true });
      return { act: null, failed: [], shared: [], moved: [] };
    },
    'photos.months': () => ({ items: [] }),
    'photos.suggest': () => ({ items: [] }),
    'photos.keywords': ({ filter }) => {
      const photos = this.#find({ ...filter, keywords: undefined }).filter(({ id }) => id === 1).length;
      return { items: photos ? [{ name: 'harbour', photos }] : [] };
    },
    'searches.list': () => ({ items: [] }),
    'photos.export': ({ selection, format }) => ({
      text: this.#picked(selection)
        .map(({ path, top }) => (format === 'csv' ? `${path},${top?.label.name}` : JSON.stringify({ path })))
        .join('\n'),
      next: null,
    }),
    'runs.current': () => this.#run,
    'runs.start': ({ selection }) => this.running(0, this.#picked(selection).length),
    'runs.pause': () => this.running(this.#run!.done, this.#run!.total, 'paused'),
    'runs.resume': () => this.running(this.#run!.done, this.#run!.total),
    'runs.cancel': () => this.running(this.#run!.done, this.#run!.total, 'cancelled'),
    'inspect.photo': ({ photoId, classIndex }) => this.#inspect(photoId, classIndex),
    'inspect.faithfulness': ({ photoId, methods, steps }) => ({
      baseline: 'blur',
      told: [],
      absent: {},
      classIndex: this.#items[photoId - 1]!.top?.index ?? 0,
      curves: methods.map((method, i) => {
        const deletion = Array.from({ length: steps + 1 }, (_, step) => 0.9 * (1 - step / steps) ** (i + 1));
        return {
          ...{ method, deletion, insertion: deletion.toReversed() },
          ...{ deletionAuc: 0.9 / (i + 2), insertionAuc: 0.9 / (i + 2) },
        };
      }),
    }),
    'inspect.ablate': ({ without, baseline, classIndex }) => {
      const index = classIndex ?? 0;
      // Fewer patches, less of the label: something that tests can see follow.
      const probability = 0.9 * (1 - without.length / patches);
      const predictions = [{ index, label: labels[index]!, probability }];
      const asked = { index, label: labels[index]!, probability, logit: probability * 10 };
      return { baseline, instead: null, head: null, predictions, asked, runMs: 10 };
    },
    'inspect.smallestPart': ({ baseline, classIndex }) => ({
      ...{ baseline, instead: null, classIndex: classIndex ?? 0 },
      ...{ kept: [3, 50], probability: 0.4, whole: 0.9, runs: 12 },
    }),
    'inspect.measureMap': ({ from, passes, baseline, classIndex }) => {
      const kept = Uint8Array.from({ length: passes * patches }, (_, i) => Number(noise(from * patches + i) < 0.5)); // prettier-ignore
      // What patch 7 adds is all there is to measure.
      const scores = Float32Array.from({ length: passes }, (_, pass) => 5 + kept[pass * patches + 7]!);
      return { baseline, instead: null, classIndex: classIndex ?? 0, scores, kept };
    },
    'inspect.attend': ({ query }) => {
      const attention = new Float32Array(layers * heads * patches).fill(0.5 / patches);
      if ('patch' in query) for (let row = 0; row < layers * heads; row++) attention[row * patches + query.patch]! += 0.4; // prettier-ignore
      const toSpecial = new Float32Array(layers * heads).fill(0.1);
      const distance = new Float32Array(layers * heads).fill(60);
      return { layers, heads, attention, toSpecial, special: 1, distance };
    },
    'models.list': () => ({ items: this.models, broken: [] }),
    'models.catalogue': () => ({ items: [] }),
    'models.downloads': () => ({ items: [...this.#downloads.values()] }),
    'models.check': ({ modelId }) => ({ failure: this.unsound.get(modelId) ?? null }),
    'models.show': ({ modelId }) => ({
      ...(this.models.find(({ id }) => id === modelId) ?? model),
      source: null,
      sha256: 'a'.repeat(64),
      preprocessing: {
        resize: { mode: 'exact', height: 224, width: 224 },
        interpolation: 'bicubic',
        crop: null,
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
      },
      outputActivation: 'softmax',
      temperature: 1,
      assumed: [],
      doubt: null,
      card: '# Starter',
      cards: {},
      labels,
    }),
    'models.currentExport': () => this.exporting,
    'models.remove': () => null,
    'models.download': ({ source }) => this.#download(String(this.#downloads.size + 1), 'resolving', source),
    'models.pauseDownload': ({ downloadId }) => this.#download(downloadId, 'paused'),
    'models.resumeDownload': ({ downloadId }) => this.#download(downloadId, 'downloading'),
    'models.cancelDownload': ({ downloadId }) => this.#download(downloadId, 'cancelled'),
  };

  readonly #downloads = new Map<string, DownloadStatus>();
  #download(id: string, state: DownloadStatus['state'], repository = ''): DownloadStatus {
    const status: DownloadStatus = {
      ...{ id, state, repository: this.#downloads.get(id)?.repository ?? repository },
      ...{ revision: null, bytes: 0, totalBytes: null, cachedBytes: 0, bytesPerSecond: null },
      ...{ secondsLeft: null, file: null, model: null, error: null },
    };
    this.#downloads.set(id, status);
    return status;
  }

  #predictions(item: PhotoItem) {
    if (!item.top) return [];
    const top = item.top;
    const rest = labels
      .map((label, index) => ({
        label,
        index,
        probability: ((1 - top.probability) * noise(item.id + index)) / 4,
      }))
      .filter(({ index }) => index !== top.index)
      .sort((a, b) => b.probability - a.probability);
    return [top, ...rest].slice(0, 5);
  }
  #inspect(photoId: number, classIndex: number | null): Inspection {
    const item = this.#items[photoId - 1]!;
    const predictions = this.#predictions(item);
    const index = classIndex ?? predictions[0]?.index ?? 0;
    const clsAttention = new Float32Array(layers * heads * patches);
    for (let i = 0; i < layers * heads; i++)
      clsAttention.set(hill(photoId + i, 4 + (i % 9) * 6), i * patches);
    const contributions = new Float32Array(layers * patches);
    for (let layer = 0; layer < layers; layer++) {
      const [plus, minus] = [hill(photoId + index, 18), hill(photoId + index + 40, 12)];
      contributions.set(
        plus.map((value, i) => (layer / layers) * (1.1 * value - 0.6 * minus[i]!)),
        layer * patches,
      );
    }
    const each = (value: number) =>
      Float32Array.from({ length: layers }, (_, i) => (value * noise(i + value)) / layers);
    const contribution = {
      classIndex: index,
      patches: contributions,
      special: each(0.9),
      mlp: each(3.1),
      bias: each(-0.4),
      start: -0.21,
      head: 0.08,
    };
    const total = [contribution.patches, contribution.special, contribution.mlp, contribution.bias]
      .map((part) => part.reduce((sum, value) => sum + value, 0))
      .reduce((sum, value) => sum + value, contribution.start + contribution.head);
    const logits = new Float32Array(labels.length);
    logits[index] = total;
    const side = Math.min(item.width, item.height) * 0.875;
    return {
      model: this.#settings.model,
      head: null,
      placement,
      photo: { width: item.width, height: item.height },
      seen: { x: (item.width - side) / 2, y: (item.height - side) / 2, width: side, height: side },
      grid: { rows, columns, patchSize: 16 },
      layers,
      heads,
      logits,
      predictions,
      clsFeature: new Float32Array(192),
      clsAttention,
      attentionOf: 'cls',
      rollout: hill(photoId, 3),
      rolloutOptions: { fusion: 'mean', discardRatio: 0 },
      contribution: { ...contribution, sum: total },
      absent: {},
    };
  }
}
