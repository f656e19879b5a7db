/** Of which months, or years, the photos of a list are, by this machine's calendar. */
import type { Period } from '../../contract/entities/photo.ts';
import type { Catalog } from '../catalog/database.ts';
import type { Condition } from './filter.ts';
import { shortOrder } from './order.ts';
import { remembered } from './remembered.ts';

type Unit = 'month' | 'year';

/** First milliseconds of the period that a moment lies in, and of the next one. */
function bounds(ms: number, unit: Unit): { period: Omit<Period, 'photos'>; from: number; to: number } {
  const date = new Date(ms);
  const year = date.getFullYear();
  const month = unit === 'month' ? date.getMonth() : 0;
  const from = new Date(year, month);
  const to = unit === 'month' ? new Date(year, month + 1) : new Date(year + 1, 0);
  return { period: { year, month: month + 1 }, from: from.getTime(), to: to.getTime() };
}

/** Oldest first; those without photos are left out. The month of a year is 1. */
export function periodsOf(catalog: Catalog, condition: Condition, unit: Unit): Period[] {
  return remembered(catalog, ['periods', unit, condition.sql, condition.values], () => {
    const short = shortOrder(catalog, condition, 'date');
    return short ? ofFew(catalog, [...short], unit) : ofMany(catalog, condition, unit);
  });
}

function ofFew(catalog: Catalog, ids: readonly number[], unit: Unit): Period[] {
  const dates = catalog.all<{ ms: number }>(
    'SELECT date_ms AS ms FROM photos WHERE id IN (SELECT value FROM json_each(?)) ORDER BY +date_ms',
    JSON.stringify(ids),
  );
  const periods: Period[] = [];
  let end = -Infinity;
  for (const { ms } of dates) {
    if (ms >= end) {
      const { period, to } = bounds(ms, unit);
      periods.push({ ...period, photos: 0 });
      end = to;
    }
    periods.at(-1)!.photos++;
  }
  return periods;
}

/** From period to period along the index of dates, so that each photo is passed once and no row is read. */
function ofMany(catalog: Catalog, { sql, values }: Condition, unit: Unit): Period[] {
  const found = `FROM photos INDEXED BY photos_by_date WHERE ${sql} AND date_ms >= ?`;
  const periods: Period[] = [];
  for (let after = -Infinity; ;) {
    const next = catalog.one<{ ms: number }>(
      `SELECT date_ms AS ms ${found} ORDER BY date_ms LIMIT 1`,
      ...values,
      Number.isFinite(after) ? after : -Number.MAX_VALUE,
    );
    if (!next) return periods;
    const { period, to } = bounds(next.ms, unit);
    const { n } = catalog.one<{ n: number }>(
      `SELECT count(*) AS n ${found} AND date_ms < ?`,
      ...values,
      next.ms,
      to,
    )!;
    periods.push({ ...period, photos: n });
    after = to;
  }
}
