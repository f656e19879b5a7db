import { expect, test } from 'vitest';
import type { DownloadStatus } from '../../main/contract/entities/download.ts';
import type { Failure } from '../../main/contract/result.ts';
import { InstalledModels } from '../../renderer/models/installed-models.svelte.ts';
import { FakeHost, model } from './fake-bridge.ts';

async function listed() {
  const host = new FakeHost();
  const told: Failure[] = [];
  const models = new InstalledModels(host.bridge, (failure) => told.push(failure));
  await models.refresh();
  return { host, told, models };
}
const states = (models: InstalledModels) => models.downloads.map(({ id, state }) => [id, state]);

test('models, catalogue and downloads are listed; a list that fails leaves what was there', async () => {
  const { host, models } = await listed();
  expect(models.items).toEqual([model]);
  expect(models.failure).toBeNull();
  host.failing.set('models.list', { code: 'catalog-locked', message: 'in use' });
  await models.refresh();
  expect(models.failure?.code).toBe('catalog-locked');
  expect(models.items).toEqual([model]);
  host.failing.clear();
  await models.refresh();
  expect(models.failure).toBeNull();
});

test('a model that another program put under the name of one that was shown is shown with its own labels', async () => {
  const { host, told, models } = await listed();
  await models.show('starter');
  host.models.splice(0, 1, { ...model, name: 'Another' });
  await models.refresh();
  expect(models.detail('starter')?.name).toBe('Another');
  host.failing.set('models.show', { code: 'no-model', message: 'gone' });
  await models.refresh();
  expect(models.detail('starter')).toBeUndefined();
  expect(told).toEqual([]);
});

test('a model’s detail is asked for once, and forgotten with the model', async () => {
  const { host, told, models } = await listed();
  await models.show('starter');
  await models.show('starter');
  const shown = () => host.asked.filter(({ verb }) => verb === 'models.show').length;
  expect([models.detail('starter')?.card, shown()]).toEqual(['# Starter', 1]);
  await models.remove('starter');
  expect(models.detail('starter')).toBeUndefined();
  host.failing.set('models.show', { code: 'no-such-model', message: 'gone' });
  await models.show('starter');
  expect(told.map(({ code }) => code)).toEqual(['no-such-model']);
});

test('a download stands in the list once, moves with its events, and leaves it when its end is taken off', async () => {
  const { host, models } = await listed();
  expect(await models.download('owner/name')).toBe(true);
  expect(states(models)).toEqual([['1', 'resolving']]);
  const status = models.downloads[0]!;
  models.progressed({ ...status, state: 'downloading', bytes: 5 });
  expect(states(models)).toEqual([['1', 'downloading']]);
  await models.step('models.pauseDownload', '1');
  expect(states(models)).toEqual([['1', 'paused']]);
  await models.step('models.resumeDownload', '1');
  await models.step('models.cancelDownload', '1');
  expect(states(models)).toEqual([['1', 'cancelled']]);
  await models.step('models.cancelDownload', '1');
  expect(states(models)).toEqual([]);
  expect(host.asked.filter(({ verb }) => verb === 'models.cancelDownload')).toHaveLength(2);
});

test('events of two downloads keep apart, in the order they came', async () => {
  const { models } = await listed();
  await models.download('owner/one');
  const one: DownloadStatus = models.downloads[0]!;
  models.progressed({ ...one, id: '2', repository: 'owner/two', state: 'checking' });
  models.progressed({ ...one, state: 'installed', model: 'one' });
  expect(states(models)).toEqual([
    ['1', 'installed'],
    ['2', 'checking'],
  ]);
});

test('a refused download or import is told, and nothing is listed for it', async () => {
  const { host, told, models } = await listed();
  host.failing.set('models.download', { code: 'no-such-repository', message: 'not there' });
  host.failing.set('models.import', { code: 'not-a-model', message: 'no weights' });
  expect(await models.download('owner/name')).toBe(false);
  const importing = models.import('/home/ada/model');
  expect(models.importing).toBe(true);
  expect(await importing).toBeNull();
  expect([models.importing, models.downloads.length]).toEqual([false, 0]);
  expect(told.map(({ code }) => code)).toEqual(['no-such-repository', 'not-a-model']);
});

test('what a download leaves open is asked in the form; what was typed is there again where it did not do', async () => {
  const { host, models } = await listed();
  await models.download('owner/name');
  const questions = { fields: ['heads' as const], found: {}, classes: 10 };
  const failed: DownloadStatus = {
    ...models.downloads[0]!,
    state: 'failed',
    error: { code: 'missing-heads', message: 'How many heads?', questions },
  };
  models.progressed(failed);
  const answering = models.answerDownload(failed);
  const form = models.open!;
  expect([form.path, form.asks('heads'), form.ready]).toEqual(['owner/name', true, false]);
  form.heads = 3;
  models.answer(form.told);
  await answering;
  expect(models.open).toBeNull();
  expect(host.asked.at(-1)).toEqual({
    verb: 'models.resumeDownload',
    request: { downloadId: failed.id, answers: { heads: 3 } },
  });

  const again = models.answerDownload(failed);
  expect([models.open, models.open?.heads, models.open?.failure?.code]).toEqual([form, 3, 'missing-heads']);
  models.answer(null);
  await again;
  expect(host.asked.filter(({ verb }) => verb === 'models.resumeDownload')).toHaveLength(1);
});
