import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addKeywords } from '../../../main/xmp/add.ts';
import { keywordsIn } from '../../../main/xmp/keywords.ts';
import { xmpText } from '../../../main/xmp/encoding.ts';
import { readPacket, valuesOf } from '../../../main/xmp/properties.ts';
import { removeKeywords } from '../../../main/xmp/remove.ts';
import { packets } from './packets.ts';

const wanted = { subject: ['boat', 'a<b> & "c"', '船 🚤'], hierarchical: ['Saccade|boat'] };

for (const [form, text] of Object.entries(packets))
  for (const [system, source] of [
    ['LF', text],
    ['CRLF', text.replaceAll('\n', '\r\n')],
  ] as const)
    test(`keywords come into ${form} (${system}) and go again, byte by byte`, () => {
      const before = valuesOf(readPacket(source), 'dc', 'subject');
      const { text: after, written } = addKeywords(source, wanted);
      const packet = readPacket(after);
      assert.deepEqual(valuesOf(packet, 'dc', 'subject').sort(), [...before, ...wanted.subject].sort());
      assert.deepEqual(valuesOf(packet, 'lr', 'hierarchicalSubject'), wanted.hierarchical);
      assert.deepEqual(written?.subject, wanted.subject);
      // All that was there is there still, in its order.
      let at = 0;
      for (const line of source
        .split(/(?<=>)/)
        .filter((part) => !/rdf:RDF|\/>|<\/?(rdf:Bag|dc:subject)/.test(part))) {
        const found = after.indexOf(line.trim(), at);
        assert.ok(found >= at, line);
        at = found;
      }
      assert.equal(removeKeywords(after).text, source);
      assert.equal(addKeywords(after, wanted).text, after);
    });

test('the same file comes back in every encoding', () => {
  const text = packets['an xpacket with padding']!;
  const mark = '\ufeff';
  const wide = (source: string) => Buffer.from(source, 'utf16le');
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(mark + text),
    wide(mark + text),
    wide(text),
    wide(mark + text).swap16(),
    wide(text).swap16(),
  ]) {
    const read = xmpText(bytes);
    const added = read.bytesOf(addKeywords(read.text, wanted).text);
    const again = xmpText(added);
    assert.ok(valuesOf(readPacket(again.text), 'dc', 'subject').includes('船 🚤'));
    assert.ok(again.bytesOf(removeKeywords(again.text).text!).equals(bytes));
  }
});

