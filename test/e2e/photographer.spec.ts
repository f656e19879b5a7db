/** A photographer's day: from a folder to sidecars, by cameras, months, labels and keys. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { starterLabels } from '../starter.ts';
import { samples } from './hosts.ts';
import { expect, fillFolder, newFolder, test } from './saccade.ts';

/** Sample → camera, and the day it was taken. */
const shots: Record<string, [maker: string, model: string, taken: string]> = {
  'airliner.jpg': ['FUJIFILM', 'X100V', '2014:07:03 10:00:00'],
  'dog.webp': ['FUJIFILM', 'X100V', '2014:07:21 10:00:00'],
  'frog.jpg': ['FUJIFILM', 'X100V', '2016:02:01 10:00:00'],
  'freighter.jpg': ['Canon', 'Canon EOS R5', '2014:12:24 10:00:00'],
  'robin.jpg': ['Canon', 'Canon EOS R5', '2016:02:14 10:00:00'],
  'umbrella.webp': ['Canon', 'Canon EOS R5', '2016:05:09 10:00:00'],
  'box-truck.jpg': ['Canon', 'Canon EOS R5', '2017:01:01 10:00:00'],
};
const nameOf = (sample: string) => sample.replace(/\.\w+$/, '.jpg');
const count = Object.keys(shots).length;

async function shoot(): Promise<string> {
  const folder = newFolder('Photos');
  for (const [sample, [Make, Model, DateTimeOriginal]] of Object.entries(shots))
    await sharp(join(samples, sample))
      .withExif({
        IFD0: { Make, Model },
        IFD2: { DateTimeOriginal, ISOSpeedRatings: '400', FNumber: '28/10', ExposureTime: '1/250' },
      })
      .jpeg({ quality: 95 })
      .toFile(join(folder, nameOf(sample)));
  return folder;
}

