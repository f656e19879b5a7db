import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copySamples, expect, newFolder, test } from './saccade.ts';

test('what a scan left out is told by kind, listed, and taken in by a pattern', async ({ saccade }) => {
  const { page } = saccade;
  const folder = newFolder();
  mkdirSync(join(folder, '@eaDir'));
  copySamples(folder, ['airliner.jpg', 'airliner.jpg'], ['gull.png', 'gull.png']);
  copySamples(folder, ['airliner.jpg', '@eaDir/copy.jpg'], ['gull.png', '@eaDir/gull.png']);
  writeFileSync(join(folder, 'dive.mp4'), 'no photo');
  writeFileSync(join(folder, 'notes.txt'), 'no photo');
  mkdirSync(join(folder, '.hidden'));
  await saccade.addFolder(folder);
  await saccade.finished(2);
  const bar = page.getByRole('contentinfo');
  await expect(bar.getByRole('button', { name: /^4 left out/ })).toBeVisible();
  await page
    .getByRole('toolbar', { name: 'Library' })
    .getByRole('button', { name: /^4 left out/ })
    .click();
  const sheet = page.getByRole('dialog', { name: /^Left out of/ });
  await expect(sheet.getByRole('list', { name: 'How many of which kind' })).toContainText('1 videos');
  await expect(sheet.getByRole('list', { name: 'Which', exact: true })).toContainText(
    join(folder, '@eaDir/'),
  );
  await saccade.accessibleInBothThemes();
  await sheet.getByRole('textbox', { name: /^Patterns/ }).fill('!@eaDir/\ngull.png');
  await sheet.getByRole('button', { name: 'Save and look again' }).click();
  await expect(sheet).toBeHidden();
  await expect(saccade.tile(/^copy\.jpg/)).toBeVisible();
  await expect(saccade.tile(/^gull/)).toHaveCount(0);
  await page.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: /^Left out, and patterns/ }).click();
  await expect(sheet.getByRole('textbox')).toHaveValue('!@eaDir/\ngull.png');
  await expect(sheet.getByRole('list', { name: 'How many of which kind' })).toContainText('2 by a pattern');
  rmSync(dirname(folder), { recursive: true });
});
