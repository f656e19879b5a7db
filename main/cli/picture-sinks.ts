/** Pictures, report and contact sheet of a run, as its options ask for them. */
import { basename, resolve } from 'node:path';
import type { MapMethod } from '../contract/values.ts';
import { contactSink } from '../report/contact.ts';
import { madeBy } from '../report/made-by.ts';
import { isSigned } from '../report/maps.ts';
import type { Sink } from '../report/outcome.ts';
import { overlaySink, reportSink, withFolderRange, type PictureFailure } from '../report/sinks.ts';
import type { Course } from './course.ts';
import { drawingOf, type DrawingOptions } from './options.ts';
import { derivedName } from './paths.ts';

export interface PictureOptions extends DrawingOptions {
  overlays?: string;
  report?: string;
  contactSheet?: string;
  method: MapMethod;
}

export async function pictureSinks(
  paths: string[],
  options: PictureOptions,
  course: Course,
  onFailure: (failure: PictureFailure) => void,
): Promise<Sink[]> {
  const { overlays, report, contactSheet } = options;
  const drawing = drawingOf(options, isSigned(options.method));
  const title = paths.map((path) => basename(resolve(path))).join(', ');
  const sinks: (Sink | Promise<Sink>)[] = [];
  if (overlays) {
    const name = derivedName(paths, '.png');
    sinks.push(
      withFolderRange(drawing, async (choice) =>
        overlaySink(overlays, (outcome) => name(outcome.file), choice, onFailure),
      ),
    );
  }
  if (report) {
    const summarise = (complete: boolean) => ({
      title,
      counts: [`${course.counts()} in ${course.took()}`, course.leftOut()].filter(Boolean).join('. '),
      placement: course.placement(),
      notice: complete ? null : 'Interrupted: this is what was done by then.',
      madeBy: madeBy(),
    });
    sinks.push(withFolderRange(drawing, (choice) => reportSink(resolve(report), choice, summarise)));
  }
  if (contactSheet)
    sinks.push(withFolderRange(drawing, async (choice) => contactSink(resolve(contactSheet), title, choice)));
  return Promise.all(sinks);
}
