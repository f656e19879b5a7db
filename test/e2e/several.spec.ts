/** A set of which several labels may hold: a photo stands under each, and counts and filters have it there. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { samples } from './hosts.ts';
import { expect, newFolder, test } from './saccade.ts';
import type { Saccade } from './saccade.ts';

const sidebar = ({ page }: Saccade) => page.getByRole('navigation', { name: 'Folders and labels' });

const long = 'alive and breathing, moving about in the open air somewhere';
const labelsOf = (name: string): string[] =>
  /^(cat|dog|frog|gull|horse|robin|stag)/.test(name)
    ? ['animal', long]
    : /^(airliner|propeller|box-truck|tipper|freighter|red-car|yacht)/.test(name)
      ? ['vehicle']
      : ['thing'];

/** A line a label, of all the samples. */
function table(): string {
  const path = join(newFolder('table'), 'labels.csv');
  const photos = readdirSync(samples).filter((name) => /\.(jpg|png|webp|avif)$/.test(name));
  const lines = photos.flatMap((name) => labelsOf(name).map((label) => `${join(samples, name)},"${label}"`));
  writeFileSync(path, ['path,label', ...lines, ''].join('\n'));
  return path;
}

test('a photo of which two labels hold is found under both', async ({ sampled: saccade }) => {
  const { page } = saccade;
  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Both');
  await page.getByRole('radio', { name: 'A CSV file' }).click();
  await page.getByRole('textbox', { name: /^Path of a CSV file/ }).fill(table());
  await page.getByRole('radio', { name: 'A photo can have several' }).click();
  await expect(page.getByText('it is listed, counted, found and written under each')).toBeVisible();
  await saccade.accessibleInBothThemes();
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Both/ })).toContainText('In use', { timeout: 60_000 });

  await sidebar(saccade)
    .getByRole('treeitem', { name: /All photos/ })
    .click();
  const labels = sidebar(saccade).getByRole('region', { name: 'Labels', exact: true });
  const row = (name: string) => labels.getByRole('button', { name: new RegExp(`^${name}`) });
  const horse = saccade.tile(/^horse/);
  await expect(horse).toHaveAttribute(
    'aria-label',
    new RegExp(`: (animal, ${long}|${long}, animal), \\d+%, \\d+%$`),
  );
  for (const name of ['animal', long]) {
    await expect(row(name)).toHaveText(`${name}7`);
    await row(name).click();
    await expect(saccade.tiles).toHaveCount(7);
    await expect(horse).toBeVisible();
    await row(name).click();
  }
  await row('animal').click();
  await row('vehicle').click({ modifiers: ['Control'] });
  await page.getByRole('radio', { name: 'All of these' }).click();
  await expect(saccade.tiles).toHaveCount(0);
  await row('vehicle').click({ modifiers: ['Control'] });
  await row(long).click({ modifiers: ['Control'] });
  await page.getByRole('radio', { name: 'All of these' }).click();
  await expect(saccade.tiles).toHaveCount(7);
  await saccade.accessibleInBothThemes();
  await row(long).click({ modifiers: ['Alt'] });
  await expect(saccade.tiles).toHaveCount(0);
  await page.getByRole('button', { name: 'Clear all filters' }).first().click();

  // Of a label the list goes by the confidence in it, which stands beside its name, the first of the photo's.
  await row('animal').click();
  await page.getByRole('combobox', { name: /^Sort by/ }).click();
  await page.getByRole('option', { name: 'Confidence' }).click();
  await expect(horse).toHaveAttribute('aria-label', new RegExp(`: animal, ${long}, \\d+%, \\d+%$`));
  const told = await saccade.tiles.locator('.percent').allTextContents();
  const percents = told.map((text) => Number.parseInt(text, 10));
  expect(percents).toHaveLength(7);
  expect([percents.toSorted((a, b) => a - b), percents.toSorted((a, b) => b - a)]).toContainEqual(percents);
  await expect(horse.locator('.line')).toContainText(/^animal,\s*alive/);

  // What would be written is told as it will be.
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: /^Export and share/ }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('combobox').first().selectOption('keywords');
  await expect(sheet.getByPlaceholder('each that holds, where sure')).toBeVisible();
  await expect(sheet.getByRole('listitem').filter({ hasText: 'horse' })).toContainText('+ animal');
  await sheet.getByRole('button', { name: 'Close' }).last().click();

  // In the inspector those that hold are told from the others, and beside a photo labelling leaves it room.
  await horse.dblclick();
  const bars = saccade.inspector.getByRole('button', { name: /%$/ });
  await expect(bars.filter({ hasText: 'holds' })).toHaveCount(2);
  await expect(bars.filter({ hasText: 'vehicle' })).not.toContainText('holds');
  await page.keyboard.press('l');
  const strip = page.getByRole('region', { name: 'Labelling' });
  await expect(strip.getByRole('button', { name: /^X ?It is not (animal|alive)/ })).toBeVisible();
  await saccade.accessibleInBothThemes();
  await page.setViewportSize({ width: 380, height: 800 });
  const [photo, keys] = [saccade.inspector.locator('.middle'), strip.getByRole('button', { name: /^Enter/ })];
  await expect.poll(async () => (await photo.boundingBox())!.height).toBeGreaterThan(120);
  const { x, width } = (await keys.boundingBox())!;
  expect(x + width).toBeLessThanOrEqual(380);
});
