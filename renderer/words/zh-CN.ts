/** 界面的全部文字，简体中文，每个界面一节。 */
import type { Words } from './en.ts';
import { common } from './zh-CN/common.ts';
import { labels } from './zh-CN/labels.ts';
import { library } from './zh-CN/library.ts';
import { run } from './zh-CN/run.ts';
import { inspector } from './zh-CN/inspector.ts';
import { models } from './zh-CN/models.ts';
import { importing } from './zh-CN/importing.ts';
import { settings } from './zh-CN/settings.ts';
import { keys } from './zh-CN/keys.ts';
import { sharing } from './zh-CN/sharing.ts';
import { finding } from './zh-CN/finding.ts';
import { looks } from './zh-CN/looks.ts';
import { places } from './zh-CN/places.ts';

export const zh: Words = {
  ...common,
  ...library,
  ...run,
  ...inspector,
  ...labels,
  ...models,
  ...importing,
  ...settings,
  ...keys,
  ...sharing,
  ...finding,
  ...looks,
  ...places,
};
