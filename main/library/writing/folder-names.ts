/** Where a photo goes by a template: names that every system takes, and that nothing has yet. */
import { basename, extname, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { dayOfClock } from '../../contract/day.ts';

const defaultTemplate = '{label}/{year}/{name}';

/** Of a file's name, in bytes: what ext4, APFS and NTFS take. */
const longest = 240;
const unsafe = /[<>:"/\\|?*\u0000-\u001f\u007f]/g;
/** Names of devices in Windows, whatever their ending. */
const reserved = /^(con|conin\$|conout\$|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

function cut(name: string, most: number): string {
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > most) break;
    kept += character;
  }
  return kept;
}

/** One level of a path. An ending is kept where the name is cut. */
export function safeName(name: string, ending = ''): string {
  const stem = ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
  const clean = (stem.replace(unsafe, '_') + ending.replace(unsafe, '_'))
    .replace(/[. ]+$/, '')
    .replace(/^ +/, '');
  const whole = reserved.test(clean) ? `_${clean}` : clean;
  if (whole === '') return '_';
  if (Buffer.byteLength(whole) <= longest) return whole;
  const tail = Buffer.byteLength(ending) < 32 ? ending.replace(unsafe, '_') : '';
  return (
    cut(whole.slice(0, whole.length - tail.length), longest - Buffer.byteLength(tail)).replace(/[. ]+$/, '') +
    tail
  );
}

export interface Placed {
  name: string;
  label: string;
  /** By the clock where it was taken (`clockAt`). */
  dateMs: number;
}

const yearMonthDay = ({ dateMs }: Placed) => dayOfClock(dateMs).split('-');

const parts: Record<string, (photo: Placed) => string> = {
  label: ({ label }) => label,
  name: ({ name }) => name,
  stem: ({ name }) => basename(name, extname(name)),
  ext: ({ name }) => extname(name).slice(1),
  year: (photo) => yearMonthDay(photo)[0]!,
  month: (photo) => yearMonthDay(photo)[1]!,
  day: (photo) => yearMonthDay(photo)[2]!,
};

/** @throws SaccadeError `bad-folders` */
export function checkTemplate(template: string): void {
  const unknown = [...template.matchAll(/\{([^}]*)\}/g)]
    .map(([, name]) => name!)
    .find((name) => !(name in parts));
  const last = template.split('/').at(-1)!;
  if (
    unknown !== undefined ||
    !/\{(name|stem)\}/.test(last) ||
    template.split('/').some((level) => level.trim() === '')
  )
    throw new SaccadeError(
      'bad-folders',
      `Expected a template of ${Object.keys(parts)
        .map((name) => `{${name}}`)
        .join(
          ', ',
        )} and slashes whose last part has {name} or {stem}, such as ${defaultTemplate}; found "${template}".`,
    );
}

/** Below the chosen folder. Slashes of values are no levels. */
export function placeFor(template: string, photo: Placed): string {
  const levels = template
    .split('/')
    .map((level) => level.replace(/\{(\w+)\}/g, (_, name: string) => parts[name]!(photo)));
  const ending = extname(photo.name);
  return join(
    ...levels.map((level, i) =>
      safeName(level, i === levels.length - 1 && level.endsWith(ending) ? ending : ''),
    ),
  );
}
