/** The keywords that programs keep in a packet, told apart from those that Saccade wrote there. */
import { SaccadeError } from '../../models/error.ts';
import { nameKey, tidyName } from '../../models/heads/label-names.ts';
import { namespaces, type Packet, type Prefix, readPacket, valuesOf } from './properties.ts';
import { parseXml, type XmlElement } from './tree.ts';
import { markIn, type Written } from './written.ts';

/**
 * dc:subject and acdsee:keywords have words; the others ways from a root, of which the last level is the word. The levels above it, which
 * darktable and Lightroom write into dc:subject as well, were given to no photo.
 */
const lists: readonly [Prefix, string, RegExp | null][] = [
  ['dc', 'subject', null],
  ['acdsee', 'keywords', null],
  ['lr', 'hierarchicalSubject', /\|/],
  ['digiKam', 'TagsList', /\//],
  ['microsoft', 'LastKeywordXMP', /\//],
  ['microsoftBare', 'LastKeywordXMP', /\//],
  ['mediaPro', 'CatalogSets', /\|/],
];
/** A document of its own, of which each category that is assigned is a way. */
const categories = ['acdsee', 'categories'] as const;

/** What a program keeps of its own among them, such as darktable|format|jpg: nobody's words, nor are their levels. */
const programs = /^(darktable\||_Digikam_Internal_Tags_[/|])/;

/** More of one photo are a program's, not a person's. */
const mostKeywords = 1000;
/** Longer ones are texts. */
const longest = 200;

export interface PacketKeywords {
  /** Each once, in the packet's order; also what Saccade wrote. */
  keywords: string[];
  /** Keys (`nameKey`) of what stands above the words, and is none itself. */
  higher: ReadonlySet<string>;
  /** Null: Saccade wrote nothing there. */
  written: Written | null;
  /** Which program's the packet is, as far as it tells. */
  program: string | null;
}

/** Names that differ only in case or form are one, in the spelling that comes first. */
export const distinct = (names: readonly string[]): string[] => {
  const found = new Map<string, string>();
  for (const name of names.map(tidyName)) {
    const key = nameKey(name);
    if (key !== '' && name.length <= longest && !found.has(key)) found.set(key, name);
  }
  return [...found.values()].slice(0, mostKeywords);
};

export function programOf(packet: Packet): string | null {
  const uses = (uri: string) =>
    packet.descriptions.some(({ attributes, children }) =>
      [...attributes, ...children].some((each) => each.uri === uri),
    );
  if (uses(namespaces.digiKam)) return 'digiKam';
  if (uses(namespaces.darktable)) return 'darktable';
  return valuesOf(packet, 'xmp', 'CreatorTool').some((tool) => /lightroom/i.test(tool)) ? 'Lightroom' : null;
}

/** Pictures that programs put there are not read through for keywords; a broken one takes nothing from the packet. */
function descriptionsOf(extension: string | null): Packet['descriptions'] {
  if (extension === null || ![...lists, categories].some(([, local]) => extension.includes(local))) return [];
  try {
    return readPacket(extension).descriptions;
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return [];
  }
}

/** Of `<Categories><Category Assigned="0">Places<Category Assigned="1">Oslo`; a broken one has none. */
function assignedIn(text: string): string[][] {
  const below = ({ children }: XmlElement, above: string[]): string[][] =>
    children.flatMap((category) => {
      const way = [...above, category.text.trim()];
      const isAssigned = category.attributes.some(
        ({ local, value }) => local === 'Assigned' && value === '1',
      );
      return [...(isAssigned ? [way] : []), ...below(category, way)];
    });
  try {
    return below(parseXml(text), []);
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return [];
  }
}

/** A value as it is written, and its levels from the root; null: it is a word. */
function valuesIn(packet: Packet): { value: string; levels: string[] | null }[] {
  const listed = lists.flatMap(([prefix, local, levels]) =>
    valuesOf(packet, prefix, local).map((value) => ({ value, levels: levels && value.split(levels) })),
  );
  const assigned = valuesOf(packet, ...categories).flatMap(assignedIn);
  return [...listed, ...assigned.map((levels) => ({ value: levels.join('|'), levels }))];
}

/** @param extension what a packet in a JPEG is continued by @throws SaccadeError `bad-sidecar` */
export function keywordsIn(text: string, extension: string | null = null): PacketKeywords {
  const packet = readPacket(text);
  packet.descriptions.push(...descriptionsOf(extension));
  const written = markIn(packet);
  const ours = new Set(written?.hierarchical);
  // What dc:subject had before is somebody's word, although our root is called so.
  const cameWithOurs = new Set(written?.higher?.map(nameKey));
  const higher = new Set<string>();
  const given = new Set<string>();
  const names = valuesIn(packet).flatMap(({ value, levels }) => {
    const isPrograms = programs.test(value);
    if (!levels) return isPrograms ? [] : [{ name: value, flat: true }];
    const way = levels.filter((level) => level.trim() !== '');
    if (isPrograms) {
      for (const level of way) higher.add(nameKey(level));
      return [];
    }
    const name = way.pop() ?? '';
    given.add(nameKey(name));
    for (const key of way.map(nameKey)) if (!ours.has(value) || cameWithOurs.has(key)) higher.add(key);
    return [{ name, flat: false }];
  });
  for (const key of given) higher.delete(key);
  const words = names.filter(({ name, flat }) => !flat || !higher.has(nameKey(name)));
  return {
    keywords: distinct(words.map(({ name }) => name)),
    higher,
    written,
    program: programOf(packet),
  };
}

/** Keys (`nameKey`) of the words that Saccade wrote. */
export const writtenKeys = ({ subject, hierarchical }: Written): string[] => [
  ...subject.map(nameKey),
  ...hierarchical.map((way) => nameKey(way.slice(way.lastIndexOf('|') + 1))),
];
