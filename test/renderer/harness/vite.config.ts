/** `npx vite --config test/renderer/harness/vite.config.ts`: pictures come from `samples/`, or from $PHOTOS. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import sharp from 'sharp';
import { defineConfig } from 'vite';
import type { Connect, Plugin } from 'vite';

const folder = resolve(process.env['PHOTOS'] ?? 'samples');
const files = readdirSync(folder).filter((name) => /\.(jpe?g|png|webp|avif)$/.test(name));
const made = new Map<string, Promise<Buffer>>();
const shapes = [
  [4032, 3024],
  [3024, 4032],
  [1920, 1080],
  [1200, 1200],
] as const;

function picture(id: number, edge: number): Promise<Buffer> {
  const [width, height] = shapes[(id - 1) % shapes.length]!;
  const scale = Math.min(1, edge / Math.max(width, height));
  const file = files[id % files.length]!;
  const key = `${file} ${width} ${height} ${edge}`;
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const make = () =>
    sharp(join(folder, file))
      .rotate()
      .resize({ ...size, fit: 'cover' })
      .webp()
      .toBuffer();
  if (!made.has(key)) made.set(key, make());
  return made.get(key)!;
}

const photos: Plugin = {
  name: 'photos',
  configureServer: (server) => serve(server.middlewares),
  configurePreviewServer: (server) => serve(server.middlewares),
};

function serve(middlewares: Connect.Server): void {
  middlewares.use('/photo/', (request, response, next) => {
    const found = /^\/(\d+)\/(thumbnail|rendition)(?:\?.*edge=(\d+))?/.exec(request.url ?? '');
    if (!found) return next();
    picture(Number(found[1]), found[2] === 'thumbnail' ? 384 : Number(found[3] ?? 2048)).then((bytes) => {
      response.setHeader('Content-Type', 'image/webp');
      response.end(bytes);
    }, next);
  });
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte(), photos],
  build: { outDir: join(tmpdir(), 'saccade-harness'), emptyOutDir: true },
  server: { fs: { allow: [resolve('.')] } },
});
