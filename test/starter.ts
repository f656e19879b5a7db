/** The model that ships: tests that need some label of it read them here, so that they outlive an exchange of it. */
import { join } from 'node:path';
import type { VitConfig } from '../models/config.ts';
import { readManifest } from '../models/load.ts';

export const starterFolder = join(import.meta.dirname, '..', 'models', 'starter');
export const starter = readManifest(starterFolder);
export const starterDepth = (starter.architecture as unknown as VitConfig).depth;
/** In English, in the order of the logits. */
export const starterLabels = starter.labels.map(({ name }) => name);
/** In Chinese, by the English ones. */
export const chineseOf = new Map(starter.labels.map(({ name, names }) => [name, names!['zh-CN']!]));
