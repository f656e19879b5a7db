/** What is told beside the page, and for how long. */
import { afterEach, expect, test, vi } from 'vitest';
import { Notices } from '../../renderer/state/notices.svelte.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('good news passes, but not before the page was in sight', () => {
  vi.useFakeTimers();
  const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  const notices = new Notices();
  const tell = () => notices.tell(() => 'Taken back.');
  tell();
  vi.advanceTimersByTime(6_001);
  expect(notices.items).toHaveLength(0);
  state.mockReturnValue('hidden');
  tell();
  vi.advanceTimersByTime(60_000);
  expect(notices.items).toHaveLength(1);
  state.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  vi.advanceTimersByTime(5_000);
  expect(notices.items).toHaveLength(1);
  vi.advanceTimersByTime(1_001);
  expect(notices.items).toHaveLength(0);
});
