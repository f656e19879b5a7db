import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { obstacle } from '../../../build/start.ts';
import { readStart, wordsOf } from '../../../main/shell/arguments.ts';

test('a path that exists opens a window on its folder; everything else is a command', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'saccade ünï #%-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'photo.jpg'), '');
  const window = (found: string | null) => ({ kind: 'window', folder: found });
  const command = (...args: string[]) => ({ kind: 'command', args });

  assert.deepEqual(readStart([], '/'), window(null));
  assert.deepEqual(readStart([folder], '/'), window(folder));
  assert.deepEqual(readStart(['.'], folder), window(folder));
  assert.deepEqual(readStart(['photo.jpg'], folder), window(folder), 'as "open with" hands it over');
  assert.deepEqual(readStart([pathToFileURL(folder).href], '/'), window(folder), 'as Linux file managers do');
  assert.deepEqual(readStart(['file://elsewhere/photos'], '/'), command('file://elsewhere/photos'));
  assert.deepEqual(readStart(['--ozone-platform=wayland', folder], '/'), window(folder));
  assert.deepEqual(readStart(['--no-sandbox'], '/'), window(null));

  assert.deepEqual(readStart(['classify', folder], '/'), command('classify', folder));
  assert.deepEqual(readStart(['clasify'], '/'), command('clasify'), 'mistyped: the command line says so');
  assert.deepEqual(readStart(['--version'], '/'), command('--version'));
  assert.deepEqual(readStart(['--help'], '/'), command('--help'));
  assert.deepEqual(
    readStart(['--ozone-platform=headless', 'classify', '--json', folder], '/'),
    command('classify', '--json', folder),
  );
});

test('unpackaged, the words begin after the path of the application', () => {
  assert.deepEqual(wordsOf(['electron', '.', 'a'], false), ['a']);
  assert.deepEqual(wordsOf(['electron', '--inspect=0', '.', '--help'], false), ['--help']);
  assert.deepEqual(wordsOf(['Saccade', 'a', 'b'], true), ['a', 'b']);
});

test('what keeps Electron from starting is named before anything is fetched', () => {
  assert.match(obstacle('linux', {}, 1000)!, /no display/);
  assert.match(obstacle('linux', { DISPLAY: ':0' }, 0)!, /root/);
  assert.equal(obstacle('linux', { WAYLAND_DISPLAY: 'wayland-0' }, 1000), null);
  assert.equal(obstacle('darwin', {}, 501), null);
  assert.equal(obstacle('win32', {}, undefined), null);
});
