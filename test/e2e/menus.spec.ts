/** What the second button, Shift+F10 and the Menu key open, and where the focus goes afterwards. */
import { join } from 'node:path';
import sharp from 'sharp';
import { copySamples, expect, newFolder, test } from './saccade.ts';

test('photos, folders and labels have a menu, by pointer and by keys', async ({ saccade }) => {
  test.setTimeout(180_000);
  const { page, grid, inspector } = saccade;
  const folder = newFolder('Holiday');
  copySamples(folder, ['frog.jpg', 'frog.jpg'], ['red-car.jpg', 'car.jpg'], ['robin.jpg', 'robin.jpg']);
  await sharp(join(folder, 'frog.jpg')).resize(300).jpeg().toFile(join(folder, 'small.jpg'));
  await saccade.addFolder(folder);
  await saccade.finished(4);
  const sidebar = page.getByRole('navigation', { name: 'Folders and labels' });
  const menu = page.getByRole('menu');
  const item = (name: string | RegExp) => menu.getByRole('menuitem', { name });

  // A photo outside the selection brings itself alone; one of the selection all of it.
  await saccade.tile(/^car/).click();
  await saccade.tile(/^frog/).click({ modifiers: ['ControlOrMeta'] });
  await saccade.tile(/^robin/).click({ button: 'right' });
  await expect(menu).toHaveAccessibleName('For 1 photo');
  await expect(saccade.tile(/^robin/)).toHaveAttribute('aria-selected', 'true');
  await expect(saccade.tile(/^car/)).toHaveAttribute('aria-selected', 'false');
  await saccade.accessibleInBothThemes();
  // Where the pointer is, and inside the window.
  const [tile, box] = [(await saccade.tile(/^robin/).boundingBox())!, (await menu.boundingBox())!];
  expect(Math.abs(box.x - (tile.x + tile.width / 2))).toBeLessThan(12);
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(grid).toBeFocused();

  // By keys: at the photo that they stand on.
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+F10');
  await expect(menu).toHaveAccessibleName('For 2 photos');
  await expect(item('What it says of them is right')).toBeFocused();
  const at = (await saccade.tiles.nth(1).boundingBox())!;
  const opened = (await menu.boundingBox())!;
  expect(opened.x).toBeGreaterThanOrEqual(at.x);
  expect(opened.x).toBeLessThan(at.x + at.width);
  await page.keyboard.press('End');
  await expect(item(/^Move to/).last()).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(item('What it says of them is wrong')).toBeFocused();
  // Letters go to items: none of them is a command.
  await page.keyboard.type('your');
  await expect(item('Your own label…')).toBeFocused();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Your own label for 2 photos');
  await dialog.getByRole('textbox').fill('pond');
  await page.keyboard.press('Enter');
  await expect(saccade.tile(/pond, your own label/)).toHaveCount(2);
  await expect(dialog).toBeHidden();

  // A label's row: only it, beside others, without it.
  const row = sidebar.getByRole('button', { name: /pond, |pond ?\d/ });
  await row.focus();
  await page.keyboard.press('ContextMenu');
  await expect(menu).toHaveAccessibleName('Actions for “pond”');
  await item('Leave out pond').click();
  await expect(saccade.tiles).toHaveCount(2);
  await row.click({ button: 'right' });
  await item('Take away the filter “not pond”').click();
  await expect(saccade.tiles).toHaveCount(4);
  await sidebar.getByRole('button', { name: /^(Sure|Unsure)/ }).first().click({ button: 'right' }); // prettier-ignore
  await expect(item(/^Only (Sure|Unsure)/)).toBeVisible();
  await expect(item(/^Leave out/)).toHaveCount(0);
  await page.keyboard.press('Escape');

  // A folder, where it stands.
  await sidebar.getByRole('treeitem', { name: /Holiday/ }).focus();
  await page.keyboard.press('Shift+F10');
  await expect(menu).toHaveAccessibleName('Actions for Holiday');
  await expect(menu.getByRole('menuitemcheckbox', { name: 'Classify new photos by itself' })).toBeVisible();
  await saccade.accessibleInBothThemes();
  await page.keyboard.press('Escape');
  await expect(sidebar.getByRole('treeitem', { name: /Holiday/ })).toBeFocused();

  // The photo that is inspected, and no other.
  const search = page.getByRole('combobox', { name: 'Search photos and labels' });
  await search.pressSequentially('jpg');
  await expect(saccade.tiles).toHaveCount(4);
  await saccade.tile(/^robin/).dblclick();
  await expect(inspector).toBeVisible();
  await page.keyboard.press('Shift+F10');
  await expect(menu).toHaveAccessibleName('For 1 photo');
  await expect(item('Inspect')).toHaveCount(0);
  await item(/^It is /).first().click(); // prettier-ignore
  await expect(page.getByRole('status').filter({ hasText: '1 photo confirmed' })).toBeVisible();
  await inspector.locator('[data-stage]').click({ button: 'right' });
  await item('Move to the trash…').click();
  await expect(dialog).toContainText('Move 1 photo to the trash?');
  // Nothing is done behind a question, and what was typed somewhere before stays.
  await dialog.focus();
  await page.keyboard.press('Control+z');
  await page.keyboard.press('l');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Labelling' })).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(inspector).toBeHidden();
  await expect(search).toHaveValue('jpg');
  await expect(saccade.tile(/^robin.*robin, your own label|^robin.*your own label/)).toHaveCount(1);

  // The tiles of duplicates: each itself, whatever is picked in the library.
  await page.keyboard.press('Control+a');
  await sidebar.getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('radio', { name: 'Duplicates' }).click();
  await page.getByRole('button', { name: 'Compare all photos' }).click();
  await page.getByRole('button', { name: 'small.jpg', exact: true }).focus();
  await page.keyboard.press('Shift+F10');
  await expect(menu).toHaveAccessibleName('For 1 photo');
  await item('Inspect').click();
  await expect(inspector.getByRole('heading', { level: 1 })).toHaveText('small.jpg');
});
