import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { samples } from './hosts.ts';
import { expect, test } from './saccade.ts';
import type { Saccade } from './saccade.ts';
import { starter, starterDepth, starterLabels } from '../starter.ts';

async function inspect(library: Saccade, name: RegExp): Promise<void> {
  await library.tile(name).dblclick();
  await expect(library.inspector.getByText('What the score of')).toBeVisible();
}

test('method, layers, heads and class change the map at once', async ({ library }) => {
  const { page, inspector } = library;
  await inspect(library, /^airliner/);
  const canvas = inspector.locator('[data-seen] canvas');
  const picture = () =>
    canvas.evaluate(async (element: HTMLCanvasElement) => {
      await new Promise(requestAnimationFrame);
      return element.toDataURL();
    });
  const seen = new Set<string>();
  const differs = async () => {
    await expect.poll(async () => seen.has(await picture())).toBe(false);
    seen.add(await picture());
  };
  await differs();
  await page.keyboard.press('[');
  await expect(inspector.getByText(`${starterDepth} of ${starterDepth}`)).toBeVisible();
  await differs();
  await inspector.getByRole('radio', { name: 'Attention' }).click();
  await expect(inspector.getByText('It shows where one layer took information from')).toBeVisible();
  await differs();
  await inspector.getByRole('button', { name: 'All heads' }).click();
  await inspector.getByRole('button', { name: 'Layer 2, head 3', exact: true }).click();
  await expect(inspector.getByText(`2 of ${starterDepth}`)).toBeVisible();
  await differs();
  await library.accessible();
  await page.keyboard.press('Escape');
  await inspector.getByRole('radio', { name: 'Rollout' }).click();
  await differs();
  await inspector.getByRole('radio', { name: 'Evidence' }).click();
  const second = inspector.getByRole('region', { name: 'Predictions' }).getByRole('button').nth(1);
  await page.keyboard.press('2');
  await expect(second).toHaveAttribute('aria-pressed', 'true');
  const label = (await second.innerText()).split('\n')[0]!;
  await expect(inspector.getByText(`What the score of “${label}” is made of`)).toBeVisible();
  await differs();
});

test('any class of the model can be explained, found by its name', async ({ library }) => {
  const last = starterLabels.at(-1)!;
  const { page, inspector } = library;
  await inspect(library, /^airliner/);
  await inspector.getByRole('combobox', { name: 'Explain another class' }).fill(last.slice(0, 4));
  await page.getByRole('option', { name: last, exact: true }).click();
  await expect(inspector.getByText(`What the score of “${last}” is made of`)).toBeVisible();
  await library.accessible();
});

test('the bars of a score sum to the model’s own logit', async ({ library }) => {
  await inspect(library, /^frog/);
  const rows = await library.inspector
    .getByRole('region', { name: /What the score/ })
    .locator('tr')
    .evaluateAll((all) =>
      all.map((row) => Number(row.querySelector('td.value')!.textContent!.replace('−', '-'))),
    );
  const logit = rows.at(-1)!;
  const sum = rows.slice(0, -2).reduce((total, value) => total + value, 0);
  expect(Math.abs(sum - logit)).toBeLessThan(0.04); // six figures of two decimals
  expect(rows.at(-2)).toBeCloseTo(logit, 1);
});

test('the overlay lies exactly over what the model saw, also when zoomed', async ({ library }) => {
  const { inspector, page } = library;
  // 4:3, and the starter sees its middle square.
  await inspect(library, /^box-truck/);
  const check = async () => {
    const photo = (await inspector.locator('.photo').boundingBox())!;
    const seen = (await inspector.locator('[data-seen]').boundingBox())!;
    const pixel = photo.height / starter.input.height; // the model's own rounding is in pixels of its input
    expect(Math.abs(seen.width - photo.height)).toBeLessThan(pixel);
    expect(Math.abs(seen.height - photo.height)).toBeLessThan(1);
    expect(Math.abs(seen.x + seen.width / 2 - photo.x - photo.width / 2)).toBeLessThan(pixel);
    expect(photo.width / photo.height).toBeCloseTo(4 / 3, 2);
  };
  await check();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await check();
  await expect(inspector.getByText('Dimmed: outside what the model saw')).toBeVisible();
  await page.keyboard.press('0');
  const seen = (await inspector.locator('[data-seen]').boundingBox())!;
  await page.mouse.move(seen.x + 3, seen.y + 3);
  await expect(inspector.getByText(/Row 1, column 1: .* logits/)).toBeVisible();
  await page.mouse.move(seen.x + seen.width - 3, seen.y + seen.height - 3);
  const { rows, columns } = starter.grid!;
  await expect(inspector.getByText(new RegExp(`Row ${rows}, column ${columns}: .* logits`))).toBeVisible();
});

