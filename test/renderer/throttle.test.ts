import { expect, test, vi } from 'vitest';
import { throttled } from '../../renderer/state/throttle.ts';

test('work is done at most every so often, never beside itself, and the last call is not lost', async () => {
  vi.useFakeTimers();
  try {
    const done: (() => void)[] = [];
    const call = throttled(400, () => new Promise<void>((resolve) => done.push(resolve)));
    call();
    call();
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveLength(1);
    for (let i = 0; i < 20; i++) {
      call();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(done).toHaveLength(1);
    done[0]!();
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveLength(2);
    call();
    done[1]!();
    await vi.advanceTimersByTimeAsync(399);
    expect(done).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveLength(3);
    done[2]!();
    await vi.advanceTimersByTimeAsync(4000);
    expect(done).toHaveLength(3);
  } finally {
    vi.useRealTimers();
  }
});
