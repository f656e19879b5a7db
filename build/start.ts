/** `npm start`: the desktop application where it can run, the browser host where it can't, and the reason why. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const electron = join(root, 'node_modules', 'electron');
/** Milliseconds that fetching Electron's 100 MB may take. */
const patience = 300_000;

function binary(): string | null {
  const named = join(electron, 'path.txt');
  const path = existsSync(named) ? join(electron, 'dist', readFileSync(named, 'utf8')) : null;
  return path && existsSync(path) ? path : null;
}

/** A sentence, or null where Electron can run. Asked before anything is fetched. */
export function obstacle(
  platform: string,
  env: NodeJS.ProcessEnv,
  userId: number | undefined,
): string | null {
  if (platform !== 'linux') return null;
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY'])
    return 'there is no display (DISPLAY and WAYLAND_DISPLAY are empty)';
  if (userId === 0) return 'Chromium does not run as root with its sandbox, and Saccade does not run without';
  return null;
}

function fetchElectron(): string | null {
  const fetched = spawnSync(process.execPath, [join(electron, 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
    timeout: patience,
  });
  if (binary()) return null;
  const said = fetched.stderr.split('\n').find((line) => /error/i.test(line)) ?? 'no reason was given';
  return `Electron's binary could not be fetched (${said.trim().slice(0, 200)})`;
}

function run(command: string, args: string[]): void {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const reason =
    obstacle(process.platform, process.env, process.getuid?.()) ?? (binary() ? null : fetchElectron());
  if (reason === null) run(binary()!, ['.', ...args]);
  else {
    console.log(`The desktop application can't start: ${reason}. Starting the browser host instead.`);
    run(process.execPath, [
      join('main', 'cli.ts'),
      'serve',
      ...args.filter((word) => word.startsWith('--port')),
    ]);
  }
}
