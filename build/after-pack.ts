/** electron-builder's hook: a package whose native closure does not load is never finished. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Arch } from 'electron-builder';
import type { AfterPackContext } from 'electron-builder';
import { closureFaults } from './closure.ts';

/** Throws where the closure is not whole or can't be loaded; says so where only another machine could load it. */
export default function afterPack(context: AfterPackContext): void {
  const { appOutDir, electronPlatformName, arch, packager } = context;
  const resources = packager.getResourcesDir(appOutDir);
  const modules = join(resources, 'app.asar.unpacked', 'node_modules');
  const faults = closureFaults(modules, electronPlatformName, Arch[arch]);
  if (faults.length > 0)
    throw new Error(`The package's native code is not what it should be:\n${faults.join('\n')}`);
  if (electronPlatformName !== process.platform || Arch[arch] !== process.arch) {
    console.warn(
      `  • NOT LOADED: a package for ${electronPlatformName} ${Arch[arch]} can't be tried on this machine`,
    );
    return;
  }
  const tried = spawnSync(process.execPath, [join(import.meta.dirname, 'try-closure.ts'), resources], {
    encoding: 'utf8',
    // Nothing of the checkout may help: neither its node_modules by NODE_PATH nor its data.
    env: { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'] },
  });
  if (tried.status !== 0)
    throw new Error(`The packaged native code does not load:\n${tried.stdout}${tried.stderr}`);
  console.log(`  • native closure loaded  ${tried.stdout.trim()}`);
}
