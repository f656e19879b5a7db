/** What Saccade wrote taken out of a packet again, and nothing else. */
import { emptyPacket, listNames } from './add.ts';
import { programOf } from './keywords.ts';
import {
  itemsIn,
  listIn,
  namespaces,
  type Packet,
  type Property,
  propertiesOf,
  readPacket,
  valueOf,
  valuesOf,
} from './properties.ts';
import { spaceBefore, type Splice, spliced, type XmlElement } from './tree.ts';
import { markIn, markName, type Written } from './written.ts';

/** With the white space before it, which came with it. */
const whole = (text: string, { start, end }: XmlElement): Splice => ({
  ...{ from: spaceBefore(text, start), to: end, text: '' },
});

function attributeSplice({ text }: Packet, { description, attribute }: Property): Splice {
  const { start, opened } = description;
  const places = text.slice(start, opened).matchAll(/\s+([^\s=<>/]+)\s*=\s*("[^"]*"|'[^']*')/g);
  for (const place of places)
    if (place[1] === attribute!.name)
      return { from: start + place.index, to: start + place.index + place[0].length, text: '' };
  return { from: start, to: start, text: '' };
}

/**
 * darktable writes the levels above a keyword into dc:subject too, and every tag of its own into
 * lr:hierarchicalSubject: what only ours were below came with them.
 */
function cameAlong(packet: Packet, { higher = [], hierarchical }: Written): string[] {
  if (programOf(packet) !== 'darktable') return [];
  const ours = new Set(hierarchical);
  const others = valuesOf(packet, 'lr', 'hierarchicalSubject').filter((way) => !ours.has(way));
  const said = new Set(others.flatMap((way) => way.split('|')));
  return higher.filter((level) => !said.has(level));
}

/** Of each written value the last item that says it; and whether lists are left without any. */
function listSplices(packet: Packet, written: Written, gone: Set<XmlElement>): Splice[] {
  const { text } = packet;
  return listNames.flatMap(([list, [prefix, local]]) => {
    const before = written.before?.[list];
    const waiting = [...written[list], ...(list === 'subject' ? cameAlong(packet, written) : [])];
    return propertiesOf(packet, prefix, local)
      .reverse()
      .flatMap(({ element }) => {
        const items = element ? itemsIn(listIn(element) ?? element) : [];
        const ours = items
          .slice()
          .reverse()
          .filter((item) => {
            const at = waiting.indexOf(valueOf(item));
            if (at >= 0) waiting.splice(at, 1);
            return at >= 0;
          });
        if (ours.length === 0) return [];
        if (ours.length < items.length) return ours.map((item) => whole(text, item));
        if (before !== undefined) return [{ from: element!.start, to: element!.end, text: before }];
        gone.add(element!);
        return [];
      });
  });
}

/** A value that is another by now is a person's. */
function singles(packet: Packet, written: Written): Property[] {
  const ours = ({ element, attribute }: Property) => (element ? valueOf(element) : attribute!.value);
  return [
    ...(['Rating', 'Label'] as const).flatMap((local) => {
      const wrote = local === 'Rating' ? written.rating : written.label;
      return propertiesOf(packet, 'xmp', local).filter(
        (each) => wrote !== undefined && ours(each) === String(wrote),
      );
    }),
    ...propertiesOf(packet, 'saccade', markName),
  ];
}

const tellsNothing = ({ attributes }: XmlElement, without: ReadonlySet<string>) =>
  attributes.every(
    ({ name, local, uri }) =>
      name.startsWith('xmlns') ||
      without.has(name) ||
      (local === 'about' && (uri === namespaces.rdf || uri === '')),
  );

export interface Removed {
  /** Null: nothing is left of the file that Saccade made. */
  text: string | null;
  /** What was taken out; null: nothing of Saccade's is there. */
  written: Written | null;
}

/**
 * `known`: what the catalog says was written, for packets whose mark another program has dropped.
 * @throws SaccadeError `bad-sidecar`
 */
export function removeKeywords(source: string, known: Written | null = null): Removed {
  const packet = readPacket(source);
  const written = markIn(packet) ?? known;
  if (!written) return { text: source, written: null };
  const gone = new Set<XmlElement>();
  const splices = listSplices(packet, written, gone);
  const attributes = new Map<XmlElement, Set<string>>();
  for (const property of singles(packet, written)) {
    if (property.element) gone.add(property.element);
    else {
      splices.push(attributeSplice(packet, property));
      const { description, attribute } = property;
      attributes.set(description, (attributes.get(description) ?? new Set()).add(attribute!.name));
    }
  }
  for (const description of packet.descriptions) {
    const { children } = description;
    const touched = children.some((child) => gone.has(child)) || attributes.has(description);
    const emptied =
      touched &&
      children.every((child) => gone.has(child)) &&
      tellsNothing(description, attributes.get(description) ?? new Set());
    if (!emptied)
      splices.push(...children.filter((child) => gone.has(child)).map((child) => whole(source, child)));
    else {
      const { from, to } = whole(source, description);
      // What lies in it goes with it.
      for (let i = splices.length - 1; i >= 0; i--)
        if (splices[i]!.from >= from && splices[i]!.to <= to) splices.splice(i, 1);
      splices.push({ from, to, text: '' });
    }
  }
  const text = closedAgain(spliced(source, splices), written);
  return { text: written.file && text === emptyPacket ? null : text, written };
}

/** `<rdf:RDF …/>` as it was, where nothing came into it meanwhile. */
function closedAgain(text: string, written: Written): string {
  if (!written.bare) return text;
  const { rdf } = readPacket(text);
  if (rdf.selfClosing || rdf.closing !== rdf.opened) return text;
  return `${text.slice(0, rdf.opened - 1)}/>${text.slice(rdf.end)}`;
}
