import assert from 'node:assert/strict';
import test from 'node:test';
import { killAgainAndAgain } from '../kills.ts';

const elsewhere = process.platform !== 'linux' && 'finds processes by /proc';

test(
  'killed five times at random moments, nothing is lost, doubled, or opened again that was stored',
  { skip: elsewhere },
  async () => {
    const { kills, again } = await killAgainAndAgain({ kills: 5, photos: 150, seed: 7 });
    assert.ok(kills.host + kills.library + kills.inference > 0, 'nothing was killed');
    assert.deepEqual(again, []);
  },
);
