#!/usr/bin/env node
/** The command line's entry. */
import { main } from './cli/program.ts';

process.exitCode = await main(process.argv.slice(2));
// As Electron's utility process it would wait for its parent for ever.
if ('parentPort' in process) process.exit();
