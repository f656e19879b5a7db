import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { realDisk, type Disk, type HubClient } from '../../../main/hub/client.ts';
import {
  cudaRoot,
  installedCuda,
  packageFolder,
  packageVersion,
} from '../../../main/inference/runtime/native.ts';
import { whyNot } from '../../../main/inference/runtime/providers.ts';
import {
  folderInPackage,
  installCuda,
  nugetIndex,
  packageName,
  removeCuda,
} from '../../../main/providers/cuda.ts';
import type { InstallProgress } from '../../../main/providers/cuda.ts';
import { checkFeed } from '../../../main/providers/feed.ts';
import { archiveOf, FeedServer, libraries, missingName } from './feed-server.ts';

const options = {
  skip:
    process.platform === 'linux' && process.arch === 'x64'
      ? false
      : 'SKIPPED: CUDA libraries are installed on Linux x64 only',
};

async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-cuda-'));
  process.env['SACCADE_HOME'] = folder;
  const feed = await new FeedServer().start();
  t.after(async () => {
    await feed.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const states = new Set<InstallProgress['state']>();
  const install = (disk: Disk = realDisk, signal = new AbortController().signal) => {
    const client: HubClient = {
      settings: { endpoint: feed.origin, token: null, cacheFolder: '', offline: false },
      patience: { idleMs: 600_000, attempts: 2, firstWaitMs: 1, longestWaitMs: 100 },
      disk,
      agent: 'saccade-test',
    };
    return installCuda({
      signal,
      client,
      feed: feed.index,
      onProgress({ state, bytes }) {
        states.add(state);
        if (state === 'downloading') feed.received = bytes;
      },
    });
  };
  return { feed, install, states };
}

/** Takes so many bytes in all. */
function smallDisk(room: number): Disk {
  let left = room;
  return {
    ...realDisk,
    async write(handle, bytes) {
      if ((left -= bytes.length) < 0)
        throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
      return realDisk.write(handle, bytes);
    },
  };
}

test('what is fetched is what the install script of onnxruntime-node would fetch', () => {
  const metadata = createRequire(import.meta.url)('onnxruntime-node/script/install-metadata.js') as {
    packages: Record<string, { name: string; versions: { feed: string; version: string }[] }>;
    feeds: Record<string, { index: string }>;
    manifests: Record<string, Record<string, { path: string }>>;
  };
  const { name, versions } = metadata.packages['nuget:linux/x64:cuda12']!;
  assert.deepEqual([name, versions], [packageName, [{ feed: 'nuget', version: packageVersion() }]]);
  assert.equal(metadata.feeds['nuget']!.index, nugetIndex);
  const manifest = metadata.manifests['linux/x64:cuda12']!;
  for (const file of Object.keys(libraries))
    assert.equal(manifest[`./${file}`]!.path, `${folderInPackage}/${file}`);
});

test(
  'the libraries lie beside a copy of onnxruntime, and what the system lacks has a name',
  options,
  async (t) => {
    const { feed, install, states } = await setUp(t);
    feed.paged = true;
    const before = whyNot('cuda');
    assert.match(before!, /^Missing: libonnxruntime_providers_shared\.so, .*providers install cuda/);
    const { folder, record } = await install();
    assert.deepEqual([...states], ['asking', 'downloading', 'checking', 'unpacking']);
    assert.deepEqual(readdirSync(cudaRoot()), [packageVersion()]);
    for (const [name, content] of Object.entries(libraries))
      assert.ok(readFileSync(join(folder, name)).equals(content));
    for (const name of readdirSync(packageFolder())) assert.ok(existsSync(join(folder, name)), name);
    assert.deepEqual(
      Object.keys(record.files).sort(),
      readdirSync(folder)
        .filter((name) => name !== 'installed.json')
        .sort(),
    );
    assert.match(record.address, /microsoft\.ml\.onnxruntime\.gpu\.linux\.[\d.]+\.nupkg$/);
    const reason = whyNot('cuda')!;
    assert.match(
      reason,
      new RegExp(`^Missing: ${missingName.replaceAll('.', '\\.')}(, libcuda\\.so\\.1)?\\.$`),
    );
  },
);

test('a connection that breaks is taken up where it broke', options, async (t) => {
  const { feed, install } = await setUp(t);
  feed.breaksAfter(40_000);
  await install();
  assert.deepEqual(feed.ranges, [undefined, 'bytes=40000-']);
});

test('a download that gave up goes on from its bytes the next time', options, async (t) => {
  const { feed, install } = await setUp(t);
  feed.breaksAfter(30_000);
  for (let i = 0; i < 3; i++) feed.faults.push((response) => void response.writeHead(503).end());
  await assert.rejects(install(), { code: 'provider-download', message: /same command goes on/ });
  assert.equal(
    whyNot('cuda'),
    `The CUDA libraries for onnxruntime ${packageVersion()} are not installed. \`saccade providers install cuda\` downloads them.`,
  );
  feed.faults.length = 0;
  await install();
  assert.equal(feed.ranges.at(-1), 'bytes=30000-');
});

test('an interrupted download goes on, too', options, async (t) => {
  const { feed, install } = await setUp(t);
  const interrupted = new AbortController();
  feed.faults.push((response, content) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 20_000));
    const timer = setInterval(() => {
      if (feed.received < 20_000) return;
      clearInterval(timer);
      interrupted.abort();
    }, 1);
  });
  await assert.rejects(install(realDisk, interrupted.signal), { name: 'AbortError' });
  await install();
  assert.equal(feed.ranges.at(-1), 'bytes=20000-');
});

