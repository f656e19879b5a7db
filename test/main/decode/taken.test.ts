import assert from 'node:assert/strict';
import test from 'node:test';
import { takenMs } from '../../../main/decode/taken.ts';
import { sharp } from '../../../main/decode/engine.ts';

async function takenOf(date: string, more: Record<string, string> = {}): Promise<number | null> {
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
    .withExif({ IFD2: { DateTimeOriginal: date, OffsetTimeOriginal: '+00:00', ...more } })
    .jpeg()
    .toBuffer();
  return takenMs((await sharp(jpeg).metadata()).exif);
}

test('a date that no calendar has is none', async () => {
  assert.equal(await takenOf('2024:02:29 12:30:00'), Date.UTC(2024, 1, 29, 12, 30));
  const senseless = [
    '0000:00:00 00:00:00',
    '2023:02:29 12:00:00',
    '12024:01:01 00:00:00',
    '2024:13:01 00:00:00',
  ];
  for (const date of [...senseless, '2024:01:01 24:61:00', '0001:01:01 00:00:00', '    :  :     :  :  '])
    assert.equal(await takenOf(date), null, date);
});

test('where the first date makes no sense the next one counts, with its own offset', async () => {
  const digitized = { DateTimeDigitized: '2019:05:06 07:08:09', OffsetTimeDigitized: '+09:00' };
  for (const unset of ['0000:00:00 00:00:00', '    :  :     :  :  '])
    assert.equal(await takenOf(unset, digitized), Date.UTC(2019, 4, 5, 22, 8, 9));
  assert.equal(await takenOf('2014:07:03 12:30:00', digitized), Date.UTC(2014, 6, 3, 12, 30));
});

test('an offset that is blank leaves the next one, and Z is none', async () => {
  const of = (offsets: Record<string, string>) => takenOf('2014:07:03 12:30:00', offsets);
  const behind = { OffsetTime: '-03:30' };
  assert.equal(await of({ OffsetTimeOriginal: '   :  ', ...behind }), Date.UTC(2014, 6, 3, 16));
  assert.equal(await of({ OffsetTimeOriginal: 'Z', ...behind }), Date.UTC(2014, 6, 3, 12, 30));
});

test('dates in other forms than the standard’s are read', async () => {
  for (const date of ['2014-07-03 12:30:00', '2014-07-03T12:30:00', '2014/07/03 12:30:00'])
    assert.equal(await takenOf(date), Date.UTC(2014, 6, 3, 12, 30), date);
  assert.equal(await takenOf('2023-02-29 12:00:00'), null);
});
