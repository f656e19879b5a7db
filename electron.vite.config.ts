/** What goes into `out/`: four modules that run as processes, the preload script, the interface. */
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

/** Native code can't be bundled; everything else is, so that a package carries these and nothing besides. */
const native = ['better-sqlite3', 'onnxruntime-node', 'sharp'];

export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        external: native,
        input: {
          desktop: resolve('main/desktop.ts'),
          cli: resolve('main/cli.ts'),
          library: resolve('main/library/process.ts'),
          inference: resolve('main/inference/process.ts'),
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
    plugins: [svelte()],
    build: { rolldownOptions: { input: resolve('renderer/index.html') } },
  },
});