test('a photographer finds, groups, corrects, saves, shares and throws away', async ({ saccade }) => {
  test.setTimeout(240_000);
  const { page, grid, tiles, inspector } = saccade;
  const folder = await shoot();
  const search = page.getByRole('combobox', { name: 'Search photos and labels' });
  /** Asked in one go: a tile that goes between two questions would be waited for. */
  const found = (names: string[]) =>
    expect
      .poll(() =>
        tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute('aria-label')?.split(':')[0])),
      )
      .toEqual(names);
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  const sidebar = page.getByRole('navigation', { name: 'Folders and labels' });

  // The folder.
  await saccade.addFolder(folder);
  await saccade.finished(count);
  const [ofRobin, ofFreighter] = [await saccade.labelOf(/^robin/), await saccade.labelOf(/^freighter/)];

  // By camera and year, with what there is to choose from.
  await search.fill('camera:x1');
  // Cameras are read behind the run, and come to what is offered.
  await expect(page.getByRole('option', { name: /FUJIFILM X100V/ })).toContainText('3', { timeout: 15_000 });
  await page.keyboard.press('ArrowDown');
  await expect(search).toHaveAttribute('aria-activedescendant', 'suggestion-0');
  await page.keyboard.press('Enter');
  await expect(search).toHaveValue('camera:"FUJIFILM X100V" ');
  await found(['airliner.jpg', 'dog.jpg', 'frog.jpg']);
  await page.keyboard.type('year:2014');
  await found(['airliner.jpg', 'dog.jpg']);
  await saccade.accessibleInBothThemes();
  await search.fill('-camera:x100 unsure');
  await expect(saccade.tile(/^airliner|^dog|^frog/)).toHaveCount(0);
  await search.fill('');
  await expect(tiles).toHaveCount(count);

  // Months, and the way along them.
  await page.locator('[aria-label^="Sort by"]').click();
  await page.getByRole('option', { name: 'Date', exact: true }).click();
  await found(['box-truck', 'umbrella', 'robin', 'frog', 'freighter', 'dog', 'airliner'].map((name) => `${name}.jpg`)); // prettier-ignore
  await expect(grid.getByRole('group').first()).toHaveAccessibleName('January 2017, 1 photo');
  await expect(grid.getByRole('group', { name: 'February 2016, 2 photos' })).toHaveCount(1);
  // Months of a photo or two share a row, each under its name.
  const rowOf = async (name: string) => (await saccade.tile(new RegExp(`^${name}`)).boundingBox())!.y;
  expect(await rowOf('umbrella')).toBe(await rowOf('box-truck'));
  // The largest tiles make the list longer than the window.
  await page.getByRole('slider', { name: 'Thumbnail size' }).fill('360');
  const timeline = page.getByRole('slider', { name: 'Timeline' });
  await timeline.press('ArrowDown');
  await expect(timeline).toHaveAttribute('aria-valuetext', 'February 2016, 2 photos');
  await timeline.press('Home');
  await expect(timeline).toHaveAttribute('aria-valuetext', 'January 2017 – May 2016, 2 photos');
  await saccade.accessibleInBothThemes();
  // Small enough that all stand in the window.
  await page.getByRole('slider', { name: 'Thumbnail size' }).fill('160');

  // The camera's facts beside the photo, and from them to its others.
  await saccade.tile(/^robin/).dblclick();
  await expect(inspector.getByText('1/250 s · f/2.8 · ISO 400')).toBeVisible();
  await inspector.getByRole('button', { name: 'Canon EOS R5' }).click();
  await found(['box-truck.jpg', 'umbrella.jpg', 'robin.jpg', 'freighter.jpg']);
  await page.getByRole('button', { name: /^Take away the filter/ }).click();

  // A label is corrected by keys, and taken back.
  await saccade.tile(/^robin/).click();
  await page.keyboard.press('l');
  await page.keyboard.type('Robin');
  await page.keyboard.press('Enter');
  await expect(saccade.tile(/^robin/)).toHaveAccessibleName(/Robin, your own label/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await expect(saccade.tile(/your own label/)).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await expect(saccade.tile(/^robin/)).toHaveAccessibleName(/Robin, your own label/);

  // Labels as a set: any of, all of, none of.
  const own = sidebar.getByRole('button', { name: /^Robin/ });
  await own.click();
  await found(['robin.jpg']);
  await saccade.row(ofFreighter).click({ modifiers: ['ControlOrMeta'] });
  await expect(saccade.tile(/^robin/)).toBeVisible();
  await expect(saccade.tile(/^freighter/)).toBeVisible();
  await page.getByRole('radio', { name: 'All of these' }).click();
  await expect(tiles).toHaveCount(ofRobin === ofFreighter ? 1 : 0);
  await page.getByRole('radio', { name: 'Any of these' }).click();
  await expect(saccade.tile(/^robin/)).toBeVisible();
  await own.press('-');
  await expect(saccade.tile(/^robin/)).toHaveCount(0);
  await expect(saccade.tile(/^freighter/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Take away the filter “not Robin”' })).toBeVisible();
  const names = await tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute('aria-label')));

  // Saved, opened again, renamed, removed, and that taken back.
  await page.getByRole('button', { name: 'Save this search…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Ships');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await expect(tiles).toHaveCount(count);
  await sidebar.getByRole('button', { name: 'Ships', exact: true }).click();
  await expect.poll(() => tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute('aria-label')))).toEqual(names); // prettier-ignore
  await sidebar.getByRole('button', { name: 'Actions for the search “Ships”' }).click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('At sea');
  await page.keyboard.press('Enter');
  await sidebar.getByRole('button', { name: 'Actions for the search “At sea”' }).click();
  await page.getByRole('menuitem', { name: 'Remove', exact: true }).click();
  await expect(sidebar.getByRole('heading', { name: 'Saved searches' })).toBeHidden();
  await undo.last().click();
  await expect(sidebar.getByRole('button', { name: 'At sea', exact: true })).toBeVisible();
  await page.getByRole('button', { name: /^Take away the filter/ }).click();
  await expect(tiles).toHaveCount(count);

  // Sidecars for other programs.
  await page.keyboard.press('Escape');
  await saccade.tile(/^robin/).click();
  await saccade.tile(/^robin/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Export and share…' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('combobox', { name: 'As' }).selectOption('keywords');
  await expect(sheet.getByRole('list', { name: 'What will be written' })).toContainText('robin.jpg.xmp');
  await sheet.getByRole('button', { name: 'Write keywords' }).click();
  await expect(sheet).toBeHidden();
  expect(readFileSync(join(folder, 'robin.jpg.xmp'), 'utf8')).toContain('Saccade|Robin');

  // To the trash, and back.
  await saccade.tile(/^umbrella/).click();
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Move to the trash' }).click();
  await expect(tiles).toHaveCount(count - 1);
  expect(existsSync(join(folder, 'umbrella.jpg'))).toBe(false);
  await undo.last().click();
  await expect(tiles).toHaveCount(count);
  expect(existsSync(join(folder, 'umbrella.jpg'))).toBe(true);

  // A folder of what the model that ships does not know says so.
  const odd = newFolder('Robins');
  fillFolder(odd, 24, 'robin.jpg');
  await saccade.addFolder(odd);
  await expect(tiles).toHaveCount(24, { timeout: 60_000 });
  await expect(page.getByRole('contentinfo')).toContainText(`% unsure: this model knows ${starterLabels.length} things`, { timeout: 60_000 }); // prettier-ignore
});
