/** Every screen in both themes, into docs/images: `npm run screenshots`, or of some: `-- eraser looks`. Photos are those in `samples/`, or in $PHOTOS. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { chromium, expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { findChromium, forget, newHome, openInBrowser, root, samples } from './hosts.ts';
import { writePlaced } from './placed.ts';
import { Saccade } from './saccade.ts';

const out = join(root, 'docs', 'images');
const photos = process.env['PHOTOS'];
/** Somewhere without a story: paths are on the pictures. */
const pictures = join(tmpdir(), 'Pictures');
const copies = join(tmpdir(), 'From the phone');
const themes = ['light', 'dark'] as const;
/** Pictures that are asked for; none: all. */
const only = new Set(process.argv.slice(2));

function copySampleFolder(to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(samples))
    if (/\.(jpg|png|webp|avif)$/.test(name)) cpSync(join(samples, name), join(to, name));
}
/** A folder of what a phone sends on: the same pictures, smaller. */
async function writeCopies(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of ['frog', 'lighthouse'])
    await sharp(join(samples, `${name}.jpg`)).resize(320).webp().toFile(join(folder, `${name}.webp`)); // prettier-ignore
}

async function shoot(page: Page, name: string): Promise<void> {
  if (only.size && !only.has(name)) return;
  await page.mouse.move(0, 0);
  for (const theme of themes) {
    await page.evaluate((value) => (document.documentElement.dataset['theme'] = value), theme);
    await page.waitForTimeout(400); // pictures decode, transitions end
    await sharp(await page.screenshot())
      .webp({ quality: 88 })
      .toFile(join(out, `${name}-${theme}.webp`));
  }
}

/** Two sets of labels on the same photos: what the model came with, and one that is taught. */
async function compareMaps({ page }: Saccade, home: string): Promise<void> {
  const kinds: Record<string, string> = { cat: 'animal', dog: 'animal', frog: 'animal', robin: 'animal', stag: 'animal', horse: 'animal', airliner: 'vehicle', freighter: 'vehicle', yacht: 'vehicle', 'box-truck': 'vehicle', 'tipper-truck': 'vehicle' }; // prettier-ignore
  const known = readdirSync(samples).flatMap((file) => {
    const kind = kinds[file.slice(0, file.lastIndexOf('.'))];
    return kind && /\.(jpg|png|webp|avif)$/.test(file) ? [`${join(samples, file)},${kind}`] : [];
  });
  const table = join(home, 'kinds.csv');
  writeFileSync(table, ['path,label', ...known].join('\n'));
  await page.locator('nav').getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Kinds');
  await page.getByRole('radio', { name: 'A CSV file' }).click();
  await page.getByRole('textbox', { name: 'Path of a CSV file with the columns path and label' }).fill(table);
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Kinds/ })).toContainText('In use', { timeout: 120_000 });
  await page.getByRole('button', { name: /came with the model/ }).click();
  await page.getByRole('button', { name: 'Use this set' }).click();
  await expect(page.getByRole('button', { name: /came with the model/ })).toContainText('In use');
  await page.keyboard.press('Escape');
  await page.keyboard.press('w');
  await page.getByRole('radio', { name: 'Compare maps' }).click();
  await page.getByRole('button', { name: 'Look for “Kinds”' }).click();
  await expect(page.getByText(/photos compared/)).toBeVisible({ timeout: 120_000 });
  await shoot(page, 'compare-maps');
  await page.keyboard.press('Escape');
}

