/** A curator's day: word out of a data set, a queue by keys, a set that is taught and held against that word, duplicates, everything undone, and a data set again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { samples } from './hosts.ts';
import { expect, newFolder, test } from './saccade.ts';
import type { Saccade } from './saccade.ts';

const kinds: [of: RegExp, kind: string][] = [
  [/^(turned )?(cat|dog|frog|gull|horse|robin|stag)/, 'animal'],
  [/^(turned )?(airliner|propeller|box-truck|tipper|freighter|red-car|yacht)/, 'vehicle'],
  [/./, 'thing'],
];
const kindOf = (name: string) => kinds.find(([pattern]) => pattern.test(name))![1];
/** Somebody's mistake in the data set. */
const wrong = 'box-truck.jpg';

/** All samples as JPEG, each also mirrored, which is another picture; and a small copy of two, which is the same one. `known`: those that the data set has a word of. */
async function collect(): Promise<{ folder: string; known: string[]; count: number }> {
  const folder = newFolder('Collection');
  const known: string[] = [];
  const sources = readdirSync(samples).filter((name) => /\.(jpg|png|webp|avif)$/.test(name));
  for (const source of sources) {
    const name = source.replace(/\.\w+$/, '.jpg');
    const jpeg = () => sharp(join(samples, source)).jpeg({ quality: 92 });
    await jpeg().toFile(join(folder, name));
    await jpeg()
      .flop()
      .toFile(join(folder, `turned ${name}`));
    known.push(name, ...(name < 'h' ? [`turned ${name}`] : []));
  }
  for (const name of ['robin', 'yacht'])
    await sharp(join(folder, `${name}.jpg`))
      .resize(300)
      .webp()
      .toFile(join(folder, `${name} small.webp`));
  return { folder, known, count: 2 * sources.length + 2 };
}

/** As COCO has it: each with its kind. */
function writeCoco(folder: string, words: ReadonlyMap<string, string>): string {
  const categories = ['animal', 'vehicle', 'thing'].map((name, i) => ({ id: i + 1, name }));
  const images = [...words.keys()].map((name, i) => ({ id: i + 1, file_name: join(folder, name) }));
  const annotations = [...words.values()].map((kind, i) => ({
    id: i + 1,
    image_id: i + 1,
    category_id: categories.find((one) => one.name === kind)!.id,
  }));
  const file = join(newFolder('data-set'), 'labels.json');
  writeFileSync(file, JSON.stringify({ images, annotations, categories }));
  return file;
}

/** What stands in the queue now, once what is offered for it is there too. */
async function inSight({ page }: Saccade, not = ''): Promise<string> {
  const photo = page.locator('.review .stage');
  await expect(photo).toHaveAccessibleName(/\.(jpg|webp)$/);
  if (not) await expect(photo).not.toHaveAccessibleName(not);
  await expect(page.getByRole('region', { name: 'Labelling' }).getByRole('button', { name: /%$/ }).first()).toBeVisible(); // prettier-ignore
  return (await photo.getAttribute('aria-label'))!;
}

