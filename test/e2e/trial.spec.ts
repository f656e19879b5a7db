import { expect, test } from './saccade.ts';
import type { Saccade } from './saccade.ts';
import { starter, starterDepth } from '../starter.ts';

const { rows, columns } = starter.grid!;
const patches = rows * columns;

async function inspect(library: Saccade, name: RegExp): Promise<void> {
  await library.tile(name).dblclick();
  await expect(library.inspector.getByText('What the score of')).toBeVisible();
}

test('patches are erased by hand and by keys, and the labels follow', async ({ library }) => {
  const { page, inspector } = library;
  await inspect(library, /^cat/);
  const bars = inspector.getByRole('region', { name: 'Predictions' }).getByRole('listitem');
  const before = await bars.allInnerTexts();
  await page.keyboard.press('e');
  await expect(inspector.getByRole('button', { name: 'Eraser', exact: true }).first()).toHaveAttribute('aria-pressed', 'true'); // prettier-ignore
  const seen = (await inspector.locator('[data-seen]').boundingBox())!;
  await page.mouse.move(seen.x + seen.width * 0.2, seen.y + seen.height * 0.45);
  await page.mouse.down();
  await page.mouse.move(seen.x + seen.width * 0.8, seen.y + seen.height * 0.45, { steps: 6 });
  await page.mouse.up();
  const erased = inspector.locator('[data-erased]');
  await expect(erased).toHaveAttribute('data-erased', /^[4-9]$/);
  const state = inspector.getByRole('status').filter({ hasText: 'Without' });
  await expect(state).toContainText(new RegExp(`Without [4-9] of ${patches} patches: .+%`));
  await expect(inspector.getByText('Predictions without it')).toBeVisible();
  expect(await bars.allInnerTexts()).not.toEqual(before);
  await page.keyboard.press('Control+z');
  await expect(erased).toHaveCount(0);
  expect(await bars.allInnerTexts()).toEqual(before);

  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Space');
  await expect(erased).toHaveAttribute('data-erased', '1');
  await page.keyboard.press('i');
  await expect(erased).toHaveAttribute('data-erased', String(patches - 1));
  await page.keyboard.press('Backspace');
  await page.keyboard.press('x');
  await expect(erased).toHaveAttribute('data-erased', String(Math.round(patches * 0.05)));
  for (const way of ['Blurred', 'Grey', 'Left out']) {
    await inspector.getByRole('radio', { name: way }).click();
    await expect(state).toContainText('%');
  }
  await inspector.getByRole('button', { name: 'Smallest part' }).click();
  await expect(inspector.getByText('Checked: without any one of them')).toBeVisible();
  await library.accessibleInBothThemes();
  await page.keyboard.press('Escape');
  await expect(inspector.getByRole('button', { name: 'Eraser', exact: true }).first()).toHaveAttribute('aria-pressed', 'false'); // prettier-ignore
});

test('a map is measured while one looks on, and says how far quick maps agree with it', async ({
  library,
}) => {
  const { inspector } = library;
  await inspect(library, /^frog/);
  await inspector.getByRole('button', { name: /^Measure with/ }).click();
  await expect(inspector.getByText('Standard error of a patch')).toBeVisible();
  await expect(inspector.getByRole('button', { name: /more looks/ })).toBeVisible({ timeout: 60_000 });
  await expect(inspector.getByText('400 looks')).toBeVisible();
  await expect(inspector.getByRole('table', { name: /rank correlation/ }).getByRole('row')).toHaveCount(3);
  await inspector.getByRole('radio', { name: 'Thorough' }).click();
  await expect(inspector.getByText('each in its own standard deviations')).toBeVisible();
  await library.accessibleInBothThemes();
});

test('a patch is asked where it looks, and heads are switched off', async ({ library }) => {
  const { page, inspector } = library;
  await inspect(library, /^dog/);
  await page.keyboard.press('p');
  await expect(
    inspector.getByText(`How much “Patch ${rows / 2 + 1}, ${columns / 2 + 1}” attended`),
  ).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await expect(
    inspector.getByText(`How much “Patch ${rows / 2}, ${columns / 2 + 1}” attended`),
  ).toBeVisible();
  await expect(inspector.getByText('goes to special tokens')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  await inspector.getByRole('button', { name: 'Switch heads off' }).click();
  await inspector.getByRole('button', { name: 'Layer 3, head 2', exact: true }).click();
  await expect(inspector.getByRole('status').filter({ hasText: 'one head' })).toContainText('%');
  await expect(inspector.getByRole('button', { name: 'Layer 3, head 2, off' })).toBeVisible();
  // What is said of patches is not said of heads.
  const trial = inspector.getByRole('region', { name: 'Without a part of it' });
  await expect(trial.getByText('A head that is off adds nothing.')).toBeVisible();
  await expect(trial.getByText('when it does not get these patches')).toHaveCount(0);
  await inspector.getByRole('button', { name: 'Over the list' }).click();
  await expect(inspector.getByText(/^Mean of 20 photos/)).toBeVisible({ timeout: 60_000 });
  await expect(inspector.getByRole('img', { name: 'How far heads look' }).locator('circle')).toHaveCount(
    starterDepth * 3,
  );
  await library.accessibleInBothThemes();
});
