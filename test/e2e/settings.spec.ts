import { chineseOf, starter } from '../starter.ts';
import { expect, test } from './saccade.ts';

test('language and theme change at once and outlast a reload; labels follow the language', async ({
  library: saccade,
}) => {
  const { page } = saccade;
  const label = await saccade.labelOf(/^airliner/);
  await page.getByRole('button', { name: 'Settings' }).click();
  await saccade.accessibleInBothThemes();
  await page.getByRole('radio', { name: 'Dark' }).click();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await expect.poll(ground).toBe('rgb(21, 21, 22)');
  await page.getByRole('radio', { name: '简体中文' }).click();
  await expect(page.getByRole('heading', { name: '设置' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await saccade.accessible();
  await page.reload();
  await expect(saccade.tile(new RegExp(`^airliner\\.jpg：${chineseOf.get(label)}`))).toBeVisible();
  await expect.poll(ground).toBe('rgb(21, 21, 22)');

  // And back, as the system has them.
  await page.locator('nav').getByRole('button', { name: '设置' }).click();
  for (const setting of ['主题', '语言'])
    await page.getByRole('group', { name: setting }).getByRole('radio', { name: '跟随系统' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect.poll(ground).toBe('rgb(244, 244, 242)');
});

test('the machine’s providers are listed with their reasons', async ({ library }) => {
  const { page } = library;
  await page.getByRole('button', { name: 'Settings' }).click();
  const table = page.getByRole('table');
  await expect(table.getByRole('row', { name: /^CPU/ })).toBeVisible();
  await library.accessible();
  await page.keyboard.press('Escape');
  await expect(library.grid).toBeVisible();
});

test('models are shown with their cards, and a wrong import is told', async ({ library }) => {
  const { page } = library;
  const { rows, columns, patchSize } = starter.grid!;
  await page.getByRole('button', { name: 'Models' }).click();
  await expect(page.getByRole('heading', { name: /^Starter \(/, level: 2 })).toBeVisible();
  await expect(page.getByText('Model card')).toBeVisible();
  await expect(page.getByText(`${rows} × ${columns} of ${patchSize} px`)).toBeVisible();
  await library.accessibleInBothThemes();
  await page.getByRole('textbox', { name: 'Path of a model’s folder or file' }).fill('/no/such/model');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('status').getByText('/no/such/model')).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('radio', { name: 'Get more' }).click();
  await expect(page.getByRole('button', { name: /^Download: / }).first()).toBeVisible();
  await library.accessible();
});

test('deleting all data asks for a word and leads back to the first run', async ({ sampled: saccade }) => {
  const { page } = saccade;
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Delete all library data' }).click();
  const dialog = page.getByRole('dialog');
  const sure = dialog.getByRole('button', { name: 'Delete everything' });
  await expect(sure).toBeDisabled();
  await dialog.getByRole('textbox').fill('delete');
  await saccade.accessible();
  await sure.click();
  await expect(page.getByRole('heading', { name: 'See what your photos show' })).toBeVisible();
});
