/** What a label looks at: from its row to a patch of a photo. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { shared } from '../shared.ts';
import { expect, newFolder, test } from './saccade.ts';

test('a label’s evidence over its photos: opened from its row, told in words, and led to a patch', async ({
  sampled: saccade,
}) => {
  test.setTimeout(300_000);
  const { page, inspector } = saccade;

  const said = await Promise.all((await saccade.tiles.all()).map((tile) => saccade.labelOf(tile)));
  const of = (label: string) => said.filter((each) => each === label).length;
  const label = said.toSorted((a, b) => of(b) - of(a))[0]!;
  await saccade.row(label).click({ button: 'right' });
  await page.getByRole('menuitem', { name: `What “${label}” looks at` }).click();
  await expect(page.getByRole('heading', { name: `What “${label}” looks at`, level: 1 })).toBeVisible();
  await expect(page.getByText(/photos, the evidence of all of them is known/)).toBeVisible();
  await expect(page.getByRole('img', { name: /^Mean evidence over/ })).toBeVisible();
  await saccade.accessibleInBothThemes();

  await page.getByRole('button', { name: 'Look at some for special tokens' }).click();
  await page.getByText('All figures').click();
  await expect(page.getByRole('row', { name: /special tokens/ })).toBeVisible({ timeout: 120_000 });

  // Photos with little of their evidence elsewhere leave the list.
  const shown = page.getByRole('button', { name: /% elsewhere$/ });
  const all = await shown.count();
  await page.getByRole('slider', { name: 'At least' }).focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  await expect(shown).not.toHaveCount(all);

  await page
    .getByRole('button', { name: /at row \d+, column \d+$/ })
    .first()
    .click();
  await expect(inspector.getByText(`What the score of “${label}” is made of`)).toBeVisible({
    timeout: 60_000,
  });
  await page.keyboard.press('Escape');

  // By the keyboard, and the other tab.
  await page.keyboard.press('Control+k');
  await page
    .getByRole('dialog', { name: 'Find a command' })
    .getByRole('combobox')
    .fill('What labels look at');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'Compare maps' }).click();
  await expect(page.getByText('No photo has both maps')).toBeVisible();
  await saccade.accessibleInBothThemes();
});

/** A folder a label, of real photos of 64 pixels a side. */
function everyday(categories: readonly string[], count: number): string {
  const place = join(shared, 'datasets', 'everyday120');
  const index = JSON.parse(gunzipSync(readFileSync(join(place, 'part-a.json.gz'))).toString()) as [string, number, number][]; // prettier-ignore
  const data = readFileSync(join(place, 'part-a.bin'));
  const folder = newFolder('things');
  for (const category of categories) {
    mkdirSync(join(folder, category));
    const some = index.filter(([path]) => path.startsWith(`train/${category}/`)).slice(0, count);
    for (const [path, from, length] of some)
      writeFileSync(join(folder, category, basename(path)), data.subarray(from, from + length));
  }
  return folder;
}

test('any set of labels is looked at, and two sets and two models are compared, with a real ViT-Tiny', async ({
  saccade,
}) => {
  test.skip(!existsSync(shared), 'SKIPPED: ../shared with real weights is not beside the project');
  test.setTimeout(900_000);
  const { page, inspector } = saccade;
  const things = everyday(['teapot', 'bridge', 'mushroom'], 10);
  const photos = 30;
  const classified = () =>
    expect(page.getByRole('contentinfo', { name: 'Classification' })).toContainText(
      `${photos} photos classified`,
      { timeout: 300_000 },
    );
  await saccade.addFolder(things);
  await classified();

  await page.locator('nav').getByRole('button', { name: 'Models' }).click();
  const model = join(shared, 'models', 'vit-tiny-patch16-224', 'timm');
  await page.getByRole('textbox', { name: 'Path of a model’s folder or file' }).fill(model);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('button', { name: 'Use this model' }).click({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Classify', exact: true }).first().click();
  await classified();

  await page.locator('nav').getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Things');
  await page.getByRole('radio', { name: 'A folder of folders' }).click();
  await page.getByRole('textbox', { name: 'Path of the folder; its folders are the labels' }).fill(things);
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Things/ })).toContainText('In use', { timeout: 300_000 });
  await page.getByRole('button', { name: /came with the model/ }).click();
  await page.getByRole('button', { name: 'Use this set' }).click();
  await expect(page.getByRole('button', { name: /came with the model/ })).toContainText('In use');

  // A set that is not in use: its labels, its evidence, and a photo explained by it.
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('What labels look at');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: /^Labels of/ }).click();
  await page.getByRole('option', { name: 'Things' }).click();
  await expect(page.getByRole('heading', { name: /What “(teapot|bridge|mushroom)” looks at/ })).toBeVisible();
  await page.getByRole('combobox', { name: /^Label: / }).click();
  await page.getByRole('option', { name: /^teapot \(\d+\)$/ }).click();
  await expect(page.getByText(/with this label\. A run stores evidence/)).toBeVisible();
  await page.getByRole('button', { name: /^Look at \d+ more$/ }).click();
  const crops = page.getByRole('button', { name: /at row \d+, column \d+$/ });
  await expect(crops.first()).toBeVisible({ timeout: 300_000 });
  await saccade.accessibleInBothThemes();
  await crops.first().click();
  await expect(inspector.getByText('What the score of “teapot” is made of')).toBeVisible({ timeout: 60_000 });
  await expect(inspector.getByText('Labels of “Things”, which is not in use')).toBeVisible();
  // This set has three labels, and no other class of the model can be explained by it.
  await expect(inspector.getByRole('combobox', { name: 'Explain another class' })).toHaveCount(0);
  await inspector.getByRole('button', { name: 'Back to those in use' }).click();
  await expect(inspector.getByText('Labels of “Things”, which is not in use')).toBeHidden();
  await expect(inspector.getByRole('combobox', { name: 'Explain another class' })).toBeVisible();
  await page.keyboard.press('Escape');

  // Two sets; the photos of the other labels were looked at for comparing.
  await page.getByRole('radio', { name: 'Compare maps' }).click();
  await expect(page.getByText(/photos compared; the middle rank correlation is/)).toBeVisible({
    timeout: 300_000,
  });
  const correlations = () =>
    page
      .getByText(/^Rank correlation/)
      .allTextContents()
      .then((all) => all.map((text) => Number(text.replace('−', '-').replace(/[^\d.-]/g, ''))));
  await expect.poll(async () => (await correlations()).length).toBeGreaterThan(20);
  const found = await correlations();
  expect(found).toEqual([...found].sort((a, b) => a - b));
  await saccade.accessibleInBothThemes();
  await page
    .getByRole('button', { name: /, Things: (teapot|bridge|mushroom), / })
    .first()
    .click();
  await expect(inspector.getByText('Labels of “Things”, which is not in use')).toBeVisible({
    timeout: 60_000,
  });
  await page.keyboard.press('Escape');

  // Two models.
  await page.getByRole('combobox', { name: 'Right: Things' }).click();
  await page.getByRole('option', { name: /Starter/ }).click();
  await expect(page.getByText(`${photos} photos compared; the middle rank correlation is`)).toBeVisible();
  await expect(page.getByRole('button', { name: /, Starter .*: / }).first()).toBeVisible();
});
