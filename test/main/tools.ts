/** Other people's programs that read and write metadata; tests that need one say loudly when it is not there. */
import { execFileSync } from 'node:child_process';

function isThere(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const needs = (program: string, argument: string) => ({
  skip: isThere(program, argument) ? false : `SKIPPED: ${program} is not installed`,
});

/** For `test(name, needsExiftool, …)`. */
export const needsExiftool = needs('exiftool', '-ver');
export const needsExiv2 = needs('exiv2', '--version');
export const needsDarktable = needs('darktable-cli', '--version');

export const run = (program: string, ...words: string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
