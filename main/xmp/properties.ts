/** The properties of an XMP packet that speak of keywords, in whichever of RDF's forms they are written. */
import { SaccadeError } from '../../models/error.ts';
import { parseXml, type XmlAttribute, type XmlElement } from './tree.ts';

export const namespaces = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  dc: 'http://purl.org/dc/elements/1.1/',
  lr: 'http://ns.adobe.com/lightroom/1.0/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  digiKam: 'http://www.digikam.org/ns/1.0/',
  // Written with the slash by some (exiv2, digiKam), and without it by others (exiftool).
  microsoft: 'http://ns.microsoft.com/photo/1.0/',
  microsoftBare: 'http://ns.microsoft.com/photo/1.0',
  darktable: 'http://darktable.sf.net/',
  acdsee: 'http://ns.acdsee.com/iptc/1.0/',
  mediaPro: 'http://ns.iview-multimedia.com/mediapro/1.0/',
  saccade: 'urn:saccade:xmp:1.0/',
} as const;
export type Prefix = keyof typeof namespaces;

export interface Packet {
  text: string;
  rdf: XmlElement;
  /** rdf:Description, in order. */
  descriptions: XmlElement[];
}

const isRdf = ({ uri, local }: XmlElement, name: string) => uri === namespaces.rdf && local === name;

/** A list of values: rdf:Bag, rdf:Seq or rdf:Alt. */
const lists = ['Bag', 'Seq', 'Alt'];
export const listIn = (property: XmlElement): XmlElement | undefined =>
  property.children.find((child) => lists.some((name) => isRdf(child, name)));
export const itemsIn = (list: XmlElement): XmlElement[] =>
  list.children.filter((child) => isRdf(child, 'li'));

/** @throws SaccadeError `bad-sidecar` */
export function readPacket(text: string): Packet {
  const root = parseXml(text);
  const rdf = isRdf(root, 'RDF') ? root : root.children.find((child) => isRdf(child, 'RDF'));
  if (!rdf) throw new SaccadeError('bad-sidecar', `Expected XMP with an rdf:RDF; found <${root.name}>.`);
  return { text, rdf, descriptions: rdf.children.filter((child) => isRdf(child, 'Description')) };
}

export interface Property {
  description: XmlElement;
  /** As an element of its own, or as an attribute of the description. */
  element: XmlElement | null;
  attribute: XmlAttribute | null;
}

export function propertiesOf({ descriptions }: Packet, prefix: Prefix, local: string): Property[] {
  const uri = namespaces[prefix];
  const isIt = (each: { uri: string; local: string }) => each.uri === uri && each.local === local;
  return descriptions.flatMap((description) => [
    ...description.attributes.filter(isIt).map((attribute) => ({ description, element: null, attribute })),
    ...description.children.filter(isIt).map((element) => ({ description, element, attribute: null })),
  ]);
}

/** A qualified value stands in an rdf:value of its own. */
export function valueOf(element: XmlElement): string {
  const value = element.children.flatMap((child) =>
    isRdf(child, 'value') ? [child] : isRdf(child, 'Description') ? child.children : [],
  ).find((child) => isRdf(child, 'value')); // prettier-ignore
  return (value ?? element).text.trim();
}

/** Items of all lists of that name, or its one value. */
export function valuesOf(packet: Packet, prefix: Prefix, local: string): string[] {
  return propertiesOf(packet, prefix, local)
    .flatMap(({ element, attribute }) => {
      if (!element) return [attribute!.value.trim()];
      const list = listIn(element);
      return list ? itemsIn(list).map(valueOf) : [valueOf(element)];
    })
    .filter((value) => value !== '');
}
