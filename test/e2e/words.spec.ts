/** Labels and search in words, with a small CLIP, and what two say of the same photos. */
import { cpSync } from 'node:fs';
import { writeTinyClip } from '../models/tiny-clip.ts';
import { expect, newFolder, sampleCount, sharedFolder, test } from './saccade.ts';
import type { Saccade } from './saccade.ts';

const sidebar = ({ page }: Saccade) => page.getByRole('navigation', { name: 'Folders and labels' });

async function showLabels(saccade: Saccade, tab: string): Promise<void> {
  await sidebar(saccade).getByRole('button', { name: 'Labels', exact: true }).click();
  await saccade.page.getByRole('radio', { name: tab, exact: true }).click();
}

/** CLIP's real vocabulary where it can be had; another small one elsewhere. */
function clip(): string {
  const folder = newFolder('small-clip');
  const shared = sharedFolder('models/variants/clip-huggingface');
  if (shared) cpSync(shared, folder, { recursive: true });
  else writeTinyClip(folder);
  return folder;
}

test('labels are written in words, photos searched by them, and two sets compared', async ({
  sampled: saccade,
}) => {
  test.setTimeout(400_000);
  const { page } = saccade;

  // The starter reads no text, and says so.
  await showLabels(saccade, 'Label sets');
  await expect(page.getByRole('radio', { name: 'Label sets' })).toBeChecked();
  await page.getByRole('button', { name: 'Write in words' }).click();
  await expect(page.getByText('sees photos and reads no text')).toBeVisible();
  await expect(page.getByText('CLIP ViT-B/32 at 256 pixels')).toBeVisible();
  await saccade.accessibleInBothThemes();

  await sidebar(saccade).getByRole('button', { name: 'Models' }).click();
  await page.getByRole('textbox', { name: 'Path of a model’s folder or file' }).fill(clip());
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'small-clip', level: 2 })).toBeVisible({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Use this model' }).click();
  await page.getByRole('button', { name: 'Classify', exact: true }).first().click();
  await saccade.finished(sampleCount);

  // It came without labels: its photos are neither sure nor unsure, and that is said everywhere.
  await expect(page.getByRole('contentinfo')).toContainText('20 photos seen; this model names nothing');
  const all = sidebar(saccade).getByRole('treeitem', { name: /All photos/ });
  await all.click();
  await expect(sidebar(saccade).getByRole('button', { name: /^Seen, not named/ })).toHaveText(/named\s*20$/);
  await expect(sidebar(saccade).getByRole('button', { name: /^(Sure|Unsure)/ })).toHaveCount(0);
  await expect(saccade.tile(/: seen, not named$/)).toHaveCount(sampleCount);
  await saccade.accessibleInBothThemes();
  await showLabels(saccade, 'Review');
  await expect(page.getByRole('heading', { name: 'This model names nothing' })).toBeVisible();

  await showLabels(saccade, 'Label sets');
  await page.getByRole('button', { name: /^small-clip.*came with/ }).click();
  await expect(page.getByText('it sees and does not name')).toBeVisible();
  await saccade.accessibleInBothThemes();
  await page.getByRole('button', { name: 'Write in words' }).click();
  await page.getByLabel('Name', { exact: true }).fill('In words');
  await page.getByRole('textbox', { name: 'Labels' }).fill('a cat | a kitten\n船 = a boat | a ship\na bird');
  await expect(page.getByLabel(/How a phrase is said/)).toHaveValue('a photo of {}\na picture of {}\n{}');
  await page.getByLabel(/How a phrase is said/).fill('a photo of {}');
  await expect(page.getByRole('textbox', { name: 'None of these' })).toHaveValue(
    'something | a thing | a scene | an image',
  );
  await saccade.accessibleInBothThemes();
  await page.getByRole('button', { name: 'Make the set' }).click();
  const set = page.getByRole('button', { name: /^In words/ });
  await expect(set).toContainText('In use', { timeout: 60_000 });
  await expect(page.getByText('a boat | a ship')).toBeVisible();
  await saccade.accessibleInBothThemes();

  // Its words are changed: a mistake is told and nothing is lost, then it has another version.
  await page.getByRole('button', { name: 'Change the words…' }).click();
  const lines = page.getByRole('textbox', { name: 'Labels' });
  await expect(lines).toHaveValue('a cat | a kitten\n船 = a boat | a ship\na bird');
  await lines.fill('a cat\nA Cat');
  await page.getByRole('button', { name: 'Make its next version' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'differ only in case' })).toBeVisible();
  await expect(lines).toHaveValue('a cat\nA Cat');
  await lines.fill('a cat | a kitten\na boat');
  await page.getByRole('textbox', { name: 'None of these' }).fill('');
  await page.getByRole('button', { name: 'Make its next version' }).click();
  await expect(set).toContainText('2 labels');
  await all.click();
  await expect(saccade.tile(/(a cat|a boat)/)).toHaveCount(sampleCount, { timeout: 30_000 });

  // The evidence for a written label, in the inspector.
  await saccade.tiles.first().dblclick();
  await expect(saccade.inspector.getByText(/What the score of/)).toBeVisible({ timeout: 60_000 });
  await saccade.accessible();
  await page.keyboard.press('Escape');
  await expect(saccade.inspector).toBeHidden();

  // Search by words, the mark among its scores, and a label of what lies above it.
  const search = page.getByRole('combobox', { name: 'Search photos and labels' });
  await search.fill('a red car');
  // The grid takes the focus back when the inspector is gone, which may be after this began.
  await expect(async () => {
    await search.focus();
    await expect(page.getByRole('button', { name: /Pictures of “a red car”/ })).toBeVisible({
      timeout: 1000,
    });
  }).toPass();
  await search.press('Enter');
  await expect(page.getByRole('heading', { name: 'What looks like “a red car”' })).toBeVisible();
  await expect(page.getByText(`${sampleCount} photos compared`)).toBeVisible({ timeout: 60_000 });
  const mark = page.getByRole('slider', { name: 'Likeness at least' });
  await mark.focus();
  await mark.press('Home');
  await expect(page.getByText(`${sampleCount} photos above the mark`)).toBeVisible();
  await mark.press('End');
  await expect(page.getByText('1 photo above the mark')).toBeVisible();
  await saccade.accessibleInBothThemes();
  await page.getByRole('button', { name: 'Make this a label…' }).click();
  const dialog = page.getByRole('dialog', { name: 'A label for 1 photo' });
  await expect(dialog.getByRole('textbox')).toHaveValue('a red car');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: '“a red car” given to 1 photo' })).toBeVisible();

  // The set beside the starter: what they say of the same photos opens these, and a queue of what they disagree on.
  await showLabels(saccade, 'Compare');
  await page.getByRole('combobox', { name: /^Rows: / }).click();
  await page.getByRole('option', { name: /^Starter/ }).click();
  await page.getByRole('combobox', { name: /^Columns: / }).click();
  await page.getByRole('option', { name: 'In words' }).click();
  const cell = page.getByRole('button', { name: /^\d+ photos?: .+ – a (cat|boat)$/ }).first();
  await expect(cell).toBeVisible({ timeout: 30_000 });
  await saccade.accessibleInBothThemes();
  const photos = Number.parseInt((await cell.textContent())!, 10);
  await cell.click();
  await expect(saccade.tiles).toHaveCount(photos);
  await expect(page.getByRole('button', { name: /Starter.*: .* · In words: / })).toBeVisible();

  await showLabels(saccade, 'Review');
  await page.getByRole('radio', { name: 'Two disagree' }).click();
  await expect(page.getByText(/^The set in use says a (cat|boat) \(.*, Starter.* says /)).toBeVisible();
  await saccade.accessibleInBothThemes();
  // A word settles it: the photo leaves the queue.
  const left = page.getByText(/ in the queue$/);
  const before = Number.parseInt((await left.textContent())!, 10);
  await page.keyboard.press('1');
  await expect(left).toHaveText(`${before - 1} in the queue`);
});
