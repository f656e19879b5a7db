/**
 * Models that are used from where they lie, without being installed: a checkpoint's folder or file named on the
 * command line. Converted once into `<home>/external/`, and again when its files change.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { findModel, type ModelRoots } from '../../../models/store.ts';
import type { TryOut } from '../../../models/try-out.ts';
import { importInThread } from './import-model.ts';

/** Changes when a file of the checkpoint does. */
function fingerprint(path: string): string {
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const files = readdirSync(folder)
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return [name, size, mtimeMs];
    });
  return createHash('sha256')
    .update(JSON.stringify([path, files]))
    .digest('hex')
    .slice(0, 12);
}

/**
 * `nameOrPath` as `findModel` takes it: an installed model's id, or the folder of one that has been converted.
 * @throws SaccadeError `no-model`, or what importing says is wrong with the checkpoint
 */
export async function resolveModel(
  roots: ModelRoots,
  home: string,
  nameOrPath: string,
  tryOut: TryOut | null,
): Promise<string> {
  try {
    findModel(roots, nameOrPath);
    return nameOrPath;
  } catch (error) {
    const path = resolve(nameOrPath);
    if (!(error instanceof SaccadeError) || error.code !== 'no-model' || !existsSync(path)) throw error;
    const stem =
      basename(path)
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '') || 'model';
    const name = `${stem.slice(0, 64)}-${fingerprint(path)}`;
    const root = join(home, 'external');
    if (!existsSync(join(root, name, 'model.json'))) await importInThread(path, root, { name }, tryOut);
    return join(root, name);
  }
}