test('a photo turned by its EXIF orientation is shown upright', async ({ library }) => {
  const stored = await sharp(join(samples, 'cat.jpg')).metadata();
  expect(stored.orientation).toBeGreaterThanOrEqual(5); // on its side
  await inspect(library, /^cat\.jpg/);
  await expect(library.inspector.getByText(`${stored.height} × ${stored.width}, `)).toBeVisible();
  const upright = stored.height / stored.width;
  const photo = (await library.inspector.locator('.photo').boundingBox())!;
  expect(photo.width / photo.height).toBeCloseTo(upright, 2);
  const large = library.inspector.getByRole('img', { name: 'cat.jpg' });
  const drawn = () => large.evaluate((image: HTMLImageElement) => image.naturalWidth / image.naturalHeight);
  await expect.poll(drawn).toBeCloseTo(upright, 2);
});

test('the overlay is saved as a PNG of the photo’s own size', async ({ library }) => {
  await inspect(library, /^box-truck/);
  const [download] = await Promise.all([
    library.page.waitForEvent('download'),
    library.inspector.getByRole('button', { name: 'Save as PNG' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('box-truck.class.png');
  const png = readFileSync((await download.path())!);
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 960]);
});

test('the numbers of a map and all heads on one sheet are saved', async ({ library }) => {
  await inspect(library, /^box-truck/);
  const saved = async (name: string) => {
    const [download] = await Promise.all([
      library.page.waitForEvent('download'),
      library.inspector.getByRole('button', { name }).click(),
    ]);
    return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
  };
  const values = await saved('.npy');
  expect(values.name).toBe('box-truck.class.npy');
  const { rows, columns } = starter.grid!;
  expect(values.bytes.toString('latin1', 0, 128)).toMatch(
    new RegExp(`NUMPY.*'<f4'.*'shape': \\(${rows}, ${columns}\\)`, 's'),
  );
  await library.page.keyboard.press('h');
  const heads = await saved('Save all heads as PNG');
  expect(heads.name).toBe('box-truck.heads.png');
  expect(heads.bytes.readUInt32BE(16)).toBe(2 * 16 + 4 * 112 + 3 * 6); // three heads and their mean
});

test('faithfulness is measured on the photo, beside chance', async ({ library }) => {
  const { inspector } = library;
  await inspect(library, /^airliner/);
  await inspector.getByRole('button', { name: 'Measure on this photo' }).click();
  const table = inspector.getByRole('region', { name: 'Is the map faithful?' }).getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(5, { timeout: 60_000 });
  for (const cell of await table.getByRole('cell').allInnerTexts()) {
    expect(Number(cell)).toBeGreaterThanOrEqual(0);
    expect(Number(cell)).toBeLessThanOrEqual(1);
  }
});

test('in a narrow window all heads stand beside the photo and over nothing else', async ({ library }) => {
  const { page, inspector } = library;
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 600, height: 800 });
  await library.tiles.first().dblclick();
  await expect(inspector.getByText('What the score of')).toBeAttached();
  await page.keyboard.press('h');
  const heads = (await inspector.getByRole('region', { name: 'All heads' }).boundingBox())!;
  const details = (await inspector.getByRole('complementary').boundingBox())!;
  expect(heads.y + heads.height).toBeLessThan(details.y);
  expect(heads.width).toBeLessThan(300);
  await page.keyboard.press('h');
  await page.setViewportSize(size);
});

test('scale, colours, patches and outline are the user’s choice and are remembered', async ({ library }) => {
  const { inspector, page } = library;
  await inspect(library, /^horse/);
  await inspector.getByRole('radio', { name: 'Absolute' }).click();
  await expect(inspector.getByText('The same colours for the same values')).toBeVisible();
  await inspector.getByRole('radio', { name: 'As they are' }).click();
  await inspector.getByRole('combobox', { name: /^Colours/ }).click();
  await page.getByRole('option', { name: 'Purple and green' }).click();
  await inspector.getByRole('checkbox', { name: 'Outline the strongest fifth' }).check();
  await page.keyboard.press('ArrowRight');
  await expect(inspector.getByText('What the score of')).toBeVisible();
  await expect(inspector.getByRole('radio', { name: 'Absolute' })).toBeChecked();
  await library.accessibleInBothThemes();
});
