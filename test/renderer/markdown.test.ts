import { expect, test } from 'vitest';
import { blocksOf, inlineOf } from '../../renderer/models/markdown.ts';

test('a card becomes headings, paragraphs, lists, tables and code', () => {
  const card =
    '---\nlicense: mit\n---\n# Title\n\none\ntwo\n\n- a\n- b\n  more\n\n| x | y |\n| - | - |\n| 1 | 2 |\n\n```\ncode\n```\n';
  expect(blocksOf(card).map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'table', 'code']);
  expect(blocksOf(card)[2]).toEqual({
    kind: 'list',
    ordered: false,
    items: [[{ kind: 'text', text: 'a' }], [{ kind: 'text', text: 'b more' }]],
  });
});

test('markup in a card stays text', () => {
  expect(blocksOf('<img src=x onerror=alert(1)>')).toEqual([
    { kind: 'paragraph', inline: [{ kind: 'text', text: '<img src=x onerror=alert(1)>' }] },
  ]);
});

test('links show where they lead and lead nowhere', () => {
  expect(inlineOf('see [here](javascript:alert) or **bold**, _slant_ and `code`, snake_case_too')).toEqual([
    { kind: 'text', text: 'see here (javascript:alert) or ' },
    { kind: 'strong', text: 'bold' },
    { kind: 'text', text: ', ' },
    { kind: 'em', text: 'slant' },
    { kind: 'text', text: ' and ' },
    { kind: 'code', text: 'code' },
    { kind: 'text', text: ', snake_case_too' },
  ]);
});

test('unfinished markup neither hangs nor loses text', () => {
  expect(JSON.stringify(blocksOf('```\nnever closed'))).toContain('never closed');
  expect(JSON.stringify(blocksOf('**open\n| a |\n#'))).toContain('open');
});
