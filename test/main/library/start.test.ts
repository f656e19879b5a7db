/** What the library's process reads before it can answer: a window's first page waits for all of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..', '..', '..');
const imported = /^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)';|^import '([^']+)';/gm;

/** Package → the module that imports it first, of all that `entry` imports at once. */
function packagesOf(entry: string): Map<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set([join(root, entry)]);
  for (const module of seen)
    for (const [, from, bare] of readFileSync(module, 'utf8').matchAll(imported)) {
      const name = from ?? bare!;
      if (!name.startsWith('.')) packages.set(name, packages.get(name) ?? relative(root, module));
      else if (existsSync(join(module, '..', name))) seen.add(join(module, '..', name));
    }
  return packages;
}

test('the library starts without what decodes photos, imports models, builds graphs and writes Parquet', () => {
  const packages = packagesOf('main/library/library.ts');
  assert.ok(packages.has('better-sqlite3') && packages.has('zod'), 'imports are found');
  for (const late of [
    'sharp',
    'libheif-js/wasm-bundle',
    'onnxruntime-node',
    '@huggingface/tokenizers',
    '@bufbuild/protobuf',
    'hyparquet-writer',
  ])
    assert.equal(packages.get(late), undefined, `${late} is read at the start, by ${packages.get(late)}`);
});
