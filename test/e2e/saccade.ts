/** What every spec starts from: Saccade running on a home of its own, its console watched. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, expect } from '@playwright/test';
import type { Browser, Locator, Page } from '@playwright/test';
import type axe from 'axe-core';
import { keepPace } from '../measured-home.ts';
import { starterLabels } from '../starter.ts';
import { forget, newHome, openInBrowser, openInElectron, samples } from './hosts.ts';
import type { Running } from './hosts.ts';

export { expect };

/** How many pictures `samples/` holds. */
export const sampleCount = (JSON.parse(readFileSync(join(samples, 'samples.json'), 'utf8')) as unknown[])
  .length;

/** `axe.source` is more than twice as long, and parsed by every page that is looked at. */
const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Everything the window complains about: errors, and what the content security policy stopped. */
function watch(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`${error.message}\n${error.stack}`));
  page.on('console', (message) => {
    // A picture that can't be decoded is answered with 404 and shown as such.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
}

/** The end of a tile's name: `cat, 81%`, `cat? 31%, unsure`; its first group is one of the labels of the model that ships. */
const answered = new RegExp(`: (${starterLabels.join('|')})(?:, |\\? )\\d+%`);

export class Saccade implements Running {
  readonly page: Page;
  readonly home: string;
  readonly answerDialog: Running['answerDialog'];
  readonly processesOf: Running['processesOf'];
  readonly close: Running['close'];
  readonly complaints: string[] = [];

  constructor(running: Running) {
    this.page = running.page;
    this.home = running.home;
    this.answerDialog = running.answerDialog;
    this.processesOf = running.processesOf;
    this.close = running.close;
    watch(this.page, this.complaints);
  }

  get tiles() {
    return this.grid.getByRole('option');
  }
  tile(name: string | RegExp) {
    return this.page.locator('[data-grid]').getByRole('option', { name });
  }
  /** What the model says that a tile's photo shows, sure or not. */
  async labelOf(which: RegExp | Locator): Promise<string> {
    const tile = which instanceof RegExp ? this.tile(which).first() : which;
    await expect(tile).toHaveAccessibleName(answered);
    return answered.exec((await tile.getAttribute('aria-label'))!)![1]!;
  }
  /** The row of a label in the sidebar: not that of one that begins alike. */
  row(label: string) {
    return this.page
      .getByRole('navigation', { name: 'Folders and labels' })
      .getByRole('button', { name: new RegExp(`^${label}(?! ?[a-z-])`) });
  }
  get grid() {
    return this.page.locator('[data-grid]');
  }
  get inspector() {
    return this.page.getByRole('region', { name: 'Inspector' });
  }

  /** As a person adds it: by the system's dialog, or by the browser host's own. */
  async addFolder(path: string): Promise<void> {
    await this.answerDialog?.(path);
    await this.page
      .getByRole('button', { name: /Choose a folder|Add a folder/ })
      .first()
      .click();
    if (this.answerDialog) return;
    const dialog = this.page.getByRole('dialog');
    const field = dialog.getByRole('textbox', { name: 'Path' });
    // Where it begins is set once it is listed, also between the two steps of filling a field: it then stands before the path.
    await expect(field).not.toHaveValue('');
    if (path.includes('\n')) {
      // A text field has no line breaks: go to the folder as a person would.
      await field.fill(dirname(path));
      await dialog.getByRole('button', { name: 'Go' }).click();
      await dialog
        .getByRole('listitem')
        .getByRole('button')
        .filter({ hasText: basename(path) })
        .click();
      await expect(field).toHaveValue(path.replace('\n', ''));
    } else await field.fill(path);
    await dialog.getByRole('button', { name: 'Add this folder' }).click();
    await expect(dialog).toBeHidden();
  }
  async finished(photos: number): Promise<void> {
    await expect(this.page.getByRole('contentinfo', { name: 'Classification' })).toContainText(
      new RegExp(`${photos} photos? (classified|seen)`),
      { timeout: 90_000 },
    );
  }
  /** By all of axe's rules, or by those named. */
  async accessible(rules?: string[]): Promise<void> {
    // What moves has come to its end, as colours do that follow the theme. A page is given axe once: 0.6 MB.
    const there = await this.page.evaluate(async () => {
      const ending = document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(ending.map(({ finished }) => finished));
      return 'axe' in window;
    });
    if (!there) await this.page.evaluate(axeSource);
    // What holds is not described.
    const options: axe.RunOptions = {
      resultTypes: ['violations'],
      ...(rules && { runOnly: { type: 'rule', values: rules } }),
    };
    const violations = await this.page.evaluate(
      async (how) => (await (window as unknown as { axe: typeof axe }).axe.run(how)).violations,
      options,
    );
    expect(
      violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 200)} ${any[0]?.message ?? ''}`).join('\n')}`,
      ),
    ).toEqual([]);
  }
  /** Every screen must hold in both themes, which differ in colours alone (`light-dark` in styles/base.css). */
  async accessibleInBothThemes(): Promise<void> {
    for (const theme of ['light', 'dark']) {
      await this.page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      await this.accessible(theme === 'dark' ? ['color-contrast', 'link-in-text-block'] : undefined);
    }
  }
}

