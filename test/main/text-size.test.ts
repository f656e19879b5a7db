import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inTextSize, textSizePlugin } from '../../build/text-size.ts';

test('lengths of styles follow the size of text; hairlines, names and addresses do not', () => {
  assert.equal(inTextSize('4px 0 -8px 1px'), '0.25rem 0 -0.5rem 1px');
  assert.equal(inTextSize('calc(100vw - 24px)'), 'calc(100vw - 1.5rem)');
  assert.equal(inTextSize('url(a-24px.png) #24px'), 'url(a-24px.png) #24px');
  const rule = { name: 'media', params: '(max-width: 820px)' };
  textSizePlugin.AtRule(rule);
  assert.equal(rule.params, '(max-width: 51.25em)');
});

test('no style sets the size of text at the root, which is what a person has set', () => {
  const root = join(import.meta.dirname, '..', '..');
  const base = readFileSync(join(root, 'renderer', 'styles', 'base.css'), 'utf8');
  for (const [, rules] of base.matchAll(/(?:^|\n)(?::root|html)[^{]*\{([^}]*)\}/g))
    assert.doesNotMatch(rules!, /^\s*font(-size)?:/m);
  // Within a drawing that is scaled as a whole a length is in its own units, and may not grow once more.
  for (const file of globSync('renderer/**/*.svelte', { cwd: root })) {
    const source = readFileSync(join(root, file), 'utf8');
    if (source.includes('<text')) assert.doesNotMatch(source, /font-size: \d+px/, file);
  }
});
