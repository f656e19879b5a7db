import assert from 'node:assert/strict';
import test from 'node:test';
import { takenMs } from '../../../../main/decode/metadata/taken.ts';
import { sharp } from '../../../../main/decode/engine.ts';
import { inZones } from '../../in-zones.ts';

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

test('where the first date makes no sense the next one counts', async () => {
  const digitized = { DateTimeDigitized: '2019:05:06 07:08:09', OffsetTimeDigitized: '+09:00' };
  for (const unset of ['0000:00:00 00:00:00', '    :  :     :  :  '])
    assert.equal(await takenOf(unset, digitized), Date.UTC(2019, 4, 6, 7, 8, 9));
  assert.equal(await takenOf('2014:07:03 12:30:00', digitized), Date.UTC(2014, 6, 3, 12, 30));
});

test('a date is what the clock showed where it was taken, whatever the machine and the offset', async (t) => {
  const dates: (number | null)[] = [];
  const exif = async (more: Record<string, string>) => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
      .withExif({ IFD2: { DateTimeOriginal: '2024:12:31 23:30:00', ...more } })
      .jpeg()
      .toBuffer();
    return (await sharp(jpeg).metadata()).exif;
  };
  const offsets: Record<string, string>[] = [{}, { OffsetTimeOriginal: '+08:00' }, { OffsetTimeOriginal: '   :  ', OffsetTime: '-03:30' }, { OffsetTimeOriginal: 'Z' }]; // prettier-ignore
  const written = await Promise.all(offsets.map(exif));
  inZones(t, () => dates.push(...written.map((each) => takenMs(each))));
  assert.deepEqual(dates, Array(12).fill(Date.UTC(2024, 11, 31, 23, 30)));
});

test('dates in other forms than the standard’s are read', async () => {
  const forms = ['2014-07-03 12:30:00', '2014-07-03T12:30:00', '2014/07/03 12:30:00', '2014:07:03 12:30'];
  const longer = [
    '2014-07-03T12:30:00+02:00',
    '2014:07:03 12:30:00.25',
    '2014:07:03 12:30:00Z',
    '2014:07:03 12:30:00-0330',
  ];
  for (const date of [...forms, ...longer, '2014: 7: 3 12:30:00', '2014:07:03 12:30:00 '])
    assert.equal(await takenOf(date), Date.UTC(2014, 6, 3, 12, 30), date);
  assert.equal(await takenOf('2014:07:03'), Date.UTC(2014, 6, 3));
  for (const date of [
    '2023-02-29 12:00:00',
    '2014:07',
    '2014',
    '07/03/2014 12:30:00',
    '2014:07:03 12:30:00 PM',
  ])
    assert.equal(await takenOf(date), null, date);
});

test('when the picture was taken goes before when it became a file, and that before when it was changed', async () => {
  const packet = (properties: string) =>
    Buffer.from(
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">${properties}</rdf:Description></rdf:RDF>`,
    );
  const of = async (exif: { IFD0?: Record<string, string>; IFD2?: Record<string, string> }, xmp: string) => {
    const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });
    const jpeg = await picture.withExif(exif).jpeg().toBuffer();
    return takenMs((await sharp(jpeg).metadata()).exif, { xmp: packet(xmp) });
  };
  const changed = { IFD0: { DateTime: '2020:01:02 03:04:05' } };
  const scanned = { IFD2: { DateTimeDigitized: '2019:05:06 07:08:09', OffsetTimeDigitized: '+00:00' } };
  const taken = { IFD2: { DateTimeOriginal: '2014:07:03 12:30:00', OffsetTimeOriginal: '+00:00' } };
  const original = '<photoshop:DateCreated>2004-05-06T07:08Z</photoshop:DateCreated>';
  const created = '<xmp:CreateDate>2010-11-12T13:14:15.16-01:00</xmp:CreateDate>';
  assert.equal(await of(taken, original), Date.UTC(2014, 6, 3, 12, 30));
  assert.equal(await of(scanned, original), Date.UTC(2004, 4, 6, 7, 8));
  assert.equal(await of(scanned, created), Date.UTC(2019, 4, 6, 7, 8, 9));
  assert.equal(await of(changed, created), Date.UTC(2010, 10, 12, 13, 14, 15));
  assert.equal(await of(changed, ''), Date.UTC(2020, 0, 2, 3, 4, 5));
  // A month or a day that is none is no date.
  const day = (text: string) => of({}, `<photoshop:DateCreated>${text}</photoshop:DateCreated>`);
  assert.equal(await day('1974-08-01'), Date.UTC(1974, 7, 1));
  for (const text of ['1974', '1974-08', '1974-02-30', '0000-00-00T00:00:00', '0001-01-01T00:00:00'])
    assert.equal(await day(text), null, text);
  assert.equal(takenMs(undefined, { xmp: Buffer.from('<broken') }), null);
});
