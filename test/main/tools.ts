/** Other people's programs that read and write metadata; tests that need one say loudly when it is not there. */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Patience with one answer of exiftool, in ms. */
const patience = 60_000;
/** An argument as a line of an argument file: where it looks like a comment or is longer than a line, as a string of C. */
const asLine = (word: string): string =>
  /^[\s#]|\n|\s$/.test(word) ? `#[CSTR]${word.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}` : word;

function startExiftool(): (words: string[]) => Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-exiftool-'));
  const [asked, said] = [join(folder, 'asked'), join(folder, 'said')];
  writeFileSync(asked, '');
  const child = spawn('exiftool', ['-stay_open', 'True', '-@', asked], {
    stdio: ['ignore', openSync(said, 'w'), 'ignore'],
  });
  child.unref();
  process.once('exit', () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let heard = 0;
  let count = 0;
  return (words) => {
    // Its status follows what it says, and then the number of the question.
    const end = new RegExp(`\\{(\\d+)\\}\\r?\\n\\{ready${++count}\\}\\r?\\n$`);
    appendFileSync(
      asked,
      `${[...words.map(asLine), '-echo3', '{${status}}', `-execute${count}`].join('\n')}\n`,
    );
    for (const until = Date.now() + patience; Date.now() < until; Atomics.wait(pause, 0, 0, 5)) {
      const answer = readFileSync(said).subarray(heard);
      const found = end.exec(answer.toString('latin1'));
      if (!found) continue;
      heard += answer.length;
      if (found[1] !== '0') throw new Error(`exiftool ended with ${found[1]}: ${words.join(' ')}`);
      return answer.subarray(0, found.index);
    }
    throw new Error(`exiftool gave no answer within ${patience / 1000} s: ${words.join(' ')}`);
  };
}
let asking: ReturnType<typeof startExiftool> | undefined;

/** One process answers all that a file of tests asks: each start of exiftool takes some tenths of a second of a core. */
export const exiftoolBytes = (...words: string[]): Buffer => (asking ??= startExiftool())(words);
export const exiftool = (...words: string[]): string => exiftoolBytes(...words).toString();
