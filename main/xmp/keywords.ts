/** The keywords that programs keep in a packet, told apart from those that Saccade wrote there. */
import { nameKey, tidyName } from '../../models/heads/label-names.ts';
import { namespaces, type Packet, type Prefix, readPacket, valuesOf } from './properties.ts';
import { markIn, type Written } from './written.ts';

/** dc:subject has words; the others ways from a root, of which the last level is the word. */
const lists: readonly [Prefix, string, RegExp | null][] = [
  ['dc', 'subject', null],
  ['lr', 'hierarchicalSubject', /\|/],
  ['digiKam', 'TagsList', /\//],
  ['microsoft', 'LastKeywordXMP', /\//],
  ['microsoftBare', 'LastKeywordXMP', /\//],
];

/** More of one photo are a program's, not a person's. */
const mostKeywords = 1000;
/** Longer ones are texts. */
const longest = 200;

export interface PacketKeywords {
  /** Each once, in the packet's order; also what Saccade wrote. */
  keywords: string[];
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

function programOf(packet: Packet): string | null {
  const uses = (uri: string) =>
    packet.descriptions.some(({ attributes, children }) =>
      [...attributes, ...children].some((each) => each.uri === uri),
    );
  if (uses(namespaces.digiKam)) return 'digiKam';
  if (uses(namespaces.darktable)) return 'darktable';
  return valuesOf(packet, 'xmp', 'CreatorTool').some((tool) => /lightroom/i.test(tool)) ? 'Lightroom' : null;
}

/** @throws SaccadeError `bad-sidecar` */
export function keywordsIn(text: string): PacketKeywords {
  const packet = readPacket(text);
  const names = lists.flatMap(([prefix, local, levels]) =>
    valuesOf(packet, prefix, local).map((value) =>
      levels ? (value.split(levels).findLast((level) => level.trim() !== '') ?? '') : value,
    ),
  );
  return { keywords: distinct(names), written: markIn(packet), program: programOf(packet) };
}

/** Keys (`nameKey`) of the words that Saccade wrote. */
export const writtenKeys = ({ subject, hierarchical }: Written): string[] => [
  ...subject.map(nameKey),
  ...hierarchical.map((way) => nameKey(way.slice(way.lastIndexOf('|') + 1))),
];
