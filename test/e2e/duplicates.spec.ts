import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { copySamples, expect, newFolder, test } from './saccade.ts';

test('the same picture is found, told apart, moved to a folder and to the trash, and all of it undone', async ({
  saccade,
}) => {
  const { page } = saccade;
  const folder = newFolder();
  copySamples(folder, ['frog.jpg', 'frog.jpg'], ['red-car.jpg', 'car.jpg'], ['red-car.jpg', 'car copy.jpg']);
  await sharp(join(folder, 'frog.jpg')).resize(300).webp().toFile(join(folder, 'frog small.webp'));
  await saccade.addFolder(folder);
  await saccade.finished(4);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('duplicates');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Compare all photos' }).click();
  await expect(page.getByText('The same picture: 2 groups.')).toBeVisible();
  await expect(page.getByText('Keep this one')).toHaveCount(2);
  await saccade.accessibleInBothThemes();
  await page.setViewportSize({ width: 900, height: 700 });

  const frogs = page.locator('section section').filter({ hasText: 'frog small.webp' });
  await frogs.getByRole('button', { name: 'Not duplicates' }).click();
  await expect(frogs).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(frogs).toHaveCount(1);

  const away = join(folder, '..', 'away');
  await frogs.getByRole('button', { name: 'Move the others…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(away);
  await saccade.accessible();
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(frogs).toHaveCount(0);
  expect(readdirSync(away)).toEqual(['frog small.webp']);
  await page.keyboard.press('Control+z');
  await expect(frogs).toHaveCount(1);
  expect(existsSync(join(folder, 'frog small.webp'))).toBe(true);

  await page.keyboard.press('Escape');
  await saccade.tile(/^car copy/).click();
  await page.keyboard.press('Delete');
  await expect(dialog).toContainText('Move 1 photo to the trash?');
  await dialog.getByRole('button', { name: 'Move to the trash' }).click();
  await expect(saccade.tiles).toHaveCount(3);
  expect(existsSync(join(folder, 'car copy.jpg'))).toBe(false);
  await page.keyboard.press('Control+z');
  await expect(saccade.tiles).toHaveCount(4);
  expect(existsSync(join(folder, 'car copy.jpg'))).toBe(true);

  // In the inspector the next photo takes its place.
  await saccade.tile(/^car copy/).dblclick();
  await expect(saccade.inspector).toBeVisible();
  await page.keyboard.press('Delete');
  await dialog.getByRole('button', { name: 'Move to the trash' }).click();
  await expect(saccade.inspector).toContainText('car.jpg');
  await page.keyboard.press('Escape');
  await expect(saccade.tiles).toHaveCount(3);
});
