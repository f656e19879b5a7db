/** What people read on standard error: one line of progress on a terminal, messages everywhere. */
import type { JobProgress } from '../contract/entities/path-job.ts';
import { shownName } from '../file-names.ts';

/** File names may carry control characters that would steer the terminal. */
export function harmless(text: string): string {
  return shownName(text).replace(/\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\u{FFFD}');
}

export function message(text: string): void {
  clearProgress();
  process.stderr.write(`${text.split('\n').map(harmless).join('\n')}\n`);
}

let whole: Intl.NumberFormat | undefined;
/** Numbers' words of all languages are read for the first: 20 ms, which most commands end without. */
const counted = (count: number): string => (whole ??= new Intl.NumberFormat('en')).format(count);
let shown = false;
let lastMs = 0;

export function clearProgress(): void {
  if (shown) process.stderr.write('\r\x1b[K');
  shown = false;
}

/** "3 s", "4 min", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "812 of 1,204 · 96 photos/s · 4 s left · 2 failed"; while files are still being found the total has a "+". */
export function progressLine(
  progress: Omit<JobProgress, 'state' | 'placement' | 'bottleneck' | 'error' | 'leftOut'>,
): string {
  const { done, total, scanned, photosPerSecond, secondsLeft, failed, known } = progress;
  const parts = [`${counted(done)} of ${counted(total)}${scanned ? '' : '+'}`];
  if (photosPerSecond !== null)
    parts.push(`${photosPerSecond.toFixed(photosPerSecond < 10 ? 1 : 0)} photos/s`);
  if (secondsLeft !== null && scanned) parts.push(`${duration(secondsLeft)} left`);
  if (known) parts.push(`${counted(known)} known`);
  if (failed) parts.push(`${counted(failed)} failed`);
  return parts.join(' · ');
}

/** Only on a terminal, at most ten times a second. */
export function showProgress(line: string): void {
  if (!process.stderr.isTTY || Date.now() - lastMs < 100) return;
  lastMs = Date.now();
  process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
  shown = true;
}
