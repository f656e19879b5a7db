/** The renderer's bundle as a list made once: what is not on the list does not exist, so no path can lead outside. */
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';

export interface BundleFile {
  path: string;
  type: string;
  /** The bundler put a hash of the content into the name. */
  hashed: boolean;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Files by address, `/` being index.html. Throws SaccadeError `no-interface` where there is no bundle. */
export function listBundle(folder: string): Map<string, BundleFile> {
  if (!existsSync(join(folder, 'index.html')))
    throw new SaccadeError(
      'no-interface',
      `Expected the built interface in ${folder}, found no index.html there. Run "npm run build" first.`,
    );
  const files = new Map<string, BundleFile>();
  const visit = (path: string, address: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) visit(join(path, entry.name), `${address}${entry.name}/`);
      const type = types[extname(entry.name)];
      if (entry.isFile() && type)
        files.set(address + entry.name, {
          path: join(path, entry.name),
          type,
          hashed: address === '/assets/',
        });
    }
  };
  visit(folder, '/');
  files.set('/', files.get('/index.html')!);
  return files;
}
