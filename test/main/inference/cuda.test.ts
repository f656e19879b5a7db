import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  packageFolder,
  packageVersion,
  recordName,
  type CudaRecord,
} from '../../../main/inference/runtime/native.ts';
import { forkModule } from '../../../main/rpc/fork.ts';
import { cli } from '../cli/saccade.ts';
import { FeedServer, missingName } from '../providers/feed-server.ts';
import type { Loaded } from './cuda-child.ts';
import { temporaryFolder } from '../../temporary.ts';

const options = {
  skip:
    process.platform === 'linux' && process.arch === 'x64'
      ? false
      : 'SKIPPED: CUDA libraries are installed on Linux x64 only',
};
const child = fileURLToPath(new URL('cuda-child.ts', import.meta.url));

async function saccade(words: string[], env: Record<string, string>) {
  const started = spawn(process.execPath, [cli, ...words], { env: { ...process.env, ...env } });
  const texts = { out: '', err: '' };
  started.stdout.on('data', (text: Buffer) => (texts.out += text.toString()));
  started.stderr.on('data', (text: Buffer) => (texts.err += text.toString()));
  const code = await new Promise<number | null>((resolve) => started.once('close', resolve));
  return { code, ...texts };
}

async function loadedIn(home: string): Promise<Loaded> {
  const { port } = forkModule(child, { ...process.env, SACCADE_HOME: home });
  const { promise, resolve, reject } = Promise.withResolvers<Loaded>();
  port.onMessage((message) => resolve(message as Loaded));
  port.onClose((reason) => reject(new Error(reason)));
  return promise;
}

test(
  'once installed, the copy in the data folder computes; removed, the package does again',
  options,
  async (t) => {
    const home = temporaryFolder(t, 'cuda');
    const feed = await new FeedServer().start();
    t.after(() => feed.stop());
    const env = { SACCADE_HOME: home, SACCADE_PROVIDER_FEED: feed.index };
    const before = await loadedIn(home);
    assert.deepEqual(
      before.libraries,
      ['libonnxruntime.so.1', 'onnxruntime_binding.node'].map((name) => join(packageFolder(), name)),
    );

    const installed = await saccade(['providers', 'install', 'cuda'], env);
    assert.equal(installed.code, 0, installed.err);
    const folder = join(home, 'providers', 'cuda', packageVersion());
    assert.equal(installed.out, `${folder}\n`);
    assert.match(installed.err, new RegExp(`Missing: ${missingName}`));

    const after = await loadedIn(home);
    assert.deepEqual(
      after.libraries,
      ['libonnxruntime.so.1', 'onnxruntime_binding.node'].map((name) => join(folder, name)),
    );
    assert.deepEqual([after.version, after.logits], [before.version, before.logits]);
    const asked = feed.requests.length;
    const reports = await saccade(['providers', '--no-measure', '--json'], env);
    const cuda = (JSON.parse(reports.out) as { provider: string; usable: boolean; reason: string }[]).find(
      ({ provider }) => provider === 'cuda',
    );
    assert.equal(cuda?.usable, false);
    assert.match(cuda!.reason, new RegExp(`^Missing: ${missingName}`));
    assert.equal(feed.requests.length, asked, 'nothing is asked of the network unless it is wanted');

    const removed = await saccade(['providers', 'remove', 'cuda'], env);
    assert.equal(removed.code, 0, removed.err);
    assert.deepEqual((await loadedIn(home)).libraries, before.libraries);
  },
);

test('a copy that the loader refuses takes nothing but CUDA away, and says why', options, async (t) => {
  const home = temporaryFolder(t, 'cuda');
  const feed = await new FeedServer().start();
  t.after(() => feed.stop());
  await saccade(['providers', 'install', 'cuda'], { SACCADE_HOME: home, SACCADE_PROVIDER_FEED: feed.index });
  const folder = join(home, 'providers', 'cuda', packageVersion());
  const broken = 'not a library';
  const name = 'onnxruntime_binding.node';
  writeFileSync(join(folder, name), broken);
  const path = join(folder, recordName);
  const record = JSON.parse(readFileSync(path, 'utf8')) as CudaRecord;
  record.files[name]!.bytes = broken.length;
  writeFileSync(path, JSON.stringify(record));
  const { libraries, logits, whyNotCuda } = await loadedIn(home);
  assert.ok(libraries.every((library) => library.startsWith(packageFolder())));
  assert.ok(logits.length > 0);
  assert.match(whyNotCuda!, /can't be loaded: .*(file too short|invalid ELF header)/);
});
