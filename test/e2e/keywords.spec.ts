import { mkdtempSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKeywords } from '../../main/xmp/add.ts';
import { samples } from './hosts.ts';
import { expect, test } from './saccade.ts';

/** As digiKam writes it: its own list beside the one that all read. */
const sidecar = (...subject: string[]) =>
  addKeywords(null, { subject, hierarchical: [] })
    .text.replace(/<saccade:written>.*<\/saccade:written>/, '')
    .replace(
      '</rdf:RDF>',
      '<rdf:Description rdf:about="" xmlns:digiKam="http://www.digikam.org/ns/1.0/" digiKam:ImageUniqueID="1"/></rdf:RDF>',
    );

test('keywords of other programs are in the sidebar, the inspector and the list, and follow the files', async ({
  saccade,
}) => {
  const { page } = saccade;
  const photos = mkdtempSync(join(tmpdir(), 'saccade-keywords-'));
  for (const name of ['cat.jpg', 'freighter.jpg', 'frog.jpg'])
    cpSync(join(samples, name), join(photos, name));
  writeFileSync(join(photos, 'freighter.jpg.xmp'), sidecar('harbour', 'Oslo'));
  await saccade.addFolder(photos);
  const keywords = page.getByRole('region', { name: 'Keywords of files' });
  await expect(keywords.getByRole('button', { name: /harbour/ })).toBeVisible({ timeout: 60_000 });
  await expect(saccade.tiles).toHaveCount(3);
  await keywords.getByRole('button', { name: /harbour/ }).click();
  await expect(saccade.tiles).toHaveCount(1);
  await expect(page.getByRole('button', { name: /Keyword harbour/ })).toBeVisible();
  await saccade.accessibleInBothThemes();
  await saccade.tile(/^freighter/).dblclick();
  await expect(saccade.inspector).toContainText('harbour from digiKam’s sidecar');
  await saccade.accessible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /Keyword harbour/ }).click();
  writeFileSync(join(photos, 'cat.jpg.xmp'), sidecar('sofa'));
  await expect(keywords.getByRole('button', { name: /sofa/ })).toBeVisible({ timeout: 20_000 });
  rmSync(join(photos, 'freighter.jpg.xmp'));
  await expect(keywords.getByRole('button', { name: /harbour/ })).toHaveCount(0, { timeout: 20_000 });
  await page.getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await expect(page.getByLabel(/With keywords that other programs wrote/)).toBeVisible();
});
