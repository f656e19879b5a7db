import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { closureFaults } from '../../build/closure.ts';
import { openLayout } from '../../build/layout.ts';
import type { PhotoPage } from '../../main/contract/entities/photo.ts';
import type { RunStatus } from '../../main/contract/entities/run.ts';
import type { Result } from '../../main/contract/result.ts';
import { alive, startDesktop, until } from '../main/shell/desktop.ts';
import type { Desktop } from '../main/shell/desktop.ts';
import { buildPackage, shippedFiles } from './package.ts';
import type { Package } from './package.ts';

const elsewhere =
  process.platform === 'linux' ? false : 'SKIPPED: the stand-in for Electron has the shape of Linux only';
const listed = join(import.meta.dirname, 'files.linux.txt');

describe('the package', { skip: elsewhere }, () => {
  let built: Package;
  let temporary: string;
  let app: string;

  before(() => {
    built = buildPackage();
    temporary = mkdtempSync(join(tmpdir(), 'saccade-layout-'));
    app = openLayout(built.resources, join(temporary, 'resources'));
  });
  after(() => {
    built?.remove();
    rmSync(temporary, { recursive: true, force: true });
  });

  test('ships exactly the files that are listed', () => {
    const files = shippedFiles(built).map((file) =>
      file.replaceAll(`-${process.arch}`, '-ARCH').replace(`/${process.arch}/`, '/ARCH/'),
    );
    if (process.env['UPDATE']) writeFileSync(listed, files.join('\n') + '\n');
    assert.deepEqual(files, readFileSync(listed, 'utf8').trim().split('\n'), 'UPDATE=1 writes the list anew');
  });

  test('ships no source map, no source, no test, no secret and nothing of another platform', () => {
    for (const file of shippedFiles(built)) {
      assert.doesNotMatch(file, /\.(map|ts|cts|mts|svelte|cc|h|gyp|tsbuildinfo)( |$)/);
      assert.doesNotMatch(file, /(^|\/)(test|tests|shared|bench|\.git|\.env|\.npmrc|\.ci)(\/|$)/);
    }
    const modules = join(built.resources, 'app.asar.unpacked', 'node_modules');
    assert.deepEqual(closureFaults(modules, process.platform, process.arch), []);
    assert.match(
      closureFaults(modules, 'win32', 'x64').join('\n'),
      /is not for win32 x64[^]*Nothing for win32 x64/,
    );
  });

  test('the licence of everything that ships is in the About box, and in the bill of materials', () => {
    const text = readFileSync(join(app, 'out', 'renderer', 'licences.txt'), 'utf8');
    const entries = text.split(/^-{80}$/m).map((entry) => entry.trim());
    const modules = join(built.resources, 'app.asar.unpacked', 'node_modules');
    const bill = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../build/bill-of-materials.ts')],
      { encoding: 'utf8' },
    );
    const { components } = JSON.parse(bill.stdout) as {
      components: { name: string; version: string; components?: { name: string }[] }[];
    };
    const shipped = globSync(['*/package.json', '@*/*/package.json'], { cwd: modules });
    assert.ok(shipped.length >= 9);
    for (const path of shipped) {
      const { name, version } = JSON.parse(readFileSync(join(modules, path), 'utf8')) as Record<
        string,
        string
      >;
      const entry = entries.find((entry) => entry.startsWith(`${name} ${version}: `));
      assert.match(entry ?? '', /copyright|LGPL/i, `${name} ${version}`);
      assert.ok(components.some((part) => part.name === name && part.version === version));
    }
    // What is bundled, what is inside binaries, and what the package of onnxruntime leaves out.
    for (const name of ['svelte', 'bits-ui', 'zod', 'electron'])
      assert.ok(
        components.some((part) => part.name === name),
        name,
      );
    assert.ok(components.some((part) => part.components?.some(({ name }) => name === 'vips')));
    assert.match(text, /onnxruntime-node [\d.]+: MIT\s+MIT License\s+Copyright \(c\) Microsoft/);
    assert.match(
      text,
      /GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3[^]*GNU GENERAL PUBLIC LICENSE\s+Version 3/,
    );
  });

  test('the hook has loaded the native closure and classified a sample before the package was finished', () => {
    assert.match(built.output, /native closure loaded {2}sharp \d.*SQLite \d/);
  });

  test('the hook refuses a package whose native code is broken', () => {
    const broken = join(temporary, 'broken');
    cpSync(built.resources, broken, { recursive: true });
    const prebuilds = join(broken, 'app.asar.unpacked', 'node_modules', 'better-sqlite3', 'prebuilds');
    for (const name of readdirSync(prebuilds)) writeFileSync(join(prebuilds, name), 'not a library');
    const tried = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../build/try-closure.ts'), broken],
      {
        encoding: 'utf8',
      },
    );
    assert.notEqual(tried.status, 0);
    assert.match(tried.stderr, /invalid ELF header|file too short|ERR_DLOPEN_FAILED/);
  });

  test('the fuses are set: no Node in disguise, code from the asar only', async () => {
    const wire = await getCurrentFuseWire(built.executable);
    const state = (option: FuseV1Options) => String.fromCharCode(wire[option] as number);
    assert.equal(state(FuseV1Options.RunAsNode), '0');
    assert.equal(state(FuseV1Options.EnableNodeOptionsEnvironmentVariable), '0');
    assert.equal(state(FuseV1Options.EnableNodeCliInspectArguments), '0');
    assert.equal(state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation), '1');
    assert.equal(state(FuseV1Options.OnlyLoadAppFromAsar), '1');
    assert.equal(state(FuseV1Options.GrantFileProtocolExtraPrivileges), '0');
  });

  async function asked<T>(desktop: Desktop, verb: string, request: unknown): Promise<T> {
    const result = (await desktop.tell('ask', verb, request)) as Result<T>;
    assert.ok(result.ok, `${verb}: ${JSON.stringify(result)}\n${desktop.output()}`);
    return result.value;
  }
  const packaged = (args: string[] = []) => ({
    module: join(app, 'out', 'main', 'desktop.js'),
    args,
    env: { STAND_IN_PACKAGED: '1' },
  });

  test('its window opens, and its library and inference classify its own samples', async (t) => {
    const desktop = startDesktop(t, packaged());
    await until(async () => (await desktop.tell('state')).windows[0]?.shown);
    assert.equal((await desktop.tell('fetch', 'app://saccade/')).status, 200);
    const { samplesFolder } = await asked<{ samplesFolder: string }>(desktop, 'app.info', {});
    assert.equal(samplesFolder, join(temporary, 'resources', 'app.asar.unpacked', 'samples'));
    await asked(desktop, 'folders.add', { path: samplesFolder });
    const sort = { key: 'name', descending: false };
    await until(
      async () => (await asked<PhotoPage>(desktop, 'photos.page', { filter: {}, sort, limit: 1 })).total,
    );
    await asked(desktop, 'runs.start', {
      selection: { filter: {}, except: [] },
      again: false,
      retryFailed: false,
    });
    const run = await until(async () => {
      const current = await asked<RunStatus | null>(desktop, 'runs.current', {});
      return current && ['finished', 'stopped', 'cancelled'].includes(current.state) ? current : null;
    });
    assert.equal(run.state, 'finished', JSON.stringify(run.error));
    assert.ok(run.done > 0);
    assert.equal(run.failed, 0);
    const page = await asked<PhotoPage>(desktop, 'photos.page', { filter: {}, sort, limit: 1 });
    const { id, version } = page.items[0]!;
    assert.equal(
      (await desktop.tell('fetch', `app://saccade/photo/${id}/thumbnail?v=${version}`)).status,
      200,
    );
  });

  test('its command line runs through Electron’s own entry, without a window, and leaves no process', async (t) => {
    const sample = readdirSync(join(temporary, 'resources', 'app.asar.unpacked', 'samples'))
      .filter((name) => name.endsWith('.jpg'))
      .map((name) => join(temporary, 'resources', 'app.asar.unpacked', 'samples', name))[0]!;
    const version = startDesktop(t, packaged(['--version']));
    assert.equal(await version.ended, 0, version.output());
    assert.match(version.output(), /\d+\.\d+\.\d+/);

    const classify = startDesktop(t, packaged(['classify', sample, '--format', 'jsonl']));
    const { children, windows } = await until(async () => {
      const state = await classify.tell('state').catch(() => null);
      return state && state.children.length >= 3 ? state : null;
    });
    assert.deepEqual(windows, []);
    assert.deepEqual(children.map(({ name }) => name).sort(), [
      'Saccade cli',
      'Saccade inference',
      'Saccade library',
    ]);
    assert.equal(await classify.ended, 0, classify.output());
    assert.match(classify.output(), /"labels?"/);
    for (const { pid } of children) await until(async () => !alive(pid));

    const mistyped = startDesktop(t, packaged(['clasify', sample]));
    assert.notEqual(await mistyped.ended, 0);
    assert.match(mistyped.output(), /clasify/);
  });

  test('what it weighs stands in docs/packages.md', () => {
    const megabytes =
      readdirSync(built.resources, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0) / 1e6;
    const page = readFileSync(join(import.meta.dirname, '../../docs/packages.md'), 'utf8');
    const stated = Number(new RegExp(`\\| Linux ${process.arch} +\\| +(\\d+) MB`).exec(page)?.[1]);
    assert.ok(Math.abs(megabytes - stated) < 5, `found ${megabytes.toFixed(0)} MB, docs say ${stated}`);
  });
});
