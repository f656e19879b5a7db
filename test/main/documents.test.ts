/** That what the documents point at is there: files, headings, codes, commands. documented.test.ts runs the commands. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { documents, inlineCommands, project } from './documents.ts';

const page = (path: string): string => readFileSync(path, 'utf8');
const failures = join(project, 'docs', 'troubleshooting.md');

/** As GitHub names them. */
function anchors(path: string): Set<string> {
  const headings = [...page(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(headings);
}

for (const path of documents)
  test(`every link and picture of ${relative(project, path)} leads somewhere`, () => {
    const links = [
      ...page(path).matchAll(/\]\(([^)\s]+)\)/g),
      ...page(path).matchAll(/(?:src|srcset|href)="([^"]+)"/g),
    ].map(([, link]) => link!);
    const broken = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file, anchor] = link.split('#') as [string, string | undefined];
        const target = file ? join(dirname(path), file) : path;
        return !existsSync(target) || (anchor !== undefined && !anchors(target).has(anchor));
      });
    assert.deepEqual(broken, []);
  });

test('every code of a failure is explained, and no other', () => {
  const sources = globSync(['main/**/*.ts', 'models/**/*.ts', 'renderer/**/*.{ts,svelte}'], { cwd: project })
    .filter((path) => !path.includes('words'))
    .map((path) => page(join(project, path)));
  // Where failures are made: an error class, `code:` of a value, and the codes that main/decode narrows to a type.
  const thrown = sources.flatMap((source) => [
    ...source.matchAll(/(?:new \w+Error|decodeError)\(\s*'([a-z-]+)'/g),
    ...source.matchAll(/\bcode: '([a-z-]+)'/g),
  ]);
  const narrowed = globSync('main/decode/**/*.ts', { cwd: project }).flatMap((path) => [
    ...page(join(project, path)).matchAll(/^  \| '([a-z]+-[a-z-]+)'/gm),
  ]);
  const explained = [...page(failures).matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code!);
  assert.equal(new Set(explained).size, explained.length, 'each once');
  const codes = new Set([...thrown, ...narrowed].map(([, code]) => code!));
  assert.ok(codes.size > 80);
  assert.deepEqual([...codes].filter((code) => !explained.includes(code)).sort(), []);
  const quoted = sources.join('\n');
  assert.deepEqual(
    explained.filter((code) => !quoted.includes(`'${code}'`)),
    [],
    'no longer thrown',
  );
});

test('every script and file that a command in a sentence names is there', () => {
  const { scripts } = JSON.parse(page(join(project, 'package.json'))) as { scripts: Record<string, string> };
  for (const { command, path } of inlineCommands()) {
    const words = command.split(' ');
    const where = `${command} in ${relative(project, path)}`;
    if (words[0] === 'npm') {
      const script = words[1] === 'run' ? words.slice(2).find((word) => !word.startsWith('-')) : words[1];
      assert.ok(!script || ['ci', 'install'].includes(script) || script in scripts, where);
    }
    if (/^(npx|node|python3)$/.test(words[0]!)) {
      const file = words.find((word) => /\.(ts|py)$/.test(word));
      if (file)
        assert.ok(
          [project, dirname(path)].some((folder) => existsSync(join(folder, file))),
          where,
        );
    }
  }
});

test('every name in the glossary of ARCHITECTURE.md is one of the code', () => {
  const glossary = page(join(project, 'ARCHITECTURE.md'))
    .split(/^## /m)
    .find((part) => part.startsWith('Words'))!;
  const names = [...glossary.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, name]) => name!);
  const code = globSync(['main/**/*.ts', 'models/**/*.ts', 'renderer/**/*.ts'], { cwd: project })
    .map((path) => page(join(project, path)))
    .join('\n');
  assert.ok(names.length > 10);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`(class|interface|type|const) ${name}\\b`).test(code)),
    [],
  );
});

test('every file that the documents name is there', () => {
  const missing = documents.flatMap((path) =>
    [...page(path).matchAll(/`((?:main|models|renderer|test|build|docs|samples)\/[\w./-]*)`/g)]
      .map(([, named]) => named!)
      .filter((named) => !existsSync(join(project, named)))
      .map((named) => `${named} in ${relative(project, path)}`),
  );
  assert.deepEqual(missing, []);
});

/** Of the ranges that packages give: `^22.13.0 || >=24`, `>= 22.12.0`, `20 || >=22`, `*`. */
function satisfies([major, minor, patch]: readonly number[], range: string): boolean {
  const value = (parts: readonly (number | undefined)[]) =>
    parts.reduce<number>((sum, part) => sum * 1000 + (part ?? 0), 0);
  const here = value([major, minor, patch]);
  return range.split('||').some((alternative) =>
    [...alternative.matchAll(/([<>=^~]*) *v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/g)].every(([, sign, ...parts]) => {
      const numbers = parts.map((part) => (part === undefined ? undefined : Number(part)));
      const least = value([0, 1, 2].map((at) => numbers[at]));
      if (sign === '>=') return here >= least;
      if (sign === '>') return here > least;
      if (sign === '<') return here < least;
      if (sign === '^') return here >= least && major === numbers[0];
      if (sign === '~') return here >= least && major === numbers[0] && minor === numbers[1];
      return major === numbers[0] && (numbers[1] === undefined || here === least);
    }),
  );
}

test('every package can be installed with the Nodes that package.json and README name, without a warning', () => {
  const { engines } = JSON.parse(page(join(project, 'package.json'))) as { engines: { node: string } };
  const { packages } = JSON.parse(page(join(project, 'package-lock.json'))) as {
    packages: Record<string, { engines?: { node?: string } }>;
  };
  const named = [...engines.node.matchAll(/(\d+)\.(\d+)\.(\d+)/g)].map((found) => found.slice(1).map(Number));
  assert.ok(named.length > 0);
  for (const version of named) {
    const refusing = Object.entries(packages).filter(
      ([, { engines }]) => engines?.node !== undefined && !satisfies(version, engines.node),
    );
    // Only ever installed on 32-bit Windows, which is not built for.
    const names = refusing.map(([name]) => name).filter((name) => !name.endsWith('win32-ia32'));
    assert.deepEqual(names, [], version.join('.'));
    const [major, minor] = version;
    assert.match(
      page(join(project, 'README.md')),
      new RegExp(minor ? `\\b${major}\\.${minor}\\b` : `\\b${major}\\b`),
    );
  }
});
