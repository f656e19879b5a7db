/** Numbers, times and sizes as people of a language write them. */
import type { Words } from './en.ts';

export type Language = 'en' | 'zh-CN';

export class Formats {
  readonly count: (value: number) => string;
  /** A probability or share without decimals; never 100 % or 0 % for what is not. */
  readonly percent: (value: number) => string;
  /** One decimal below 10, one digit below 1. */
  readonly throughput: (value: number) => string;
  /** July 2014 */
  readonly month: (year: number, month: number) => string;
  readonly date: (milliseconds: number) => string;
  /** Of a clock on the wall somewhere (`clockAt`). */
  readonly clock: (milliseconds: number) => string;
  /** Three significant digits. */
  readonly figure: (value: number) => string;
  /** An area under a curve, 0 … 1. */
  readonly area: (value: number) => string;
  readonly signed: (value: number) => string;
  /** Degrees, north and east positive. */
  readonly place: (latitude: number, longitude: number) => string;
  readonly bytes: (value: number) => string;
  /** Parameters: 86.6 M. */
  readonly short: (value: number) => string;
  readonly collator: Intl.Collator;

  constructor(language: Language) {
    const count = new Intl.NumberFormat(language);
    const percent = new Intl.NumberFormat(language, { style: 'percent' });
    const slow = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
    const clock = new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    });
    const figure = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
    const tiny = new Intl.NumberFormat(language, { maximumSignificantDigits: 2, notation: 'scientific' });
    const signed = new Intl.NumberFormat(language, {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
      signDisplay: 'exceptZero',
    });
    const area = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
    this.count = (value) => count.format(value);
    this.percent = (value) => {
      if (value < 0) return value > -0.01 ? `−<${percent.format(0.01)}` : `−${percent.format(-value)}`;
      if (value > 0 && value < 0.01) return `<${percent.format(0.01)}`;
      if (value > 0.99 && value < 1) return `>${percent.format(0.99)}`;
      return percent.format(value);
    };
    this.throughput = (value) =>
      value < 1
        ? figure.format(Number(value.toPrecision(1)))
        : value < 10
          ? slow.format(value)
          : count.format(Math.round(value));
    const monthName = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'long' });
    this.month = (year, month) => monthName.format(new Date(year, month - 1));
    this.date = (milliseconds) => date.format(milliseconds);
    this.clock = (milliseconds) => clock.format(milliseconds);
    this.figure = (value) =>
      (value !== 0 && Math.abs(value) < 0.001
        ? tiny.format(value).replace('E', 'e')
        : figure.format(value)
      ).replace(/-/g, '−');
    this.area = (value) => area.format(value);
    this.signed = (value) => signed.format(value).replace('-', '−');
    const angle = new Intl.NumberFormat(language, { minimumFractionDigits: 4, maximumFractionDigits: 4 });
    const compass = language === 'zh-CN' ? ['北纬', '南纬', '东经', '西经'] : ['N', 'S', 'E', 'W'];
    this.place = (latitude, longitude) =>
      [
        [latitude, compass[latitude < 0 ? 1 : 0]],
        [longitude, compass[longitude < 0 ? 3 : 2]],
      ]
        .map(([value, side]) => {
          const degrees = `${angle.format(Math.abs(Number(value)))}°`;
          return language === 'zh-CN' ? `${side} ${degrees}` : `${degrees} ${side}`;
        })
        .join(', ');
    this.bytes = (value) => {
      const units = ['B', 'kB', 'MB', 'GB', 'TB'];
      let size = value;
      let unit = 0;
      while (size >= 1000 && unit < units.length - 1) {
        size /= 1000;
        unit++;
      }
      return `${figure.format(size)} ${units[unit]}`;
    };
    this.short = (value) => short.format(value).replace(/([KMBT])$/, ' $1');
    this.collator = new Intl.Collator(language, { numeric: true });
  }
}

/** A time left in the largest unit that tells something: 4 s, 3 min, 1 h 20 min. */
export function timeLeft(words: Words, seconds: number): string {
  if (seconds < 100) return words.seconds(Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return words.minutes(minutes);
  return words.hours(Math.floor(minutes / 60), minutes % 60);
}
