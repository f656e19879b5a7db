import { applicationVersion } from '../application.ts';
import { dayOf } from '../contract/day.ts';

/** The last sentence of a report. */
export const madeBy = (): string =>
  `Made by Saccade ${applicationVersion()}, ${dayOf(new Date())}. Nothing in it comes from anywhere else.`;
