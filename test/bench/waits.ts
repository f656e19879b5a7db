/**
 * What a person waits for in the window: first pictures after a jump through 10,000 photos that nobody has looked at,
 * and a photo's map and numbers in the inspector, at rest and while a run goes on. The real library in a real browser.
 */
import { cpSync, existsSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chromium, expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { unwrap } from '../../main/contract/result.ts';
import { findChromium, forget, newHome, openInBrowser } from '../e2e/hosts.ts';
import { Saccade } from '../e2e/saccade.ts';
import { writeModel } from './models.ts';
import { writePhotos } from './photos.ts';
import { manyFiles, type Figure } from './scale.ts';
import { startSaccade } from './sides.ts';
import { median } from './table.ts';

/** Photos of 12 megapixels at the end of each long folder, more than the window shows at once. */
const large = 32;
const folders = 3;
const few = 20;
/** On a machine that others want too. */
const patience = 600_000;

/** Folders of `count` photos whose names' order ends with those of 12 megapixels: what has to be decoded when one gets there. */
async function longFolders(cache: string, count: number): Promise<string[]> {
  const small = await manyFiles(cache, count);
  const photos = await writePhotos(join(cache, '12-megapixel'), 96, 4000, 3000);
  return Array.from({ length: folders }, (_, n) => {
    const folder = join(cache, `jump-${count}`, `long-${n + 1}`);
    if (existsSync(join(folder, 'done'))) return folder;
    mkdirSync(folder, { recursive: true });
    const name = (i: number) => join(folder, `photo-${String(i).padStart(6, '0')}.jpg`);
    const small1 = (i: number) => join(small, String(Math.floor(i / 1000)).padStart(4, '0'), `${i}.jpg`);
    for (let i = 0; i < count; i++)
      linkSync(i < count - large ? small1(i) : photos[n * large + i - (count - large)]!, name(i));
    writeFileSync(join(folder, 'done'), '');
    return folder;
  });
}

/** Of 500 pixels, to be classified before anything else. */
async function fewPhotos(cache: string): Promise<string> {
  const photos = await writePhotos(join(cache, '500-pixel'), 200, 500, 375);
  const folder = join(cache, 'classified');
  mkdirSync(folder, { recursive: true });
  for (const path of photos.slice(0, few))
    if (!existsSync(join(folder, basename(path)))) linkSync(path, join(folder, basename(path)));
  return folder;
}

/** Milliseconds from `act` until `there` holds in the page, which is asked at every frame. */
async function until(
  page: Page,
  act: () => Promise<unknown>,
  there: (asked: string) => boolean,
  asked: string,
): Promise<number> {
  // prettier-ignore
  const start = performance.now();
  await act();
  await page.waitForFunction(there, asked, { polling: 'raf', timeout: patience });
  return performance.now() - start;
}

/** Whether so many of the tiles in sight show their picture; `all`: every one. */
function pictures(wanted: string): boolean {
  const area = document.querySelector('[data-grid]')!.getBoundingClientRect();
  const tiles = [...document.querySelectorAll('[data-grid] [role=option]')].filter((tile) => {
    const { top, bottom } = tile.getBoundingClientRect();
    return bottom > area.top + 40 && top < area.bottom - 40;
  });
  const last = tiles.at(-1);
  if (last?.getAttribute('aria-posinset') !== last?.getAttribute('aria-setsize')) return false;
  const shown = tiles.filter((tile) => {
    const picture = tile.querySelector('img');
    return picture?.complete && picture.naturalWidth > 0;
  });
  return shown.length >= (wanted === 'one' ? 1 : tiles.length);
}

const mapShown = (name: string) =>
  document.querySelector('.inspector h1')?.textContent === name &&
  document.querySelector('.inspector [data-seen] canvas') !== null;
const numbersShown = (name: string) =>
  document.querySelector('.inspector h1')?.textContent === name &&
  document.querySelector('.inspector aside')?.getAttribute('aria-busy') === 'false';

interface Looks {
  map: number[];
  numbers: number[];
}

/** Opens the inspector, goes on to the next photo and the one after, closes it. */
async function look(saccade: Saccade, rounds: number): Promise<Looks> {
  const { page, tiles } = saccade;
  const looks: Looks = { map: [], numbers: [] };
  const names = await tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute('aria-label')!.split(':')[0]!)); // prettier-ignore
  for (let round = 0; round < rounds; round++) {
    const first = round * 3;
    await tiles.nth(first).click();
    for (const [step, key] of ['Enter', 'ArrowRight', 'ArrowRight'].entries()) {
      const name = names[first + step]!;
      const start = performance.now();
      looks.map.push(await until(page, () => page.keyboard.press(key), mapShown, name));
      await page.waitForFunction(numbersShown, name, { polling: 'raf', timeout: patience });
      looks.numbers.push(performance.now() - start);
    }
    await page.keyboard.press('Escape');
    await expect(saccade.inspector).toBeHidden();
  }
  return looks;
}

