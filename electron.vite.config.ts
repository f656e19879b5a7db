/** What goes into `out/`: modules that run as processes or threads, the preload script, the interface. */
import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { licences } from './build/licences.ts';
import { outlinesPlugin } from './build/outlines.ts';
import { textSizePlugin } from './build/text-size.ts';

/**
 * Stays in node_modules: native code, which can't be bundled, and libheif, whose licence (LGPL) asks that it can be
 * replaced. Everything else is bundled, so that a package carries these and nothing besides.
 */
const external = ['better-sqlite3', 'onnxruntime-node', 'sharp', /^libheif-js\//];

const listed = licences(resolve('node_modules'), [
  ...['better-sqlite3', 'onnxruntime-node', 'onnxruntime-common'],
  ...['sharp', 'detect-libc', 'semver', 'libheif-js'],
  // Its outlines are in the interface, none of its modules.
  'world-atlas',
]);

/** Threads are started by file name, so each is a file of its own. */
const workers = Object.fromEntries(
  globSync('main/**/*-worker.ts').map((path) => [basename(path, '.ts'), resolve(path)]),
);

export default defineConfig({
  main: {
    plugins: [listed],
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        external,
        input: {
          desktop: resolve('main/desktop.ts'),
          cli: resolve('main/cli.ts'),
          library: resolve('main/library/process.ts'),
          inference: resolve('main/inference/process.ts'),
          ...workers,
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        input: resolve('main/preload.ts'),
        // A sandboxed preload script is no ES module.
        output: { format: 'cjs', entryFileNames: 'preload.cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [svelte(), outlinesPlugin(), listed],
    css: { postcss: { plugins: [textSizePlugin] } },
    build: { minify: true, rolldownOptions: { input: resolve('renderer/index.html') } },
  },
});
