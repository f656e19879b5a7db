/** Keywords put into a packet; what is there keeps its bytes. */
import { SaccadeError } from '../../models/error.ts';
import { nameKey } from '../../models/heads/label-names.ts';
import {
  itemsIn,
  listIn,
  namespaces,
  type Packet,
  type Prefix,
  propertiesOf,
  readPacket,
  valuesOf,
} from './properties.ts';
import { escapeXml, spaceBefore, type Splice, spliced, type XmlElement } from './tree.ts';
import { markName, type Written } from './written.ts';

export interface Wanted {
  /** Of dc:subject. */
  subject: readonly string[];
  /** Of lr:hierarchicalSubject: ways from the root, joined by `|`. */
  hierarchical: readonly string[];
  /** 1 … 5, and a colour's name: only where there is none. */
  rating?: number | undefined;
  label?: string | undefined;
}

export const emptyPacket = `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Saccade">
 <rdf:RDF xmlns:rdf="${namespaces.rdf}">
 </rdf:RDF>
</x:xmpmeta>
`;

const lists = { subject: ['dc', 'subject'], hierarchical: ['lr', 'hierarchicalSubject'] } as const;
export type ListName = keyof typeof lists;
export const listNames = Object.entries(lists) as [ListName, readonly [Prefix, string]][];

/** Those that are not there yet; names that differ in case alone are one. */
function missing(
  packet: Packet,
  [prefix, local]: readonly [Prefix, string],
  wanted: readonly string[],
): string[] {
  const there = new Set(valuesOf(packet, prefix, local).map(nameKey));
  return wanted.filter((value) => {
    const key = nameKey(value);
    const isNew = key !== '' && !there.has(key);
    there.add(key);
    return isNew;
  });
}

const prefixed = (element: XmlElement, local: string): string =>
  element.name.includes(':') ? `${element.name.slice(0, element.name.indexOf(':'))}:${local}` : local;

/** Into an element, before its end, which a self-closing one is given. */
function within(text: string, element: XmlElement, inner: string): Splice {
  if (!element.selfClosing) return { from: element.closing, to: element.closing, text: inner };
  const slash = text.lastIndexOf('/', element.end - 1);
  return { from: slash, to: element.end, text: `>${inner}</${element.name}>` };
}

/** The values as items of the list that is there. `before`: how a list without any was written. */
function intoList(
  packet: Packet,
  property: XmlElement,
  values: readonly string[],
): { splice: Splice; before?: string } {
  const { text, rdf } = packet;
  const list = listIn(property);
  const items = list ? itemsIn(list) : [];
  const last = items.at(-1);
  if (last) {
    const space = text.slice(spaceBefore(text, last.start), last.start);
    const added = values.map((value) => `${space}<${last.name}>${escapeXml(value)}</${last.name}>`).join('');
    return { splice: { from: last.end, to: last.end, text: added } };
  }
  if (
    !list &&
    (property.text.trim() !== '' || property.children.length > 0 || property.attributes.length > 0)
  )
    throw odd(property.name);
  const li = prefixed(list ?? rdf, 'li');
  const added = values.map((value) => `<${li}>${escapeXml(value)}</${li}>`).join('');
  const bag = prefixed(rdf, 'Bag');
  return {
    splice: list ? within(text, list, added) : within(text, property, `<${bag}>${added}</${bag}>`),
    before: text.slice(property.start, property.end),
  };
}

const odd = (name: string): SaccadeError =>
  new SaccadeError(
    'bad-sidecar',
    `Expected ${name} to be a list (rdf:Bag); found something else, to which nothing can be added.`,
  );

/** Which packet all properties are about: what its other descriptions say, else the photo itself. */
function aboutOf({ descriptions }: Packet): string {
  const about = descriptions[0]?.attributes.find(({ local, uri }) => local === 'about' && (uri === namespaces.rdf || uri === '')); // prettier-ignore
  return about?.value ?? '';
}

