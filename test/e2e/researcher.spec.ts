/** A researcher's way: a map is kept beside others, of layers, photos and models; heads are looked at large; all numbers are taken along. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { starter, starterDepth } from '../starter.ts';
import { root } from './hosts.ts';
import { expect, newFolder, test } from './saccade.ts';

test('maps side by side: layers, photos and models, one scale and one pointer', async ({
  sampled: saccade,
}) => {
  test.setTimeout(240_000);
  const { page, inspector } = saccade;
  const label = await saccade.labelOf(/^frog/);
  await saccade.tile(/^frog/).dblclick();
  await expect(inspector.getByText(/What the score of/)).toBeVisible();
  const ends = () => inspector.locator('.legend figure > span').filter({ hasText: /\d/ }).allTextContents();
  const alone = await ends();

  // Two photos.
  await page.keyboard.press('c');
  const pane = inspector.getByRole('region', { name: 'Kept beside' });
  await expect(pane).toContainText(new RegExp(`Starter \\(.+\\) · Evidence · ${label}`));
  await expect(pane).toContainText('Both maps have one scale of colour');
  await page.keyboard.press('ArrowLeft');
  await expect(inspector.getByRole('heading', { level: 1 })).not.toContainText('frog');
  await expect(inspector.locator('.legend figure')).toBeVisible();
  const both = await ends();
  const bound = (texts: string[]) => Number(texts.at(-1)!.replace('−', '-'));
  expect(bound(both)).toBeGreaterThanOrEqual(bound(alone));
  await expect(pane).toContainText('frog.jpg');

  // One pointer: what is pointed at in either is read in both.
  const seen = (await pane.locator('[data-seen]').boundingBox())!;
  await page.mouse.move(seen.x + seen.width * 0.3, seen.y + seen.height * 0.6);
  const { rows, columns } = starter.grid!;
  const read = new RegExp(`^Row ${Math.ceil(rows * 0.6)}, column ${Math.ceil(columns * 0.3)}: `);
  await expect(pane.getByText(read)).toBeVisible();
  await expect(inspector.locator('.reading').filter({ hasText: read })).toHaveCount(2);
  await saccade.accessibleInBothThemes();

  // Another kind of map has a scale of its own, and says so.
  await page.mouse.move(5, 5);
  await page.keyboard.press('m');
  await expect(pane).toContainText('A map of another kind');
  await page.keyboard.press('c');
  await expect(pane).toBeHidden();

  // Two layers, of attention.
  await page.keyboard.press('c');
  await expect(pane).toContainText(`Attention · layer ${starterDepth}, Mean of heads`);
  await page.keyboard.press('[');
  await expect(pane).toContainText('Both maps have one scale of colour');

  // Heads at a size one can see; a click shows one large.
  await page.keyboard.press('h');
  const sheet = inspector.getByRole('region', { name: 'All heads' });
  const head = sheet.getByRole('button', { name: 'Layer 2, head 3' });
  const before = (await head.boundingBox())!.width;
  await sheet.getByRole('slider', { name: 'Size of the heads' }).fill('96');
  expect((await head.boundingBox())!.width).toBeGreaterThan(2 * before);
  await head.click();
  await expect(inspector.getByRole('slider', { name: /^Layer/ })).toHaveValue('2');
  await page.keyboard.press('h');

  // All numbers.
  const arriving = page.waitForEvent('download');
  await inspector.getByRole('button', { name: '.safetensors' }).click();
  const bytes = readFileSync(await (await arriving).path());
  const header = bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)));
  expect(Object.keys(JSON.parse(header) as object)).toContain('cls_attention');

  // Two models: the map stays while another one is chosen.
  const other = newFolder('another-model');
  cpSync(join(root, 'models', 'starter'), other, { recursive: true });
  await page.keyboard.press('Escape');
  await page.locator('nav').getByRole('button', { name: 'Models' }).click();
  await page.getByRole('textbox', { name: 'Path of a model’s folder or file' }).fill(other);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Use this model' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Use this model' }).click();
  await page.keyboard.press('Escape');
  await saccade.tile(/^frog/).dblclick();
  await expect(pane).toContainText(/Starter \(/);
  await expect(inspector.locator('.legend figure')).toBeVisible({ timeout: 30_000 });
  await pane.getByRole('button', { name: 'Close the map beside' }).click();
  await expect(pane).toBeHidden();
});
