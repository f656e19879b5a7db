/** Folders of the library that take each other's names, and are looked through one after the other. */
import assert from 'node:assert/strict';
import { existsSync, renameSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { added, makePlace, openLibrary, writePhotos } from '../setup.ts';

const contents = { 'A/x.jpg': '1 photo', 'A/y.jpg': '2 photo', 'B/x.jpg': '4 photo', 'B/y.jpg': '5 photo' };

type Move = (from: string, to: string) => void;
interface Case {
  does(move: Move): void;
  /** Which picture lies where afterwards. */
  leaves: Record<string, number>;
}

const stay = { 'A/y.jpg': 2, 'B/y.jpg': 5 };
const cases: Record<string, Case> = {
  'exchanged whole': {
    does(move) {
      move('A', 'aside');
      move('B', 'A');
      move('aside', 'B');
    },
    leaves: { 'A/x.jpg': 4, 'A/y.jpg': 5, 'B/x.jpg': 1, 'B/y.jpg': 2 },
  },
  'one under the name of another that is gone': {
    does(move) {
      move('B', 'out of the library');
      move('A', 'B');
    },
    leaves: { 'B/x.jpg': 1, 'B/y.jpg': 2 },
  },
  'one under the name of another that is added anew': {
    does(move) {
      move('B', 'C');
      move('A', 'B');
    },
    leaves: { 'B/x.jpg': 1, 'B/y.jpg': 2, 'C/x.jpg': 4, 'C/y.jpg': 5 },
  },
  'one photo exchanged': {
    does(move) {
      move('A/x.jpg', 'aside');
      move('B/x.jpg', 'A/x.jpg');
      move('aside', 'B/x.jpg');
    },
    leaves: { ...stay, 'A/x.jpg': 4, 'B/x.jpg': 1 },
  },
  'one photo over another': {
    does: (move) => move('A/x.jpg', 'B/x.jpg'),
    leaves: { ...stay, 'B/x.jpg': 1 },
  },
};

for (const [name, { does, leaves }] of Object.entries(cases))
  for (const order of ['ABC', 'CBA'])
    for (const times of ['old', 'just written'])
      for (const isRead of [true, false])
        test(`words go with their pictures: ${name}, looked at in the order ${order}, ${times}, ${isRead ? 'read before' : 'never read'}`, async (t) => {
          const place = makePlace(t);
          const at = (path: string) => join(place.folder, path);
          writePhotos({ ...place, photos: place.folder }, contents);
          const first = times === 'old' ? 1e9 : Date.now() / 1000;
          Object.keys(contents).forEach((path, i) => utimesSync(at(path), first + i / 100, first + i / 100));
          const library = await openLibrary(place);
          for (const root of ['A', 'B']) await added(library, at(root));
          if (isRead) await library.runAll();
          const shown = async () => {
            const items = (await library.items()).filter(({ status }) => status !== 'missing');
            const paths = items.map(
              async ({ id }) => (await library.call('photos.get', { photoId: id })).path,
            );
            const names = (await Promise.all(paths)).map((path) => relative(place.folder, path));
            return items.map((item, i) => ({ ...item, path: names[i]! }));
          };
          for (const { id, path } of await shown())
            await library.call('review.act', {
              selection: { ids: [id] },
              act: { kind: 'add', label: contents[path as keyof typeof contents] },
            });
          does((from, to) => renameSync(at(from), at(to)));
          for (const root of order) if (existsSync(at(root))) await added(library, at(root));
          await library.runAll();
          const found = (await shown()).map(({ path, ownLabel, top }) => [path, [ownLabel, top?.index]]);
          const expected = Object.entries(leaves).map(([path, index]) => [path, [`${index} photo`, index]]);
          assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
        });
