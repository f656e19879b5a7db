import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeElectronDist } from './electron-dist.ts';

const root = join(import.meta.dirname, '..', '..');
const elsewhere = process.platform === 'linux' ? false : 'SKIPPED: deb packages are made on Linux';

/** Up to the program that writes the archive, which takes fetching. */
describe('the deb', { skip: elsewhere }, () => {
  let folder: string;
  let args: string[];

  function build(...options: string[]) {
    return spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/electron-builder/cli.js'),
        '--linux=deb',
        '--publish=never',
        `--prepackaged=${join(folder, 'unpacked')}`,
        `-c.directories.output=${join(folder, 'release')}`,
        ...options,
      ],
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, CUSTOM_FPM_PATH: join(folder, 'fpm'), FPM_TOLD: folder },
      },
    );
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'saccade-deb-'));
    makeElectronDist(join(folder, 'unpacked'));
    mkdirSync(join(folder, 'release'));
    const program = `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'fpm.ts')}" "$@"\n`;
    writeFileSync(join(folder, 'fpm'), program, { mode: 0o755 });
    const built = build('-c.extraMetadata.homepage=https://saccade.invalid');
    assert.equal(built.status, 0, built.stdout + built.stderr);
    args = JSON.parse(readFileSync(join(folder, 'arguments.json'), 'utf8')) as string[];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('puts `saccade` on the PATH', () => {
    const script = readFileSync(join(folder, 'after-install'), 'utf8');
    assert.match(
      script,
      /update-alternatives --install '\/usr\/bin\/saccade' 'saccade' '\/opt\/Saccade\/saccade'/,
    );
    assert.ok(args.includes(`${join(folder, 'unpacked')}/=/opt/Saccade`));
    assert.ok(args.includes(`--name`) && args[args.indexOf('--name') + 1] === 'saccade');
  });

  test('has an icon in every size, where desktops look', () => {
    const icons = args.filter((word) => word.includes('/hicolor/')).map((word) => word.split('=')[1]);
    assert.deepEqual(
      icons.sort(),
      [16, 24, 32, 48, 64, 128, 256, 512]
        .map((size) => `/usr/share/icons/hicolor/${size}x${size}/apps/saccade.png`)
        .sort(),
    );
  });

  test('its menu entry takes folders, keeps the sandbox, and is the one its window belongs to', () => {
    const lines = readFileSync(join(folder, 'saccade.desktop'), 'utf8').trim().split('\n');
    assert.equal(lines.shift(), '[Desktop Entry]');
    const entry = Object.fromEntries(lines.map((line) => line.split(/=(.*)/, 2) as [string, string]));
    assert.equal(entry['Exec'], '/opt/Saccade/saccade %U');
    assert.equal(entry['Icon'], 'saccade');
    assert.equal(entry['MimeType'], undefined, 'some desktops would take it for their file manager');
    assert.equal(entry['Categories'], 'Graphics;Photography;Viewer;');
    const { desktopName } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      desktopName: string;
    };
    assert.equal(`${entry['StartupWMClass']}.desktop`, desktopName);
  });
});

test('the AppImage is built by the tools that leave the sandbox on and need no libfuse2', () => {
  const config = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
  assert.match(config, /^toolsets:\n(?:  .*\n)*  appimage: 1\.0\.3$/m);
  assert.doesNotMatch(config, /no-sandbox['"\]]/);
});
