/** A run as the system shows it: progress on the taskbar, a notification at the end of a long one. */
import { Notification } from 'electron';
import type { BrowserWindow } from 'electron';
import type { RunStatus } from '../contract/entities/run.ts';
import { focusWindow } from './window.ts';
import { words } from './words.ts';

/** Runs shorter than this end without a notification, in milliseconds. */
const long = 60_000;

export function taskbar(run: RunStatus): { progress: number; mode: 'normal' | 'paused' | 'none' } {
  const progress = run.total > 0 ? run.done / run.total : 0;
  if (run.state === 'running' || run.state === 'preparing') return { progress, mode: 'normal' };
  if (run.state === 'paused') return { progress, mode: 'paused' };
  return { progress: -1, mode: 'none' };
}

/** The notification a run has earned, or null. Nobody needs one for what they cancelled or are looking at. */
export function noticeOf(
  run: RunStatus,
  nowMs: number,
  watched: boolean,
): { title: string; body: string } | null {
  if (watched || nowMs - run.startedMs < long) return null;
  const text = words();
  if (run.state === 'finished')
    return { title: text.runFinished, body: text.runCounts(run.done - run.failed, run.failed) };
  if (run.state === 'stopped') return { title: text.runStopped, body: run.error?.message ?? '' };
  return null;
}

export function showProgress(current: () => BrowserWindow | null): (run: RunStatus) => void {
  let told = 0;
  return (run) => {
    const window = current();
    if (!window || window.isDestroyed()) return;
    const { progress, mode } = taskbar(run);
    window.setProgressBar(progress, { mode });
    const notice = noticeOf(run, Date.now(), window.isFocused());
    if (!notice || told === run.id || !Notification.isSupported()) return;
    told = run.id;
    const notification = new Notification(notice);
    notification.on('click', () => focusWindow(window));
    notification.show();
  };
}
