/** Sidecars held to the programs that read them: exiftool, exiv2, darktable. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addKeywords } from '../../../main/xmp/add.ts';
import { keywordsIn, writtenKeys } from '../../../main/xmp/keywords.ts';
import { readPacket, valuesOf } from '../../../main/xmp/properties.ts';
import { removeKeywords } from '../../../main/xmp/remove.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import { project } from '../documents.ts';
import { exiftool, needsDarktable, needsExiftool, needsExiv2, run } from '../tools.ts';
import { packets } from './packets.ts';
import { temporaryFolder } from '../../temporary.ts';

const wanted = {
  subject: ['boat', 'a<b> & "c"', '船'],
  hierarchical: ['Saccade|boat', 'Saccade|a<b> & "c"', 'Saccade|船'],
};

function isXmpToExiv2(file: string): boolean {
  try {
    run('exiv2', '-PXkt', file);
    return true;
  } catch {
    return false;
  }
}

/** By file, then tag; a list or one value. */
function told(...files: string[]): Record<string, string | string[]>[] {
  const text = exiftool('-j', '-XMP-dc:Subject', '-XMP-lr:HierarchicalSubject', ...files);
  return JSON.parse(text) as Record<string, string | string[]>[];
}

test(
  'exiftool and exiv2 read what was added to every form',
  { skip: needsExiftool.skip || needsExiv2.skip },
  (t) => {
    const at = temporaryFolder(t, 'xmp');
    // By how a file begins they tell what it is.
    const misread = ['an end that is none'];
    const forms = Object.keys(packets)
      .filter((form) => !misread.includes(form))
      .filter((form) => /^<(\?x|x:xmpmeta)/.test(packets[form]!));
    const sources = forms.map((form) => packets[form]!);
    const write = (name: string, text: string) => {
      writeFileSync(join(at, name), text);
      return join(at, name);
    };
    const before = sources.map((source, i) => write(`before-${i}.xmp`, source));
    const after = sources.map((source, i) => write(`after-${i}.xmp`, addKeywords(source, wanted).text));
    // Of an empty list exiftool gives an empty value, or the comment in it.
    const subjects = (read: Record<string, string | string[]>) =>
      [read['Subject'] ?? []].flat().filter((value) => !/^( <!--.*)?$/.test(value));
    const was = told(...before);
    for (const [i, is] of told(...after).entries()) {
      assert.deepEqual(subjects(is).sort(), [...subjects(was[i]!), ...wanted.subject].sort(), forms[i]);
      assert.deepEqual(is['HierarchicalSubject'], wanted.hierarchical, forms[i]);
      // What exiv2 takes for no XMP was none to it before.
      if (!isXmpToExiv2(before[i]!)) continue;
      const lines = run('exiv2', '-PXkt', after[i]!);
      // Of prefixes that it knows for something else it reads nothing.
      if (forms[i] === 'other prefixes') continue;
      for (const keyword of wanted.subject) assert.ok(lines.includes(keyword), `${forms[i]}: ${lines}`);
    }
  },
);

test(
  'files of exiftool and of exiv2 come back as they were',
  { skip: needsExiftool.skip || needsExiv2.skip },
  (t) => {
    const at = temporaryFolder(t, 'xmp');
    copyFileSync(join(project, 'samples', 'cat.jpg'), join(at, 'cat.jpg'));
    const files = { exiftool: join(at, 'a.xmp'), exiv2: join(at, 'b.xmp') };
    exiftool('-q', '-XMP-dc:Subject=harbour', '-XMP-dc:Title=A & B', '-XMP-xmp:Rating=2', files.exiftool);
    copyFileSync(files.exiftool, files.exiv2);
    run('exiv2', '-Mset Xmp.dc.subject mine', '-Mset Xmp.xmp.Label Blue', files.exiv2);
    for (const file of Object.values(files)) {
      const before = readFileSync(file, 'utf8');
      const { text } = addKeywords(before, { ...wanted, rating: 5 });
      assert.equal(removeKeywords(text).text, before);
    }
  },
);