/** A description of our own, at the end of rdf:RDF. */
function ownDescription(packet: Packet, properties: readonly string[], used: ReadonlySet<Prefix>): Splice {
  const { text, rdf, descriptions } = packet;
  const name = prefixed(rdf, 'Description');
  // An attribute takes a namespace by its prefix alone, never by default.
  const own = !name.includes(':');
  const about = own ? 'r:about' : prefixed(rdf, 'about');
  const last = rdf.children.at(-1);
  const at = last ? last.end : rdf.opened;
  const first = descriptions[0] ?? last;
  const space = first
    ? text.slice(spaceBefore(text, first.start), first.start)
    : /^\s*/.exec(text.slice(rdf.opened))![0];
  const newline = space.includes('\n') ? (space.includes('\r\n') ? '\r\n' : '\n') : '';
  const indent = newline ? space.slice(space.lastIndexOf('\n') + 1) : '';
  const lead = newline ? `${newline}${indent}` : '';
  const inner = newline ? `${newline}${indent} ` : '';
  const value = escapeXml(aboutOf(packet)).replace(/"/g, '&quot;');
  const declared = [...used].map((prefix) => `${inner} xmlns:${prefix}="${namespaces[prefix]}"`).join('');
  const ours = own ? ` xmlns:r="${namespaces.rdf}"` : '';
  const block = `${lead}<${name} ${about}="${value}"${ours}${declared}>${properties.map((each) => inner + each).join('')}${lead}</${name}>`;
  return rdf.selfClosing ? within(text, rdf, block) : { from: at, to: at, text: block };
}

export interface Added {
  text: string;
  /** What was not there before; null: nothing. */
  written: Written | null;
  /** Wanted, and left as it was: a person's. */
  kept: ('rating' | 'label')[];
}

/**
 * Null: there is no file yet. Values that are there already are left alone.
 * @throws SaccadeError `bad-sidecar`
 */
export function addKeywords(source: string | null, wanted: Wanted): Added {
  const packet = readPacket(source ?? emptyPacket);
  const { rdf } = packet;
  const splices: Splice[] = [];
  const own: string[] = [];
  const used = new Set<Prefix>();
  const written: Written = { subject: [], hierarchical: [] };
  for (const [list, [prefix, local]] of listNames) {
    const values = missing(packet, [prefix, local], wanted[list]);
    if (values.length === 0) continue;
    written[list] = values;
    const there = propertiesOf(packet, prefix, local);
    const [first] = there;
    const property = there.find(({ element }) => element && listIn(element)) ?? first;
    if (property) {
      if (!property.element) throw odd(property.attribute!.name);
      const { splice, before } = intoList(packet, property.element, values);
      splices.push(splice);
      if (before !== undefined) written.before = { ...written.before, [list]: before };
      continue;
    }
    used.add(prefix);
    const [bag, li] = [prefixed(rdf, 'Bag'), prefixed(rdf, 'li')];
    const items = values.map((value) => `<${li}>${escapeXml(value)}</${li}>`).join('');
    own.push(`<${prefix}:${local}><${bag}>${items}</${bag}></${prefix}:${local}>`);
  }
  const above = written.hierarchical.flatMap((way) => way.split('|').slice(0, -1));
  const higher = missing(packet, lists.subject, [...above]).filter((level) => !written.subject.includes(level)); // prettier-ignore
  if (higher.length) written.higher = higher;
  const kept: Added['kept'] = [];
  const single = (name: 'rating' | 'label', local: string) => {
    if (wanted[name] === undefined) return false;
    const isThere = valuesOf(packet, 'xmp', local).some((value) => value !== '0' || name === 'label');
    if (isThere || propertiesOf(packet, 'xmp', local).length) kept.push(name);
    else {
      used.add('xmp');
      own.push(`<xmp:${local}>${escapeXml(String(wanted[name]))}</xmp:${local}>`);
      return true;
    }
    return false;
  };
  if (single('rating', 'Rating')) written.rating = wanted.rating;
  if (single('label', 'Label')) written.label = wanted.label;
  const nothing = !written.subject.length && !written.hierarchical.length && own.length === 0;
  if (nothing) return { text: source ?? '', written: null, kept };
  if (source === null) written.file = true;
  if (rdf.selfClosing) written.bare = true;
  used.add('saccade');
  own.push(`<saccade:${markName}>${escapeXml(JSON.stringify(written))}</saccade:${markName}>`);
  splices.push(ownDescription(packet, own, used));
  return { text: spliced(packet.text, splices), written, kept };
}
