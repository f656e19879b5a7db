/** Photos and maps as picture files, decoded by the code that made the model's input. */
import { compose } from '../../models/overlay/compose.ts';
import type { Region, Size } from '../../models/overlay/geometry.ts';
import { decodePhoto } from '../decode/decode.ts';
import { sharp } from '../decode/engine.ts';
import { fitEdge } from '../decode/picture.ts';
import { writeWhole } from '../whole-file.ts';
import { cannotWrite } from './cannot-write.ts';
import { toPaint, type DrawingChoice, type DrawnMap } from './maps.ts';
import type { Picture } from './page.ts';

/** RGB, 8 bit, [height · width · 3]. */
export interface Raster extends Size {
  data: Uint8Array;
}

/** Upright sRGB pixels of the whole photo, longer side at most `edge`; null: its own size. Throws as `decodePhoto`. */
export async function readRaster(file: string, edge: number | null): Promise<Raster & { photo: Size }> {
  const decoded = await decodePhoto(file, { atLeast: (size) => (edge ? fitEdge(size, edge) : size) });
  const photo = { width: decoded.width, height: decoded.height };
  const size = edge ? fitEdge(photo, edge) : photo;
  const { pixels } = decoded;
  if (pixels.width === size.width && pixels.height === size.height)
    return { data: bytesOf(pixels.data), ...size, photo };
  const data = await rawOf(pixels).resize(size.width, size.height, { fit: 'fill' }).raw().toBuffer();
  return { data, ...size, photo };
}

const bytesOf = (data: ArrayLike<number>): Uint8Array =>
  data instanceof Uint8Array ? data : Uint8Array.from(data);

export function rawOf({ data, width, height }: { data: Uint8Array | Buffer } & Size) {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A region of the whole photo in the pixels of a smaller picture of it. */
export function scaleRegion({ x, y, width, height }: Region, photo: Size, picture: Size): Region {
  const across = picture.width / photo.width;
  const down = picture.height / photo.height;
  return { x: x * across, y: y * down, width: width * across, height: height * down };
}

/** `picture` with the map over what the model saw of it. Throws a SaccadeError `map-not-drawable`. */
export function withMap(
  picture: Raster & { photo: Size },
  seen: Region,
  map: DrawnMap,
  choice: DrawingChoice,
  scaleBar: boolean,
): Raster {
  const { width, height, photo } = picture;
  const data = compose({
    photo: picture.data,
    width,
    height,
    seen: scaleRegion(seen, photo, picture),
    map: toPaint(map, choice),
    scaleBar,
  });
  return { data, width, height };
}

/** PNG at the photo's own size. */
export async function overlayPng(
  file: string,
  seen: Region,
  map: DrawnMap,
  choice: DrawingChoice,
): Promise<Buffer> {
  const picture = await readRaster(file, null);
  return rawOf(withMap(picture, seen, map, choice, true))
    .png({ compressionLevel: 6 })
    .toBuffer();
}

export async function toWebp(raster: Raster): Promise<Picture> {
  const bytes = await rawOf(raster).webp({ quality: 72, effort: 2 }).toBuffer();
  return { bytes, width: raster.width, height: raster.height };
}

/** Makes missing folders; whole or not at all. Throws a SaccadeError `cannot-write`. */
export async function writePicture(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(file, bytes);
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}
