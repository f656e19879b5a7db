/** What the library's answers and events must look like: the schemas whose types the contract's answers are. */
import { z } from 'zod';
import * as downloads from '../main/contract/entities/download.ts';
import * as folders from '../main/contract/entities/folder.ts';
import * as heads from '../main/contract/entities/head.ts';
import * as inspections from '../main/contract/entities/inspection.ts';
import * as likeness from '../main/contract/entities/likeness.ts';
import * as looks from '../main/contract/entities/looks.ts';
import * as models from '../main/contract/entities/model.ts';
import * as photos from '../main/contract/entities/photo.ts';
import * as placements from '../main/contract/entities/placement.ts';
import { placeCount } from '../main/contract/entities/place.ts';
import * as reviews from '../main/contract/entities/review.ts';
import * as runs from '../main/contract/entities/run.ts';
import { settings } from '../main/contract/entities/settings.ts';
import * as exports from '../main/contract/exports.ts';
import { note } from '../models/heads/report.ts';
import { failure } from '../main/contract/failure.ts';
import { keywordFacet } from '../main/contract/entities/keywords.ts';
import { photoKeywords } from '../main/contract/entities/keywords.ts';
import { mergeConflict, mergeReport } from '../main/contract/entities/merge.ts';
import * as jobs from '../main/contract/entities/path-job.ts';
import { writingStatus, writtenItem } from '../main/contract/entities/writing.ts';
import * as trials from '../main/contract/entities/trial.ts';
import type { EventName, Events } from '../main/contract/verbs.ts';
import type { LibraryVerbs } from '../main/contract/internal.ts';

const next = z.string().nullable();
const items = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item) });
const pageOf = <Item extends z.ZodType>(item: Item) => items(item).extend({ next });
const total = z.int().nonnegative();
const acted = z.strictObject({ act: reviews.act.nullable() });

type LibraryAnswer<Name extends keyof LibraryVerbs> = ReturnType<LibraryVerbs[Name]>;
const writtenItems = items(writtenItem);

