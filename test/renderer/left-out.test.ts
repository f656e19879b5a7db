import { expect, test } from 'vitest';
import type { Failure } from '../../main/contract/result.ts';
import { kindsInWords, LeftOut } from '../../renderer/library/left-out.svelte.ts';
import { en } from '../../renderer/words/en.ts';
import { zh } from '../../renderer/words/zh-CN.ts';
import { FakeHost } from './fake-bridge.ts';

async function shown() {
  const host = new FakeHost();
  const told: Failure[] = [];
  const left = new LeftOut(host.bridge, (failure) => told.push(failure));
  const answer = await host.bridge.ask('folders.children', { parentId: null, limit: 10 });
  if (!answer.ok) throw new Error(answer.error.message);
  return { host, told, left, folder: answer.value.items[0]! };
}

test('what a folder leaves out is counted by kind, and listed page by page', async () => {
  const { left, folder } = await shown();
  await left.show(folder);
  expect(left.counts.map(({ count }) => count)).toEqual([2, 1]);
  expect([left.items.length, left.hasMore]).toEqual([2, true]);
  await left.more();
  expect(left.items.map(({ path }) => path.split('/').pop() || '@eaDir/')).toEqual([
    '@eaDir/',
    'dive.mp4',
    'wave.mp4',
  ]);
  expect(left.hasMore).toBe(false);
  await left.show(null);
  expect(left.folder).toBeNull();
  expect(left.items).toHaveLength(2);
});

test('a page that is asked for twice comes once', async () => {
  const { left, folder } = await shown();
  await left.show(folder);
  await Promise.all([left.more(), left.more()]);
  expect(left.items).toHaveLength(3);
});

test('an answer about a folder that is no longer asked about changes nothing', async () => {
  const { host, left, folder } = await shown();
  const late = left.show(folder);
  const answer = await host.bridge.ask('folders.children', { parentId: 1, limit: 10 });
  if (!answer.ok) throw new Error(answer.error.message);
  await Promise.all([late, left.show(answer.value.items[0]!)]);
  expect(left.folder?.id).toBe(2);
  expect(left.counts).toEqual([]);
});

test('patterns go to the folder shown, and what is not taken is told', async () => {
  const { host, told, left, folder } = await shown();
  await left.show(null);
  expect(await left.setPatterns('*.png')).toBe(false);
  await left.show(folder);
  expect(await left.setPatterns('*.png\n!@eaDir/')).toBe(true);
  const asked = host.asked.filter(({ verb }) => verb === 'folders.setPatterns');
  expect(asked.map(({ request }) => request)).toEqual([{ folderId: 1, patterns: '*.png\n!@eaDir/' }]);
  host.failing.set('folders.setPatterns', { code: 'catalog-unwritable', message: 'full' });
  expect(await left.setPatterns('*')).toBe(false);
  expect(told.map(({ code }) => code)).toEqual(['catalog-unwritable']);
});

test('kinds are said in both languages, the most frequent first', async () => {
  const { left, folder } = await shown();
  await left.show(folder);
  expect(kindsInWords(en, left.counts, String, 3)).toBe(
    '2 .mp4 · 1 that systems and programs keep for themselves',
  );
  expect(kindsInWords(en, left.counts, String, 1)).toBe('2 .mp4 · …');
  expect(kindsInWords(zh, left.counts, String, 3)).toBe('2 .mp4 · 1 系统或程序自用');
});
