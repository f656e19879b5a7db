/** Sample pictures as phones write them: with the place in them. */
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { samples } from './hosts.ts';

/** Degrees, north and east positive. */
export type Place = [latitude: number, longitude: number];

const asWritten = (degrees: number): string => {
  const [whole, minutes] = [Math.floor(degrees), Math.floor((degrees % 1) * 60)];
  return `${whole}/1 ${minutes}/1 ${Math.round((degrees * 60 - whole * 60 - minutes) * 6000)}/100`;
};

/** A JPEG in a folder. @param name without its ending; default: the sample's */
export async function writePlaced(
  folder: string,
  sample: string,
  [latitude, longitude]: Place,
  name = basename(sample, extname(sample)),
): Promise<void> {
  await sharp(join(samples, sample))
    .withExif({
      IFD3: {
        GPSLatitudeRef: latitude < 0 ? 'S' : 'N',
        GPSLatitude: asWritten(Math.abs(latitude)),
        GPSLongitudeRef: longitude < 0 ? 'W' : 'E',
        GPSLongitude: asWritten(Math.abs(longitude)),
      },
    })
    .jpeg()
    .toFile(join(folder, `${name}.jpg`));
}
