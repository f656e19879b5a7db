import { beforeEach, expect, test } from 'vitest';
import { unpackMap } from '../../models/overlay/stored.ts';
import { photo } from './fake-bridge.ts';
import { openInspector } from './open-inspector.ts';

beforeEach(() => localStorage.clear());

const opened = (ownLabels = true) =>
  openInspector({ ownLabels, setUp: ({ overlay }) => overlay.draw({ method: 'cls' }) });

test('until a photo is inspected the map that its run has stored is shown, then that of the inspection', async () => {
  const { inspector } = await opened();
  const before = inspector.overlay.drawn!;
  expect(before).toBe(inspector.overlay.map);
  const opening = inspector.open(1);
  expect(inspector.stale).toBe(true);
  expect(inspector.overlay.drawn!.values).toEqual(unpackMap(photo(1).map!));
  expect(inspector.overlay.range).toMatchObject({ ok: true });
  await opening;
  expect(inspector.overlay.drawn).toBe(inspector.overlay.map);
  expect(inspector.overlay.drawn!.values).not.toEqual(before.values);
});

test('where another map is chosen than the stored one there is none meanwhile, and never that of the photo before', async () => {
  const { inspector } = await opened();
  const { overlay } = inspector;
  for (const choose of [
    () => overlay.draw({ method: 'class' }),
    () => overlay.draw({ method: 'rollout' }),
    () => (overlay.draw({ method: 'cls' }), overlay.showLayer(3)),
    () => (overlay.showLayer(11), (overlay.head = 2)),
  ]) {
    choose();
    const opening = inspector.open((inspector.position! + 1) % 3);
    expect([overlay.drawn, overlay.range]).toEqual([null, null]);
    await opening;
    expect(overlay.drawn).not.toBeNull();
  }
});

test('where a set of labels speaks the stored map is of other labels, and is not shown', async () => {
  const { inspector } = await opened(false);
  const opening = inspector.open(1);
  expect(inspector.overlay.drawn).toBeNull();
  await opening;
  expect(inspector.overlay.drawn).not.toBeNull();
});
