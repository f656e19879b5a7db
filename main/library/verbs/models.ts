import { SaccadeError } from '../../../models/error.ts';
import type { Answers } from '../../../models/formats/answers.ts';
import { labelsIn } from '../../../models/formats/labels-file.ts';
import { checkWeights } from '../../../models/weights/installed.ts';
import { findModel, listBroken, listModels, removeModel } from '../../../models/store.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import { toFailure } from '../../contract/result.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { fitDoubt, modelDoubt, storeDoubt } from '../models/doubt.ts';
import { importInThread } from '../models/import-model.ts';
import { detail, summary } from '../models/summary.ts';
import type { LibraryState } from '../state.ts';

/** Names of classes as they were read from a file, among what a person says; undefined: nothing. */
function toldOf({
  answers,
  labelsText,
}: {
  answers?: Answers | undefined;
  labelsText?: string | undefined;
}): Answers | undefined {
  // prettier-ignore
  if (labelsText === undefined) return answers;
  return { ...answers, labels: labelsIn(labelsText).map(({ name }) => name) };
}

export function modelVerbs({ core, roots, downloads, tryOut }: LibraryState) {
  return {
    'models.list': () => ({
      items: listModels(roots()).map(summary),
      broken: listBroken(roots()).map(({ id, reason }) => ({ id, reason })),
    }),
    'models.show': ({ modelId }) => detail(findModel(roots(), modelId)),
    'models.check': async ({ modelId }) => {
      try {
        const { folder, manifest } = findModel(roots(), modelId);
        await checkWeights(folder, manifest);
        return { failure: null };
      } catch (error) {
        if (error instanceof SaccadeError) return { failure: toFailure(error) };
        throw error;
      }
    },
    'models.import': async ({ path, name, ...said }, { signal }) => {
      const { changes } = core();
      const options = { name, answers: toldOf(said) };
      const model = await importInThread(path, roots().installed, options, tryOut, signal);
      changes.note('models');
      return summary(model);
    },
    'models.doubt': ({ modelId }) => modelDoubt(core().catalog, findModel(roots(), modelId).manifest),
    'models.setDoubt': ({ modelId, threshold }) => {
      const { catalog } = core();
      const { manifest } = findModel(roots(), modelId);
      const wanted = threshold === 'fit' ? fitDoubt(catalog, manifest) : threshold;
      core().showing.again(() => storeDoubt(catalog, manifest, wanted));
      core().changes.note('models');
      return modelDoubt(catalog, manifest);
    },
    /** @throws SaccadeError `model-in-use`, `no-model`, `built-in-model` */
    'models.remove': async ({ modelId }) => {
      const { runs, inference, changes } = core();
      if (listBroken(roots()).some(({ id }) => id === modelId)) {
        removeModel(roots(), modelId);
        changes.note('models');
        return null;
      }
      const { folder, manifest, builtIn } = findModel(roots(), modelId);
      if (runs.needs(modelId))
        throw new SaccadeError(
          'model-in-use',
          `${manifest.name} is classifying right now. Wait for the run, or cancel it, then remove the model.`,
        );
      if (core().settings().model === modelId && !builtIn)
        throw new SaccadeError(
          'model-in-use',
          `${manifest.name} is the model in use. Choose another one first, then remove it.`,
        );
      await inference.unload(folder);
      removeModel(roots(), modelId);
      changes.note('models');
      return null;
    },

    'models.catalogue': () => ({ items: downloads().catalogue() }),
    'models.download': ({ source, name, ...said }) => downloads().start(source, name, toldOf(said)),
    'models.downloads': () => ({ items: downloads().list() }),
    'models.pauseDownload': ({ downloadId }) => downloads().pause(downloadId),
    'models.resumeDownload': ({ downloadId, ...said }) => downloads().resume(downloadId, toldOf(said)),
    'models.cancelDownload': ({ downloadId }) => downloads().cancel(downloadId),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
