/**
 * `node build/try-closure.ts <resources>`: loads the native closure of a package from the package's own files, then
 * has its own command line classify one of its own samples with its own model. Exit code 1 and a sentence otherwise.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import type Database from 'better-sqlite3';
import type Sharp from 'sharp';

const resources = resolve(process.argv[2] ?? '.');
const unpacked = join(resources, 'app.asar.unpacked');
const require = createRequire(join(unpacked, 'here.js'));

/** From the package, or not at all: a folder above it may have modules of the same name. */
function load(name: string): unknown {
  const path = require.resolve(name);
  assert.ok(path.startsWith(unpacked + sep), `Expected ${name} inside ${unpacked}, found it at ${path}.`);
  return require(name);
}

const sample = readdirSync(join(unpacked, 'samples')).find((name) => /\.(jpe?g|png|webp)$/.test(name));
assert.ok(sample, `Expected a sample picture in ${join(unpacked, 'samples')}, found none.`);
const photo = join(unpacked, 'samples', sample);

const sharp = load('sharp') as typeof Sharp;
const { data, info } = await sharp(photo).raw().toBuffer({ resolveWithObject: true });
assert.equal(data.length, info.width * info.height * info.channels);

const database = new (load('better-sqlite3') as typeof Database)(':memory:');
const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string };
database.close();

const temporary = mkdtempSync(join(tmpdir(), 'saccade-closure-'));
try {
  const args = [join(unpacked, 'out', 'main', 'cli.js'), 'classify', photo, '--format', 'jsonl'];
  const run = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, SACCADE_HOME: temporary },
    timeout: 120_000,
  });
  assert.equal(
    run.status,
    0,
    `Expected the packaged command line to classify ${sample}:\n${run.stdout}${run.stderr}`,
  );
  assert.match(run.stdout, /"labels?"/);
  console.log(
    `sharp ${sharp.versions.sharp}, SQLite ${version}, ${sample}: ${run.stdout.trim().slice(0, 200)}`,
  );
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
