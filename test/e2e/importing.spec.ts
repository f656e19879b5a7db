/** An ONNX file with nothing beside it: what it leaves open is asked for in a form, and it classifies then. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeModel } from '../../models/onnx/schema.ts';
import { foreign, foreignVit } from '../models/foreign.ts';
import { expect, newFolder, sampleCount, test } from './saccade.ts';

test('what an ONNX file leaves open is asked for in a form', async ({ sampled: saccade }) => {
  const { page } = saccade;
  const file = join(newFolder('a-model'), 'exported.onnx');
  writeFileSync(file, encodeModel(foreignVit({ style: 'softmax' })));
  await page.getByRole('button', { name: 'Models' }).click();
  await page.getByRole('textbox', { name: 'Path of a model’s folder or file' }).fill(file);
  await page.getByRole('button', { name: 'Import', exact: true }).click();

  const form = page.getByRole('dialog', { name: 'A few things the files don’t say' });
  await expect(form).toContainText(`input ${foreign.width} × ${foreign.height} px`);
  await expect(form).not.toContainText('--');
  const go = form.getByRole('button', { name: 'Import', exact: true });
  await expect(go).toBeDisabled();
  await expect(form.getByRole('spinbutton', { name: 'Attention heads' })).toHaveCount(0);
  await saccade.accessibleInBothThemes();
  await form.getByRole('button', { name: '0.5 each' }).click();
  await expect(form.getByRole('spinbutton', { name: 'Standard deviation, blue' })).toHaveValue('0.5');
  await form.getByRole('radio', { name: 'Both sides to' }).click();
  const resize = form.getByRole('group', { name: 'How photos are resized' });
  await expect(resize.getByRole('spinbutton', { name: 'Height' })).toHaveValue(String(foreign.height));
  await resize.getByRole('spinbutton', { name: 'Height' }).fill('48');
  await form.getByRole('combobox', { name: /^Filter of resizing/ }).click();
  await page.getByRole('option', { name: 'bicubic' }).click();
  await form.getByRole('textbox', { name: 'Names of the classes' }).fill('cat\ndog\nboat');
  await expect(form).toContainText(`3 of ${foreign.classes} names`);

  // Wrong answers are told where they were given, and nothing that was typed is lost.
  await go.click();
  await expect(form.getByRole('alert')).toContainText(`48 × ${foreign.width}`);
  await resize.getByRole('spinbutton', { name: 'Height' }).fill(String(foreign.height));
  await go.click();
  await expect(form.getByRole('alert')).toContainText('3 labels');
  await saccade.accessible();
  await form.locator('input[type=file]').setInputFiles({
    name: 'names.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(['cat', 'dog', 'boat', 'tree', 'cup'])),
  });
  await go.click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('heading', { name: 'exported', level: 2 })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Use this model' }).click();
  await page.getByRole('button', { name: 'Classify', exact: true }).first().click();
  await saccade.finished(sampleCount);
});
