/** Keywords that other programs wrote into photos and beside them, held to what those programs read there. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodePhoto } from '../../../../main/decode/decode.ts';
import { readKeywords, type ReadOptions } from '../../../../main/library/keywords/read.ts';
import { addKeywords } from '../../../../main/xmp/add.ts';
import { needsShared, shared } from '../../../shared.ts';
import { exiftool, needsExiftool, needsExiv2, run } from '../../tools.ts';
import { jpeg, makers, tiff } from '../../decode/containers/raw-samples.ts';
import { formats, picture, tag } from './pictures.ts';
import { temporaryFolder } from '../../../temporary.ts';

const pictures = { large: await jpeg(320, 240), small: await jpeg(160, 120) };
const whole = { atLeast: (size: { width: number; height: number }) => size };

const read = (path: string, options: Partial<ReadOptions> = {}) =>
  readKeywords(path, {
    sidecars: [],
    writtenTo: () => null,
    writtenInto: () => Promise.resolve(null),
    known: new Set(),
    ...options,
  });
const labels = async (...asked: Parameters<typeof read>) =>
  (await read(...asked)).keywords.map(({ label, from, program }) => [label, from, program]);

for (const format of formats)
  test(`keywords that exiftool writes into ${format} are read`, needsExiftool, async (t) => {
    const path = join(temporaryFolder(t, 'keywords'), `a.${format}`);
    await picture(path, format);
    assert.deepEqual(await labels(path), []);
    tag(
      path,
      'XMP-dc:Subject+=boat',
      'XMP-lr:HierarchicalSubject+=Places|Oslo',
      'XMP-digiKam:TagsList+=Birds/gull',
    );
    tag(path, 'XMP-microsoft:LastKeywordXMP+=Things/pier', 'XMP-dc:Subject+=Möwe 船');
    assert.deepEqual((await labels(path)).map(([label]) => label).sort(), [
      'Möwe 船',
      'Oslo',
      'boat',
      'gull',
      'pier',
    ]);
  });

for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const)
  test(`keywords that Windows writes into the EXIF of ${format} hold where nothing else does`, needsExiftool, async (t) => {
    const path = join(temporaryFolder(t, 'keywords'), `a.${format}`);
    await picture(path, format);
    tag(path, 'EXIF:XPKeywords=Möwe; 船;;old pier', 'EXIF:XPSubject=no keyword');
    assert.deepEqual((await labels(path)).map(([label]) => label), ['Möwe', '船', 'old pier']);
    // What Saccade wrote beside it is no other program's word.
    const written = { subject: ['boat'], hierarchical: [], higher: [] };
    tag(path, 'XMP-dc:Subject+=boat');
    const ours = { writtenInto: () => Promise.resolve(written) };
    assert.deepEqual((await labels(path, ours)).map(([label]) => label), ['Möwe', '船', 'old pier']);
    assert.deepEqual((await labels(path)).map(([label]) => label), ['boat']);
  }); // prettier-ignore

test('categories of ACDSee count where they are assigned, and keywords of ACDSee and Media Pro', needsExiftool, async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
  await picture(path);
  const categories = '<Categories><Category Assigned="0">Places<Category Assigned="1">Oslo</Category><Category Assigned="0">Rome</Category></Category><Category Assigned="1">Birds &amp; co</Category></Categories>';
  tag(path, `XMP-acdsee:Categories=${categories}`, 'XMP-acdsee:Keywords+=pier', 'XMP-dc:Subject+=Places');
  tag(path, 'XMP-mediapro:CatalogSets+=Animals|gull', 'XMP-mediapro:CatalogSets+=_Digikam_Internal_Tags_|Picked');
  assert.deepEqual((await labels(path)).map(([label]) => label).sort(), ['Birds & co', 'Oslo', 'gull', 'pier']);
  tag(path, 'XMP-acdsee:Categories=<Categories><Category Assigned="1">Oslo');
  assert.deepEqual((await labels(path)).map(([label]) => label).sort(), ['Places', 'gull', 'pier']);
}); // prettier-ignore

/** A text too long for a command line. */
function describedBy(path: string, length: number): string {
  writeFileSync(`${path}.txt`, 'lorem '.repeat(length / 6));
  return `XMP-dc:Description<=${path}.txt`;
}

