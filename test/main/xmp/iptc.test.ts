import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasDataSets, iptcKeywords, isUtf8Unsaid } from '../../../main/xmp/iptc.ts';
import { keywordsIn } from '../../../main/xmp/keywords.ts';
import { packets } from './packets.ts';

const set = (record: number, number: number, value: Buffer) =>
  Buffer.concat([Buffer.from([0x1c, record, number, value.length >> 8, value.length & 255]), value]);
const keyword = (text: string, encoding: BufferEncoding = 'utf8') => set(2, 25, Buffer.from(text, encoding));
const resource = (id: number, name: string, data: Buffer) => {
  const even = (bytes: Buffer) => (bytes.length % 2 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes);
  const head = Buffer.from([...Buffer.from('8BIM'), id >> 8, id & 255]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  return Buffer.concat([head, even(Buffer.from([name.length, ...Buffer.from(name)])), size, even(data)]);
};

test('keywords are found bare and among Photoshop’s resources, in UTF-8 and in Latin-1', () => {
  const sets = Buffer.concat([
    keyword('boat'),
    set(2, 120, Buffer.from('a caption')),
    keyword('Möwe', 'latin1'),
  ]);
  assert.deepEqual(iptcKeywords(sets), ['boat', 'Möwe']);
  const marked = Buffer.concat([set(1, 90, Buffer.from('\x1b%G')), keyword('Möwe')]);
  const block = Buffer.concat([
    Buffer.from('Photoshop 3.0\0'),
    resource(0x03ed, 'abc', Buffer.alloc(15)),
    resource(0x0404, '', marked),
  ]);
  assert.deepEqual(iptcKeywords(block), ['Möwe']);
});

test('what Latin-1 leaves out is read as Windows writes it', () => {
  assert.deepEqual(iptcKeywords(keyword('L\u0092\u009cuvre', 'latin1')), ['L’œuvre']);
});

test('bytes that libtiff has turned round are turned back', () => {
  const sets = Buffer.concat([keyword('boat'), keyword('pier')]);
  const padded = Buffer.concat([sets, Buffer.alloc((4 - (sets.length % 4)) % 4)]);
  assert.deepEqual(iptcKeywords(padded.swap32()), ['boat', 'pier']);
});

test('whether a block has data sets, and whether they are UTF-8 without saying so', () => {
  const block = (...resources: Buffer[]) => Buffer.concat([Buffer.from('Photoshop 3.0\0'), ...resources]);
  const size = resource(0x03ed, '', Buffer.alloc(16));
  assert.equal(hasDataSets(block(size)), false);
  assert.equal(hasDataSets(block(size, resource(0x0404, '', keyword('boat')))), true);
  const declared = set(1, 90, Buffer.from('\x1b%G'));
  const thumbnail = set(2, 202, Buffer.from([0xff, 0xd8]));
  for (const [sets, expected] of [
    [[keyword('boat')], false],
    [[keyword('Möwe'), keyword('boat'), thumbnail], true],
    [[keyword('Möwe'), keyword('Möwe', 'latin1')], false],
    [[declared, keyword('Möwe')], false],
  ] as const)
    assert.equal(isUtf8Unsaid(Buffer.concat(sets)), expected);
});

test('what is cut off or no IPTC gives what came before, or nothing', () => {
  const sets = Buffer.concat([keyword('boat'), keyword('harbour')]);
  for (let length = 0; length < sets.length; length++)
    assert.deepEqual(iptcKeywords(sets.subarray(0, length)), length < 9 ? [] : ['boat']);
  const block = Buffer.concat([Buffer.from('Photoshop 3.0\0'), resource(0x0404, '', sets)]);
  for (let length = 0; length < block.length - 1; length++)
    assert.ok(iptcKeywords(block.subarray(0, length)).length < 2);
});

test('ways give their last level, spellings of one word are one, and the program is told', () => {
  const list = (name: string, values: string[]) =>
    `<${name}><rdf:Seq>${values.map((value) => `<rdf:li>${value}</rdf:li>`).join('')}</rdf:Seq></${name}>`;
  const text = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
      xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"
      xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/">
      ${list('dc:subject', ['boat', 'Sea'])}${list('lr:hierarchicalSubject', ['Things|Boat', 'Places|Oslo'])}
      ${list('digiKam:TagsList', ['Animals/gull'])}${list('MicrosoftPhoto:LastKeywordXMP', ['Animals/gull', 'pier'])}
    </rdf:Description></rdf:RDF></x:xmpmeta>`;
  const { keywords, program, written } = keywordsIn(text);
  assert.deepEqual(keywords, ['boat', 'Sea', 'Oslo', 'gull', 'pier']);
  assert.deepEqual([program, written], ['digiKam', null]);
  assert.equal(keywordsIn(packets['a bag']!).program, null);
});
