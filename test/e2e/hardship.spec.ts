import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { samples } from './hosts.ts';
import { copySamples, expect, fillFolder, newFolder, sharedFolder, test } from './saccade.ts';

// Elsewhere a home has one stream: for a few photos a second session takes longer than these.
test.describe('in several streams', () => {
  test.use({ several: true });

  test('a killed inference process is told, started again, and nothing is lost', async ({ saccade }) => {
    const folder = newFolder();
    fillFolder(folder, 150);
    await saccade.addFolder(folder);
    await expect(saccade.page.getByRole('contentinfo')).toContainText(/[1-9]\d* of 150/, { timeout: 60_000 });
    const [inference] = saccade.processesOf('inference');
    expect(inference).toBeDefined();
    process.kill(inference!, 'SIGKILL');
    await expect(
      saccade.page.getByText(
        'The inference process was ended by SIGKILL. It was started again; what is done is kept.',
      ),
    ).toBeVisible();
    await saccade.finished(150);
    await saccade.labelOf(/photo-0000\.jpg/);
    rmSync(dirname(folder), { recursive: true });
  });

  test('a run is paused, resumed and cancelled; what is done stays', async ({ saccade }) => {
    const { page } = saccade;
    const folder = newFolder();
    fillFolder(folder, 400);
    await saccade.addFolder(folder);
    const bar = page.getByRole('contentinfo');
    await expect(bar).toContainText(/[1-9]\d* of 400/, { timeout: 60_000 });
    await page.keyboard.press(' ');
    await expect(bar.getByText('Paused')).toBeVisible();
    await saccade.accessibleInBothThemes();
    await bar.getByRole('button', { name: 'Go on' }).click();
    await expect(bar.getByRole('button', { name: 'Pause' })).toBeVisible();
    await bar.getByRole('button', { name: 'Cancel the run' }).click();
    await expect(bar.getByRole('button', { name: 'Classify' })).toBeVisible();
    await expect(bar).toContainText('not yet classified');
    await saccade.labelOf(/^photo-\d+\.jpg: .*%/);
    rmSync(dirname(folder), { recursive: true });
  });
});

test('during a run another folder is opened, shown and inspected', async ({ saccade }) => {
  const odd = sharedFolder('odd-images');
  test.skip(odd === null, 'SKIPPED: ../shared is not beside the project');
  const { page } = saccade;
  const folder = newFolder();
  fillFolder(folder, 600);
  await saccade.addFolder(folder);
  await expect(page.getByRole('contentinfo')).toContainText(/[1-9]\d* of 600/, { timeout: 60_000 });
  await saccade.addFolder(odd!);
  for (const name of [
    'pillow-hopper.heif',
    'sharp-8bit_depth.tiff',
    'sharp-Channel_digital_image_CMYK_color_no_profile.jpg',
  ]) {
    await page.getByRole('combobox', { name: 'Search photos and labels' }).fill(name);
    const tile = saccade.tile(new RegExp(`^${name.replaceAll('.', '\\.')}`));
    const picture = tile.locator('img');
    await expect(picture).toBeVisible();
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(1);
    await tile.dblclick();
    await expect(saccade.inspector.getByText('What the score of')).toBeVisible({ timeout: 60_000 });
    const large = saccade.inspector.getByRole('img', { name });
    await expect
      .poll(() => large.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(1);
    await expect(saccade.inspector.locator('[data-seen] canvas')).toBeVisible();
    await page.keyboard.press('Escape');
  }
  rmSync(dirname(folder), { recursive: true });
});

test('names with any character, and files that are no photos', async ({ saccade }) => {
  const folder = newFolder(`it's "100%" #1 — 照片 &\nnew line`);
  const names = [
    'a#b.jpg',
    '100%25.jpg',
    "“quote” 'single'.jpg",
    'emoji 🦊.jpg',
    'new\nline.jpg',
    'e\u0301.jpg',
  ];
  copySamples(folder, ...names.map((name): [string, string] => ['airliner.jpg', name]));
  writeFileSync(join(folder, 'broken.jpg'), 'this is no picture');
  await saccade.addFolder(folder);
  await expect(saccade.tiles).toHaveCount(7);
  await expect(saccade.page.getByRole('contentinfo')).toContainText('1 failed', { timeout: 60_000 });
  await expect(saccade.tile(/^broken\.jpg: Failed\. .+/)).toBeVisible();
  await saccade.labelOf(/emoji 🦊\.jpg/);
  await expect
    .poll(() =>
      saccade.page
        .locator('[role=option] img')
        .evaluateAll((all) => all.filter((one) => (one as HTMLImageElement).naturalWidth > 1).length),
    )
    .toBe(6);
  await saccade.page.getByRole('button', { name: /1 failed/ }).click();
  const dialog = saccade.page.getByRole('dialog', { name: 'What failed, and why' });
  await expect(dialog.getByText('broken.jpg').first()).toBeVisible();
  await saccade.accessible();
  rmSync(dirname(folder), { recursive: true });
});

test('a name that is cut in its middle keeps the order in which it is read', async ({ saccade }) => {
  const [english, arabic] = [
    newFolder('a summer by the sea 👨‍👩‍👧‍👦 with u'),
    newFolder('صور من رحلة الصيف مع العائلة'),
  ];
  for (const folder of [english, arabic]) {
    copySamples(folder, ['lighthouse.jpg', 'lighthouse.jpg']);
    await saccade.addFolder(folder);
  }
  const parts = (name: string) =>
    saccade.page
      .getByRole('treeitem')
      .locator(`[title="${name}"] > [data-part]`)
      .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().x));
  const [[head, tail], [first, last]] = [await parts(basename(english)), await parts(basename(arabic))];
  expect(head).toBeLessThan(tail!);
  expect(last).toBeLessThan(first!);
  await expect(saccade.page.locator('[data-part="👨‍👩‍👧‍👦 with u"]')).toBeVisible();
  // Read aloud it is whole.
  await expect(saccade.page.getByRole('treeitem', { name: basename(english) })).toBeVisible();
  for (const folder of [english, arabic]) rmSync(dirname(folder), { recursive: true });
});

