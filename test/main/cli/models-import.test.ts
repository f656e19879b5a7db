import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { encodeModel } from '../../../models/onnx/schema.ts';
import { foreignVit } from '../../models/foreign.ts';
import { saccade, temporaryFolder } from './saccade.ts';

const folder = temporaryFolder('models-import');
const home = join(folder, 'home');
const file = join(folder, 'model.onnx');
writeFileSync(file, encodeModel(foreignVit({ style: 'softmax' })));

test('what the files leave open is named as flags, and those import it', async () => {
  const asked = await saccade(['models', 'import', file], { home });
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /^missing-preprocessing: .*the filter of resizing\.\nAs flags: saccade models import PATH --mean R,G,B --std R,G,B --resize MODE:SIZE --interpolation FILTER --labels FILE$/m); // prettier-ignore
  const labels = join(folder, 'names.txt');
  writeFileSync(labels, 'cat\ndog\nboat\ntree\ncup\n');
  const told = ['--mean', '0,0,0', '--std', '1,1,1', '--resize', 'exact:24x32', '--interpolation', 'bicubic', '--labels', labels]; // prettier-ignore
  const imported = await saccade(['models', 'import', file, ...told], { home });
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stdout, /32 × 24/);
  assert.match(
    imported.stdout,
    /No file says, so the usual was taken: that classes exclude each other \(softmax\)\./,
  );
  const shown = await saccade(['models', 'show', 'model'], { home });
  assert.match(shown.stdout, /^assumed +that classes exclude each other \(softmax\): no file says$/m);
});
