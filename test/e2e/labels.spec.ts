import { expect, test, sampleCount } from './saccade.ts';
import type { Saccade } from './saccade.ts';

const strip = (saccade: Saccade) => saccade.page.getByRole('region', { name: 'Labelling' });
const sidebar = (saccade: Saccade) => saccade.page.getByRole('navigation', { name: 'Folders and labels' });

async function toFirst(saccade: Saccade): Promise<void> {
  await saccade.grid.focus();
  await saccade.page.keyboard.press('Home');
}

test('photos are labelled by keys, the next by itself, and every word is taken back', async ({
  sampled: saccade,
}) => {
  const { page } = saccade;
  await toFirst(saccade);
  await page.keyboard.press('l');
  await expect(strip(saccade)).toBeVisible();
  await page.keyboard.type('Boat');
  await page.keyboard.press('Enter');
  await expect(saccade.tiles.nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(saccade.tiles.nth(0)).toHaveAccessibleName(/Boat, your own label/);
  // It is offered from now on: the second by completion, the third by two labels at once.
  await page.keyboard.type('bo');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(saccade.tiles.nth(1)).toHaveAccessibleName(/Boat, your own label/);
  await page.keyboard.type('Holiday, Boat');
  await page.keyboard.press('Enter');
  await expect(saccade.tiles.nth(2)).toHaveAccessibleName(/Holiday, Boat, your own label/);
  await saccade.accessibleInBothThemes();
  await expect(sidebar(saccade).getByRole('button', { name: /^Boat/ })).toHaveText(/Boat\s*3/);

  await page.keyboard.press('Enter');
  await expect(saccade.tiles.nth(4)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('x');
  await page.keyboard.press('0');
  await expect(saccade.tiles.nth(6)).toHaveAttribute('aria-selected', 'true');
  for (let back = 5; back >= 0; back--) {
    await page.keyboard.press('u');
    await expect(saccade.tiles.nth(back)).toHaveAttribute('aria-selected', 'true');
  }
  await expect(sidebar(saccade).getByRole('heading', { name: 'Your labels' })).toBeHidden();
  await expect(saccade.tile(/your own label/)).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(strip(saccade)).toBeHidden();
  await page.keyboard.press('Control+Shift+z');
  await expect(saccade.tiles.nth(0)).toHaveAccessibleName(/Boat, your own label/);
});

test('many photos get a label at once, with the way back in the message, and the list of what was done', async ({
  sampled: saccade,
}) => {
  const { page } = saccade;
  await toFirst(saccade);
  await page.keyboard.press('Shift+End');
  await expect(page.getByRole('heading', { name: `${sampleCount} selected` })).toBeVisible();
  await page.keyboard.press('l');
  await page.keyboard.type('holiday');
  await page.keyboard.press('Enter');
  const message = page.getByRole('status').filter({ hasText: `“holiday” given to ${sampleCount} photos` });
  await expect(message).toBeVisible();
  await sidebar(saccade)
    .getByRole('button', { name: /^holiday/ })
    .click();
  await expect(saccade.tiles).toHaveCount(sampleCount);
  await page.keyboard.press('Control+z');
  await expect(page.getByText('No photo fits these filters')).toBeVisible();

  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('radio', { name: 'What was done' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: '“holiday” given to 20 photos' })).toContainText(
    'undone',
  );
  await saccade.accessibleInBothThemes();
  await page.getByRole('button', { name: 'Redo', exact: true }).first().click();
  await expect(page.getByRole('listitem').filter({ hasText: '“holiday”' })).not.toContainText('undone');
});

test('a command is found by its name, from everywhere', async ({ library }) => {
  const { page } = library;
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog', { name: 'Find a command' });
  await dialog.getByRole('combobox').fill('label sets');
  await library.accessible();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('radio', { name: 'Label sets' })).toBeChecked();
  await expect(page.getByRole('button', { name: /came with the model/ })).toBeVisible();
  await library.accessibleInBothThemes();
});

