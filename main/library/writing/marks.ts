/**
 * Stars and colours that somebody gave a photo elsewhere than in the sidecar that is written: programs take a sidecar's
 * before those of the photo's own file, and of two sidecars nobody knows which.
 */
import { SaccadeError } from '../../../models/error.ts';
import { embeddedIn } from '../../decode/metadata/embedded.ts';
import type { Wanted } from '../../xmp/add.ts';
import { xmpText } from '../../xmp/encoding.ts';
import { type Packet, readPacket, valuesOf } from '../../xmp/properties.ts';
import { removeKeywords } from '../../xmp/remove.ts';
import { readSidecar } from './sidecar-file.ts';

export interface Marked {
  photos: readonly string[];
  sidecars: readonly string[];
}

const marks = ['rating', 'label'] as const;
type Mark = (typeof marks)[number];

/** Of no stars programs write 0, or nothing. */
const isSaid = (value: string) => value !== '' && Number(value) !== 0;

const ofStars = ['xmp', 'microsoft', 'microsoftBare'] as const;

const marksIn = (packet: Packet): Mark[] => [
  ...(ofStars.some((prefix) => valuesOf(packet, prefix, 'Rating').some(isSaid)) ? (['rating'] as const) : []),
  ...(valuesOf(packet, 'xmp', 'Label').length > 0 ? (['label'] as const) : []),
];

/** A packet that is broken says nothing. */
async function said(text: () => string | null | Promise<string | null>): Promise<Mark[]> {
  try {
    const packet = await text();
    return packet === null ? [] : marksIn(readPacket(packet));
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return [];
  }
}

/** Which of what is wanted is there already. @throws SaccadeError `unreadable` */
export async function marksOf({ photos, sidecars }: Marked, wanted: Wanted): Promise<Mark[]> {
  const asked = marks.filter((mark) => wanted[mark] !== undefined);
  if (asked.length === 0) return [];
  const found = new Set<Mark>();
  for (const photo of photos) {
    const { xmp, hasStars } = await embeddedIn(photo);
    if (hasStars) found.add('rating');
    for (const mark of await said(() => xmp && xmpText(xmp).text.replace(/\0+$/, ''))) found.add(mark);
  }
  const inSidecar = async (path: string) => {
    const file = await readSidecar(path);
    return file && removeKeywords(file.text).text;
  };
  for (const path of sidecars) for (const mark of await said(() => inSidecar(path))) found.add(mark);
  return asked.filter((mark) => found.has(mark));
}
