/**
 * A plugin that writes `licences.txt` beside the interface: name, version and licence text of every package that is
 * bundled, and of those that ship as they are. One instance serves all builds of a run; the interface comes last.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/** `…/node_modules/@scope/name/dist/x.js` → `…/node_modules/@scope/name`; null: a module of our own. */
export function packageOf(module: string): string | null {
  const path = module.replaceAll('\\', '/').replace(/^\0/, '');
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null;
}

/** What ships unbundled, with what it loads itself. */
function closure(modules: string, names: string[]): string[] {
  const images = existsSync(join(modules, '@img'))
    ? readdirSync(join(modules, '@img')).map((name) => `@img/${name}`)
    : [];
  return [...names, ...images].map((name) => join(modules, name));
}

function entry(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Manifest;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying|third-party-notices)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  // Some packages say it in their README only; libvips's lists what is inside it there.
  const readme = join(folder, 'README.md');
  if (texts.length === 0 && existsSync(readme)) texts.push(readFileSync(readme, 'utf8').trim());
  const body = texts.join('\n\n');
  return `${name} ${version}: ${license ?? 'see below'}\n\n${body}\n`;
}

export function licences(modules: string, unbundled: string[]): Plugin {
  const folders = new Set(closure(modules, unbundled));
  return {
    name: 'saccade-licences',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        for (const [module, { renderedLength }] of Object.entries(output.modules)) {
          const folder = packageOf(module);
          if (folder && renderedLength > 0 && existsSync(join(folder, 'package.json'))) folders.add(folder);
        }
      }
      if (this.environment.name !== 'client') return;
      const entries = [...folders].map(entry).sort((a, b) => a.localeCompare(b, 'en'));
      const source = [
        'Saccade is made of these packages, and of Electron, whose licences lie beside the application as',
        'LICENSE.electron.txt and LICENSES.chromium.html.\n',
        ...new Set(entries),
      ].join(`\n${'-'.repeat(80)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
    },
  };
}
