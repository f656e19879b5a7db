import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { chineseOf } from '../starter.ts';
import { expect, test, sampleCount } from './saccade.ts';

async function downloaded(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
}

test('a label narrows the list, and its chip takes the filter away', async ({ library }) => {
  const { page } = library;
  const label = await library.labelOf(/^airliner/);
  await library.row(label).click();
  await expect(library.tiles).not.toHaveCount(sampleCount);
  const count = await library.tiles.count();
  const told = await library.row(label).innerText();
  const [sure = 0, unsure = 0] = told.match(/\d+/g)!.map(Number);
  expect(sure + unsure).toBe(count);
  for (const name of await library.tiles.evaluateAll((tiles) => tiles.map((tile) => tile.ariaLabel)))
    expect(name).toContain(label);
  await page.getByRole('button', { name: `Take away the filter “${label}”` }).click();
  await expect(library.tiles).toHaveCount(sampleCount);
});

test('in a narrow window the search is as long as its line', async ({ library }) => {
  const { page } = library;
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 370, height: 760 });
  const search = page.getByRole('combobox', { name: 'Search photos and labels' });
  const { x, width } = (await search.boundingBox())!;
  expect(x + width).toBeGreaterThan(370 - 16);
  await page.setViewportSize(size);
});

test('in a narrow, low window a set of labels stands below the list of sets, not over it', async ({
  library,
}) => {
  const { page } = library;
  const size = page.viewportSize()!;
  await page.locator('nav').getByRole('button', { name: 'Labels', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Teach from examples' })).toBeVisible();
  await page.setViewportSize({ width: 370, height: 280 });
  const last = page.getByRole('button', { name: 'Teach from examples' });
  const detail = page.getByRole('heading', { level: 2 }).first();
  const [above, below] = await Promise.all([last.boundingBox(), detail.boundingBox()]);
  expect(below!.y).toBeGreaterThanOrEqual(above!.y + above!.height);
  await page.setViewportSize(size);
});

test('search finds file names and labels in both languages as it is typed', async ({ library }) => {
  const search = library.page.getByRole('combobox', { name: 'Search photos and labels' });
  const label = await library.labelOf(/^airliner/);
  await search.fill('propeller-plane');
  await expect(library.tiles).toHaveCount(1);
  await search.fill(chineseOf.get(label)!);
  await expect(library.tile(/^airliner\.jpg/)).toBeVisible();
  await search.fill('no such photo');
  await expect(library.page.getByText('No photo fits these filters')).toBeVisible();
  await library.accessible();
  await library.page.getByRole('button', { name: 'Clear all filters' }).click();
  await expect(library.tiles).toHaveCount(sampleCount);
});

test('the list is sorted by name and by confidence, both ways', async ({ library }) => {
  const { page } = library;
  // A tile whose photo is still being asked for has no name yet.
  const told = async () =>
    (await library.tiles.evaluateAll((tiles) => tiles.map((tile) => tile.ariaLabel))).filter(
      (text) => text !== null,
    );
  const names = async () => (await told()).map((text) => text.split(':')[0]!);
  await expect.poll(async () => (await names()).length).toBeGreaterThan(9);
  expect(await names()).toEqual((await names()).toSorted());
  await page.getByRole('button', { name: 'Ascending' }).click();
  await expect.poll(async () => (await names())[0]).toBe('yacht.webp');
  await page.getByRole('combobox', { name: /^Sort by/ }).click();
  await page.getByRole('option', { name: 'Confidence' }).click();
  const chances = async () => (await told()).map((text) => Number(/(\d+)%/.exec(text)?.[1]));
  await expect.poll(async () => (await names())[0]).not.toBe('yacht.webp');
  await expect.poll(async () => (await names()).length).toBeGreaterThan(9);
  expect(await chances()).toEqual((await chances()).toSorted((a, b) => b - a));
});

test('overlays appear on all tiles from what is stored, without inference', async ({ library }) => {
  const { page } = library;
  const sent: string[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  await page.reload();
  await expect(library.tiles).toHaveCount(sampleCount);
  await expect(page.locator('[role=option] canvas')).toHaveCount(0);
  await page.keyboard.press('a');
  await expect(page.locator('[role=option] canvas')).toHaveCount(sampleCount);
  const colours = await page
    .locator('[role=option] canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
  expect(colours).toBeGreaterThan(20);
  expect(sent.filter((text) => text.includes('inspect.'))).toEqual([]);
  await page.keyboard.press('a');
  await expect(page.locator('[role=option] canvas')).toHaveCount(0);
});

test('photos are picked one by one, in ranges and all but some, and exported', async ({ library }) => {
  const { page } = library;
  const control = process.platform === 'darwin' ? 'Meta' : 'Control';
  await library.tiles.nth(1).click();
  await library.tiles.nth(3).click({ modifiers: ['Shift'] });
  await expect(page.getByRole('heading', { name: '3 selected' })).toBeVisible();
  await library.tiles.nth(2).click({ modifiers: [control] });
  await expect(page.getByRole('heading', { name: '2 selected' })).toBeVisible();
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await library.accessible();
  const sheet = page.getByRole('dialog');
  const saved = async (format: string) => {
    await page.getByRole('menuitem', { name: 'Export and share…' }).click();
    await sheet.getByRole('combobox', { name: 'As' }).selectOption(format);
    return downloaded(page, () => sheet.getByRole('button', { name: 'Save' }).click());
  };
  const csv = await saved('csv');
  expect(csv.name).toMatch(/^saccade-.*\.csv$/);
  expect(csv.bytes.toString().trim().split('\n')).toHaveLength(3);

  await library.grid.press(`${control}+a`);
  await library.tiles.nth(0).click({ modifiers: [control] });
  await expect(page.getByRole('heading', { name: `${sampleCount - 1} selected` })).toBeVisible();
  await library.tiles.nth(4).click({ button: 'right' });
  const lines = await saved('jsonl');
  const photos = lines.bytes
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string });
  expect(photos).toHaveLength(sampleCount - 1);
  expect(photos.every(({ path }) => !path.endsWith('airliner.jpg'))).toBe(true);
});

test('a person’s own word stands beside the prediction and can be taken back', async ({ library }) => {
  const { page } = library;
  const label = async (word: string) => {
    await library.tile(/^lighthouse/).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Your own label' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill(word);
    await library.accessible();
    await dialog.getByRole('button', { name: 'Save' }).click();
  };
  await label('lighthouse');
  await expect(library.tile('lighthouse.jpg: lighthouse, your own label')).toBeVisible();
  await label('');
  await expect(library.tile('lighthouse.jpg: lighthouse, your own label')).toBeHidden();
});

test('the library is accessible in both themes, narrow windows too', async ({ library }) => {
  await library.accessibleInBothThemes();
  await library.page.setViewportSize({ width: 480, height: 720 });
  await library.page.getByRole('button', { name: 'Folders and labels' }).click();
  await library.accessibleInBothThemes();
  await library.page.keyboard.press('Escape');
  await library.page.setViewportSize({ width: 1280, height: 800 });
});
