/** XML as elements with their places in the text, so that a change touches nothing but itself. */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { SaccadeError } from '../../models/error.ts';

export interface XmlAttribute {
  uri: string;
  local: string;
  value: string;
  /** As written, with its prefix. */
  name: string;
}

export interface XmlElement {
  uri: string;
  local: string;
  /** As written, with its prefix. */
  name: string;
  attributes: XmlAttribute[];
  children: XmlElement[];
  /** Of itself, not of its children; entities and CDATA resolved. */
  text: string;
  /** Places in the text, code units: `<`, after the opening tag's `>`, the closing tag's `<`, after its end. */
  start: number;
  opened: number;
  closing: number;
  end: number;
  selfClosing: boolean;
}

const broken = (found: string, cause?: unknown): SaccadeError =>
  new SaccadeError('bad-sidecar', `Expected well-formed XML; found ${found.replace(/[.\s]+$/, '')}.`, {
    cause,
  });

const deepest = 200;

/** The root. @throws SaccadeError `bad-sidecar` */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | null = null;
  let begun = 0;
  parser.on('error', (error) => {
    throw broken(error.message, error);
  });
  parser.on('opentagstart', () => {
    begun = text.lastIndexOf('<', parser.position - 1);
  });
  parser.on('opentag', (tag: SaxesTagNS) => {
    const { uri, local, name, attributes, isSelfClosing: selfClosing } = tag;
    const element: XmlElement = {
      ...{ uri, local, name, selfClosing },
      attributes: Object.values(attributes).map(({ uri, local, value, name }) => ({
        uri,
        local,
        value,
        name,
      })),
      children: [],
      text: '',
      start: begun,
      opened: parser.position,
      closing: parser.position,
      end: parser.position,
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
    if (open.length > deepest) throw broken(`elements ${deepest} deep`);
  });
  parser.on('closetag', ({ isSelfClosing }) => {
    const element = open.pop()!;
    element.end = parser.position;
    element.closing = isSelfClosing ? element.end : text.lastIndexOf('</', parser.position - 1);
  });
  const add = (part: string) => {
    const element = open.at(-1);
    if (element) element.text += part;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text).close();
  if (!root) throw broken('no element');
  return root;
}

export const escapeXml = (text: string): string =>
  text
    // What XML has no way to write.
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character]!)
    .replace(/\r/g, '&#xD;');

/** Where the white space before `at` begins. */
export function spaceBefore(text: string, at: number): number {
  let from = at;
  while (from > 0 && /\s/.test(text[from - 1]!)) from--;
  return from;
}

/** A range of a text and what stands there instead. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

/** Ranges do not meet; of several at one place the first comes first. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let at = 0;
  const parts: string[] = [];
  for (const splice of [...splices].sort((a, b) => a.from - b.from)) {
    parts.push(text.slice(at, splice.from), splice.text);
    at = splice.to;
  }
  return parts.join('') + text.slice(at);
}
