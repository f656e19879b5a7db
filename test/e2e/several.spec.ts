/** A set of which several labels may hold: a photo stands under each, and counts and filters have it there. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { samples } from './hosts.ts';
import { expect, newFolder, test } from './saccade.ts';
import type { Saccade } from './saccade.ts';

const sidebar = ({ page }: Saccade) => page.getByRole('navigation', { name: 'Folders and labels' });

const labelsOf = (name: string): string[] =>
  /^(cat|dog|frog|gull|horse|robin|stag)/.test(name)
    ? ['animal', 'alive']
    : /^(airliner|propeller|box-truck|tipper|freighter|red-car|yacht)/.test(name)
      ? ['vehicle']
      : ['thing'];

/** A line a label, of all the samples. */
function table(): string {
  const path = join(newFolder('table'), 'labels.csv');
  const photos = readdirSync(samples).filter((name) => /\.(jpg|png|webp|avif)$/.test(name));
  const lines = photos.flatMap((name) => labelsOf(name).map((label) => `${join(samples, name)},${label}`));
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
  await expect(horse).toHaveAttribute('aria-label', /: (animal, alive|alive, animal), \d+%, \d+%$/);
  for (const name of ['animal', 'alive']) {
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
  await row('alive').click({ modifiers: ['Control'] });
  await page.getByRole('radio', { name: 'All of these' }).click();
  await expect(saccade.tiles).toHaveCount(7);
  await saccade.accessibleInBothThemes();
  await row('alive').click({ modifiers: ['Alt'] });
  await expect(saccade.tiles).toHaveCount(0);
});
