import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { catalogueTable, downloadLine, downloadTable } from '../../../main/cli/commands/models-download.ts';
import type { DownloadStatus } from '../../../main/contract/entities/download.ts';
import { knownModels } from '../../../models/catalogue.ts';
import { HubServer, partly } from '../hub/hub-server.ts';
import { model } from '../library/downloads-setting.ts';
import { cli, temporaryFolder } from './saccade.ts';

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

test('Ctrl-C pauses a download, and the same command goes on from there', async (t) => {
  const hub = await new HubServer(model).start();
  t.after(() => hub.stop());
  const home = temporaryFolder('download');
  const run = () => {
    const words = [cli, 'models', 'download', hub.repository];
    const env = { ...process.env, SACCADE_HOME: home, HF_HOME: join(home, 'hf'), HF_ENDPOINT: hub.endpoint };
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, text, ended };
  };
  hub.fail('model.safetensors', partly(10_000, 'stall'));
  const first = run();
  const arrived = () =>
    globSync(join(home, 'downloads', '*', 'files', '*.part')).some(
      // A part that is whole by now has lost its name.
      (path) => statSync(path, { throwIfNoEntry: false })?.size === 10_000,
    );
  while (!arrived() && first.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  first.child.kill('SIGINT');
  assert.equal(await first.ended, 130, first.text.err);
  assert.match(first.text.err, /Paused; the same command goes on from there/);

  const second = run();
  assert.equal(await second.ended, 0, second.text.err);
  assert.equal(second.text.out, 'tiny-vit\n');
  assert.equal(hub.contentRequests('model.safetensors').at(-1)!.headers.range, 'bytes=10000-');
});