test('keywords of a JPEG whose XMP is longer than a segment are read', needsExiftool, async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
  await picture(path);
  const many = Array.from(
    { length: 300 },
    (_, i) => `${String(i).padStart(3, '0')} ${'lamp '.repeat(30)}end`,
  );
  tag(path, ...many.map((word) => `XMP-dc:Subject+=${word}`), 'XMP-lr:HierarchicalSubject+=Places|Oslo');
  tag(path, describedBy(path, 70_000), 'XMP-dc:Subject+=Places');
  assert.ok(readFileSync(path).includes('http://ns.adobe.com/xmp/extension/'));
  const asked = ['-s', '-s', '-s', '-sep', '##', '-XMP-dc:Subject', path];
  const told = exiftool(...asked)
    .trim()
    .split('##');
  const found = (await labels(path)).map(([label]) => label);
  assert.equal(told.length, 301);
  // The level above a keyword stands in another part than the keyword itself.
  assert.deepEqual([...found].sort(), [...told.filter((word) => word !== 'Places'), 'Oslo'].sort());
});

test('of long XMP that lacks a part the first packet is read', needsExiftool, async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
  await picture(path);
  tag(path, 'XMP-dc:Subject=boat', describedBy(path, 150_000));
  const bytes = readFileSync(path);
  const second = bytes.indexOf('http://ns.adobe.com/xmp/extension/', bytes.indexOf('xmp/extension/') + 1);
  writeFileSync(path, bytes.fill('x', second, second + 10));
  assert.deepEqual((await read(path)).errors, []);
});

for (const [kind, make] of Object.entries(makers))
  test(
    `keywords that exiftool writes into ${kind} are read, and its picture after that`,
    needsExiftool,
    async (t) => {
      const path = join(temporaryFolder(t, 'keywords'), `a.${kind}`);
      writeFileSync(path, make(pictures, 6));
      const before = await decodePhoto(path, whole);
      assert.deepEqual(await read(path), { keywords: [], errors: [] });
      tag(path, 'XMP-dc:Subject+=boat', 'XMP-lr:HierarchicalSubject+=Places|Möwe 船');
      assert.match(exiftool('-HierarchicalSubject', path), /Möwe 船/);
      assert.deepEqual(await labels(path), [
        ['boat', 'file', null],
        ['Möwe 船', 'file', null],
      ]);
      // CR3 has no place for it.
      if (kind !== 'cr3') {
        tag(path, 'IPTC:CodedCharacterSet=UTF8', 'IPTC:Keywords+=船 IPTC');
        assert.deepEqual((await labels(path)).at(-1), ['船 IPTC', 'file', null]);
      }
      const after = await decodePhoto(path, whole);
      assert.deepEqual(
        [after.width, after.height, after.takenMs],
        [before.width, before.height, before.takenMs],
      );
      assert.deepEqual(after.pixels.data, before.pixels.data);
    },
  );

test('keywords of a RAW that is cut anywhere are the file’s or none', async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.dng');
  const xmp = Buffer.from(addKeywords(null, { subject: ['boat'], hierarchical: [] }).text.replace(/<saccade:written>.*<\/saccade:written>/, '')); // prettier-ignore
  const bytes = tiff({ chain: [{ 700: { type: 'byte', bytes: xmp } }], blobs: {} });
  writeFileSync(path, bytes);
  assert.deepEqual(await labels(path), [['boat', 'file', null]]);
  // Where the next directory would be is nothing that is needed.
  for (let length = 27; length < bytes.length - 4; length += 7) {
    writeFileSync(path, bytes.subarray(0, length));
    assert.deepEqual(await read(path), { keywords: [], errors: [] });
  }
  // A count beyond all bounds.
  bytes.writeUInt32LE(0xffffffff, bytes.readUInt32LE(4) + 2 + 4);
  writeFileSync(path, bytes);
  assert.deepEqual(await read(path), { keywords: [], errors: [] });
});

