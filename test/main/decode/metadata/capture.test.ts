import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { noCapture, readCapture } from '../../../../main/decode/metadata/capture.ts';
import { decodePhoto } from '../../../../main/decode/decode.ts';
import { sharp } from '../../../../main/decode/engine.ts';
import { needsExiftool } from '../../tools.ts';
import { tiff } from '../containers/raw-samples.ts';
import { temporaryFolder } from '../../../temporary.ts';

type Exif = Record<string, Record<string, string>>;

function fileWith(t: TestContext, name: string, bytes: Uint8Array): string {
  const folder = temporaryFolder(t, 'capture');
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** @param attributes of its one description */
const xmpOf = (attributes: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ${attributes}/></rdf:RDF></x:xmpmeta>`;
const picture = () => sharp({ create: { width: 16, height: 8, channels: 3, background: 'teal' } });
const full: Exif = {
  IFD0: { Make: 'FUJIFILM', Model: 'X100V' },
  IFD2: {
    DateTimeOriginal: '2014:07:03 12:30:00',
    OffsetTimeOriginal: '+00:00',
    ExposureTime: '1/250',
    FNumber: '28/10',
    ISOSpeedRatings: '400',
    FocalLength: '23/1',
    FocalLengthIn35mmFilm: '35',
    LensModel: 'Fujinon 23mm F2',
  },
  IFD3: {
    GPSLatitudeRef: 'S',
    GPSLatitude: '33/1 51/1 3528/100',
    GPSLongitudeRef: 'E',
    GPSLongitude: '151/1 12/1 4032/100',
  },
};

test('camera, lens, exposure, date and place are read of every format that carries them', async (t) => {
  for (const format of ['jpeg', 'webp', 'png', 'avif'] as const) {
    const path = fileWith(t, `a.${format}`, await picture().withExif(full).toFormat(format).toBuffer());
    const { latitude, longitude, ...found } = await readCapture(path);
    assert.deepEqual(
      found,
      {
        takenMs: Date.UTC(2014, 6, 3, 12, 30),
        camera: 'FUJIFILM X100V',
        lens: 'Fujinon 23mm F2',
        exposure: 1 / 250,
        aperture: 2.8,
        iso: 400,
        focal: 23,
        focal35: 35,
      },
      format,
    );
    assert.ok(Math.abs(latitude! + 33.8598) < 1e-4 && Math.abs(longitude! - 151.2112) < 1e-4, format);
  }
});

test('a place whose seconds are not told is known, and one west of Greenwich below the equator', async (t) => {
  const gps = {
    GPSLatitudeRef: 'S',
    GPSLatitude: '33/1 30/1 0/0',
    GPSLongitudeRef: 'W',
    GPSLongitude: '70/1 15/1 0/0',
  };
  const bytes = await picture().withExif({ IFD3: gps }).jpeg().toBuffer();
  const { latitude, longitude } = await readCapture(fileWith(t, 'a.jpg', bytes));
  assert.deepEqual([latitude, longitude], [-33.5, -70.25]);
});

test('a place without its half of the Earth is none, and a half that is written out is known', async (t) => {
  const of = async (half: Record<string, string>) => {
    const gps = { GPSLatitude: '33/1 30/1 0/1', GPSLongitude: '70/1 15/1 0/1', ...half };
    const bytes = await picture().withExif({ IFD3: gps }).jpeg().toBuffer();
    const { latitude, longitude } = await readCapture(fileWith(t, 'a.jpg', bytes));
    return [latitude, longitude];
  };
  assert.deepEqual(await of({}), [null, null]);
  assert.deepEqual(await of({ GPSLatitudeRef: 'S' }), [null, null]);
  assert.deepEqual(await of({ GPSLatitudeRef: 'South', GPSLongitudeRef: 'West' }), [-33.5, -70.25]);
});

test('a date that only XMP tells is read of every format that carries it', async (t) => {
  const packet = xmpOf('photoshop:DateCreated="2004-05-06T07:08:09+02:00"');
  for (const format of ['jpeg', 'webp', 'png', 'avif', 'tiff'] as const) {
    const path = fileWith(t, `a.${format}`, await picture().withXmp(packet).toFormat(format).toBuffer());
    const decoded = await decodePhoto(path, { atLeast: (photo) => photo });
    const expected = Date.UTC(2004, 4, 6, 7, 8, 9);
    assert.deepEqual([(await readCapture(path)).takenMs, decoded.takenMs], [expected, expected], format);
  }
});

test('a place that only XMP tells is read of every format that carries it, and EXIF goes before it', async (t) => {
  const place = (latitude: string, longitude: string) => xmpOf(`xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="${latitude}" exif:GPSLongitude="${longitude}"`); // prettier-ignore
  const of = async (bytes: Uint8Array, name = 'a.jpg') => {
    const { latitude, longitude } = await readCapture(fileWith(t, name, bytes));
    return [latitude, longitude];
  };
  for (const format of ['jpeg', 'webp', 'png', 'avif', 'tiff'] as const)
    assert.deepEqual(await of(await picture().withXmp(place('51,30.75N', '0,7,30W')).toFormat(format).toBuffer(), `a.${format}`), [51.5125, -0.125], format); // prettier-ignore
  const both = await picture().withExif(full).withXmp(place('51,30.75N', '0,7,30W')).jpeg().toBuffer();
  assert.ok(Math.abs((await of(both))[0]! + 33.8598) < 1e-4);
  // Without its half of the Earth, beyond its end, by one number alone, and nowhere.
  for (const [latitude, longitude] of [['51,30.5', '0,7.5'], ['91,0N', '10,0E'], ['51,30.5E', '0,7.5N'], ['51,60.5N', '0,7.5W'], ['51,30.5N', ''], ['0,0N', '0,0E']] as const) // prettier-ignore
    assert.deepEqual(await of(await picture().withXmp(place(latitude, longitude)).jpeg().toBuffer()), [null, null], latitude); // prettier-ignore
});

test(
  'a date that only IPTC tells is read where exiftool writes it, and gives way to XMP',
  needsExiftool,
  async (t) => {
    const tag = (path: string, ...values: string[]) => execFileSync('exiftool', ['-q', '-overwrite_original', ...values, path]); // prettier-ignore
    const date = ['-IPTC:DateCreated=2004:05:06', '-IPTC:TimeCreated=07:08:09+02:00'];
    const dates = async (path: string) => [(await readCapture(path)).takenMs, (await decodePhoto(path, { atLeast: (photo) => photo })).takenMs]; // prettier-ignore
    for (const format of ['jpeg', 'tiff'] as const) {
      const path = fileWith(t, `a.${format}`, await picture().toFormat(format).toBuffer());
      tag(path, ...date);
      const expected = Date.UTC(2004, 4, 6, 7, 8, 9);
      assert.deepEqual(await dates(path), [expected, expected], format);
      tag(path, '-XMP-photoshop:DateCreated=2003:01:02 03:04:05');
      assert.equal((await readCapture(path)).takenMs, Date.UTC(2003, 0, 2, 3, 4, 5), format);
    }
    const scanned = fileWith(t, 'b.jpg', await picture().jpeg().toBuffer());
    tag(scanned, '-IPTC:DigitalCreationDate=2010:11:12');
    assert.deepEqual(await dates(scanned), [Date.UTC(2010, 10, 12), Date.UTC(2010, 10, 12)]);
  },
);

test('a camera is named once by its maker', async (t) => {
  const named = async (Make: string, Model: string) => {
    const bytes = await picture().withExif({ IFD0: { Make, Model } }).jpeg().toBuffer();
    return (await readCapture(fileWith(t, 'a.jpg', bytes))).camera;
  };
  assert.equal(await named('Canon', 'Canon EOS 5D Mark II'), 'Canon EOS 5D Mark II');
  assert.equal(await named('NIKON CORPORATION', 'NIKON D750'), 'NIKON D750');
  assert.equal(await named('OLYMPUS IMAGING CORP.', 'E-M5'), 'OLYMPUS E-M5');
});

test('what makes no sense is not told, and what has no EXIF or is none says nothing', async (t) => {
  const odd: Exif = {
    IFD2: { ExposureTime: '0/1', FNumber: '0/0', LensModel: '----' },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '0/1 0/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '0/1 0/1 0/1',
    },
  };
  const read = async (name: string, bytes: Uint8Array) => readCapture(fileWith(t, name, bytes));
  assert.deepEqual(await read('a.jpg', await picture().withExif(odd).jpeg().toBuffer()), noCapture);
  assert.deepEqual(await read('b.jpg', await picture().jpeg().toBuffer()), noCapture);
  assert.deepEqual(await read('c.jpg', Buffer.from('no picture at all')), noCapture);
  const whole = await picture().withExif(full).jpeg().toBuffer();
  assert.deepEqual(await read('d.jpg', whole.subarray(0, 60)), noCapture);
  assert.deepEqual(await read('e.cr2', Buffer.from('II*\0\xff\xff\xff\xff', 'latin1')), noCapture);
});

test('a JPEG may tell behind much else, and of two the first counts', async (t) => {
  const plain = await picture().jpeg().toBuffer();
  const exif = (Model: string) => picture().withExif({ IFD0: { Model } }).jpeg().toBuffer();
  const segment = (marker: number, content: Uint8Array) =>
    Buffer.concat([
      Buffer.from([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255]),
      content,
    ]);
  const own = async (Model: string) => {
    const bytes = await exif(Model);
    const at = bytes.indexOf('Exif');
    return segment(0xe1, bytes.subarray(at, at - 2 + bytes.readUInt16BE(at - 2)));
  };
  const joined = (...segments: Uint8Array[]) =>
    Buffer.concat([plain.subarray(0, 2), ...segments, plain.subarray(2)]);
  const camera = async (bytes: Uint8Array) => (await readCapture(fileWith(t, 'a.jpg', bytes))).camera;
  const [one, other] = [await own('First 1'), await own('Second 2')];
  const text = segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>'));
  assert.equal(await camera(joined(text, one, other)), 'First 1');
  const large = segment(0xef, Buffer.alloc(60_000));
  assert.equal(await camera(joined(large, large, one)), 'First 1');
});

test('a camera RAW tells in its first directories', async (t) => {
  for (const [name, magic, big] of [
    ['a.cr2', undefined, false],
    ['b.nef', undefined, true],
    ['c.orf', 'IIRO', false],
  ] as const) {
    const bytes = tiff({
      chain: [
        {
          0x010f: { type: 'ascii', text: 'SONY' },
          0x0110: { type: 'ascii', text: 'ILCE-7M3' },
          0x8769: {
            directories: [
              {
                0x8827: { type: 'short', values: [800] },
                0xa434: { type: 'ascii', text: 'FE 35mm F1.8' },
              },
            ],
          },
        },
      ],
      blobs: {},
      big,
      ...(magic && { magic }),
    });
    const { camera, lens, iso } = await readCapture(fileWith(t, name, bytes));
    assert.deepEqual([camera, lens, iso], ['SONY ILCE-7M3', 'FE 35mm F1.8', 800], name);
  }
});

test('when a TIFF was taken is told with its picture as well', async (t) => {
  for (const big of [false, true]) {
    const bytes = tiff({
      chain: [
        {
          0x0100: { type: 'short', values: [4] },
          0x0101: { type: 'short', values: [2] },
          0x0102: { type: 'short', values: [8] },
          0x0103: { type: 'short', values: [1] },
          0x0106: { type: 'short', values: [1] },
          0x0111: { at: 'picture' },
          0x0115: { type: 'short', values: [1] },
          0x0117: { lengthOf: 'picture' },
          0x8769: { directories: [{ 0x9003: { type: 'ascii', text: '2014:07:03 12:30:00' } }] },
        },
      ],
      blobs: { picture: Buffer.from([0, 20, 40, 60, 80, 100, 120, 140]) },
      big,
    });
    const path = fileWith(t, 'a.tif', bytes);
    const { takenMs, pixels } = await decodePhoto(path, { atLeast: (photo) => photo });
    assert.deepEqual([takenMs, pixels.data[21]], [Date.UTC(2014, 6, 3, 12, 30), 140]);
  }
});