test('three labels are taught from scratch by keys, audited, and sets are switched', async ({
  sampled: saccade,
}) => {
  test.slow();
  const { page } = saccade;
  await toFirst(saccade);
  const label = await saccade.labelOf(/^airliner/);
  await page.keyboard.press('l');
  const names = await saccade.tiles.evaluateAll((tiles) => tiles.map((tile) => tile.ariaLabel ?? ''));
  const kinds: [RegExp, string][] = [
    [/^(cat|dog|frog|gull|horse|robin|stag)/, 'animal'],
    [/^(airliner|propeller|box-truck|tipper|freighter|red-car|yacht)/, 'vehicle'],
    [/./, 'thing'],
  ];
  const given = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const label = kinds.find(([pattern]) => pattern.test(name))![1];
    await page.keyboard.type(label);
    await page.keyboard.press('Enter');
    given.set(label, (given.get(label) ?? 0) + 1);
    if (i + 1 < names.length) await expect(saccade.tiles.nth(i + 1)).toHaveAttribute('aria-selected', 'true');
  }
  expect(given.size).toBe(3);
  for (const [label, photos] of given)
    await expect(sidebar(saccade).getByRole('button', { name: new RegExp(`^${label}`) })).toHaveText(
      new RegExp(`${label}\\s*${photos}`),
    );
  await page.keyboard.press('Escape');

  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Kinds');
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  const set = page.getByRole('button', { name: /^Kinds/ });
  await expect(set).toContainText('In use', { timeout: 60_000 });
  await expect(page.getByRole('heading', { name: 'Kinds', exact: true })).toBeVisible();
  await expect(page.getByText('By label')).toBeVisible();
  const threshold = page.getByRole('slider', { name: 'When its labels are told as unsure' });
  await threshold.press('End');
  await expect(page.getByText('below 99%')).toBeVisible();
  await page.getByRole('button', { name: 'As it was made' }).click();
  await expect(page.getByText('below 99%')).toBeHidden();
  await expect(page.getByRole('button', { name: 'As it was made' })).toBeHidden();
  await saccade.accessibleInBothThemes();

  await page.getByRole('radio', { name: 'Review' }).click();
  await page.getByRole('radio', { name: 'Against your word' }).click();
  await expect(
    page.getByText(/^Said to be (animal|vehicle|thing); taught with the other photos, a set says /),
  ).toBeVisible();
  await expect(strip(saccade)).toBeVisible();
  await saccade.accessibleInBothThemes();

  const all = sidebar(saccade).getByRole('treeitem', { name: /All photos/ });
  await all.click();
  // Every photo is read with the new set, those without a person's word too.
  await expect(saccade.tiles.first()).toBeVisible();
  await expect(saccade.row(label)).toBeHidden();

  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('radio', { name: 'Label sets' }).click();
  await page.getByRole('button', { name: /came with the model/ }).click();
  await page.getByRole('button', { name: 'Use this set' }).click();
  await expect(page.getByRole('button', { name: /came with the model/ })).toContainText('In use');
  await all.click();
  await expect(saccade.row(label)).toBeVisible();

  // All of it is undone, one after the other, and the set with it.
  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('radio', { name: 'What was done' }).click();
  const acts = page.getByRole('listitem').filter({ hasText: /taught|given to/ });
  await expect(acts).toHaveCount(sampleCount + 1);
  const undone = acts.filter({ hasText: 'undone' });
  for (let done = 1; done <= sampleCount + 1; done++) {
    await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await expect(undone).toHaveCount(done);
  }
  await expect(page.getByRole('button', { name: 'Undo', exact: true }).first()).toBeDisabled();
  await expect(sidebar(saccade).getByRole('heading', { name: 'Your labels' })).toBeHidden();
  await page.getByRole('radio', { name: 'Label sets' }).click();
  await expect(page.getByRole('button', { name: /^Kinds/ })).toHaveCount(0);
});

test('photos drawn at random tell how right it is, by keys; and more like one are found', async ({
  sampled: saccade,
}) => {
  const { page } = saccade;
  await toFirst(saccade);
  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('radio', { name: 'Review' }).click();
  await page.getByRole('radio', { name: 'Estimate' }).click();
  await expect(page.getByText(`Of ${sampleCount} photos none is judged yet.`)).toBeVisible();
  await expect(strip(saccade)).toBeVisible();
  for (let judged = 1; judged <= 3; judged++) {
    // What it says first is confirmed twice, and something else said once.
    await page.keyboard.press(judged < 3 ? 'Enter' : '2');
    await expect(page.getByText(new RegExp(`judged by you on ${judged} of ${sampleCount} photos`))).toBeVisible(); // prettier-ignore
  }
  await expect(page.getByText(/^67% ± \d+% of what it says is right, judged by you on 3 of 20 photos\.$/)).toBeVisible(); // prettier-ignore
  await saccade.accessibleInBothThemes();
  await page.getByRole('combobox', { name: /^Of photos called/ }).click();
  await page.getByRole('option', { name: 'lighthouse', exact: true }).click();
  await expect(page.getByText(/of what it calls “lighthouse” is right|none is judged yet/)).toBeVisible();

  await sidebar(saccade).getByRole('treeitem', { name: /All photos/ }).click(); // prettier-ignore
  await saccade.tiles.first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'More like this' }).click();
  await expect(page.getByText(`${sampleCount - 1} photos compared`)).toBeVisible();
  await saccade.accessibleInBothThemes();
  const cards = page.getByRole('region', { name: /like/ }).getByRole('button').filter({ has: page.locator('img') }); // prettier-ignore
  await expect(cards.first()).toBeVisible();
  await cards.first().click();
  await expect(saccade.inspector).toBeVisible();
});
