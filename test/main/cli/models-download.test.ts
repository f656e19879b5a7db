import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogueTable, downloadLine, downloadTable } from '../../../main/cli/models-download.ts';
import type { DownloadStatus } from '../../../main/entities.ts';
import { knownModels } from '../../../models/catalogue.ts';

const status: DownloadStatus = {
  id: '0123456789abcdef',
  state: 'downloading',
  repository: 'owner/name',
  revision: null,
  bytes: 12_000_000,
  totalBytes: 22_900_000,
  cachedBytes: 0,
  bytesPerSecond: 4_200_000,
  secondsLeft: 2.6,
  file: 'model.safetensors',
  model: null,
  error: null,
};

test('a line of progress has file, bytes, speed and time left', () => {
  assert.equal(downloadLine(status), 'model.safetensors · 12.0 of 22.9 MB · 4.2 MB/s · 3 s left');
});

test('what is not known yet is left out', () => {
  const early = {
    ...status,
    state: 'resolving',
    totalBytes: null,
    bytesPerSecond: null,
    secondsLeft: null,
  } as const;
  assert.equal(downloadLine(early), 'resolving');
});

test('a waiting download shows why it waits, and can not steer the terminal', () => {
  const error = { code: 'disk-full', message: 'The disk is full.\u001b[2J' };
  const table = downloadTable([
    { ...status, state: 'paused', error, bytesPerSecond: null, secondsLeft: null },
  ]);
  assert.match(table, /owner\/name +paused · 12\.0 of 22\.9 MB +disk-full: The disk is full\./);
  assert.ok(!table.includes('\u001b'));
  assert.equal(downloadTable([]), 'No downloads.\n');
});

test('the catalogue lists every model, and leaves empty what nobody published', () => {
  const entries = knownModels.map((known) => ({
    ...known,
    bytes: null,
    installed: known.id === 'vit-base' ? ['mine'] : [],
  }));
  const lines = catalogueTable(entries).trimEnd().split('\n');
  assert.equal(lines.length, knownModels.length + 1);
  assert.match(
    lines.find((line) => line.includes('facebook/deit-tiny-patch16-224'))!,
    /^deit-tiny +5\.7 M +224 × 224 +16 +72\.2 % +apache-2\.0/,
  );
  assert.match(
    lines.find((line) => line.startsWith('vit-base '))!,
    /installed: mine$/,
  );
  assert.ok(!catalogueTable(entries).includes('null'));
});
