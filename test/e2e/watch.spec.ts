import { copySamples, expect, newFolder, test } from './saccade.ts';

test('a photo that is copied into a folder in view appears, and new ones are classified once that is wanted', async ({
  saccade,
}) => {
  const { page } = saccade;
  const folder = newFolder();
  copySamples(folder, ['cat.jpg', 'cat.jpg']);
  await saccade.addFolder(folder);
  await saccade.finished(1);
  copySamples(folder, ['frog.jpg', 'copied.jpg']);
  await expect(saccade.tile(/^copied\.jpg/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('1 new photo in “photos”')).toBeVisible();
  await saccade.accessibleInBothThemes();
  await page.getByRole('button', { name: 'Classify, also what comes later' }).click();
  await expect(saccade.tile(/^copied\.jpg: .*%/)).toBeVisible({ timeout: 30_000 });
  await saccade.labelOf(/^copied\.jpg/);
  await page.getByRole('button', { name: 'Actions for photos' }).click();
  const byItself = page.getByRole('menuitemcheckbox', { name: 'Classify new photos by itself' });
  await expect(byItself).toBeChecked();
  await saccade.accessible();
  await page.keyboard.press('Escape');
  copySamples(folder, ['dog.webp', 'later.webp']);
  await expect(saccade.tile(/^later\.webp: .*%/)).toBeVisible({ timeout: 30_000 });
  await saccade.labelOf(/^later\.webp/);
});
