import type { TestContext } from 'node:test';

/** Runs `check` as on machines east of Greenwich, west of it, and there. */
export function inZones(t: TestContext, check: (zone: string) => void): void {
  const before = process.env['TZ'];
  t.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  for (const zone of ['Asia/Shanghai', 'America/Los_Angeles', 'UTC']) {
    process.env['TZ'] = zone;
    check(zone);
  }
}
