/** Where a worker thread's code lies. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The source beside the module at `from`, or what the build made of it beside or above the bundle. */
export function workerEntry(from: string, name: string): string {
  const candidates = from.endsWith('.ts') ? [`./${name}.ts`] : [`./${name}.js`, `../${name}.js`];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, from)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}
