/** The files of an installed model's weights: what they hold, and whether they are still what was imported. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SaccadeError } from '../error.ts';
import type { ModelManifest } from '../manifest.ts';

/** SHA-256 over the files' bytes in order, as lower-case hex, and how many bytes they are. */
export async function hashInto(files: string[]): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const file of files)
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  return { sha256: hash.digest('hex'), bytes };
}

/** Found sound since this process began: read once, however many graphs are built of them. */
const sound = new Set<string>();

/**
 * Before anything is computed with them. Results are stored under the weights' hash, so others must not answer in its
 * name; the files are read for it only where they were written after the model was imported.
 * @throws SaccadeError `weights-gone`, `weights-changed`
 */
export async function checkWeights(folder: string, { name, weights }: ModelManifest): Promise<void> {
  const files = weights.files.map((file) => join(folder, file));
  const facts = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  const gone = files.find((_, i) => facts[i] === null);
  if (gone !== undefined)
    throw new SaccadeError(
      'weights-gone',
      `Expected the weights of ${name} in ${gone}; there is no such file. Put it back, import the model again, or choose another one.`,
    );
  const found = facts.filter((each) => each !== null);
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  const changed = (what: string) =>
    new SaccadeError(
      'weights-changed',
      `The weights of ${name} in ${folder} are not those that were imported: ${what}. Put the files back, import the model again, or choose another one.`,
    );
  if (bytes !== weights.bytes) throw changed(`expected ${weights.bytes} bytes, found ${bytes}`);
  const imported = await stat(join(folder, 'model.json')).catch(() => null);
  if (!imported || found.every(({ mtimeMs }) => mtimeMs <= imported.mtimeMs)) return;
  const key = JSON.stringify([weights.sha256, files, found.map(({ mtimeMs, ino }) => [mtimeMs, ino])]);
  if (sound.has(key)) return;
  const { sha256 } = await hashInto(files);
  if (sha256 !== weights.sha256)
    throw changed(`expected the SHA-256 ${weights.sha256.slice(0, 12)}…, found ${sha256.slice(0, 12)}…`);
  sound.add(key);
}
