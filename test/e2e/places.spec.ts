/** The map of places: from what phones wrote into photos to dots, to the photos of one, and from a photo to the map. */
import { join } from 'node:path';
import sharp from 'sharp';
import { samples } from './hosts.ts';
import { writePlaced, type Place } from './placed.ts';
import { expect, fillFolder, newFolder, test } from './saccade.ts';

/** Where samples are said to have been taken. */
const shots: Record<string, Place> = {
  'airliner.jpg': [48.1372, 11.5755],
  'frog.jpg': [48.1391, 11.5802],
  'robin.jpg': [48.2, 11.6],
  'freighter.jpg': [-33.8568, 151.2153],
  'box-truck.jpg': [-17.7134, 178.065],
};
const without = 'dog.webp';

async function shoot(): Promise<string> {
  const folder = newFolder('Photos');
  for (const [sample, place] of Object.entries(shots)) await writePlaced(folder, sample, place);
  await sharp(join(samples, without)).jpeg().toFile(join(folder, 'dog.jpg'));
  return folder;
}

test('photos stand on a map where they were taken, and each place leads to its photos', async ({
  saccade,
}) => {
  test.setTimeout(240_000);
  const { page, tiles, inspector } = saccade;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const sidebar = page.getByRole('navigation', { name: 'Folders and labels' });
  const map = page.getByRole('application', { name: 'World map' });
  const dots = map.getByRole('list', { name: 'Places with photos' }).getByRole('button');
  await saccade.addFolder(await shoot());
  await saccade.finished(6);

  // By the sidebar: the world, with what is known of the list.
  await sidebar.getByRole('button', { name: 'Places' }).click();
  await expect(page.getByText('5 of 6 photos say where they were taken')).toBeVisible();
  await expect(dots).toHaveCount(3);
  await expect(dots.first()).toHaveText('3');
  await expect(dots.first()).toHaveAccessibleName(/^3 photos near 48\.\d{4}° N, 11\.\d{4}° E$/);
  // No other place is marked as the one where one is.
  await expect(sidebar.locator('[aria-current=page]')).toHaveCount(1);
  await saccade.accessibleInBothThemes();

  // Closer, by keys, the dots of one city come apart; and together again.
  await dots.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(dots.nth(0)).not.toBeFocused();
  // Fiji, Sydney, and back.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(dots.nth(0)).toBeFocused();
  const middle = (await dots.first().boundingBox())!;
  await page.mouse.move(middle.x + middle.width / 2, middle.y + middle.height / 2);
  for (let i = 0; i < 12; i++) await page.mouse.wheel(0, -240);
  await expect.poll(() => dots.count()).toBeGreaterThanOrEqual(2);
  await expect(dots.first()).toHaveText('2');
  await map.focus();
  await page.keyboard.press('0');
  await expect(dots).toHaveCount(3);

  // A place is a word of the search, which finds as many photos as stood on its dot.
  await dots.first().click();
  await expect(tiles).toHaveCount(3);
  const search = page.getByRole('combobox', { name: 'Search photos and labels' });
  await expect(search).toHaveValue(/^place:48\.13\d*,11\.57\d*,48\.2\d*,11\.6\d*$/);

  // From a photo of another place to the map there.
  await search.fill('');
  await saccade.tile(/^freighter/).dblclick();
  await inspector.getByRole('button', { name: /33\.85\d\d° S, 151\.21\d\d° E/ }).click();
  await expect(map).toBeVisible();
  await expect(dots).toHaveCount(1);
  await expect(dots.first()).toHaveAccessibleName(/^1 photo near 33\.8/);
  await page.keyboard.press('Escape');
  await expect(saccade.grid).toBeVisible();

  // By its key, within what the list is narrowed to.
  await search.fill('freighter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await expect(page.getByText('1 of 1 photos say where they were taken')).toBeVisible();

  // Nothing was asked of anybody but the program itself.
  const own = new URL(page.url()).origin;
  expect(asked.filter((url) => !url.startsWith(own) && !/^(data|blob|saccade|app|file):/.test(url))).toEqual(
    [],
  );
});

test('two fingers zoom the map and drag it, on its dots too, and a map that is not in use takes no focus', async ({
  saccade,
}) => {
  const { page } = saccade;
  const map = page.getByRole('application', { name: 'World map' });
  const dots = map.getByRole('list', { name: 'Places with photos' }).getByRole('button');
  const folder = await shoot();
  await saccade.addFolder(folder);
  await saccade.finished(6);
  await page.keyboard.press('g');
  await expect(dots).toHaveCount(3);

  const cdp = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [id: number, x: number, y: number][]) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([id, x, y]) => ({ id, x, y })) }); // prettier-ignore
  /** Where the map's corner is in it, and how wide a unit of the outlines is, pixels. */
  const drawn = async () => {
    const transform = await map.locator('svg g').getAttribute('transform');
    const [left, top, scale] = transform!.match(/-?[\d.]+(e-?\d+)?/g)!.map(Number) as [number, number, number]; // prettier-ignore
    return { left, top, scale };
  };
  const frame = (await map.boundingBox())!;
  const dot = (await dots.first().boundingBox())!;
  const [x, y] = [dot.x + dot.width / 2, dot.y + dot.height / 2];

  // To three times as far apart, one of them on a dot: so large is the map, with the same place in their middle.
  const before = await drawn();
  await touch('touchStart', [1, x, y]);
  await touch('touchStart', [1, x, y], [2, x + 60, y]);
  for (let i = 1; i <= 12; i++) await touch('touchMove', [1, x - 5 * i, y], [2, x + 60 + 5 * i, y]);
  await expect.poll(async () => (await drawn()).scale / before.scale).toBeCloseTo(3, 1);
  const closer = await drawn();
  const place = (at: typeof before, side: 'left' | 'top', pixel: number) => (pixel - at[side]) / at.scale;
  const middle = { left: x + 30 - frame.x, top: y - frame.y };
  const unit = 1.5 / before.scale;
  for (const side of ['left', 'top'] as const)
    expect(Math.abs(place(closer, side, middle[side]) - place(before, side, middle[side]))).toBeLessThan(unit); // prettier-ignore

  // One finger drags; no dot was pressed by all that.
  await touch('touchEnd');
  const [fromX, fromY] = [frame.x + 30, frame.y + frame.height - 80];
  await touch('touchStart', [1, fromX, fromY]);
  await touch('touchMove', [1, fromX + 20, fromY - 10]);
  await expect.poll(async () => Math.round((await drawn()).left - closer.left)).toBe(20);
  expect((await drawn()).scale).toBe(closer.scale);
  await touch('touchEnd');
  await expect(map).not.toHaveClass(/dragged/);
  await expect(map).toBeVisible();

  // Left for the page's heading, the map takes no focus back as its photos change.
  await map.focus();
  await page.getByRole('heading', { name: 'Places' }).click();
  await expect(page.locator('body')).toBeFocused();
  await writePlaced(folder, 'dog.webp', [48.1372, 11.5755], 'dog again');
  await expect(page.getByText('6 of 7 photos say where they were taken')).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('body')).toBeFocused();

  // A tap on a dot is a click of it.
  await map.focus();
  await page.keyboard.press('0');
  await expect(dots.first()).toHaveText('4');
  const four = (await dots.first().boundingBox())!;
  await touch('touchStart', [1, four.x + four.width / 2, four.y + four.height / 2]);
  await touch('touchEnd');
  await expect(saccade.tiles).toHaveCount(4);
});

test('where no photo says where it was taken, the map says so', async ({ saccade }) => {
  const { page } = saccade;
  const folder = newFolder('Photos');
  fillFolder(folder, 2);
  await saccade.addFolder(folder);
  await saccade.finished(2);
  await page.keyboard.press('g');
  await expect(page.getByRole('heading', { name: 'No photo says where it was taken' })).toBeVisible();
  await expect(page.getByRole('application')).toHaveCount(0);
  await saccade.accessibleInBothThemes();
});
