/** Of which months, or years, the photos of a list are, by the clocks where they were taken. */
import type { Period } from '../../contract/entities/photo.ts';
import type { Catalog } from '../catalog/database.ts';
import type { Condition } from './condition.ts';
import { wholeOrder } from './order.ts';
import { remembered } from './remembered.ts';

type Unit = 'month' | 'year';

/** First milliseconds of the period that a date lies in, and of the next one. */
function bounds(ms: number, unit: Unit): { period: Omit<Period, 'photos'>; from: number; to: number } {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const month = unit === 'month' ? date.getUTCMonth() : 0;
  const from = Date.UTC(year, month);
  const to = unit === 'month' ? Date.UTC(year, month + 1) : Date.UTC(year + 1, 0);
  return { period: { year, month: month + 1 }, from, to };
}

/** Oldest first; those without photos are left out. The month of a year is 1. */
export function periodsOf(catalog: Catalog, condition: Condition, unit: Unit): Period[] {
  return remembered(catalog, ['periods', unit, condition.sql, condition.values], () => {
    const order = wholeOrder(catalog, condition, 'date');
    return order ? alongOrder(catalog, order, unit) : ofMany(catalog, condition, unit);
  });
}

/** From period to period, each one's end by halves. */
function alongOrder(catalog: Catalog, ids: Int32Array, unit: Unit): Period[] {
  const dateOf = (at: number) => catalog.one<{ ms: number }>('SELECT date_ms AS ms FROM photos WHERE id = ?', ids[at])!.ms; // prettier-ignore
  const periods: Period[] = [];
  for (let at = 0; at < ids.length;) {
    const { period, to } = bounds(dateOf(at), unit);
    let [end, beyond] = [at + 1, ids.length];
    while (end < beyond) {
      const middle = (end + beyond) >> 1;
      if (dateOf(middle) < to) end = middle + 1;
      else beyond = middle;
    }
    periods.push({ ...period, photos: end - at });
    at = end;
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
