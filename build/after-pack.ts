/** electron-builder's hook: a package whose native closure does not load is never finished. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { extractFile } from '@electron/asar';
import { Arch } from 'electron-builder';
import type { AfterPackContext } from 'electron-builder';
import { closureFaults } from './closure.ts';

/**
 * The code of the library, the inference process and the command line lies beside the native code that it loads:
 * there it runs as on plain Node, threads and all. The window's code is in the asar.
 */
function placeProcesses(project: string, resources: string, unpacked: string): void {
  cpSync(join(project, 'out', 'main'), join(unpacked, 'out', 'main'), {
    recursive: true,
    filter: (file) => basename(file) !== 'desktop.js',
  });
  // Tells Node that these are ES modules, and the command line its version.
  writeFileSync(join(unpacked, 'package.json'), extractFile(join(resources, 'app.asar'), 'package.json'));
}

/** sharp's binaries name the licences of the libraries inside them in a file that electron-builder leaves out. */
function placeNotices(project: string, modules: string): void {
  for (const name of readdirSync(join(modules, '@img'))) {
    const notices = join(project, 'node_modules', '@img', name, 'README.md');
    if (existsSync(notices)) cpSync(notices, join(modules, '@img', name, 'README.md'));
  }
}

/** Throws where the closure is not whole or can't be loaded; says so where only another machine could load it. */
export default function afterPack(context: AfterPackContext): void {
  const { appOutDir, electronPlatformName, arch, packager } = context;
  const resources = packager.getResourcesDir(appOutDir);
  const unpacked = join(resources, 'app.asar.unpacked');
  placeProcesses(packager.projectDir, resources, unpacked);
  const modules = join(unpacked, 'node_modules');
  placeNotices(packager.projectDir, modules);
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