test('IPTC keywords of exiftool and of exiv2 are read from JPEG and TIFF', needsExiftool, async (t) => {
  const at = temporaryFolder(t, 'keywords');
  for (const format of ['jpeg', 'tiff'] as const) {
    const path = join(at, `a.${format}`);
    await picture(path, format);
    tag(path, 'IPTC:Keywords+=boat', 'IPTC:Keywords+=Möwe');
    assert.deepEqual(await labels(path), [
      ['boat', 'file', null],
      ['Möwe', 'file', null],
    ]);
    tag(path, 'IPTC:CodedCharacterSet=UTF8', 'IPTC:Keywords+=船');
    assert.deepEqual(
      (await labels(path)).map(([label]) => label),
      ['boat', 'Möwe', '船'],
    );
  }
});

test('exiv2’s keywords are read from a JPEG and from its sidecar', needsExiv2, async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
  await picture(path);
  run('exiv2', '-Madd Iptc.Application2.Keywords String harbour', '-Mset Xmp.dc.subject XmpBag boat', path);
  assert.deepEqual(await labels(path), [
    ['boat', 'file', null],
    ['harbour', 'file', null],
  ]);
  run('exiv2', '-eX', path);
  const sidecars = [path.replace('.jpg', '.xmp')];
  assert.deepEqual(await labels(path, { sidecars }), [
    ['boat', 'sidecar', null],
    ['harbour', 'file', null],
  ]);
});

test(
  'HEIC has the keywords that exiftool put into it',
  { ...needsShared, ...(needsExiftool.skip && needsExiftool) },
  async (t) => {
    const path = join(temporaryFolder(t, 'keywords'), 'a.heic');
    copyFileSync(`${shared}odd-images/pillow-hopper.heif`, path);
    tag(path, 'XMP-dc:Subject+=boat');
    assert.deepEqual(await labels(path), [['boat', 'file', null]]);
  },
);

test(
  'what Saccade wrote is not read back, also where another program took it into the file',
  needsExiftool,
  async (t) => {
    const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
    await picture(path);
    const sidecar = `${path}.xmp`;
    const ours = { subject: ['boat', 'sea'], hierarchical: ['Saccade|boat', 'Saccade|sea'] };
    writeFileSync(sidecar, addKeywords(null, ours).text);
    tag(
      sidecar,
      'XMP-dc:Subject+=Oslo',
      'XMP-digiKam:TagsList+=Saccade/boat',
      'XMP-digiKam:TagsList+=Trips/Oslo',
    );
    tag(path, 'XMP-dc:Subject+=boat', 'XMP-dc:Subject+=pier');
    assert.deepEqual(await labels(path, { sidecars: [sidecar] }), [
      ['Oslo', 'sidecar', 'digiKam'],
      ['pier', 'file', null],
    ]);
    const known = new Set(['boat']);
    const kept = await labels(path, { sidecars: [sidecar], known });
    assert.deepEqual(
      kept.map(([label]) => label),
      ['Oslo', 'boat', 'pier'],
      'the file had it first',
    );
  },
);

test('without its mark a sidecar is still told by what the catalog knows', needsExiftool, async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
  await picture(path);
  const sidecar = `${path}.xmp`;
  tag(sidecar, 'XMP-dc:Subject+=boat', 'XMP-dc:Subject+=Oslo');
  const writtenTo = () => ({ subject: ['boat'], hierarchical: [] });
  assert.deepEqual(await labels(path, { sidecars: [sidecar], writtenTo }), [['Oslo', 'sidecar', null]]);
});

test('a broken sidecar is told, and the file’s own keywords are read', needsExiftool, async (t) => {
  const path = join(temporaryFolder(t, 'keywords'), 'a.jpg');
  await picture(path);
  tag(path, 'XMP-dc:Subject+=boat');
  writeFileSync(`${path}.xmp`, '<x:xmpmeta');
  const { keywords, errors } = await read(path, { sidecars: [`${path}.xmp`] });
  assert.deepEqual(keywords, [{ label: 'boat', from: 'file', program: null }]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['bad-sidecar'],
  );
});

test('files that are no pictures have no keywords, and those that are gone are told', async (t) => {
  const at = temporaryFolder(t, 'keywords');
  writeFileSync(join(at, 'a.jpg'), 'no picture');
  assert.deepEqual(await read(join(at, 'a.jpg')), { keywords: [], errors: [] });
  const { errors } = await read(join(at, 'b.jpg'));
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['missing-file'],
  );
});
