/** Where a picture was taken, by an XMP packet: geotagging programs write it there where a file has no EXIF, or for a sidecar's sake. */
import { xmpText } from '../../xmp/encoding.ts';
import { type Packet, readPacket, valuesOf } from '../../xmp/properties.ts';

export interface Degrees {
  latitude: number;
  longitude: number;
}

/** XMP specification, part 2, 1.2.7.4: `51,30.5N`, or `51,30,30N`. */
const form = /^(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$/i;

function degreesOf(text: string, most: number, sides: string): number | null {
  const [, whole, minutes, seconds = '0', side = ''] = form.exec(text.replace(/\s/g, '')) ?? [];
  const at = sides.indexOf(side.toUpperCase());
  if (!whole || at < 0 || Number(minutes) >= 60 || Number(seconds) >= 60) return null;
  const angle = Number(whole) + Number(minutes) / 60 + Number(seconds) / 3600;
  if (angle > most) return null;
  return at === 0 ? angle : -angle;
}

function firstOf(packet: Packet, name: string, most: number, sides: string): number | null {
  for (const value of valuesOf(packet, 'exif', name)) {
    const angle = degreesOf(value, most, sides);
    if (angle !== null) return angle;
  }
  return null;
}

/** Null where it does not say both, or is broken. */
export function xmpPlace(bytes: Buffer): Degrees | null {
  // Most packets speak of no place, and to read one takes longer.
  if (!bytes.includes('GPSLatitude') && !bytes.includes('GPSLatitude', 0, 'utf16le')) return null;
  try {
    const packet = readPacket(xmpText(bytes).text);
    const latitude = firstOf(packet, 'GPSLatitude', 90, 'NS');
    const longitude = firstOf(packet, 'GPSLongitude', 180, 'EW');
    return latitude === null || longitude === null ? null : { latitude, longitude };
  } catch {
    return null;
  }
}
