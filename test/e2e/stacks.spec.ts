import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samples } from './hosts.ts';
import { expect, test } from './saccade.ts';

test('RAW and JPEG of one shot are one tile where that is chosen, and both are shown on request', async ({
  saccade,
}) => {
  const { page } = saccade;
  const photos = mkdtempSync(join(tmpdir(), 'saccade-stacks-'));
  cpSync(join(samples, 'freighter.jpg'), join(photos, 'shot.jpg'));
  cpSync(join(samples, 'cat.jpg'), join(photos, 'other.jpg'));
  // What a RAW holds is not looked at here: its name tells what it is.
  writeFileSync(
    join(photos, 'shot.cr2'),
    Buffer.concat([readFileSync(join(samples, 'freighter.jpg')), Buffer.from('RAW')]),
  );
  await saccade.addFolder(photos);
  await expect(saccade.tiles).toHaveCount(3, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('checkbox', { name: 'RAW and JPEG of one shot are one photo' }).check();
  await saccade.accessibleInBothThemes();
  await page
    .getByRole('treeitem', { name: /All photos/ })
    .or(page.getByText('All photos'))
    .first()
    .click();
  await expect(saccade.tiles).toHaveCount(2);
  const shot = saccade.tile(/^shot.jpg.*Stands for shot.cr2 too/);
  await expect(shot).toHaveCount(1);
  await saccade.accessible();
  await shot.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Show the files of this shot' }).click();
  await expect(page.getByRole('button', { name: /Files of shot.jpg/ })).toBeVisible();
  await expect(saccade.tiles).toHaveCount(2);
  await expect(saccade.tile(/^shot.cr2/)).toHaveCount(1);
});
