/** Many photos: the scan that finds nothing changed, and memory at 1,000 and at `many`. */
import { mkdirSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { startSaccade, timeListing, timeSaccade } from './sides.ts';

export interface Figure {
  what: string;
  figure: string;
}

/** Small JPEGs, all different, a thousand to a folder: a comment behind the picture makes the content new. */
export async function manyFiles(root: string, count: number): Promise<string> {
  const folder = join(root, `many-${count}`);
  if (existsSync(join(folder, 'done'))) return folder;
  const picture = await sharp({ create: { width: 48, height: 48, channels: 3, background: '#7a8' } })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < count; i++) {
    const below = join(folder, String(Math.floor(i / 1000)).padStart(4, '0'));
    if (i % 1000 === 0) mkdirSync(below, { recursive: true });
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(i);
    writeFileSync(join(below, `${i}.jpg`), Buffer.concat([picture, tail]));
  }
  writeFileSync(join(folder, 'done'), '');
  return folder;
}

/** Resident megabytes of a process and its children; not a number where the system has no /proc. */
function residentMegabytes(pid: number): number {
  if (process.platform !== 'linux') return NaN;
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return own + children.reduce((sum, child) => sum + residentMegabytes(Number(child)), 0);
}

/** What a library costs before anything is classified. */
export async function listing(root: string, many: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of [1000, many]) {
    const { firstPhotosMs, firstMs, againMs, megabytes } = await timeListing(
      await manyFiles(root, count),
      residentMegabytes,
    );
    figures.push(
      {
        what: `first photos shown of a folder of ${count}`,
        figure: `${(firstPhotosMs / 1000).toFixed(2)} s`,
      },
      { what: `first listing of ${count} photos`, figure: `${(firstMs / 1000).toFixed(1)} s` },
      { what: `rescan of ${count} unchanged photos`, figure: `${(againMs / 1000).toFixed(1)} s` },
      { what: `memory with ${count} photos listed, library`, figure: `${Math.round(megabytes)} MB` },
    );
  }
  return figures;
}

export async function scale(root: string, many: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of [1000, many]) {
    const home = join(root, 'scale-home');
    rmSync(home, { recursive: true, force: true });
    const folder = await manyFiles(root, count);
    const library = startSaccade(home);
    try {
      const run = { model: 'starter', precision: 'fp32' as const, again: false, paths: [folder] };
      const first = await timeSaccade(library, run);
      const pid = library.pid();
      if (pid && process.platform === 'linux')
        figures.push({
          what: `memory after ${count} photos classified, library and inference`,
          figure: `${Math.round(residentMegabytes(pid))} MB`,
        });
      figures.push({
        what: `first run over ${count} small photos`,
        figure: `${Math.round((1000 * count) / first.ms)} photos/s`,
      });
      const again = await timeSaccade(library, run);
      figures.push({
        what: `second run over ${count} photos that are known`,
        figure: `${(again.ms / 1000).toFixed(1)} s`,
      });
    } finally {
      await library.close();
    }
  }
  return figures;
}
