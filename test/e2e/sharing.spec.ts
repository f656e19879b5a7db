import { existsSync, mkdtempSync, readdirSync, readFileSync, cpSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samples } from './hosts.ts';
import { expect, newFolder, test } from './saccade.ts';

test('what is written is shown before, labels come from elsewhere, and all of it is taken back', async ({
  saccade,
}) => {
  const { page } = saccade;
  const photos = mkdtempSync(join(tmpdir(), 'saccade-sharing-'));
  for (const name of ['cat.jpg', 'mushroom.jpg']) cpSync(join(samples, name), join(photos, name));
  await saccade.addFolder(photos);
  await saccade.finished(2);
  // It is sure of this one: keywords are written of sure labels.
  const label = await saccade.labelOf(/^mushroom\.jpg: [a-z -]+, /);
  const sheet = page.getByRole('dialog');
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  const list = sheet.getByRole('list', { name: 'What will be written' });

  await test.step('keywords are shown before they are written, come beside the photos, and are taken back', async () => {
    await expect(saccade.tiles).toHaveCount(2);
    await saccade.tile(/^mushroom/).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Export and share…' }).click();
    await sheet.getByRole('combobox', { name: 'As' }).selectOption('keywords');
    await expect(list).toContainText('mushroom.jpg.xmp');
    await expect(list).toContainText(`+ ${label}`);
    await saccade.accessibleInBothThemes();
    expect(readdirSync(photos)).toHaveLength(2);
    await sheet.getByRole('button', { name: 'Write keywords' }).click();
    await expect(sheet).toBeHidden();
    await expect(undo).toBeVisible();
    expect(readFileSync(join(photos, 'mushroom.jpg.xmp'), 'utf8')).toContain(
      `<rdf:li>Saccade|${label}</rdf:li>`,
    );
    await undo.click();
    await expect.poll(() => existsSync(join(photos, 'mushroom.jpg.xmp'))).toBe(false);
  });
  await page.reload();
  await test.step('photos go into folders, data sets and pages are written with what will be written shown first, and all is taken back', async () => {
    const out = mkdtempSync(join(tmpdir(), 'saccade-shared-'));
    const share = async (kind: string) => {
      await saccade.tile(/^mushroom/).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Export and share…' }).click();
      await sheet.getByRole('combobox', { name: 'As', exact: true }).selectOption(kind);
      await sheet.getByRole('textbox', { name: 'Folder' }).fill(out);
    };
    const written = () => readdirSync(out, { recursive: true }).map(String).sort();

    await share('organise');
    await expect(list).toContainText(label);
    await saccade.accessibleInBothThemes();
    await page.setViewportSize({ width: 900, height: 760 });
    expect(written()).toEqual([]);
    await sheet.getByRole('button', { name: 'Organise' }).click();
    await expect(sheet).toBeHidden();
    expect(written().filter((path) => path.endsWith('mushroom.jpg'))).toHaveLength(1);
    await undo.click();
    await expect.poll(written).toEqual([]);

    for (const [kind, ending] of [
      ['coco', '-coco.json'],
      ['imagefolder', '-imagefolder'],
      ['report', '-report.html'],
    ] as const) {
      await share(kind);
      await expect(list).toContainText(ending);
      // The photo, not the one file or folder that it goes into.
      await expect(sheet.getByRole('status')).toHaveText(/^1 photo will be written into:$/);
      await saccade.accessible();
      expect(written()).toEqual([]);
      await sheet.getByRole('button', { name: 'Write', exact: true }).click();
      await expect(sheet).toBeHidden();
      await expect.poll(() => written().some((path) => path.endsWith(ending))).toBe(true);
      await undo.first().click();
      // First, as it goes again by itself.
      await expect(page.getByText(new RegExp(`Taken back: .*${ending} is gone again`))).toBeVisible();
      await expect.poll(written).toEqual([]);
    }

    await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'));
    await saccade.tile(/^mushroom/).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Export and share…' }).click();
    await sheet.getByRole('combobox', { name: 'As', exact: true }).selectOption('keywords');
    await sheet.getByRole('combobox', { name: 'Rating' }).selectOption('4');
    await sheet.getByRole('combobox', { name: 'Colour label' }).selectOption('Green');
    await expect(list).toContainText('+ ★ 4');
    await expect(list).toContainText('+ Green');
    await saccade.accessible();
  });
  await page.reload();
  await test.step('labels of another program’s file are looked at first, become a person’s words, and are taken back', async () => {
    const images = ['cat.jpg', 'elsewhere.jpg'].map((name, i) => ({ id: i, file_name: join(photos, name) }));
    const annotations = images.map(({ id }) => ({ id, image_id: id, category_id: 1 }));
    const file = join(newFolder('taking'), 'labels.json');
    writeFileSync(file, JSON.stringify({ images, annotations, categories: [{ id: 1, name: 'Kater' }] }));
    await saccade.tile(/^cat/).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Take over labels…' }).click();
    const sheet = page.getByRole('dialog', { name: 'Take over labels of another program' });
    await sheet.getByRole('combobox', { name: 'From' }).selectOption('coco');
    await sheet.getByRole('textbox', { name: 'File' }).fill(join(photos, 'nothing.json'));
    await sheet.getByRole('button', { name: 'See what would change' }).click();
    await expect(sheet.getByRole('alert')).toBeVisible();
    await sheet.getByRole('textbox', { name: 'File' }).fill(file);
    await sheet.getByRole('button', { name: 'See what would change' }).click();
    await expect(sheet.getByRole('status')).toContainText('labels of 2 pictures; 1 photo of the library is');
    await expect(sheet.getByRole('status')).toContainText('New labels: Kater');
    await expect(sheet.getByRole('list')).toContainText('elsewhere.jpg');
    await page.setViewportSize({ width: 900, height: 760 });
    await saccade.accessibleInBothThemes();
    await sheet.getByRole('button', { name: 'Take over', exact: true }).click();
    await expect(sheet).toBeHidden();
    await expect(saccade.tile(/^cat\.jpg.*Kater/)).toHaveCount(1);
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(saccade.tile(/^cat\.jpg.*Kater/)).toHaveCount(0);
  });
});