async function jumps(saccade: Saccade, names: string[]): Promise<{ one: number[]; all: number[] }> {
  const { page, tiles, grid } = saccade;
  const took: { one: number[]; all: number[] } = { one: [], all: [] };
  for (const name of names) {
    await page.getByRole('treeitem', { name: new RegExp(name) }).click();
    await expect(tiles.first()).toHaveAttribute('aria-setsize', /^\d{4,}$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    await tiles.first().click();
    await grid.focus();
    const start = performance.now();
    took.one.push(await until(page, () => page.keyboard.press('End'), pictures, 'one'));
    await page.waitForFunction(pictures, 'all', { polling: 'raf', timeout: patience });
    took.all.push(performance.now() - start);
  }
  return took;
}

const seconds = (ms: number[]) => `${(median(ms) / 1000).toFixed(2)} s (worst ${(Math.max(...ms) / 1000).toFixed(2)})`; // prettier-ignore
const times = (a: number[], b: number[]) => `${(median(a) / median(b)).toFixed(1)} ×`;

/** ViT-Ti/16 with random weights, fp32 on the CPU; nobody has measured it on this home, so a run measures it too. */
export async function windowWaits(cache: string, count: number): Promise<Figure[]> {
  const { folder: model } = await writeModel(cache, 'vit-tiny');
  const long = await longFolders(cache, count);
  const looked = await fewPhotos(cache);
  const home = newHome();
  cpSync(model, join(home, 'models', basename(model)), { recursive: true });
  const library = startSaccade(home);
  unwrap(await library.ask('settings.set', { model: 'vit-tiny', provider: 'cpu', precision: 'fp32' }));
  await library.close();

  const browser = await chromium.launch({
    executablePath: findChromium({ whole: true }) ?? undefined,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
  });
  const saccade = new Saccade(await openInBrowser(browser, home));
  const { page } = saccade;
  const cancel = page.getByRole('button', { name: 'Cancel the run' });
  const openFolder = (name: string) => page.getByRole('treeitem', { name: new RegExp(name) }).click();
  try {
    await saccade.addFolder(looked);
    const told = page.getByRole('contentinfo', { name: 'Classification' });
    await expect(told).toContainText(`${few} photos classified`, { timeout: patience });
    await page.locator('[aria-label^="Sort by"]').click();
    await page.getByRole('option', { name: 'Name', exact: true }).click();
    const rest = await look(saccade, 4);

    await saccade.addFolder(long[0]!);
    await cancel.waitFor({ timeout: patience });
    await openFolder('classified');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('classified');
    const running = await look(saccade, 6);
    if (!(await cancel.isVisible())) throw new Error('The run was over before the last look.');
    const beside = await jumps(saccade, ['long-1']);
    await cancel.click();
    await expect(cancel).toBeHidden({ timeout: patience });

    for (const folder of long.slice(1)) {
      await saccade.addFolder(folder);
      await cancel.click({ timeout: patience });
      await expect(cancel).toBeHidden({ timeout: patience });
    }
    const alone = await jumps(saccade, ['long-2', 'long-3']);
    return [
      { what: `end of ${count} new photos, to the first picture, no run (aim 0.7 s)`, figure: seconds(alone.one) },
      { what: 'the same, to all pictures in sight, of 12 megapixels', figure: seconds(alone.all) },
      { what: 'the same while a run goes on: first picture, all', figure: `${seconds(beside.one)}, ${seconds(beside.all)}` },
      { what: 'ViT-Ti/16, classified photo: from the key to the map (aim 0.5 s)', figure: seconds(rest.map) },
      { what: 'the same, to the whole inspection', figure: seconds(rest.numbers) },
      { what: 'from the key to the map while a run goes on (aim 0.5 s)', figure: `${seconds(running.map)}, ${times(running.map, rest.map)} as long` },
      { what: 'the same, to the whole inspection', figure: `${seconds(running.numbers)}, ${times(running.numbers, rest.numbers)} as long` },
    ]; // prettier-ignore
  } finally {
    await saccade.close();
    await browser.close();
    forget(home);
  }
}
