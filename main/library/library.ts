/** The library's verbs by name: a table of contents of what it can do. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SaccadeError } from '../../models/error.ts';
import { findModel } from '../../models/store.ts';
import type { InstalledModel } from '../../models/store.ts';
import { verbs } from '../contract/verbs.ts';
import type { FaithfulnessCurve, Inspection, MapMethod, RolloutOptions } from '../contract/entities.ts';
import { internalSchemas } from '../contract/internal.ts';
import type { LibraryVerbs } from '../contract/internal.ts';
import { toFailure } from '../contract/result.ts';
import { shownName, systemPath } from '../file-names.ts';
import type { CallContext, Handlers } from '../rpc/calls.ts';
import type { StartProcess } from '../rpc/port.ts';
import { agreementOf } from './models/agreement.ts';
import { countStrays } from './catalog/contents.ts';
import { childFolders, folderById } from './catalog/folders.ts';
import { leftOutCounts, leftOutItems } from './catalog/left-out.ts';
import { photoById, photoPath } from './catalog/photos.ts';
import { Core } from './core.ts';
import type { CoreOptions, Emit } from './core.ts';
import { downloadVerbs } from './models/download-verbs.ts';
import type { ComputeOptions, RemoteModel } from './inference.ts';
import { exportPhotos } from './lists/export.ts';
import { photoFacets } from './lists/facets.ts';
import { conditionOf } from './lists/filter.ts';
import { photoDetail } from './lists/items.ts';
import { countPhotos, photoPage, photoPosition } from './lists/page.ts';
import { modelVerbs } from './models/models.ts';
import { Slots } from '../schedule/slots.ts';
import { isNotLoaded } from './runs/crash-rule.ts';
import { runFailures } from './runs/run-rows.ts';
import { resolveModel } from './models/external-model.ts';

export interface OpenLibrary {
  /** Requests are checked against the schemas of the contract: `bad-request`. Before `internal.open`: `not-open`. */
  handlers: Record<keyof LibraryVerbs, (request: never, context: CallContext) => unknown>;
  close(): Promise<void>;
}

const picturesAtOnce = 3;
const webp = 'image/webp';