const answers: { [Name in keyof LibraryVerbs]?: z.ZodType<LibraryAnswer<Name>> } = {
  'folders.add': folders.folder,
  'folders.children': pageOf(folders.folder),
  'folders.leftOut': pageOf(folders.leftOutItem).extend({ counts: z.array(folders.leftOutCount) }),
  'photos.page': photos.photoPage,
  'photos.get': photos.photoDetail,
  'photos.gone': z.strictObject({ ids: z.array(z.int()) }),
  'photos.facets': pageOf(photos.labelFacet).extend({
    status: z.record(z.string(), total),
    own: total,
    damaged: total,
  }),
  'photos.keywords': items(keywordFacet),
  'photos.months': z.strictObject({ items: z.array(photos.period) }),
  'photos.places': items(placeCount).extend({ level: z.int() }),
  'searches.list': items(reviews.savedSearch),
  'searches.save': z.strictObject({ act: reviews.act }),
  'searches.rename': z.strictObject({ act: reviews.act }),
  'searches.remove': z.strictObject({ act: reviews.act }),
  'photos.suggest': z.strictObject({ items: z.array(photos.suggestion) }),
  'runs.start': runs.runStatus,
  'runs.pause': runs.runStatus,
  'runs.resume': runs.runStatus,
  'runs.cancel': runs.runStatus,
  'runs.current': runs.runStatus.nullable(),
  'runs.failures': pageOf(runs.runFailure),
  'inspect.photo': inspections.inspection,
  'inspect.faithfulness': trials.faithfulnessAnswer,
  'inspect.ablate': trials.ablated,
  'inspect.smallestPart': trials.smallestPart,
  'inspect.measureMap': trials.measuredPasses,
  'inspect.attend': trials.attended,
  'models.list': items(models.modelSummary).extend({ broken: z.array(models.brokenModel) }),
  'models.show': models.modelDetail,
  'models.check': z.strictObject({ failure: failure.nullable() }),
  'models.doubt': models.modelDoubt,
  'models.setDoubt': models.modelDoubt,
  'models.import': models.modelSummary,
  'models.catalogue': items(models.catalogueEntry),
  'models.download': downloads.downloadStatus,
  'models.downloads': items(downloads.downloadStatus),
  'models.pauseDownload': downloads.downloadStatus,
  'models.resumeDownload': downloads.downloadStatus,
  'models.cancelDownload': downloads.downloadStatus,
  'providers.list': items(placements.providerReport),
  'settings.get': settings,
  'settings.set': settings,
  'heads.list': items(heads.headSummary),
  'heads.show': heads.headDetail,
  'heads.setDoubt': heads.headDetail,
  'heads.teach': heads.teachingStatus,
  'heads.cancelTeaching': heads.teachingStatus.nullable(),
  'heads.teaching': heads.teachingStatus.nullable(),
  'heads.write': z.strictObject({ head: heads.headDetail, notes: z.array(note) }),
  'heads.rename': heads.headSummary,
  'heads.use': heads.headSummary,
  'heads.evidence': items(inspections.evidence),
  'review.act': acted,
  'review.undo': acted,
  'review.redo': acted,
  'review.history': pageOf(reviews.act).extend({ canUndo: z.boolean(), canRedo: z.boolean() }),
  'review.queue': pageOf(reviews.queueItem).extend({ left: total }),
  'review.items': items(reviews.queueItem),
  'review.estimate': reviews.estimate,
  'review.agreement': reviews.agreement,
  'looks.labels': z.strictObject({ items: z.array(looks.calledLabel) }),
  'looks.label': looks.labelLooks,
  'looks.photos': pageOf(looks.unusualPhoto).extend({ total }),
  'looks.compare': pageOf(looks.comparedPhoto).extend({
    total,
    unknown: total,
    median: z.number().nullable(),
  }),
  'looks.find': looks.looksStatus,
  'looks.cancel': looks.looksStatus,
  'looks.status': looks.looksStatus,
  'photos.like': likeness.searchResult,
  'photos.searchWords': likeness.searchResult,
  'duplicates.find': likeness.duplicatesStatus,
  'duplicates.cancel': likeness.duplicatesStatus,
  'duplicates.groups': pageOf(likeness.duplicateGroup).extend({ total }),
  'duplicates.distinguish': acted,
  'photos.move': reviews.moved,
  'labels.import': exports.labelsImported,
  'models.export': exports.exportedModel,
  'models.startExport': exports.modelExportStatus,
  'models.cancelExport': exports.modelExportStatus.nullable(),
  'models.currentExport': exports.modelExportStatus.nullable(),
  'exports.write': exports.exportWritten,
  'writing.start': writingStatus,
  'writing.cancel': writingStatus.nullable(),
  'writing.status': writingStatus.nullable(),
  'writing.undo': writingStatus,
  'internal.like': likeness.searchResult,
  'internal.duplicates': likeness.comparedPaths,
  'internal.results': items(jobs.classifiedPath).extend({ next: z.boolean(), progress: jobs.jobProgress }),
  'internal.leftOut': pageOf(folders.leftOutItem),
  'internal.merge': mergeReport,
  'internal.differingAnswers': z.strictObject({ conflicts: z.array(mergeConflict) }),
  'internal.trash': reviews.moved,
  'internal.keywords': writtenItems,
  'internal.removeKeywords': writtenItems,
  'internal.readKeywords': items(photoKeywords),
  'internal.organise': writtenItems,
  'internal.undoOrganised': writtenItems,
  'internal.agreement': placements.precisionAgreement,
  'internal.faithfulness': trials.faithfulnessAnswer,
  'internal.ablate': trials.ablated,
  'internal.smallestPart': trials.smallestPart,
  'internal.measureMap': trials.measuredPasses,
  'internal.attend': trials.attended,
};

const events: { [Name in EventName]?: z.ZodType<Events[Name]> } = {
  'run.progress': runs.runStatus,
  'models.download': downloads.downloadStatus,
  'models.exporting': exports.modelExportStatus,
  'heads.teaching': heads.teachingStatus,
  'looks.progress': looks.looksStatus,
  'heads.writing': heads.wordsRead,
  'duplicates.progress': likeness.duplicatesStatus,
  'writing.progress': writingStatus,
};

function check<T>(name: string, shape: z.ZodType | undefined, value: T): T {
  const checked = shape?.safeParse(value);
  if (checked?.success === false)
    throw new Error(`${name} gives something else than the contract says: ${z.prettifyError(checked.error)}`);
  return value;
}

/** The answer as it is. Throws where the contract says otherwise. */
export const asAnswered = <T>(verb: string, answer: T): T =>
  check(verb, answers[verb as keyof LibraryVerbs], answer);
export const asTold = <T>(event: string, payload: T): T => check(event, events[event as EventName], payload);