/** Labels of one's own: given by keys, a set of them, its queue, its table, and the same picture twice. */
async function labelPages(saccade: Saccade): Promise<void> {
  const { page } = saccade;
  const show = async (tab: string) => {
    await page.locator('nav').getByRole('button', { name: 'Labels', exact: true }).click();
    await page.getByRole('radio', { name: tab, exact: true }).click();
  };
  await saccade.tiles.nth(3).click();
  await page.keyboard.press('l');
  // A cat, a dog, a freighter, a frog, a gull, a horse.
  for (const label of ['animal', 'animal', 'vehicle', 'animal', 'animal', 'animal']) {
    await page.keyboard.type(label);
    await page.keyboard.press('Enter');
  }
  await expect(saccade.tile(/your own label/)).toHaveCount(6);
  for (const notice of await page.getByRole('button', { name: 'Dismiss' }).all()) await notice.click();
  await shoot(page, 'labelling');
  await page.keyboard.press('Escape');
  await show('Label sets');
  await page.getByRole('button', { name: /^Kinds/ }).click();
  await page.getByRole('button', { name: 'Use this set' }).click();
  await expect(page.getByRole('button', { name: /^Kinds/ })).toContainText('In use');
  await shoot(page, 'label-sets');
  await show('Review');
  await expect(page.getByRole('region', { name: 'Labelling' })).toBeVisible();
  await shoot(page, 'review');
  await show('Compare');
  await expect(
    page.getByRole('table').or(page.getByRole('main').getByRole('listitem')).first(),
  ).toBeVisible();
  await shoot(page, 'compare');
  await writeCopies(copies);
  await saccade.addFolder(copies);
  await expect(saccade.tiles).toHaveCount(2);
  await show('Duplicates');
  await page.getByRole('button', { name: 'Compare all photos' }).click();
  await expect(page.getByText('Keep this one').first()).toBeVisible({ timeout: 120_000 });
  await shoot(page, 'duplicates');
}

/** How many photos of a journey are of where. */
const towns: [latitude: number, longitude: number, photos: number][] = [
  [48.137, 11.575, 6],
  [52.52, 13.405, 3],
  [48.857, 2.352, 4],
  [41.893, 12.483, 3],
  [38.722, -9.139, 2],
  [51.507, -0.128, 2],
  [59.913, 10.752, 1],
  [40.713, -74.006, 5],
  [37.775, -122.419, 3],
  [-22.907, -43.173, 2],
  [-1.292, 36.822, 1],
  [-33.925, 18.424, 2],
  [35.682, 139.76, 4],
  [-33.857, 151.215, 3],
];

/** The map, of photos that say where they were taken. */
async function placesPage(saccade: Saccade): Promise<void> {
  const { page } = saccade;
  const folder = join(tmpdir(), 'Journeys');
  forget(folder);
  mkdirSync(folder);
  for (const [latitude, longitude, count] of towns)
    for (let i = 0; i < count; i++)
      await writePlaced(folder, 'lighthouse.jpg', [latitude + i / 500, longitude + i / 700], `${latitude} ${i}`); // prettier-ignore
  await saccade.addFolder(folder);
  const all = towns.reduce((sum, [, , count]) => sum + count, 0);
  await saccade.finished(all);
  await page.getByRole('navigation').getByRole('button', { name: 'Places' }).click();
  await expect(page.getByText(`${all} of ${all} photos say where they were taken`)).toBeVisible();
  await shoot(page, 'places');
  await page.keyboard.press('Escape');
  forget(folder);
}

async function openSettings(page: Page, language: string): Promise<void> {
  await page
    .locator('nav')
    .getByRole('button')
    .filter({ hasText: /Settings|设置/ })
    .click();
  await page.getByRole('radio', { name: language }).click();
}

