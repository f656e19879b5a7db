import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountPoints, places } from '../../../main/broker/places.ts';
import { temporaryFolder } from '../../temporary.ts';

test('folders that the system names and that hold something are offered, pictures first', async (t) => {
  const home = temporaryFolder(t, 'places');
  const paths = async () => (await places(home, 'linux')).filter(({ kind }) => kind !== 'drive');
  assert.deepEqual(await paths(), []);
  for (const name of ['Bilder', 'Desktop', 'Downloads', '.config']) mkdirSync(join(home, name));
  writeFileSync(join(home, '.config', 'user-dirs.dirs'), '# written by xdg-user-dirs\nXDG_PICTURES_DIR="$HOME/Bilder"\nXDG_DOWNLOAD_DIR="$HOME/"\n'); // prettier-ignore
  writeFileSync(join(home, 'Bilder', 'a.jpg'), '');
  writeFileSync(join(home, 'Desktop', '.directory'), '');
  const found = await paths();
  assert.deepEqual(
    found.map(({ kind, path }) => [kind, path]),
    [
      ['pictures', join(home, 'Bilder')],
      ['home', home],
    ],
  );
});

test('drives are what is mounted where systems mount drives', () => {
  const table = [
    '/dev/sda1 / ext4 rw 0 0',
    'proc /proc proc rw 0 0',
    '/dev/sdb1 /media/me/My\\040photos vfat rw 0 0',
    'nas:/photos /mnt/nas nfs rw 0 0',
    '/dev/sdc1 /run/media/me/SD exfat rw 0 0',
  ].join('\n');
  assert.deepEqual(mountPoints(table), ['/media/me/My photos', '/mnt/nas', '/run/media/me/SD']);
});