export function createLibrary(
  start: StartProcess,
  emit: Emit,
  test: Pick<CoreOptions, 'hungAfterMs'> = {},
): OpenLibrary {
  let core: Core | null = null;
  let options: CoreOptions | null = null;
  let downloads: ReturnType<typeof downloadVerbs> | null = null;
  const pictures = new Slots(picturesAtOnce, { newestFirst: true });

  const opened = (): Core => core ?? notOpen();
  const roots = () => options?.roots ?? notOpen();
  const models = () =>
    modelVerbs({
      roots: roots(),
      settings: () => opened().settings(),
      running: () => (opened().runs.active ? (opened().runs.current()?.model ?? null) : null),
      unload: (folder) => opened().inference.unload(folder),
      onChanged: () => opened().changes.note('models'),
    });
  const download = () => (downloads ?? notOpen()).handlers;
  const choiceOf = (given: {
    [Key in keyof ComputeOptions]?: ComputeOptions[Key] | undefined;
  }): ComputeOptions => {
    const { model, provider, precision, batch } = opened().settings();
    return {
      model: given.model ?? model,
      provider: given.provider ?? provider,
      precision: given.precision ?? precision,
      batch: given.batch === undefined ? batch : given.batch,
    };
  };

  /** A compute whose model may also be a checkpoint that is not installed. */
  async function chosen(given: Parameters<typeof choiceOf>[0]): Promise<ComputeOptions> {
    const compute = choiceOf(given);
    return { ...compute, model: await resolveModel(roots(), (options ?? notOpen()).home, compute.model) };
  }

  /** A loaded model that an interactive question can be asked of. One that is gone is loaded anew, once. */
  async function withModel<T>(compute: ComputeOptions, ask: (model: RemoteModel) => Promise<T>): Promise<T> {
    const { inference } = opened();
    const model = await inference.load(compute);
    try {
      return await ask(model);
    } catch (error) {
      if (!isNotLoaded(error)) throw error;
      await inference.forget(model);
      return ask(await inference.load(compute));
    }
  }

  function inspect(
    compute: ComputeOptions,
    path: string,
    classIndex: number | null,
    topK: number,
    rollout: RolloutOptions | undefined,
    { signal }: CallContext,
  ): Promise<Inspection> {
    return withModel(compute, ({ handle }) =>
      opened().inference.interactive(
        'inspect',
        { handle, path, classIndex, topK, ...(rollout && { rollout }) },
        { signal },
      ),
    );
  }

  function faithfulness(
    compute: ComputeOptions,
    path: string,
    methods: (MapMethod | 'random')[],
    steps: number,
    { signal }: CallContext,
  ): Promise<{ classIndex: number; curves: FaithfulnessCurve[] }> {
    return withModel(compute, ({ handle }) =>
      opened().inference.interactive('faithfulness', { handle, path, methods, steps }, { signal }),
    );
  }

  /** Which provider and precision suit a model is measured when it comes, so that its first run begins at once. */
  async function measureNew({ manifest, folder }: InstalledModel): Promise<void> {
    const { changes, inference } = opened();
    changes.note('models');
    try {
      await inference.load({ ...choiceOf({}), model: manifest.id });
      await inference.unload(folder);
    } catch (error) {
      emit('notice', { level: 'warning', failure: toFailure(error) });
    }
  }

  function pathOf(photoId: number): string {
    const { catalog } = opened();
    return photoPath(catalog, photoById(catalog, photoId));
  }

  async function deleteAll(): Promise<null> {
    const { home, remember } = options ?? notOpen();
    await opened().close();
    core = null;
    if (remember)
      for (const name of ['catalog', 'thumbnails'])
        for (const end of ['', '-wal', '-shm']) rmSync(join(home, `${name}.sqlite${end}`), { force: true });
    core = new Core(options!);
    core.changes.note('folders', 'photos', 'labels', 'settings');
    return null;
  }

  const handlers: Handlers<LibraryVerbs> = {
    'folders.add': ({ path }) => opened().folders.add(path),
    'folders.children': ({ parentId, limit, cursor }) =>
      childFolders(opened().catalog, parentId, limit, cursor),
    'folders.rescan': ({ folderId }) => done(opened().folders.rescan(folderId)),
    'folders.setPatterns': ({ folderId, patterns }) => done(opened().folders.setPatterns(folderId, patterns)),
    'folders.leftOut': ({ folderId, limit, cursor }) => {
      const { path } = folderById(opened().catalog, folderId);
      return {
        counts: leftOutCounts(opened().catalog, path),
        ...leftOutItems(opened().catalog, path, limit, cursor),
      };
    },
    'folders.remove': async ({ folderId }) => done(await opened().removeFolder(folderId)),

    'photos.page': (request) => photoPage(opened().catalog, request),
    'photos.get': ({ photoId }) => photoDetail(opened().catalog, photoId),
    'photos.position': ({ photoId, filter, sort }) => ({
      at: photoPosition(opened().catalog, photoId, filter, sort),
    }),
    'photos.count': ({ filter }) => ({
      total: countPhotos(opened().catalog, conditionOf(opened().catalog, filter)),
    }),
    'photos.facets': (request) => photoFacets(opened().catalog, request),
    'photos.setOwnLabel': (request) => done(opened().setOwnLabel(request)),
    'photos.export': (request) => exportPhotos(opened().catalog, request, opened().settings().topK),

    'runs.start': (request) => opened().runs.start(request),
    'runs.pause': () => opened().runs.pause(),
    'runs.resume': () => opened().runs.resume(),
    'runs.cancel': () => opened().runs.cancel(),
    'runs.current': () => opened().runs.current(),
    'runs.failures': (request) => runFailures(opened().catalog, request),

    'inspect.photo': ({ photoId, classIndex, rollout }, context) =>
      inspect(choiceOf({}), pathOf(photoId), classIndex, opened().settings().topK, rollout, context),
    'inspect.faithfulness': ({ photoId, methods, steps }, context) =>
      faithfulness(choiceOf({}), pathOf(photoId), methods, steps, context),

    'models.list': () => models().list(),
    'models.show': ({ modelId }) => models().show(modelId),
    'models.import': ({ path, ...options }) => models().import(path, options),
    'models.remove': async ({ modelId }) => done(await models().remove(modelId)),
    'models.catalogue': () => download()['models.catalogue'](),
    'models.download': (request) => download()['models.download'](request),
    'models.downloads': () => download()['models.downloads'](),
    'models.pauseDownload': (request) => download()['models.pauseDownload'](request),
    'models.resumeDownload': (request) => download()['models.resumeDownload'](request),
    'models.cancelDownload': (request) => download()['models.cancelDownload'](request),

    'providers.list': async ({ measure }, { signal }) => {
      const modelFolder = findModel(roots(), opened().settings().model).folder;
      return {
        items: await opened().inference.interactive('providers', { modelFolder, measure }, { signal }),
      };
    },
    'settings.get': () => opened().settings(),
    'settings.set': (change) => opened().setSettings(present(change)),
    'data.deleteAll': deleteAll,

    'internal.open': ({ home, builtInModel, window, remember }) => {
      if (core) return null;
      options = {
        home,
        roots: { builtIn: builtInModel, installed: join(home, 'models') },
        window,
        remember,
        start,
        emit,
        ...test,
      };
      core = new Core(options);
      downloads ??= downloadVerbs({
        home,
        roots: options.roots,
        onInstalled: measureNew,
        emit: (status) => emit('models.download', status),
      });
      return null;
    },
    'internal.close': async () => done(await close()),
    'internal.thumbnail': ({ photoId }, { signal }) =>
      pictures.run(
        async () => {
          const { contentId, path } = await opened().contentOf(photoId);
          return { bytes: await opened().thumbnails.thumbnail(contentId, path), type: webp };
        },
        { signal },
      ),
    'internal.rendition': ({ photoId, edge }, { signal }) =>
      pictures.run(
        async () => {
          const { contentId, path } = await opened().contentOf(photoId);
          return { bytes: await opened().thumbnails.rendition(contentId, path, edge), type: webp };
        },
        { signal },
      ),
    'internal.path': ({ photoId }) => {
      const path = pathOf(photoId);
      if (!existsSync(systemPath(path)))
        throw new SaccadeError('missing-file', `${shownName(path)} is not there any more.`);
      if (typeof systemPath(path) !== 'string')
        throw new SaccadeError(
          'invalid-name',
          `Expected a name in UTF-8 to hand to another program; "${shownName(path)}" is none. Rename it.`,
        );
      return { path };
    },

    'internal.classify': async ({ model, provider, precision, batch, ...request }) => {
      const compute = await chosen({ model, provider, precision, batch });
      const { manifest } = findModel(roots(), compute.model);
      const { catalog, inference } = opened();
      // Never fewer than the library shows, so that it need not compute them again.
      const keep = opened().settings().topK;
      const job = opened().startJob({ catalog, inference, compute, ...request, keep, ...test });
      return { jobId: job.id, model: manifest.id };
    },
    'internal.results': ({ jobId, limit }) => {
      const job = opened().jobs.get(jobId);
      if (!job) throw new SaccadeError('no-job', `There is no job ${jobId} (any more).`);
      return job.results(limit);
    },
    'internal.leftOut': ({ jobId, limit, cursor }) => {
      const job = opened().jobs.get(jobId);
      if (!job) throw new SaccadeError('no-job', `There is no job ${jobId} (any more).`);
      return job.leftOut.items(limit, cursor);
    },
    'internal.strays': () => ({ count: countStrays(opened().catalog) }),
    'internal.stop': async ({ jobId }) => {
      await opened().jobs.get(jobId)?.stop();
      opened().jobs.delete(jobId);
      return null;
    },
    'internal.agreement': async ({ model, precision }) => {
      const { manifest } = findModel(roots(), (await chosen({ model })).model);
      return agreementOf(opened().catalog, manifest.weights.sha256, precision);
    },
    'internal.inspect': async (
      { model, provider, precision, batch, path, classIndex, topK, rollout },
      context,
    ) =>
      inspect(await chosen({ model, provider, precision, batch }), path, classIndex, topK, rollout, context),
    'internal.faithfulness': async ({ model, provider, precision, batch, path, methods, steps }, context) =>
      faithfulness(await chosen({ model, provider, precision, batch }), path, methods, steps, context),
  };

  async function close(): Promise<void> {
    const closing = core;
    core = null;
    await downloads?.close();
    downloads = null;
    await closing?.close();
  }

  return { handlers: checked(handlers), close };
}

function done(value: void): null {
  return value ?? null;
}

function notOpen(): never {
  throw new SaccadeError('not-open', 'Expected the library to be open; it is closed, or not open yet.');
}

/** Without keys that are there but undefined. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}

function checked(handlers: Handlers<LibraryVerbs>): OpenLibrary['handlers'] {
  const schemas: Record<string, z.ZodType> = {
    ...Object.fromEntries(Object.entries(verbs).map(([name, { request }]) => [name, request])),
    ...internalSchemas,
  };
  const entries = Object.entries(handlers).map(([name, handler]) => {
    const check = (request: unknown, context: CallContext) => {
      const parsed = schemas[name]!.safeParse(request);
      if (!parsed.success) {
        const problems = z.prettifyError(parsed.error).replaceAll('\n', ' ').slice(0, 500);
        throw new SaccadeError('bad-request', `The request of ${name} is not what it should be: ${problems}`);
      }
      return handler(parsed.data as never, context);
    };
    return [name, check];
  });
  return Object.fromEntries(entries) as OpenLibrary['handlers'];
}