test('however long its name, the inspector says what a photo shows', async ({ saccade }) => {
  const folder = newFolder();
  copySamples(folder, ['lighthouse.jpg', `${'long '.repeat(24)}.jpg`]);
  await saccade.addFolder(folder);
  await saccade.finished(1);
  const label = await saccade.labelOf(saccade.tiles);
  await saccade.page.setViewportSize({ width: 600, height: 800 });
  await saccade.tiles.dblclick();
  const said = saccade.inspector.locator('header').getByText(label);
  const cut = await said.evaluate(({ clientWidth, scrollWidth }) => scrollWidth - clientWidth);
  expect(cut).toBe(0);
  rmSync(dirname(folder), { recursive: true });
});

test('however long a label, its probability is in sight', async ({ sampled }) => {
  const { page, inspector } = sampled;
  const table = join(newFolder(), 'kinds.csv');
  const names = ['cat.jpg', 'frog.jpg', 'lighthouse.jpg', 'red-car.jpg'];
  const kinds = ['alive', `${'very '.repeat(20)}still`];
  const lines = names.map((name, i) => `${join(samples, name)},${kinds[i >> 1]}`);
  writeFileSync(table, ['path,label', ...lines].join('\n'));
  await page.locator('nav').getByRole('button', { name: 'Labels', exact: true }).click();
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await page.getByRole('radio', { name: 'A CSV file' }).click();
  await page.getByRole('textbox', { name: 'Path of a CSV file with the columns path and label' }).fill(table);
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  await expect(page.getByText('is taught and in use')).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  await sampled.tiles.first().dblclick();
  const share = inspector.getByRole('button', { name: /still \d+%$/ }).getByText(/^\d+%$/);
  await expect(share).toBeInViewport({ ratio: 1 });
  rmSync(dirname(dirname(table)), { recursive: true });
});

test('empty, vanished and wrong folders say what they are', async ({ saccade }) => {
  const { page } = saccade;
  const folder = newFolder();
  await saccade.addFolder(folder);
  await expect(page.getByText('No photos in this folder')).toBeVisible();
  copySamples(folder, ['frog.jpg', 'frog.jpg']);
  await expect(saccade.tiles).toHaveCount(1, { timeout: 30_000 });
  renameSync(folder, `${folder}-gone`);
  await page.getByRole('button', { name: 'Actions for photos' }).click();
  await page.getByRole('menuitem', { name: /^Look for changes/ }).click();
  await expect(page.getByRole('treeitem', { name: /photos Can’t be read/ })).toBeVisible({ timeout: 30_000 });
  await saccade.accessible();
  if (saccade.answerDialog) return; // the system's dialog offers only what there is
  await page.getByRole('button', { name: 'Add a folder' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Path' }).fill('/no/such/folder');
  await dialog.getByRole('button', { name: 'Go' }).click();
  await expect(dialog.getByRole('alert')).toContainText('/no/such/folder');
  rmSync(dirname(folder), { recursive: true });
});

test('a photo deleted while it is open leaves a message, not a blank page', async ({ saccade }) => {
  const folder = newFolder();
  copySamples(folder, ['frog.jpg', 'frog.jpg'], ['horse.avif', 'horse.avif']);
  await saccade.addFolder(folder);
  await saccade.finished(2);
  await saccade.tile(/^frog/).dblclick();
  await expect(saccade.inspector.getByText('What the score of')).toBeVisible();
  rmSync(join(folder, 'frog.jpg'));
  await saccade.inspector.getByRole('region', { name: 'Predictions' }).getByRole('button').nth(1).click();
  await expect(saccade.inspector.getByText('This photo can’t be inspected')).toBeVisible();
  await saccade.accessible();
  await saccade.page.keyboard.press('ArrowRight');
  await expect(saccade.inspector.getByText('What the score of')).toBeVisible();
  rmSync(dirname(folder), { recursive: true });
});

test('a path typed before the folders are listed stays', async ({ saccade }) => {
  const { page } = saccade;
  test.skip(Boolean(saccade.answerDialog), 'SKIPPED: here the system asks for the folder');
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let holding = false;
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) =>
      holding ? void released.then(() => socket.send(message)) : socket.send(message),
    );
  });
  await page.reload();
  const choose = page.getByRole('button', { name: 'Choose a folder' });
  await expect(choose).toBeVisible();
  holding = true;
  await choose.click();
  const field = page.getByRole('dialog').getByRole('textbox', { name: 'Path' });
  await field.fill('/typed/at once');
  await page.waitForTimeout(500); // in which a second listing, if one were asked for, is answered too
  release();
  await expect(page.getByRole('dialog').getByRole('listitem').first()).toBeVisible();
  await expect(field).toHaveValue('/typed/at once');
});
