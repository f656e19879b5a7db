import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { realDisk, type HubClient } from '../../../main/hub/client.ts';
import { hubSettings } from '../../../main/hub/settings.ts';
import { HubServer } from './hub-server.ts';

/** 300,000 bytes come in several chunks. */
export const weights = randomBytes(300_000);
export const files = {
  'config.json': '{"model_type": "vit"}',
  'preprocessor_config.json': '{}',
  'README.md': '# a model',
  LICENSE: 'MIT',
  'model.safetensors': weights,
  'pytorch_model.bin': 'pickle',
  '.gitattributes': '*',
};

/** Longer than a busy machine keeps an answer waiting: an attempt given up for that would hide what the next one is told. */
export const patience = { idleMs: 600_000, attempts: 3, firstWaitMs: 1, longestWaitMs: 1000 };

export interface Setting {
  hub: HubServer;
  /** An empty folder, deleted after the test. */
  folder: string;
  client(env?: Record<string, string>): HubClient;
}

export async function setUp(
  t: TestContext,
  content: Record<string, string | Buffer> = files,
): Promise<Setting> {
  const hub = await new HubServer(content).start();
  const folder = mkdtempSync(join(tmpdir(), 'saccade-hub-'));
  t.after(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const client = (env: Record<string, string> = {}): HubClient => ({
    settings: hubSettings({ HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, 'hf'), ...env }),
    patience,
    disk: realDisk,
    agent: 'saccade-test',
  });
  return { hub, folder, client };
}
