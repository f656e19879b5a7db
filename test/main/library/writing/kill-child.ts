/** Organises photos until it is killed. Arguments: home, folder of the photos, target, way. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { organisePlan, placings } from '../../../../main/library/writing/organise.ts';
import type { Way } from '../../../../main/library/files/place.ts';

const [home, photos, folder, way] = process.argv.slice(2) as [string, string, string, Way];
const names = readdirSync(photos).filter((name) => !name.endsWith('.xmp'));
const all = names.map((name) => ({ path: join(photos, name), labels: ['boat'], dateMs: 0 }));
const plan = organisePlan(home, await placings(all, { folder, way, template: '{label}/{name}' }));
for (const step of plan.steps) {
  await step(false);
  process.stdout.write('.');
}