test(
  'what they write in between stays, and Saccade’s own goes',
  { skip: needsExiftool.skip || needsExiv2.skip },
  (t) => {
    const at = temporaryFolder(t, 'xmp');
    for (const change of [
      (file: string) => exiftool('-q', '-overwrite_original', '-XMP-dc:Subject+=mine', file),
      (file: string) => run('exiv2', '-Mset Xmp.dc.subject mine', file),
    ])
      for (const source of [null, packets['a bag']!, packets['several descriptions']!]) {
        const file = join(at, 'photo.xmp');
        writeFileSync(file, addKeywords(source, { ...wanted, rating: 3 }).text);
        change(file);
        const { text, written } = removeKeywords(readFileSync(file, 'utf8'));
        assert.deepEqual(written?.subject, wanted.subject);
        const before = source === null ? [] : valuesOf(readPacket(source), 'dc', 'subject');
        const packet = readPacket(text!);
        assert.deepEqual(valuesOf(packet, 'dc', 'subject').sort(), [...before, 'mine'].sort());
        assert.deepEqual(valuesOf(packet, 'lr', 'hierarchicalSubject'), []);
        assert.deepEqual(
          valuesOf(packet, 'xmp', 'Rating').filter((value) => value === '3'),
          [],
        );
      }
  },
);

test('darktable takes the keywords of a sidecar into what it exports', needsDarktable, (t) => {
  const at = temporaryFolder(t, 'xmp');
  copyFileSync(join(project, 'samples', 'cat.jpg'), join(at, 'cat.jpg'));
  const sidecar = addKeywords(null, wanted).text;
  writeFileSync(join(at, 'cat.jpg.xmp'), sidecar);
  const [photo, exported] = [join(at, 'cat.jpg'), join(at, 'out.jpg')];
  const core = ['--core', '--configdir', join(at, 'config'), '--library', ':memory:'];
  run('darktable-cli', photo, `${photo}.xmp`, exported, ...core);
  assert.ok(told(exported)[0]!['Subject']!.includes('船'));
  assert.equal(readFileSync(`${photo}.xmp`, 'utf8'), sidecar);
});

test(
  'what darktable writes comes back as it was; of ours it writes over, its own tags alone are a person’s',
  needsDarktable,
  (t) => {
    const at = temporaryFolder(t, 'xmp');
    const [fresh, marked] = [join(at, 'fresh.jpg'), join(at, 'marked.jpg')];
    for (const photo of [fresh, marked]) copyFileSync(join(project, 'samples', 'cat.jpg'), photo);
    writeFileSync(`${marked}.xmp`, addKeywords(null, wanted).text);
    const tagged = [fresh, marked].map(
      (photo) => `local img = dt.database.import(${JSON.stringify(photo)})
      for _, tag in ipairs({"mine", "places|harbour"}) do dt.tags.attach(dt.tags.create(tag), img) end
      img.title = "A & B <c>"`,
    );
    const core = ['--core', '--configdir', join(at, 'config'), '--library', ':memory:'];
    run('darktable-cli', fresh, join(at, 'out.jpg'), ...core, '--conf', 'write_sidecar_files=on import', '--luacmd', `local dt = require "darktable" ${tagged.join('\n')}`); // prettier-ignore
    const [own, over] = [fresh, marked].map((photo) => readFileSync(`${photo}.xmp`, 'utf8')) as [
      string,
      string,
    ];
    assert.equal(removeKeywords(addKeywords(own, { ...wanted, rating: 5 }).text).text, own);
    const words = (text: string) => {
      const { keywords, written, program } = keywordsIn(text);
      const ours = new Set(written ? writtenKeys(written) : []);
      return [program, ...keywords.filter((name) => !ours.has(nameKey(name))).sort()];
    };
    assert.deepEqual(words(own), ['darktable', 'harbour', 'mine']);
    assert.deepEqual(words(over), ['darktable', 'harbour', 'mine']);
    const subjects = (text: string) => valuesOf(readPacket(text), 'dc', 'subject').sort();
    assert.deepEqual(subjects(over), ['Saccade', 'harbour', 'mine', 'places', ...wanted.subject].sort());
    assert.deepEqual(subjects(removeKeywords(over).text!), ['harbour', 'mine', 'places']);
  },
);
