/**
 * A plugin that writes `licences.txt` beside the interface: name, version and licence text of every package that is
 * bundled, and of those that ship as they are. One instance serves all builds of a run; the interface comes last.
 * The same list, for build/bill-of-materials.ts, goes into `out/components.json`, which does not ship.
 */
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

export interface Component {
  name: string;
  version: string;
  /** SPDX expression, or null where the package names none. */
  licence: string | null;
  /** What its binary is made of: name and version of each library. */
  contains: Record<string, string>;
}

// Bundled into the configuration, this module is elsewhere: paths are from the project's folder, as in it.
const notices = resolve('build/notices');

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

function component(folder: string): Component {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { name, version, license } = read('package.json') as Manifest;
  const contains = existsSync(join(folder, 'versions.json')) ? read('versions.json') : {};
  return { name, version, licence: license ?? null, contains: contains as Record<string, string> };
}

/** Licence texts that a package leaves out, by the beginning of its name: `onnxruntime.txt`. */
function ourNotices(name: string): string[] {
  return globSync('*.txt', { cwd: notices })
    .filter((file) => name.startsWith(file.split('.')[0]!))
    .sort()
    .map((file) => readFileSync(join(notices, file), 'utf8').trim());
}

function entry(folder: string): string {
  const { name, version, licence } = component(folder);
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying|third-party-notices)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  texts.push(...ourNotices(name));
  // libvips's package lists what is inside it in its README only.
  const readme = join(folder, 'README.md');
  if (texts.length === 0 && existsSync(readme)) texts.push(readFileSync(readme, 'utf8').trim());
  return `${name} ${version}: ${licence ?? 'see below'}\n\n${texts.join('\n\n')}\n`;
}

/** The texts that entries under the LGPL refer to. */
function gnuLicences(): string[] {
  return ['LGPL-3.0', 'GPL-3.0'].map(
    (name) => readFileSync(join(notices, `${name}.txt`), 'utf8').trimEnd() + '\n',
  );
}

export function licences(modules: string, unbundled: string[]): Plugin {
  const folders = new Set(closure(modules, unbundled));
  return {
    name: 'saccade-licences',
    generateBundle({ dir }, bundle) {
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
        'Saccade is made of these packages, and of Electron, whose licences and those of Chromium lie beside the\n' +
          'application (on macOS in its Resources) as LICENSE.electron.txt and LICENSES.chromium.html.\n',
        ...new Set(entries),
        ...gnuLicences(),
      ].join(`\n${'-'.repeat(80)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
      const components = [...folders].map(component).sort((a, b) => a.name.localeCompare(b.name, 'en'));
      writeFileSync(join(dir!, '..', 'components.json'), JSON.stringify(components, null, 2));
    },
  };
}