test('what is no XMP, or not to be read to the byte, is told', () => {
  const bad = (bytes: Buffer) =>
    assert.throws(
      () => {
        const { text } = xmpText(bytes);
        addKeywords(text, wanted);
      },
      { code: 'bad-sidecar' },
    );
  const text = packets['a bag']!;
  bad(Buffer.from(text.slice(0, -20)));
  bad(Buffer.from(text.replace('</rdf:Bag>', '')));
  bad(Buffer.from('<html></html>'));
  bad(Buffer.from(''));
  bad(Buffer.from(`<!DOCTYPE x [<!ENTITY boat "b">]>${text.replace('harbour', '&boat;')}`));
  bad(Buffer.concat([Buffer.from(text), Buffer.from([0xff])]));
  bad(Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`));
  bad(Buffer.alloc(20 * 1024 * 1024, ' '));
  bad(Buffer.from(text.replace(/<rdf:Bag>[^]*<\/rdf:Bag>/, 'harbour')));
  bad(Buffer.from(text.replace('<rdf:Description ', '<rdf:Description dc:subject="harbour" ').replace(/<dc:subject>[^]*<\/dc:subject>/, ''))); // prettier-ignore
  bad(Buffer.from(`${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`));
});

test('what was there is neither written twice nor taken', () => {
  const source = packets['a bag']!;
  const { text, written } = addKeywords(source, { subject: ['HARBOUR', 'boat'], hierarchical: [] });
  assert.deepEqual(written?.subject, ['boat']);
  assert.deepEqual(valuesOf(readPacket(removeKeywords(text).text!), 'dc', 'subject'), [
    'harbour',
    'Italy & more',
  ]);
  const none = addKeywords(source, { subject: ['harbour'], hierarchical: [] });
  assert.equal(none.text, source);
  assert.equal(none.written, null);
});

test('what other programs do in between stays', () => {
  const { text } = addKeywords(packets['an empty bag']!, { ...wanted, rating: 4, label: 'Red' });
  const edited = text
    .replace('<rdf:Bag><rdf:li>boat</rdf:li>', '<rdf:Bag><rdf:li>mine</rdf:li><rdf:li>boat</rdf:li>')
    .replace('<xmp:Rating>4<', '<xmp:Rating>5<');
  const packet = readPacket(removeKeywords(edited).text!);
  assert.deepEqual(valuesOf(packet, 'dc', 'subject'), ['mine']);
  assert.deepEqual(valuesOf(packet, 'xmp', 'Rating'), ['5']);
  assert.deepEqual(valuesOf(packet, 'xmp', 'Label'), []);
  assert.deepEqual(valuesOf(packet, 'saccade', 'written'), []);
});

test('a mark that another program dropped is made good by what the catalog knows', () => {
  const source = packets['a bag']!;
  const { text, written } = addKeywords(source, wanted);
  const unmarked = text.replace(/\s*<saccade:written>.*<\/saccade:written>/, '');
  assert.equal(removeKeywords(unmarked).text, unmarked);
  assert.equal(removeKeywords(unmarked, written).text, source);
});

test('a mark that became an attribute is found and taken', () => {
  const { text } = addKeywords(packets['attributes alone']!, { subject: ['boat'], hierarchical: [] });
  const mark = /\s*<saccade:written>(.*)<\/saccade:written>/;
  const value = mark.exec(text)![1]!.replaceAll('"', '&quot;');
  const moved = text.replace(mark, '').replace('xmlns:saccade=', `saccade:written="${value}" xmlns:saccade=`);
  assert.equal(removeKeywords(moved).text, packets['attributes alone']);
});

test('a rating or colour of a person is kept', () => {
  const source = packets['attributes alone']!;
  const { text, kept } = addKeywords(source, { subject: [], hierarchical: [], rating: 1, label: 'Red' });
  assert.equal(text, source);
  assert.deepEqual(kept, ['rating', 'label']);
});

test('a file of Saccade alone is gone when its keywords are', () => {
  const { text } = addKeywords(null, wanted);
  assert.equal(removeKeywords(text).text, null);
  const edited = addKeywords(text, { subject: [], hierarchical: [], rating: 2 });
  assert.ok(edited.written);
});

test('levels above a keyword are no keywords; one that is given itself is', () => {
  // As another program leaves it: without our mark.
  const text = addKeywords(packets['an empty rdf:RDF']!, {
    subject: ['places', 'harbour', 'mine'],
    hierarchical: ['places|harbour'],
  }).text.replace(/<saccade:written>.*?<\/saccade:written>/, '');
  assert.deepEqual(keywordsIn(text).keywords, ['harbour', 'mine']);
  const given = addKeywords(text, { subject: [], hierarchical: ['places'] }).text;
  assert.deepEqual(keywordsIn(given).keywords, ['places', 'harbour', 'mine']);
});

test('what darktable and digiKam keep of their own among keywords is nobody’s word', () => {
  const list = (name: string, values: string[]) =>
    `<${name}><rdf:Bag>${values.map((value) => `<rdf:li>${value}</rdf:li>`).join('')}</rdf:Bag></${name}>`;
  const text = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:digiKam="http://www.digikam.org/ns/1.0/">
    ${list('dc:subject', ['changed', 'darktable', 'format', 'gull', 'jpg', 'darktable|format|orf'])}
    ${list('lr:hierarchicalSubject', ['darktable|changed', 'darktable|format|jpg', 'Birds|gull', 'format'])}
    ${list('digiKam:TagsList', ['_Digikam_Internal_Tags_/Scanned for Faces', 'Birds/tern'])}
    </rdf:Description></rdf:RDF>`;
  assert.deepEqual(keywordsIn(text).keywords, ['format', 'gull', 'tern']);
});

test('a word that somebody gave stays one where the root of ours is called so', () => {
  const had = addKeywords(packets['an empty rdf:RDF']!, { subject: ['Animals', 'garden'], hierarchical: [] });
  const before = had.text.replace(/<saccade:written>.*?<\/saccade:written>/, '');
  const { text } = addKeywords(before, { subject: ['cat'], hierarchical: ['Animals|cat'] });
  assert.deepEqual(keywordsIn(text).keywords, ['Animals', 'garden', 'cat']);
});

test('a level that darktable added above ours goes with it; one that somebody gave stays', () => {
  const darktable = (ways: string) =>
    packets['several descriptions']!.replace(
      '</rdf:RDF>',
      `<rdf:Description xmlns:lr="http://ns.adobe.com/lightroom/1.0/"><lr:hierarchicalSubject><rdf:Bag>${ways}</rdf:Bag></lr:hierarchicalSubject></rdf:Description></rdf:RDF>`,
    );
  const subjects = (text: string) => valuesOf(readPacket(text), 'dc', 'subject').sort();
  const ours = { subject: ['boat'], hierarchical: ['Saccade|boat'] };
  const above = (text: string) => addKeywords(text, { subject: ['Saccade'], hierarchical: [] });
  const overwritten = (source: string) => {
    const { text, written } = addKeywords(source, ours);
    return removeKeywords(above(text).text.replace(/\s*<saccade:written>\{"subject":\["Saccade.*/, ''), written).text!; // prettier-ignore
  };
  const before = darktable('<rdf:li>harbour</rdf:li>');
  assert.deepEqual(subjects(overwritten(before)), subjects(before));
  const given = darktable('<rdf:li>Saccade</rdf:li>');
  assert.deepEqual(subjects(overwritten(given)), [...subjects(given), 'Saccade'].sort());
  // Not of darktable: whoever added it may have meant it.
  const bag = packets['a bag']!;
  assert.deepEqual(subjects(overwritten(bag)), [...subjects(bag), 'Saccade'].sort());
  const had = above(before).text;
  assert.ok(subjects(removeKeywords(addKeywords(had.replace(/\s*<saccade:written>.*/, ''), ours).text).text!).includes('Saccade')); // prettier-ignore
});
