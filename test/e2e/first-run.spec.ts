import { starterDepth } from '../starter.ts';
import { expect, test, sampleCount } from './saccade.ts';

test('the first label appears from one button, with the provider that really runs', async ({ saccade }) => {
  const { page } = saccade;
  await expect(page.getByRole('heading', { name: 'See what your photos show' })).toBeVisible();
  await saccade.accessibleInBothThemes();

  // What is known late moves no button.
  const button = page.getByRole('button', { name: 'Choose a folder' });
  await expect(page.getByRole('button', { name: 'Get a better one' })).toBeVisible();
  const shown = await button.boundingBox();
  const below = page.locator('.knows');
  await below.evaluate((element: HTMLElement) => (element.style.display = 'none'));
  await expect(page.getByRole('button', { name: 'Get a better one' })).toBeHidden();
  expect(await button.boundingBox()).toEqual(shown);
  await below.evaluate((element: HTMLElement) => (element.style.display = ''));

  await page.getByRole('button', { name: 'Try the sample pictures' }).click();
  await expect(saccade.tiles).toHaveCount(sampleCount);
  await saccade.finished(sampleCount);
  await saccade.labelOf(/^airliner\.jpg/);
  await expect(page.getByRole('contentinfo').getByRole('button', { name: /CPU|WebGPU|CUDA/ })).toBeVisible();
});

test('the whole way goes by keyboard alone', async ({ saccade }) => {
  const { page } = saccade;
  await expect(page.getByRole('heading', { name: 'See what your photos show' })).toBeVisible();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  for (let i = 0; i < 10 && (await focused()) !== 'Try the sample pictures'; i++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(saccade.tiles).toHaveCount(sampleCount);
  await saccade.finished(sampleCount);

  await page.keyboard.press('Home');
  await expect(saccade.tiles.nth(0)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByRole('heading', { name: '2 selected' })).toBeVisible();
  await page.keyboard.press('Control+a');
  await expect(page.getByRole('heading', { name: `${sampleCount} selected` })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(saccade.inspector).toBeVisible();
  await expect(saccade.inspector.getByText('What the score of')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(saccade.inspector.getByText(`4 of ${sampleCount}`)).toBeVisible();
  await page.keyboard.press('m');
  await expect(saccade.inspector.getByRole('radio', { name: 'Attention' })).toBeChecked();
  await page.keyboard.press('[');
  await expect(saccade.inspector.getByText(`${starterDepth - 1} of ${starterDepth}`)).toBeVisible();
  await page.keyboard.press('h');
  await expect(saccade.inspector.getByRole('grid')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(saccade.inspector.getByRole('grid')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(saccade.inspector).toBeHidden();

  const label = await saccade.labelOf(/^yacht/);
  await page.keyboard.press('/');
  await page.keyboard.type(label);
  await expect(saccade.tiles).not.toHaveCount(sampleCount);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
