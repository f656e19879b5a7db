/** In a namespace of its own (`unshare -rm`): photos on a file system that is unmounted in the middle of a run, and mounted again. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { openLibrary, writePhotos, type Place } from '../setup.ts';

const [, , folder] = process.argv as [string, string, string];
const place: Place = {
  ...{ folder, home: join(folder, 'home'), photos: join(folder, 'photos'), model: join(folder, 'starter') },
  closing: [],
};
const disk = { ...place, photos: join(folder, 'disk') };
mkdirSync(disk.photos);
writePhotos(disk, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}.jpg`, `${i % 20} ${i}`])));
const mount = () => execFileSync('mount', ['--bind', disk.photos, place.photos]);

mount();
let batches = 0;
const start = inferenceStandIn({
  beforeAnswer: () => void (++batches === 4 && execFileSync('umount', ['-l', place.photos])),
});
const library = await openLibrary(place, { start });
await library.scan();
const run = await library.runAll();
const missing = (await library.items({ status: ['missing'] })).length;
mount();
const again = await library.runAll();
const ok = (await library.items({ status: ['ok'] })).length;
await library.close();
console.log(JSON.stringify({ code: run.error?.code, failed: run.failed, missing, again: again.state, ok }));
