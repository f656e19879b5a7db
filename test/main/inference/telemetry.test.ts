import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { InferenceVerbs } from '../../../main/contract/inference.ts';
import { caller } from '../../../main/rpc/calls.ts';
import { forkModule } from '../../../main/rpc/fork.ts';
import { onCpu } from './parts.ts';
import { temporaryFolder } from '../../temporary.ts';

const options = {
  skip:
    process.platform === 'win32'
      ? "SKIPPED: onnxruntime reports through the system's own tracing here"
      : false,
};

test("computing leaves nothing of onnxruntime's telemetry in a user's home", options, async (t) => {
  const folder = temporaryFolder(t, 'telemetry');
  const user = join(folder, 'user');
  mkdirSync(user);
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: user, SACCADE_HOME: join(folder, 'saccade') };
  // onnxruntime holds its tongue in CI by itself, which would prove nothing.
  for (const name of Object.keys(env))
    if (/^(CI|ORT_.*|XDG_.*|GITHUB_ACTIONS|GITLAB_CI|TF_BUILD)$/.test(name)) delete env[name];
  const handle = forkModule(
    fileURLToPath(new URL('../../../main/inference/process.ts', import.meta.url)),
    env,
  );
  t.after(() => handle.kill());
  const calls = caller<InferenceVerbs>(handle.port);
  await calls.call('load', onCpu);
  assert.deepEqual(readdirSync(user, { recursive: true }), []);
});
