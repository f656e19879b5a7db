import { existsSync, mkdtempSync, readdirSync, readFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samples } from './hosts.ts';
import { expect, test } from './saccade.ts';

test('keywords are shown before they are written, come beside the photos, and are taken back', async ({
  saccade,
}) => {
  const { page } = saccade;
  const photos = mkdtempSync(join(tmpdir(), 'saccade-sharing-'));
  for (const name of ['cat.jpg', 'freighter.jpg']) cpSync(join(samples, name), join(photos, name));
  await saccade.addFolder(photos);
  await expect(saccade.tile(/^freighter.jpg: ship/)).toHaveCount(1, { timeout: 60_000 });
  await expect(saccade.tiles).toHaveCount(2);
  await saccade.tile(/^freighter/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Export and share…' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('combobox', { name: 'As' }).selectOption('keywords');
  const list = sheet.getByRole('list', { name: 'What will be written' });
  await expect(list).toContainText('freighter.jpg.xmp');
  await expect(list).toContainText('+ ship');
  await saccade.accessibleInBothThemes();
  await page.screenshot({ path: join(tmpdir(), 'saccade-sharing.png') });
  expect(readdirSync(photos)).toHaveLength(2);
  await sheet.getByRole('button', { name: 'Write keywords' }).click();
  await expect(sheet).toBeHidden();
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await expect(undo).toBeVisible();
  expect(readFileSync(join(photos, 'freighter.jpg.xmp'), 'utf8')).toContain('<rdf:li>Saccade|ship</rdf:li>');
  await undo.click();
  await expect.poll(() => existsSync(join(photos, 'freighter.jpg.xmp'))).toBe(false);
});
