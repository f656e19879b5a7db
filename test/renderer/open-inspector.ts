import { expect, vi } from 'vitest';
import { Inspector } from '../../renderer/inspector/inspector.svelte.ts';
import { Pages } from '../../renderer/state/pages.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

/** An inspector on the first of fifty photos. @param setUp before it is opened */
export async function openInspector({
  delay = 0,
  ownLabels = true,
  setUp = () => {},
}: {
  /** Milliseconds every answer takes. */
  delay?: number;
  /** Whether the lists show the model's own labels. */
  ownLabels?: boolean;
  setUp?: (inspector: Inspector) => void;
} = {}) {
  const host = new FakeHost({ photos: 50, delay });
  const pages = new Pages(host.bridge);
  pages.show({ filter: {}, sort: { key: 'name', descending: false } });
  await vi.waitFor(() => expect(pages.total).toBe(50));
  const inspector = new Inspector(host.bridge, pages, () => ownLabels);
  setUp(inspector);
  await inspector.open(0);
  return { host, inspector };
}
