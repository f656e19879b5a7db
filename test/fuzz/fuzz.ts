/**
 * `npm run fuzz [-- --seconds 60 --seed 1 --only NAME]`: readers, parsers and verbs are fed broken input. A failure
 * other than SaccadeError, or one case that takes over five seconds, ends it with the seed that shows it again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SaccadeError } from '../../models/error.ts';
import { seeded } from '../main/broker/requests.ts';
import { makeTargets } from './targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const slowMs = 5000;
const folder = mkdtempSync(join(tmpdir(), 'saccade-fuzz-'));
const { targets, close } = await makeTargets(folder);
const chosen = targets.filter(({ name }) => name.includes(values.only));
let failures = 0;
try {
  for (const { name, once } of chosen) {
    const until = performance.now() + (Number(values.seconds) * 1000) / chosen.length;
    let cases = 0;
    let refused = 0;
    for (let seed = Number(values.seed); performance.now() < until && failures < 10; seed++, cases++) {
      const start = performance.now();
      try {
        await once(seeded(seed));
      } catch (error) {
        refused++;
        if (!(error instanceof SaccadeError)) {
          failures++;
          console.error(`${name}, --seed ${seed}:`, error);
        }
      }
      const took = performance.now() - start;
      if (took > slowMs) {
        failures++;
        console.error(`${name}, --seed ${seed}: took ${Math.round(took)} ms`);
      }
    }
    console.log(`${name}: ${cases} cases, ${refused} refused`);
  }
} finally {
  await close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures ? 1 : 0);
