import assert from 'node:assert/strict';
import test from 'node:test';
import { shownName, systemPath, textOfName, textOfPath } from '../../main/file-names.ts';

const backToBytes = (text: string) => Buffer.from(systemPath(text));

test('every name leads back to its bytes, and no two names become one text', () => {
  const names = [
    [...Buffer.from('plain.jpg')],
    [...Buffer.from('猫🐈é\ufffd.jpg')],
    [0x62, 0x80],
    [0x62, 0x81],
    [...Buffer.from('b\ufffd')],
    // Half a character at the end, too long a form, a surrogate, a character of the carrying range itself.
    [0x61, 0xe7, 0x8c],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [...Buffer.from('\uef80')],
    [0xee, 0xbe, 0x80, 0xff],
    [0xf8, 0xff, 0xf0],
  ].map((bytes) => Buffer.from(bytes));
  const texts = names.map(textOfName);
  assert.equal(new Set(texts).size, names.length);
  texts.forEach((text, i) => {
    assert.ok(text.isWellFormed());
    assert.deepEqual(backToBytes(text), names[i]);
  });
});

test('any bytes at all come back', () => {
  let state = 1;
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: round % 9 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        // Half of them from where the carrying range lies in UTF-8.
        return state & 0x80000 ? [0xee, 0xbe, 0xbf, 0x80, 0xbf, 0x61][(state >>> 24) % 6]! : state >>> 24;
      }),
    );
    assert.deepEqual(backToBytes(textOfName(bytes)), bytes);
  }
});

test('people see the bytes, and what they typed is taken as the characters it is', () => {
  assert.equal(shownName(textOfName(Buffer.from([0x62, 0x80, 0x2e, 0x6a]))), 'b\\x80.j');
  assert.equal(shownName('猫 b\\x80'), '猫 b\\x80');
  assert.deepEqual(backToBytes(textOfPath('/a/\uef80.jpg')), Buffer.from('/a/\uef80.jpg'));
});