test(
  'another content than the feed promised is never installed, and what was there stays',
  options,
  async (t) => {
    const { feed, install } = await setUp(t);
    const first = await install();
    feed.hash = Buffer.alloc(64, 1).toString('base64');
    await assert.rejects(install(), { code: 'provider-wrong-hash', message: /arrived twice/ });
    assert.deepEqual(installedCuda(), first);
  },
);

test('a full disk is a sentence, and keeps what has arrived', options, async (t) => {
  const { feed, install } = await setUp(t);
  const { length } = feed.archive;
  await assert.rejects(install(smallDisk(length - 10)), { code: 'disk-full' });
  assert.equal(typeof installedCuda(), 'string');
  // Room for the archive, and not for what is in it.
  await assert.rejects(install(smallDisk(length + 1000)), { code: 'disk-full' });
  assert.equal(typeof installedCuda(), 'string');
  const asked = feed.ranges.length;
  await install();
  assert.equal(feed.ranges.length, asked, 'the archive is fetched once');
  const noRoom = { ...realDisk, freeBytes: async () => 1000 };
  await assert.rejects(install(noRoom), { code: 'disk-full', message: /MB are free/ });
});

test(
  'archives that are none, or hold something else, are told apart from a bad connection',
  options,
  async (t) => {
    const { feed, install } = await setUp(t);
    feed.archive = archiveOf({ 'libonnxruntime_providers_shared.so': Buffer.from('only this') });
    await assert.rejects(install(), {
      code: 'provider-archive',
      message: /libonnxruntime_providers_cuda\.so/,
    });
    feed.archive = Buffer.from('not a zip file, but with the right hash');
    await assert.rejects(install(), { code: 'provider-archive' });
    const damaged = archiveOf(libraries);
    damaged.writeUInt8(damaged[2000]! ^ 255, 2000);
    feed.archive = damaged;
    await assert.rejects(install(), { code: 'provider-archive' });
    assert.equal(typeof installedCuda(), 'string');
  },
);

test('a feed without a SHA-512, or that is none, is refused', options, async (t) => {
  const { feed, install } = await setUp(t);
  feed.algorithm = 'MD5';
  await assert.rejects(install(), { code: 'provider-feed', message: /no SHA-512/ });
  assert.deepEqual(feed.ranges, []);
  assert.throws(() => checkFeed('http://feed.example/index.json'), { code: 'provider-feed' });
  assert.throws(() => checkFeed('ftp://127.0.0.1/'), { code: 'provider-feed' });
});

test('a copy that lost a file or is of another version is not used', options, async (t) => {
  const { install } = await setUp(t);
  const { folder } = await install();
  rmSync(join(folder, 'libonnxruntime_providers_shared.so'));
  assert.match(whyNot('cuda')!, /libonnxruntime_providers_shared\.so should have 6 bytes/);
  await install();
  assert.equal(typeof installedCuda(), 'object');
});

test('removing leaves nothing', options, async (t) => {
  const { install } = await setUp(t);
  await assert.rejects(removeCuda(), { code: 'provider-not-installed' });
  await install();
  await removeCuda();
  assert.equal(installedCuda(), null);
  assert.ok(!existsSync(cudaRoot()));
});
