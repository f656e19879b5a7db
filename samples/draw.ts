/**
 * Draws the sample pictures: `node samples/draw.ts [FOLDER]`. Everything in them is made here, by code; the same code
 * gives the same picture. What each shows stands in samples.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Canvas } from './canvas.ts';
import { horse, stag } from './scenes/hoofed.ts';
import { lighthouse } from './scenes/coast.ts';
import { cat, dog } from './scenes/pets.ts';
import { boxTruck, redCar, tipperTruck } from './scenes/road.ts';
import { freighter, yacht } from './scenes/sea.ts';
import { bridge, mushroom, umbrella } from './scenes/outside.ts';
import { airliner, propellerPlane } from './scenes/sky.ts';
import { frog, gull, robin } from './scenes/small.ts';
import { pizza, teapot } from './scenes/table.ts';

interface Sample {
  file: string;
  /** The starter's label for what is drawn; null: none of its classes. */
  label: string | null;
  draw: () => Canvas;
  /** Stored turned by a quarter, with the EXIF orientation that turns it back. */
  sideways?: boolean;
}

export const samples: Sample[] = [
  { file: 'airliner.jpg', label: null, draw: airliner },
  { file: 'propeller-plane.webp', label: null, draw: propellerPlane },
  { file: 'red-car.jpg', label: 'car', draw: redCar },
  { file: 'robin.jpg', label: null, draw: robin },
  { file: 'gull.png', label: 'seabird', draw: gull },
  { file: 'cat.jpg', label: 'cat', draw: cat, sideways: true },
  { file: 'stag.jpg', label: null, draw: stag },
  { file: 'dog.webp', label: 'dog', draw: dog },
  { file: 'frog.jpg', label: 'frog', draw: frog },
  { file: 'horse.avif', label: null, draw: horse },
  { file: 'freighter.jpg', label: null, draw: freighter },
  { file: 'yacht.webp', label: null, draw: yacht },
  { file: 'box-truck.jpg', label: null, draw: boxTruck },
  { file: 'tipper-truck.jpg', label: null, draw: tipperTruck },
  { file: 'lighthouse.jpg', label: 'lighthouse', draw: lighthouse },
  { file: 'bridge.jpg', label: 'bridge', draw: bridge },
  { file: 'mushroom.jpg', label: 'mushroom', draw: mushroom },
  { file: 'pizza.jpg', label: 'pizza', draw: pizza },
  { file: 'teapot.webp', label: 'teapot', draw: teapot },
  { file: 'umbrella.webp', label: 'umbrella', draw: umbrella },
];

async function encode({ file, draw, sideways }: Sample): Promise<Buffer> {
  const drawn = await sharp(Buffer.from(draw().svg())).removeAlpha().png().toBuffer();
  const picture = sideways
    ? sharp(await sharp(drawn).rotate(270).toBuffer()).withMetadata({ orientation: 6 })
    : sharp(drawn);
  if (file.endsWith('.png')) return picture.png({ palette: true, colours: 96, effort: 10 }).toBuffer();
  if (file.endsWith('.webp')) return picture.webp({ quality: 78, effort: 6 }).toBuffer();
  if (file.endsWith('.avif')) return picture.avif({ quality: 55 }).toBuffer();
  return picture.jpeg({ quality: 78, mozjpeg: true }).toBuffer();
}

if (import.meta.main) {
  const folder = process.argv[2] ?? import.meta.dirname;
  mkdirSync(folder, { recursive: true });
  for (const sample of samples) {
    const bytes = await encode(sample);
    writeFileSync(join(folder, sample.file), bytes);
    console.log(`${sample.file} ${Math.round(bytes.length / 1024)} KB`);
  }
  const known = samples.map(({ file, label }) => ({ file, label }));
  writeFileSync(join(folder, 'samples.json'), JSON.stringify(known, null, 2) + '\n');
}
