import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** Folder of everything Saccade keeps: `SACCADE_HOME`, or where the platform puts application data. Absolute. */
export function home(): string {
  return resolve(process.env['SACCADE_HOME'] || envPaths('saccade', { suffix: '' }).data);
}
