/** Where the specs run: the browser host in a Chromium of this machine, and Electron where its binary is. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';

export const root = resolve(import.meta.dirname, '..', '..');
export const samples = join(root, 'samples');

/** Without a browser's own windows, and processes of theirs. */
const shell = '/usr/bin/chromium-headless-shell';
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * A Chromium to drive, or null. `CHROMIUM` names another.
 * @param options.whole a browser as people use it, where there is one: for what is measured
 */
export function findChromium({ whole = false } = {}): string | null {
  const own = chromium.executablePath();
  // The same pages cost a fifth less in the headless shell.
  const places = whole ? [...browsers, own, shell] : [shell, ...browsers, own];
  return [process.env['CHROMIUM'], ...places].find((path) => path && existsSync(path)) ?? null;
}

/** Electron's binary where it has been fetched and could open a window, or null. */
export function findElectron(): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const named = join(folder, 'path.txt');
  const path = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8')) : null;
  const shows = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  return path && existsSync(path) && shows ? path : null;
}

export interface Running {
  page: Page;
  /** SACCADE_HOME of this one. */
  home: string;
  /** Has the system's folder dialog answer with this path; null where the host has none. */
  answerDialog: ((path: string) => Promise<void>) | null;
  /** Processes that main started, by a word of their command line. */
  processesOf(word: string): number[];
  close(): Promise<void>;
}

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), 'saccade-e2e-'));
}

function descendants(of: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === of;
      } catch {
        return false; // ended meanwhile
      }
    });
  return [...children, ...children.flatMap(descendants)];
}
const processesOf = (main: number) => (word: string) =>
  descendants(main).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word));

export interface Served {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** `saccade serve` on a home of its own, as the build made it. */
export async function serve(home: string): Promise<Served> {
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', '--port', '0'], {
    cwd: root,
    env: { ...process.env, SACCADE_HOME: home, XDG_DATA_HOME: join(home, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const url = await new Promise<string>((found, failed) => {
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const match = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(said);
      if (match) found(match[0]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('exit', (code) => failed(new Error(`saccade serve ended with ${code}:\n${said}`)));
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

export async function openInBrowser(browser: Browser, home: string): Promise<Running> {
  const served = await serve(home);
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  await page.goto(served.url);
  return {
    page,
    home,
    answerDialog: null,
    processesOf: processesOf(served.pid),
    async close() {
      await context.close();
      await served.stop();
    },
  };
}

export async function openInElectron(home: string): Promise<Running> {
  const application = await _electron.launch({
    executablePath: findElectron()!,
    args: [root],
    // Playwright's default is without, and Saccade opens no window then.
    chromiumSandbox: true,
    env: {
      ...(process.env as Record<string, string>),
      SACCADE_HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
    },
  });
  return {
    page: await application.firstWindow(),
    home,
    answerDialog: (path) =>
      application.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
      }, path),
    processesOf: processesOf(application.process().pid!),
    close: () => application.close(),
  };
}

export function forget(home: string): void {
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
