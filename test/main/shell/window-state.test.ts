import './electron-stand-in/register.ts';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../../temporary.ts';

const { app } = await import('electron');
const { readWindowState } = await import('../../../main/shell/window-state.ts');

const folder = temporaryFolder({ after }, 'window');
app.setPath('userData', folder);
const save = (text: string) => writeFileSync(join(folder, 'window.json'), text);
const place = { x: 10, y: 20, width: 900, height: 600, maximized: true };

test('the window comes back where it was', () => {
  save(JSON.stringify(place));
  assert.deepEqual(readWindowState(), place);
});

test('a window whose screen is gone keeps its size and gets a new place', () => {
  const size = { width: 900, height: 600, maximized: true };
  for (const lost of [{ x: 5000 }, { x: -850 }, { y: -600 }, { y: 1070 }]) {
    save(JSON.stringify({ ...place, ...lost }));
    assert.deepEqual(readWindowState(), size, JSON.stringify(lost));
  }
});

test('a file that is missing, damaged or absurd is no reason to fail', () => {
  for (const text of [
    '',
    '{',
    'null',
    '{"x":1}',
    JSON.stringify({ ...place, width: 1 }),
    JSON.stringify({ ...place, x: 'a' }),
  ]) {
    save(text);
    assert.deepEqual(readWindowState(), { width: 1280, height: 820, maximized: false });
  }
});
