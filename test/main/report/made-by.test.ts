import assert from 'node:assert/strict';
import test from 'node:test';
import { dayOf } from '../../../main/contract/day.ts';
import { madeBy } from '../../../main/report/made-by.ts';
import { inZones } from '../in-zones.ts';

test('a day is that of the calendar on the wall', (t) => {
  inZones(t, (zone) => {
    for (const hour of [0, 23]) assert.equal(dayOf(new Date(2024, 0, 1, hour, 30)), '2024-01-01', zone);
  });
  assert.match(madeBy(), /^Made by Saccade \S+, \d{4}-\d{2}-\d{2}\. /);
});
