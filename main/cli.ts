#!/usr/bin/env node
/** The command line's entry. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { home } from './home.ts';

// Half of a short command's time goes into compiling: what is compiled is kept for the next command and for the
// processes that this one starts. Among the user's own data, since others may write into the system's temporary folder.
if (!('electron' in process.versions) && existsSync(home())) {
  const compiled = join(home(), 'compiled');
  process.env['NODE_COMPILE_CACHE'] ??= compiled;
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
}
const { main } = await import('./cli/program.ts');
const { commandWords } = await import('./cli/words.ts');

process.exitCode = await main(commandWords());
// As Electron's utility process it would wait for its parent for ever.
if ('parentPort' in process) process.exit();
