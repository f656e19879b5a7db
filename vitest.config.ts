import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { outlinesPlugin } from './build/outlines.ts';

export default defineConfig({
  plugins: [svelte(), outlinesPlugin()],
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
