/**
 * `npm run bench:window [-- --photos 100000]`: the real library in a real browser: from the start of the process to the
 * first page, first paint, frames while scrolling from top to end, elements and memory of the page, opening the inspector
 * on a classified photo.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, expect } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { findChromium, forget, newHome, openInBrowser, samples, serve } from '../e2e/hosts.ts';
import { Saccade, sampleCount } from '../e2e/saccade.ts';
import { manyFiles } from './scale.ts';
import { median } from './table.ts';

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '100000' },
    cache: { type: 'string', default: join(tmpdir(), 'saccade-bench') },
  },
});
/** A frame that took longer is seen. */
const slow = 32;

interface Scroll {
  frames: number;
  slow: number;
  worst: number;
  elements: number;
}

/** A step a frame; from the top to the end where the steps reach it. */
function scroll(page: Page, step: number, frames: number): Promise<Scroll> {
  return page.evaluate(
    async ([by, most, limit]) => {
      const area = document.querySelector('[data-grid]')!;
      area.scrollTop = 0;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const times: number[] = [];
      let elements = 0;
      let last = await new Promise<number>(requestAnimationFrame);
      while (times.length < most! && area.scrollTop + area.clientHeight < area.scrollHeight - 1) {
        area.scrollTop += by!;
        const now = await new Promise<number>(requestAnimationFrame);
        times.push(now - last);
        last = now;
        elements = Math.max(elements, document.getElementsByTagName('*').length);
      }
      return {
        frames: times.length,
        slow: times.filter((time) => time > limit!).length,
        worst: Math.max(...times),
        elements,
      };
    },
    [step, frames, slow],
  );
}

/** Resident megabytes of the page's process; Linux only. */
async function pageMegabytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1024);
  return Math.max(...sizes);
}

async function firstPaint(page: Page): Promise<number> {
  const start = performance.now();
  await page.reload({ waitUntil: 'commit' });
  await pictureThere(page);
  return performance.now() - start;
}

/** From the start of Saccade's processes to `there` in the page of a browser that is open. */
async function coldStart(browser: Browser, home: string, there: (page: Page) => Promise<unknown>) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  const page = await context.newPage();
  const start = performance.now();
  const served = await serve(home);
  await page.goto(served.url, { waitUntil: 'commit' });
  await there(page);
  const took = performance.now() - start;
  await context.close();
  await served.stop();
  return took;
}

const pictureThere = (page: Page) =>
  page.waitForFunction(() => {
    const picture = document.querySelector<HTMLImageElement>('[role=option] img');
    return picture?.complete && picture.naturalWidth > 0;
  });
/** Of an empty library: an error has a heading too. */
const welcomeThere = (page: Page) =>
  page.getByRole('heading', { name: 'See what your photos show' }).waitFor();

async function openInspector(saccade: Saccade, at: number): Promise<number> {
  await saccade.tiles.nth(at).click();
  const start = performance.now();
  await saccade.page.keyboard.press('Enter');
  await saccade.inspector.locator('[data-seen] canvas').waitFor();
  const took = performance.now() - start;
  await saccade.page.keyboard.press('Escape');
  await expect(saccade.inspector).toBeHidden();
  return took;
}

const photos = Number(values.photos);
mkdirSync(values.cache, { recursive: true });
const folder = await manyFiles(values.cache, photos);
const home = newHome();
const browser = await chromium.launch({
  executablePath: findChromium({ whole: true }) ?? undefined,
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
});
const [empty, full]: [number[], number[]] = [[], []];
for (let i = 0; i < 5; i++) {
  const fresh = newHome();
  empty.push(await coldStart(browser, fresh, welcomeThere));
  forget(fresh);
}
const saccade = new Saccade(await openInBrowser(browser, home));
try {
  const { page } = saccade;
  await saccade.addFolder(samples);
  await saccade.finished(sampleCount);
  const opening: number[] = [];
  for (let i = 0; i < 10; i++) opening.push(await openInspector(saccade, i));

  await saccade.addFolder(folder);
  const cancel = page.getByRole('button', { name: 'Cancel the run' });
  await cancel.click({ timeout: 900_000 });
  await expect(cancel).toBeHidden({ timeout: 60_000 });
  const paints: number[] = [];
  for (let i = 0; i < 5; i++) paints.push(await firstPaint(page));
  const height = await page.locator('[data-grid]').evaluate((area) => area.scrollHeight);
  const slowly = await scroll(page, 40, 600);
  const through = await scroll(page, Math.ceil(height / 600), 600);

  console.log(
    `${photos} photos, ${cpus().length} × ${cpus()[0]?.model}, ${browser.version()}, no graphics processor`,
  );
  console.log('| measured | figure |\n| --- | --- |');
  const row = (what: string, figure: string) => console.log(`| ${what} | ${figure} |`);
  const megabytes = await pageMegabytes(browser);
  await saccade.close();
  for (let i = 0; i < 5; i++) full.push(await coldStart(browser, home, pictureThere));
  row('empty library, from the start of the process to the first page', `${median(empty).toFixed(0)} ms`);
  row('full library, from the start of the process to the first picture', `${median(full).toFixed(0)} ms`);
  row('library, from loading to the first picture', `${median(paints).toFixed(0)} ms`);
  for (const [what, run] of [
    ['40 pixels a frame', slowly],
    ['from top to end in 600 frames', through],
  ] as const)
    row(
      `scrolling ${what}: frames over ${slow} ms`,
      `${run.slow} of ${run.frames}, worst ${run.worst.toFixed(0)} ms, at most ${run.elements} elements`,
    );
  row('memory of the page’s process', `${megabytes.toFixed(0)} MB`);
  row('inspector on a classified photo, from key to overlay', `${median(opening).toFixed(0)} ms`);
} finally {
  await saccade.close();
  await browser.close();
  forget(home);
}
