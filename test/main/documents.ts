/** The project's documents, and the commands in them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const project = join(import.meta.dirname, '..', '..');

/** Absolute paths. */
export const documents: readonly string[] = globSync(
  ['*.md', 'docs/**/*.md', 'models/starter/**/*.md', 'samples/*.md'],
  {
    cwd: project,
  },
)
  .sort()
  .map((path) => join(project, path));

export interface Command {
  command: string;
  /** The document, absolute. */
  path: string;
}

/** Lines of blocks that are commands: those marked `sh`, and those that begin with a program. */
export function blockCommands(): Command[] {
  return documents.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, language, block]) =>
      block!
        .split('\n')
        .filter((line) => (language === 'sh' ? line : /^(saccade|npm|npx|node|python3|ssh) /.test(line)))
        .map((line) => ({ command: line.replace(/ +# .*$/, ''), path })),
    ),
  );
}

/** Commands in running text, `like this`. */
export function inlineCommands(): Command[] {
  return documents.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/`((?:saccade|npm|npx|node|python3|ssh) [^`\n]+)`/g)].map(
      ([, command]) => ({
        command: command!,
        path,
      }),
    ),
  );
}
