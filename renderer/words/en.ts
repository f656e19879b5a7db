/** Everything the interface says, in English, a section a screen. The other languages have the type of this table: none can miss a key. */
import { common } from './en/common.ts';
import { labels } from './en/labels.ts';
import { library } from './en/library.ts';
import { run } from './en/run.ts';
import { inspector } from './en/inspector.ts';
import { models } from './en/models.ts';
import { importing } from './en/importing.ts';
import { settings } from './en/settings.ts';
import { keys } from './en/keys.ts';
import { sharing } from './en/sharing.ts';
import { finding } from './en/finding.ts';
import { looks } from './en/looks.ts';
import { places } from './en/places.ts';

export const sections = {
  common,
  library,
  run,
  inspector,
  labels,
  models,
  importing,
  settings,
  keys,
  sharing,
  finding,
  looks,
  places,
};
export const en = {
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

export type Sayings<Table> = {
  [Key in keyof Table]: Table[Key] extends (...values: infer Values) => string
    ? (...values: Values) => string
    : string;
};
export type Words = Sayings<typeof en>;
