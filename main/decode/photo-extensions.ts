/** Which files may be photos, by the end of their names. What one really is shows when it is read. */

import { rawExtensions } from './containers/raw.ts';

/** What cameras, phones, browsers and exporters call the formats that Saccade reads. */
const photos = new Set(
  [
    'jpg jpeg jpe jif jfif jfi pjpeg pjpg pjp', // JPEG; `jfif`, `pjpeg` and `pjp` are what browsers on Windows write
    'mpo jps insp', // JPEG of cameras with two lenses: several pictures in one file, or both on one
    'png apng',
    'webp gif bmp dib rle tif tiff btf tf8 avif avifs',
    'heic heics heif heifs hif', // `hif` is what Canon, Fujifilm and Sony write
    ...rawExtensions, // camera RAW, by the preview inside
  ].flatMap((line) => line.split(' ')),
);

/** Sizes that sites put behind the ending when a picture is saved from them: `.jpg_large`, `.png-orig`. */
const sizes = /[_-](large|medium|small|orig|\d+)$/;

/** Lower case, without the dot; '' where what follows the last dot is no ending: a number, words, or nothing. */
export function extensionOf(name: string): string {
  return /[^.]\.([a-z0-9]*[a-z][\w-]{0,15})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** Videos, the moving half of live photos among them. */
const videos = new Set('mov mp4 m4v 3gp 3g2 avi mkv webm mts m2ts mpg mpeg wmv insv lrv'.split(' '));

export const isVideoName = (name: string): boolean => videos.has(extensionOf(name));

export function isPhotoName(name: string): boolean {
  return photos.has(extensionOf(name).replace(sizes, ''));
}
