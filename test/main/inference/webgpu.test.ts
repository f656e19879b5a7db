/** The path to a GPU, on SwiftShader: a Vulkan driver made of software that comes with Debian's chromium-common. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { forkModule } from '../../../main/rpc/fork.ts';
import { importModel } from '../../../models/import.ts';
import { tinyShape, writeTimm } from '../../models/tiny.ts';
import type { Difference } from './webgpu-child.ts';

const chromium = '/usr/lib/chromium';
const driver = join(chromium, 'vk_swiftshader_icd.json');
const here = process.platform === 'linux' && process.arch === 'x64';
const options = {
  // In CI a missing driver fails the test.
  skip:
    here && (existsSync(driver) || process.env['CI'])
      ? false
      : `SKIPPED: SwiftShader is not at ${driver}; apt-get install chromium-common brings it`,
};

test('WebGPU computes what the CPU does, for every variant of the graph', options, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-webgpu-'));
  const model = await importModel(
    writeTimm(join(folder, 'tiny'), { ...tinyShape, depth: 1 }),
    join(folder, 'models'),
  );
  const child = forkModule(fileURLToPath(new URL('webgpu-child.ts', import.meta.url)), {
    ...process.env,
    VK_ICD_FILENAMES: driver,
    LD_LIBRARY_PATH: chromium,
  });
  const differences: Difference[] = [];
  child.port.onMessage((message) => differences.push(message as Difference));
  child.port.post({ folder: model.folder });
  await new Promise<void>((resolve) => child.port.onClose(() => resolve()));

  assert.equal(differences.length, 13);
  for (const { variant, outputs, nodes, error } of differences) {
    if (error && /f16/.test(error)) {
      t.diagnostic(`SKIPPED ${variant}: the device has no shader-f16`);
      continue;
    }
    assert.equal(error, null, variant);
    const largest = Math.max(...Object.values(outputs));
    t.diagnostic(
      `${variant}: ${largest.toExponential(1)}, ${nodes?.onCpu} of ${nodes?.all} nodes on the CPU`,
    );
    assert.ok(nodes && nodes.onCpu < nodes.all / 2, variant);
    assert.ok(largest < (variant.includes('fp16') ? 5e-2 : 1e-4), `${variant}: ${JSON.stringify(outputs)}`);
  }
});
