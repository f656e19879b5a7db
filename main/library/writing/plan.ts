/** Which files an export writes, by its kind. */
import type { Selection } from '../../contract/requests.ts';
import type { LabelChoice, WritingTask } from '../../contract/writing.ts';
import type { Catalog } from '../catalog/database.ts';
import type { Plan, Step } from './writing.ts';
import { exportPlan } from '../exports/plan.ts';
import type { ReportContext } from '../exports/report.ts';
import { expectAllAsShown } from '../files/as-shown.ts';
import { iptcPlan } from './iptc.ts';
import { changeSidecar, sidecarTasks, type SidecarTask } from './keywords.ts';
import { organisePlan, placings, recordedIn } from './organise.ts';
import { labelledPhotos, withStacks } from './photos.ts';

const sidecarsAtOnce = 4;

function sidecarPlan(catalog: Catalog, tasks: readonly SidecarTask[]): Plan {
  const back: Step[] = [];
  const steps = tasks.map((task) => async (dryRun: boolean) => {
    const { before, item } = await changeSidecar(catalog, task, dryRun);
    const wanted = before ?? { subject: [], hierarchical: [] };
    if (!dryRun && item.does !== 'none')
      back.push(
        async () => (await changeSidecar(catalog, { path: task.path, wanted, add: false }, false)).item,
      );
    return item;
  });
  return { steps, atOnce: sidecarsAtOnce, ended: () => Promise.resolve(back) };
}

export interface PlanContext {
  catalog: Catalog;
  /** Where logs of what was done with files are kept. */
  home: string;
  /** Files of photos were put elsewhere. */
  filesMoved(): unknown;
  report: Omit<ReportContext, 'progress'>;
}

export async function planOf(
  { catalog, home, filesMoved, report }: PlanContext,
  selection: Selection,
  task: WritingTask,
  signal: AbortSignal,
): Promise<Plan> {
  /** What is said of them goes to no other picture. */
  const labelled = async (labels: LabelChoice, stacks = false) => {
    const photos = await labelledPhotos(catalog, selection, labels, signal);
    const all = stacks ? withStacks(catalog, photos) : photos;
    await expectAllAsShown(catalog, all, signal);
    return all;
  };
  switch (task.kind) {
    case 'keywords': {
      const photos = await labelled(task.labels);
      return sidecarPlan(catalog, await sidecarTasks(photos, task, signal));
    }
    case 'export':
      return exportPlan(report, selection, task, signal);
    case 'iptc':
      return iptcPlan(catalog, await labelled(task.labels));
    case 'remove-iptc': {
      const photos = await labelledPhotos(catalog, selection, { by: 'person' }, signal);
      return iptcPlan(
        catalog,
        photos.map(({ path }) => ({ path, labels: null })),
      );
    }
    case 'organise': {
      const photos = await labelled(task.labels, true);
      return organisePlan(home, await placings(photos, task, signal, catalog), {
        ...recordedIn(catalog),
        changed: filesMoved,
      });
    }
    case 'remove-keywords': {
      const photos = await labelledPhotos(catalog, selection, { by: 'person' }, signal);
      return sidecarPlan(catalog, await sidecarTasks(photos, null, signal));
    }
  }
}