test('a curator takes words over, reviews, teaches, checks, compares, sorts out, and undoes it all', async ({
  saccade,
}) => {
  test.setTimeout(300_000);
  const { page, tiles } = saccade;
  const { folder, known, count } = await collect();
  /** What was said of each photo so far. */
  const said = new Map(known.map((name) => [name, name === wrong ? 'animal' : kindOf(name)]));
  const coco = writeCoco(folder, said);
  const sidebar = page.getByRole('navigation', { name: 'Folders and labels' });
  const strip = page.getByRole('region', { name: 'Labelling' });
  const dialog = page.getByRole('dialog');
  const all = sidebar.getByRole('treeitem', { name: /All photos/ });
  const ownLabels = sidebar.getByRole('region', { name: 'Your labels' });
  /** By the sidebar, as said. */
  const counted = async () => {
    for (const kind of ['animal', 'vehicle', 'thing'])
      await expect(ownLabels.getByRole('button', { name: new RegExp(`^${kind} ?${[...said.values()].filter((one) => one === kind).length}$`) })).toBeVisible(); // prettier-ignore
  };
  const showLabels = async (tab: string) => {
    await sidebar.getByRole('button', { name: 'Labels', exact: true }).click();
    await page.getByRole('radio', { name: tab, exact: true }).click();
  };
  await saccade.addFolder(folder);
  await saccade.finished(count);

  // The word of a data set.
  await page.keyboard.press('Control+k');
  await dialog.getByRole('combobox').fill('take over');
  await page.keyboard.press('Enter');
  await dialog.getByRole('combobox', { name: 'From' }).selectOption('coco');
  await dialog.getByRole('textbox', { name: 'File' }).fill(coco);
  await dialog.getByRole('button', { name: 'See what would change' }).click();
  await expect(dialog.getByRole('status')).toContainText(`${known.length} photos would change`);
  await dialog.getByRole('button', { name: 'Take over', exact: true }).click();
  await counted();

  // Least sure first, by keys: a digit for what is offered, letters with completion, Enter, X, and U back.
  await showLabels('Review');
  await expect(strip).toBeVisible();
  await saccade.accessibleInBothThemes();
  let name = await inSight(saccade);
  for (let i = 0; i < 9; i++) {
    const kind = kindOf(name);
    expect(known, 'has its word already').not.toContain(name);
    if (i % 3 === 2) {
      await page.keyboard.type(kind.slice(0, 3));
      await expect(page.getByRole('option', { name: kind, exact: true })).toBeVisible();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    } else {
      const offer = strip.getByRole('button', { name: new RegExp(`\\d ?${kind}$`) });
      await page.keyboard.press((await offer.getAttribute('aria-keyshortcuts'))!);
    }
    said.set(name, kind);
    name = await inSight(saccade, name);
  }
  const [before, last] = [name, [...said.keys()].at(-1)!];
  await page.keyboard.press('Enter');
  await inSight(saccade, before);
  await page.keyboard.press('u');
  await expect(page.locator('.review .stage')).toHaveAccessibleName(before);
  await page.keyboard.press('x');
  await inSight(saccade, before);
  await page.keyboard.press('u');
  await expect(page.locator('.review .stage')).toHaveAccessibleName(before);
  await page.keyboard.press('u');
  await expect(page.locator('.review .stage')).toHaveAccessibleName(last);
  await expect(strip.getByRole('button', { name: /^Undo|Undo$/ })).toBeEnabled();
  said.delete(last);
  await counted();

  // A set is taught of them, and held against what was said.
  await showLabels('Label sets');
  await page.getByRole('button', { name: 'Teach from examples' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Kinds');
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Kinds/ })).toContainText('In use', { timeout: 90_000 });
  await showLabels('Review');
  await page.getByRole('radio', { name: 'Against your word' }).click();
  await expect(
    page.getByText(/^Said to be (animal|vehicle|thing); taught with the other photos, a set says /),
  ).toBeVisible();
  let suspect = await inSight(saccade);
  while (suspect !== wrong) {
    await page.keyboard.press('ArrowRight');
    suspect = await inSight(saccade, suspect);
  }
  await expect(
    page.getByText(/^Said to be animal; taught with the other photos, a set says vehicle/),
  ).toBeVisible();
  await saccade.accessibleInBothThemes();
  const mended = strip.getByRole('button', { name: /^\d ?vehicle/ });
  await page.keyboard.press((await mended.getAttribute('aria-keyshortcuts'))!);
  said.set(wrong, 'vehicle');
  await counted();

  // What it says beside what was said: a number opens its photos.
  await showLabels('Compare');
  await page.getByRole('combobox', { name: /^Rows: / }).click();
  await page.getByRole('option', { name: 'My own labels' }).click();
  await page.getByRole('combobox', { name: /^Columns: / }).click();
  await page.getByRole('option', { name: 'Kinds' }).click();
  const cell = page.getByRole('button', { name: /: animal – animal$/ });
  await expect(cell).toBeVisible();
  const photos = Number.parseInt((await cell.textContent())!, 10);
  await saccade.accessibleInBothThemes();
  await cell.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('All photos');
  await expect(tiles).toHaveCount(photos);
  await page.getByRole('button', { name: /^Take away the filter/ }).click();
  await expect(page.getByRole('button', { name: /^Take away the filter/ })).toHaveCount(0);

  // The same picture twice: one pair is no duplicate after all, of the other the suggestion is kept.
  await showLabels('Duplicates');
  await page.getByRole('button', { name: 'Compare all photos' }).click();
  const group = (file: string) => page.locator('section section').filter({ hasText: file });
  await expect(group('robin small.webp')).toBeVisible({ timeout: 30_000 });
  await group('robin small.webp').getByRole('button', { name: 'Not duplicates' }).click();
  await expect(group('robin small.webp')).toHaveCount(0);
  await expect(group('yacht small.webp').locator('figure').filter({ hasText: 'Keep this one' })).toContainText('yacht.jpg'); // prettier-ignore
  const away = join(folder, '..', 'away');
  await group('yacht small.webp').getByRole('button', { name: 'Move the others…' }).click();
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(away);
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(group('yacht small.webp')).toHaveCount(0);
  expect(readdirSync(away)).toEqual(['yacht small.webp']);
  // Whether it was asked about before is up to the model.
  said.delete('yacht small.webp');

  // A data set again, of what was said and nothing else.
  const out = newFolder('out');
  await all.click();
  await page.keyboard.press('Control+k');
  await dialog.getByRole('combobox').fill('export');
  await page.keyboard.press('Enter');
  const as = dialog.getByRole('combobox', { name: 'As', exact: true });
  await as.selectOption('coco');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(out);
  await dialog.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(dialog).toBeHidden();
  const [written] = readdirSync(out, { recursive: true }).map(String).filter((path) => path.endsWith('.json')); // prettier-ignore
  const exported = JSON.parse(readFileSync(join(out, written!), 'utf8')) as {
    images: { id: number; file_name: string }[];
    categories: { id: number; name: string }[];
    annotations: { image_id: number; category_id: number }[];
  };
  const labelOf = (file: string) => {
    const image = exported.images.find(({ file_name }) => `/${file_name}`.endsWith(file))!.id;
    const [category] = exported.annotations.filter(({ image_id }) => image_id === image);
    return exported.categories.find(({ id }) => id === category?.category_id)?.name;
  };
  for (const [file, kind] of said) expect(labelOf(`/${file}`), file).toBe(kind);

  // All of it is taken back, from before a reload too.
  await showLabels('What was done');
  const acts = page.getByRole('main').getByRole('listitem');
  const undone = acts.filter({ hasText: 'undone' });
  await expect(acts.first()).toContainText('moved to');
  const [total, already] = [await acts.count(), await undone.count()];
  for (let done = already + 1; done <= total; done++) {
    await page.keyboard.press('Control+z');
    await expect(undone).toHaveCount(done);
    if (done === already + 3) {
      await page.reload();
      await showLabels('What was done');
      await expect(undone).toHaveCount(done);
    }
  }
  await page.keyboard.press('Control+z');
  await expect(page.getByText('There is nothing to undo.')).toBeVisible();
  expect(existsSync(join(folder, 'yacht small.webp'))).toBe(true);
  await expect(sidebar.getByRole('heading', { name: 'Your labels' })).toBeHidden();
  await page.getByRole('radio', { name: 'Label sets' }).click();
  await expect(page.getByRole('button', { name: /^Kinds/ })).toHaveCount(0);
  await all.click();
  await expect(saccade.tile(/your own label/)).toHaveCount(0);

  // A table of what there is now: the model's labels, and nobody's word.
  await page.keyboard.press('Control+k');
  await dialog.getByRole('combobox').fill('export');
  await page.keyboard.press('Enter');
  await as.selectOption('csv');
  const arriving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  const csv = readFileSync(await (await arriving).path(), 'utf8');
  expect(csv.trim().split('\n')).toHaveLength(count + 1);
  expect(csv).not.toMatch(/animal|vehicle/);
});
