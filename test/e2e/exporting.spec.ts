/** A model is written for other programs from its page: as a graph that runs, as weights, over nothing, in sentences. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, newFolder, test } from './saccade.ts';

/** The model is loaded and run anew to compare. */
const computed = { timeout: 90_000 };

test('a model is written as a graph that runs elsewhere, and as weights, over nothing that is there', async ({
  library: saccade,
}) => {
  const { page } = saccade;
  const size = page.viewportSize()!;
  const out = newFolder('models of mine');
  await page.getByRole('button', { name: 'Models' }).click();
  await page.getByRole('button', { name: 'Export…', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: /^Export .* for other programs$/ });
  const write = sheet.getByRole('button', { name: 'Write', exact: true });
  await expect(write).toBeDisabled();
  await sheet.getByRole('textbox', { name: 'Folder', exact: true }).fill(out);
  const outcome = sheet.getByRole('region', { name: 'What is written' });
  await expect(outcome).toContainText(`Will be written: ${join(out, 'starter.onnx')}`);
  await sheet.getByRole('checkbox', { name: 'Rollout' }).check();
  await page.setViewportSize({ width: 900, height: 760 });
  await saccade.accessibleInBothThemes();
  await write.click();
  await expect(outcome).toContainText(`Written and checked: ${join(out, 'starter.onnx')}`, computed);
  await expect(outcome.getByRole('term')).toHaveText([
    ...['Inputs', 'logits', 'probabilities', 'feature', 'class_map', 'rollout_map'],
  ]);
  await expect(outcome.getByRole('definition').nth(1)).toContainText(/^within .* of the model; up to /);
  await saccade.accessible();
  expect(readdirSync(out)).toEqual(['starter.onnx']);
  const session = await ort.InferenceSession.create(join(out, 'starter.onnx'));
  expect(session.inputNames).toEqual(['pixel_values', 'class_index']);
  await session.release();

  await write.click();
  await expect(sheet.getByRole('alert')).toContainText('Choose another name.');
  await sheet.getByRole('textbox', { name: 'Name', exact: true }).fill('in eight bits');
  await sheet.getByRole('radio', { name: '8 bit', exact: true }).click();
  await sheet.getByRole('combobox', { name: /^Opset/ }).click();
  await page.getByRole('option', { name: '17' }).click();
  await write.click();
  await expect(outcome).toContainText('Written and checked: ', computed);

  await sheet.getByRole('radio', { name: 'safetensors' }).click();
  await sheet.getByRole('textbox', { name: 'New folder' }).fill('weights');
  await write.click();
  await expect(outcome).toContainText('model.safetensors', computed);
  expect(readdirSync(out).sort()).toEqual(['in eight bits.onnx', 'starter.onnx', 'weights']);
  expect(readdirSync(join(out, 'weights'))).toContain('config.json');

  await sheet.getByRole('textbox', { name: 'Folder', exact: true }).fill('models/here');
  await write.click();
  await expect(sheet.getByRole('alert')).toContainText('Expected a full path');
  await page.setViewportSize(size);
});
