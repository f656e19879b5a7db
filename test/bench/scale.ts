/** Many photos: the scan that finds nothing changed, and memory at 1,000 and at `many`. */
import {
  linkSync,
  mkdirSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { startSaccade, timeListing, timeRescan, timeSaccade } from './sides.ts';

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

/** The same files, all in one folder. */
export async function filesInOne(root: string, count: number): Promise<string> {
  const folder = join(root, `flat-${count}`);
  if (existsSync(join(folder, 'done'))) return folder;
  const many = await manyFiles(root, count);
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const name = `${i}.jpg`;
    if (!existsSync(join(folder, name)))
      linkSync(join(many, String(Math.floor(i / 1000)).padStart(4, '0'), name), join(folder, name));
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

/** Seconds of processor time of a process so far; Linux only. */
function processorSeconds(pid: number): number {
  const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11, 13).map(Number); // prettier-ignore
  return (user + system) / 100;
}

/** Until it has had next to nothing to do for two seconds. */
async function settled(pid: number): Promise<void> {
  if (process.platform !== 'linux') return;
  for (let before = -1; ;) {
    const now = processorSeconds(pid);
    if (now - before < 0.1) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/**
 * What a library costs before anything is classified. The listed ones are kept beside the photos: in the background a
 * window reads what cameras and people wrote into each, which takes minutes for a million.
 */
export async function listing(root: string, many: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const flat = Math.min(many, 200_000);
  for (const [what, name, folder] of [
    ['1000 photos', 'listed-1000', await manyFiles(root, 1000)],
    [`${many} photos`, `listed-${many}`, await manyFiles(root, many)],
    [`${flat} photos in one folder`, `listed-flat-${flat}`, await filesInOne(root, flat)],
  ] as const) {
    const home = join(root, name);
    const found: Figure[] = [];
    if (!existsSync(home)) {
      const part = `${home}.part`;
      rmSync(part, { recursive: true, force: true });
      const { firstPhotosMs, firstMs } = await timeListing(part, folder, settled);
      found.push(
        { what: `first photos shown of ${what}`, figure: `${(firstPhotosMs / 1000).toFixed(2)} s` },
        { what: `first listing of ${what}`, figure: `${(firstMs / 1000).toFixed(1)} s` },
      );
      renameSync(part, home);
    }
    const times: number[] = [];
    let megabytes = NaN;
    for (let i = 0; i < 3; i++)
      times.push(await timeRescan(home, (pid) => (megabytes = residentMegabytes(pid))));
    found.push(
      {
        what: `rescan of ${what}, unchanged, at three starts`,
        figure: times.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', '),
      },
      {
        what: `memory of the library process after a rescan of ${what}`,
        figure: `${Math.round(megabytes)} MB`,
      },
    );
    process.stderr.write(found.map((each) => `${each.what}: ${each.figure}\n`).join(''));
    figures.push(...found);
  }
  return figures;
}

/**
 * Memory after a thousand photos and after all of them, in one library and inference process that began with the batch
 * that an earlier process had measured: what differs is the number of photos alone.
 */
export async function scale(root: string, many: number): Promise<Figure[]> {
  const home = join(root, 'scale-home');
  rmSync(home, { recursive: true, force: true });
  const folder = await manyFiles(root, many);
  const run = { model: 'starter', precision: 'fp32' as const, again: false };
  const thousands = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => join(folder, String(from + i).padStart(4, '0')));
  const measuring = startSaccade(home);
  try {
    await timeSaccade(measuring, { ...run, paths: thousands(0, 4) });
  } finally {
    await measuring.close();
  }
  const library = startSaccade(home);
  try {
    const memory = () => Math.round(residentMegabytes(library.pid()!));
    const { progress } = await timeSaccade(library, { ...run, paths: thousands(4, 5) });
    const before = memory();
    const first = await timeSaccade(library, { ...run, paths: [folder] });
    const after = memory();
    const again = await timeSaccade(library, { ...run, paths: [folder] });
    const { batch, streams = 1 } = progress.placement!;
    return [
      {
        what: `memory of library and inference after 1000 photos and after ${many}, batches of ${batch}, sessions: ${streams}`,
        figure: `${before} MB, ${after} MB (${(after / before).toFixed(2)} ×)`,
      },
      {
        what: `first run over ${many - 5000} small photos`,
        figure: `${Math.round((1000 * (many - 5000)) / first.ms)} photos/s`,
      },
      {
        what: `second run over ${many} photos that are known`,
        figure: `${(again.ms / 1000).toFixed(1)} s`,
      },
    ];
  } finally {
    await library.close();
  }
}
