/** What a label looks at: from its row to a patch of a photo. */
import { expect, sampleCount, test } from './saccade.ts';

test('a label’s evidence over its photos: opened from its row, told in words, and led to a patch', async ({
  saccade,
}) => {
  test.setTimeout(300_000);
  const { page, inspector } = saccade;
  await page.getByRole('button', { name: 'Try the sample pictures' }).click();
  await saccade.finished(sampleCount);

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