const chromiumPath = findChromium();
if (!chromiumPath) throw new Error('Screenshots need a Chromium: install one, or set CHROMIUM to it.');
mkdirSync(out, { recursive: true });
const home = newHome();
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--hide-scrollbars'],
});
const saccade = new Saccade(await openInBrowser(browser, home));
try {
  const { page, inspector } = saccade;
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await shoot(page, 'first-run');
  if (!photos) forget(pictures); // what a run that was cut off left there
  if (!photos) copySampleFolder(pictures);
  await saccade.addFolder(photos ?? pictures);
  await expect(page.getByRole('contentinfo')).toContainText(/photos classified/, { timeout: 300_000 });
  await shoot(page, 'library');
  await page.keyboard.press('a');
  await shoot(page, 'overlays');
  await page.keyboard.press('a');

  await saccade.tiles.first().dblclick();
  await expect(inspector.getByText('What the score of')).toBeVisible();
  await shoot(page, 'inspector');
  await page.keyboard.press('e');
  for (let i = 0; i < 3; i++) await page.keyboard.press('x');
  await expect(inspector.getByText('Predictions without it')).toBeVisible();
  await expect(inspector.getByRole('status').filter({ hasText: /Without .*%/ })).toBeVisible();
  await shoot(page, 'eraser');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Escape');
  await inspector.getByRole('button', { name: /^Measure with/ }).click();
  await expect(inspector.getByRole('button', { name: /more looks/ })).toBeVisible({ timeout: 300_000 });
  await inspector.getByText('A measured map').scrollIntoViewIfNeeded();
  await shoot(page, 'measured');
  await page.keyboard.press('p');
  await page.keyboard.press('h');
  await inspector.getByRole('button', { name: 'Over the list' }).click();
  await expect(inspector.getByRole('button', { name: 'Over the list' })).toBeVisible({ timeout: 300_000 });
  await inspector.getByText('How far heads look').scrollIntoViewIfNeeded();
  await expect(inspector.getByText(/How much “Patch/)).toBeVisible();
  await shoot(page, 'patch');
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  await page.keyboard.press('m');
  await page.keyboard.press('h');
  await shoot(page, 'heads');
  await inspector.getByRole('button', { name: 'Switch heads off' }).click();
  for (const head of [1, 3]) await inspector.getByRole('button', { name: `Layer 7, head ${head}` }).click();
  await expect(inspector.getByRole('status').filter({ hasText: /Without 2 heads.*%/ })).toBeVisible();
  await inspector.getByText('Predictions without it').scrollIntoViewIfNeeded();
  await shoot(page, 'heads-off');
  await inspector.getByRole('button', { name: 'All heads on' }).click();
  await inspector.getByRole('button', { name: 'Switch heads off' }).click();
  await page.keyboard.press('Escape');
  await inspector.getByRole('button', { name: 'Measure on this photo' }).click();
  await expect(inspector.getByRole('table').last()).toContainText('Random', { timeout: 60_000 });
  await inspector.getByRole('complementary').evaluate((panel) => panel.scrollTo(0, panel.scrollHeight));
  await shoot(page, 'faithfulness');
  await page.keyboard.press('Escape');

  // Of the sidebar's rows only labels can be left out.
  const label = page.locator('li:has([data-aside]) button').first();
  await label.click();
  await page.getByRole('button', { name: /^What “/ }).click();
  await page.getByRole('button', { name: 'Look at some for special tokens' }).click();
  await expect(page.getByRole('button', { name: 'Look at some for special tokens' })).toBeHidden();
  await expect(page.getByRole('progressbar')).toBeHidden({ timeout: 60_000 });
  await page.getByText('All figures').click();
  await shoot(page, 'looks');
  await page.getByText('Where the evidence is unusual').evaluate((heading) => heading.scrollIntoView());
  await shoot(page, 'unusual');
  await page.keyboard.press('Escape');
  await label.click();
  await compareMaps(saccade, home);

  await page.keyboard.press('Shift+?');
  await shoot(page, 'keys');
  await page.keyboard.press('Escape');
  await page.locator('nav').getByRole('button', { name: 'Models' }).click();
  await expect(page.getByText('Model card')).toBeVisible();
  await shoot(page, 'models');
  await page.getByRole('radio', { name: 'Get more' }).click();
  await shoot(page, 'catalogue');
  await openSettings(page, 'English');
  await page.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Measure', exact: true })).toBeEnabled({ timeout: 300_000 });
  await shoot(page, 'settings');
  await openSettings(page, '简体中文');
  await page.keyboard.press('Escape');
  await shoot(page, 'library-zh');
  await saccade.tiles.first().dblclick();
  await expect(inspector.or(page.getByRole('region', { name: '查看照片' }))).toBeVisible();
  await expect(page.getByText('的得分由什么组成')).toBeVisible();
  await shoot(page, 'inspector-zh');
  await page.keyboard.press('Escape');
  await openSettings(page, 'English');
  await page.keyboard.press('Escape');
  await labelPages(saccade);
  await placesPage(saccade);
} finally {
  await saccade.close();
  await browser.close();
  forget(home);
  forget(copies);
  if (!photos) forget(pictures);
}
