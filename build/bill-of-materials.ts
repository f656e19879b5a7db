/**
 * `node build/bill-of-materials.ts > FILE`: what the packages of this system are made of, in CycloneDX. It is read from
 * the build (`out/components.json`), not from package.json: what is bundled is a development dependency there, and
 * libraries inside binaries are in neither.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './licences.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { name, version, license } = read('package.json') as { name: string; version: string; license: string };
const electron = (read('node_modules/electron/package.json') as { version: string }).version;

const licenceOf = (licence: string | null) => (licence ? { licenses: [{ expression: licence }] } : {});

/** https://github.com/package-url/purl-spec: the scope's `@` is escaped. */
const npmUrl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function entry({ name, version, licence, contains }: Component) {
  const libraries = Object.entries(contains).map(([name, version]) => ({ type: 'library', name, version }));
  return {
    type: 'library',
    'bom-ref': npmUrl(name, version),
    name,
    version,
    purl: npmUrl(name, version),
    ...licenceOf(licence),
    ...(libraries.length > 0 && { components: libraries }),
  };
}

const components = read('out/components.json') as Component[];
const framework: Component = { name: 'electron', version: electron, licence: 'MIT', contains: {} };
const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name, version, ...licenceOf(license) } },
  components: [framework, ...components].map(entry),
};
console.log(JSON.stringify(bill, null, 2));
