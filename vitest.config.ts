import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { outlinesPlugin } from './build/outlines.ts';

const index = new URL('bits/index.js', import.meta.resolve('bits-ui'));
/** What bits-ui exports → the module that it comes from. */
const modules = new Map(
  [...readFileSync(index, 'utf8').matchAll(/^export \{ (.+) \} from "(.+)";$/gm)].flatMap(([, names, path]) =>
    names!.split(', ').map((name) => [name, fileURLToPath(new URL(path!, index)).replaceAll('\\', '/')]),
  ) as [string, string][],
);

/** Reads what is imported of bits-ui and not all of it, as a build does: its 280 modules were two fifths of what is compiled. */
const bitsByModule: Plugin = {
  name: 'bits-by-module',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('/renderer/')
      ? code.replace(/import \{ ([\w ,]+) \} from 'bits-ui';/, (_, names: string) =>
          names
            .split(', ')
            .map((name) => `import { ${name} } from '${modules.get(name.split(' ')[0]!)}';`)
            .join(' '),
        )
      : undefined,
};

export default defineConfig({
  plugins: [bitsByModule, svelte(), outlinesPlugin()],
  resolve: { conditions: ['browser'] },
  test: {
    include: ['test/renderer/**/*.test.ts'],
    environment: 'happy-dom',
    watch: false,
    isolate: false,
    // A process gets each module as a message, byte by byte.
    pool: 'threads',
  },
});
