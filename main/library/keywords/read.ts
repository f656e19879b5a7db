/** The keywords that a photo has outside the library: in its sidecars and in its own file. */
import { SaccadeError } from '../../../models/error.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import type { FileKeyword } from '../../contract/entities/keywords.ts';
import { embeddedIn } from '../../decode/metadata/embedded.ts';
import { xmpText } from '../../xmp/encoding.ts';
import { iptcKeywords } from '../../xmp/iptc.ts';
import { distinct, keywordsIn, type PacketKeywords, writtenKeys } from '../../xmp/keywords.ts';
import type { Written } from '../../xmp/written.ts';
import { ofSidecar, readSidecar } from '../writing/sidecar-file.ts';

export interface ReadOptions {
  /** Paths of the sidecars there are. */
  sidecars: readonly string[];
  /** What the catalog says Saccade wrote into a sidecar, whose mark another program may have dropped. */
  writtenTo(sidecar: string): Written | null;
  /** Into the photo itself. */
  writtenInto(photo: string): Promise<Written | null>;
  /** Keys of the words that the file itself was known to have: they stay a person's, whatever Saccade wrote since. */
  known: ReadonlySet<string>;
}

export interface KeywordsRead {
  /** Each once: a sidecar's before the file's. */
  keywords: FileKeyword[];
  /** Sidecars that can't be read, and the file. */
  errors: SaccadeError[];
}

const packetText = (bytes: Buffer) => xmpText(bytes).text.replace(/\0+$/, '');

/** `older`: what holds where the rest says nothing, as Windows takes it; programs that know no EXIF leave it behind. */
async function inFile(path: string): Promise<{ names: string[]; older: string[] }> {
  const { xmp, extendedXmp, iptc, xpKeywords } = await embeddedIn(path);
  const names: string[] = [];
  let higher: ReadonlySet<string> = new Set();
  if (xmp)
    try {
      const packet = keywordsIn(packetText(xmp), extendedXmp ? packetText(extendedXmp) : null);
      names.push(...packet.keywords);
      ({ higher } = packet);
    } catch (error) {
      // A broken packet in a photo says nothing, and nothing of Saccade's is put into it.
      if (!(error instanceof SaccadeError)) throw error;
    }
  const flat = iptc ? iptcKeywords(iptc).filter((name) => !higher.has(nameKey(name))) : [];
  return { names: distinct([...names, ...flat]), older: distinct(xpKeywords) };
}

/** What Saccade wrote is not told: it is nobody's word. Never throws SaccadeError: what can't be read is told. */
export async function readKeywords(path: string, options: ReadOptions): Promise<KeywordsRead> {
  const errors: SaccadeError[] = [];
  const trying = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SaccadeError)) throw error;
      errors.push(error);
      return null;
    }
  };
  const packets: PacketKeywords[] = [];
  const ours = new Set<string>();
  const inPhoto = await options.writtenInto(path);
  if (inPhoto) for (const key of writtenKeys(inPhoto)) ours.add(key);
  for (const sidecar of options.sidecars) {
    const read = await trying(async () => {
      const file = await readSidecar(sidecar);
      return file && ofSidecar(sidecar, () => keywordsIn(file.text));
    });
    for (const written of [read?.written, options.writtenTo(sidecar)])
      if (written) for (const key of writtenKeys(written)) ours.add(key);
    if (read) packets.push(read);
  }
  const found = new Map<string, FileKeyword>();
  const add = (label: string, from: FileKeyword['from'], program: string | null) => {
    const key = nameKey(label);
    if (!found.has(key)) found.set(key, { label, from, program });
  };
  for (const { keywords, program } of packets)
    for (const label of keywords) if (!ours.has(nameKey(label))) add(label, 'sidecar', program);
  // A program may have taken into the file what Saccade wrote beside it.
  const isTheirs = (label: string) => !ours.has(nameKey(label)) || options.known.has(nameKey(label));
  const file = await trying(() => inFile(path));
  const told = file?.names.filter(isTheirs) ?? [];
  for (const label of told.length ? told : (file?.older.filter(isTheirs) ?? [])) add(label, 'file', null);
  return { keywords: [...found.values()], errors };
}