async function open(browser: Browser, host: unknown, home: string): Promise<Saccade> {
  return new Saccade(host === 'electron' ? await openInElectron(home) : await openInBrowser(browser, home));
}
async function end(saccade: Saccade): Promise<void> {
  await saccade.close();
  forget(saccade.home);
}
function copyOf(home: string): string {
  const copy = newHome();
  cpSync(home, copy, { recursive: true });
  return copy;
}

interface Each {
  /** Whether the models of the home compute in several streams, where there are cores for them. */
  several: boolean;
  /** With an empty library. */
  saccade: Saccade;
  /** With the sample pictures classified. */
  sampled: Saccade;
  /** As `sampled`, shared by the specs of a worker, back at the library for each: for what changes nothing. */
  library: Saccade;
}
interface Once {
  /** A home with the sample pictures classified, to be copied. */
  samplesHome: string;
  classified: Saccade;
}

export const test = base.extend<Each, Once>({
  several: [false, { option: true }],
  saccade: async ({ browser, several }, use, info) => {
    const home = newHome();
    await keepPace(home, { several });
    const saccade = await open(browser, info.project.metadata['host'], home);
    await use(saccade);
    await end(saccade);
    expect(saccade.complaints).toEqual([]);
  },
  samplesHome: [
    async ({ browser }, use, info) => {
      const home = newHome();
      await keepPace(home);
      const saccade = await open(browser, info.project.metadata['host'], home);
      await saccade.page.getByRole('button', { name: 'Try the sample pictures' }).click();
      await saccade.finished(sampleCount);
      await saccade.close();
      await use(home);
      forget(home);
    },
    { scope: 'worker' },
  ],
  sampled: async ({ browser, samplesHome }, use, info) => {
    const saccade = await open(browser, info.project.metadata['host'], copyOf(samplesHome));
    await expect(saccade.tiles.first()).toBeVisible();
    await use(saccade);
    await end(saccade);
    expect(saccade.complaints).toEqual([]);
  },
  classified: [
    async ({ browser, samplesHome }, use, info) => {
      const saccade = await open(browser, info.project.metadata['host'], copyOf(samplesHome));
      await use(saccade);
      await end(saccade);
    },
    { scope: 'worker' },
  ],
  library: async ({ classified }, use) => {
    const { page } = classified;
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await expect(classified.tiles.first()).toBeVisible();
    classified.complaints.length = 0;
    await use(classified);
    expect(classified.complaints).toEqual([]);
  },
});

/** A folder of its own for a spec. */
export function newFolder(name = 'photos'): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'saccade-photos-')), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
/** So many photos of different content: what follows the end of a JPEG is not decoded. */
export function fillFolder(folder: string, count: number, from = 'red-car.jpg'): void {
  const bytes = readFileSync(join(samples, from));
  for (let i = 0; i < count; i++)
    writeFileSync(
      join(folder, `photo-${String(i).padStart(4, '0')}.jpg`),
      Buffer.concat([bytes, Buffer.from(`${i}`)]),
    );
}
export function copySamples(folder: string, ...names: [from: string, to: string][]): void {
  for (const [from, to] of names) cpSync(join(samples, from), join(folder, to));
}
/** Real and odd photos that can't be redistributed, or null. */
export function sharedFolder(name: string): string | null {
  const folder = join(samples, '..', '..', 'shared', name);
  return existsSync(folder) ? folder : null;
}
