/**
 * A packaged application as plain Node can run it. Electron reads through `app.asar` as if it were a folder; here it
 * becomes one, at the same place, so that every path in the code is what it will be.
 */
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { extractAll } from '@electron/asar';

/** `resources` holds app.asar and app.asar.unpacked. Answers the folder that stands for app.asar. */
export function openLayout(resources: string, into: string): string {
  mkdirSync(into, { recursive: true });
  cpSync(join(resources, 'app.asar.unpacked'), join(into, 'app.asar.unpacked'), { recursive: true });
  const app = join(into, 'app.asar');
  extractAll(join(resources, 'app.asar'), `${app}.extracted`);
  renameSync(`${app}.extracted`, app);
  // Extracting has filled in what lies unpacked; from here it must be found there.
  for (const unpacked of ['node_modules', 'models', 'samples'])
    rmSync(join(app, unpacked), { recursive: true, force: true });
  return app;
}
