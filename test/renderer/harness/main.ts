/** The interface on a host made of nothing: `?photos=100000&theme=dark&language=zh-CN&empty&desktop&run`. */
import { FakeHost } from '../fake-bridge.ts';

const asked = new URLSearchParams(location.search);
const host = new FakeHost({
  photos: Number(asked.get('photos') ?? 10_000),
  empty: asked.has('empty'),
  desktop: asked.has('desktop'),
  delay: Number(asked.get('delay') ?? 5),
  settings: {
    theme: (asked.get('theme') ?? 'system') as 'system',
    language: (asked.get('language') ?? 'en') as 'en',
  },
});
Object.assign(window, { saccade: host.bridge, host });
if (asked.has('run')) host.running(812, 1204);
await import('../../../renderer/main.ts');
