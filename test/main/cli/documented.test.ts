/** Runs what the documents show, in their order, so that they can be believed. A command that nothing runs is an error. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import test, { mock } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { main } from '../../../main/cli/program.ts';
import { openCatalog } from '../../../main/library/catalog/database.ts';
import { writeSettings } from '../../../main/library/catalog/settings.ts';
import { importModel } from '../../../models/import.ts';
import { blockCommands, inlineCommands } from '../documents.ts';
import { model } from '../library/downloads-setting.ts';
import { tinyShape, writeTimm } from '../../models/tiny.ts';
import { writeTinyClip } from '../../models/tiny-clip.ts';
import { ensureBuilt } from '../../built.ts';
import { keepPace } from '../../measured-home.ts';
import { oneProcess, project, saccade, samples, temporaryFolder } from './saccade.ts';

// What the reader of the documents has: pictures, a photo, a model from elsewhere, a data set.
const work = temporaryFolder('documented');
mkdirSync(join(work, 'samples'));
// Those that the documents name, two of one label, each format: what they show is shown by a few, and small ones.
for (const name of [
  'airliner.jpg',
  'cat.jpg',
  'dog.webp',
  'freighter.jpg',
  'frog.jpg',
  'gull.png',
  'horse.avif',
  'lighthouse.jpg',
  'mushroom.jpg',
  'propeller-plane.webp',
])
  // prettier-ignore
  await sharp(join(samples, name)).resize(320).toFile(join(work, 'samples', name));
symlinkSync(join(work, 'samples'), join(work, 'Pictures'), 'junction');
copyFileSync(join(samples, 'cat.jpg'), join(work, 'photo.jpg'));
mkdirSync(join(work, 'vit-tiny'));
for (const [name, content] of Object.entries(model)) writeFileSync(join(work, 'vit-tiny', name), content);
writeTinyClip(join(work, 'clip-folder'));
writeFileSync(join(work, 'labels.txt'), 'a receipt | a till slip\n小票 = a bill\n');
const dataSets = {
  PHOTOS: { several: 'cat.jpg', things: 'frog.jpg' },
  'everyday120/val': { cat: 'cat.jpg', dog: 'dog.webp', frog: 'frog.jpg' },
};
for (const [set, pictures] of Object.entries(dataSets))
  for (const [label, picture] of Object.entries(pictures)) {
    const folder = join(work, set, label);
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(samples, picture), join(folder, picture));
  }

const home = join(work, 'home');
await keepPace(home);
/** Of somebody who chose a small model: what measures its pace takes 3.6 s of the processor, and 8.5 with the model that ships. */
const smallHome = join(work, 'small-home');
await importModel(writeTimm(join(work, 'small'), tinyShape), join(smallHome, 'models'), { name: 'small' });
const catalog = openCatalog(join(smallHome, 'catalog.sqlite'));
writeSettings(catalog, { model: 'small' });
catalog.close();

const inCheckout = 'npm run -s saccade -- ';

/** These try processors, which may take their process with them. */
const measuring = ['providers', 'precision'];
/** These are processes: `serve` and `watch` end by a signal. */
const ofTheirOwn = ['serve', 'watch', ...measuring];
const inOneProcess = oneProcess({ home, cwd: work });

async function runSaccade(line: string): Promise<void> {
  const words = line.replaceAll('~', work).split(' ');
  const serves = words[0] === 'serve';
  // A second signal would end it before it has put everything away.
  let goesOn = serves || words[0] === 'watch';
  const { code, stdout, stderr } = ofTheirOwn.includes(words[0]!)
    ? await saccade(words, {
        home: measuring.includes(words[0]!) ? smallHome : home,
        cwd: work,
        onOutput(said, kill) {
          if (!goesOn || !said.includes('\n')) return;
          goesOn = false;
          kill('SIGINT');
        },
      })
    : await inOneProcess(words);
  assert.equal(code, 0, stderr);
  assert.ok(!/ {4}at /.test(stderr), stderr);
  if (serves) assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
}

const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Not from within a test: the script that CI runs has them. What the demo writes is for classify.test.ts. */
function runInCi(command: string): void {
  const script = readFileSync(join(project, '.ci', 'run'), 'utf8').replaceAll(' -s ', ' ');
  assert.ok(new RegExp(`^${command}( |$)`, 'm').test(script), `.ci/run does not run: ${command}`);
}

async function runNode(command: string): Promise<void> {
  const [file, ...args] = command.split(' ') as [string, ...string[]];
  const paths = args.map((word) => (word.startsWith('models/') ? join(project, word) : word));
  await promisify(execFile)(process.execPath, [join(project, file), ...paths], { cwd: work });
}

/** A benchmark takes minutes. Here: that the script is there and knows the options. */
function checkBenchmark(command: string): void {
  const named = /^npm run ([\w:]+)/.exec(command)?.[1];
  const file = /test\/bench\/[\w-]+\.ts/.exec(named === undefined ? command : scripts[named]!)![0];
  const script = readFileSync(join(project, file), 'utf8');
  for (const [, option] of command.matchAll(/--([a-z-]+)/g))
    assert.match(script, new RegExp(`\\b${option}: \\{\\s*type: 'string'`), `--${option} of ${file}`);
}

/** Training takes hours and PyTorch; starter.test.ts runs the recipe where that is. Here: scripts and their options. */
function checkPython(command: string, folder: string): void {
  const [, file, ...args] = command.split(' ');
  const script = readFileSync(join(folder, file!), 'utf8');
  for (const word of args) {
    if (word.startsWith('--')) assert.ok(script.includes(`'${word}'`) || script.includes(`"${word}"`), word);
    else if (/\.(json|py)$/.test(word)) readFileSync(join(folder, word));
  }
}

for (const { command, path } of blockCommands())
  test(`${relative(project, path)}: ${command}`, async () => {
    for (const part of command.split(' && ')) {
      if (part.startsWith('saccade ')) await runSaccade(part.slice('saccade '.length));
      else if (part.startsWith(inCheckout)) await runSaccade(part.slice(inCheckout.length));
      else if (/^npm run bench|^node test\/bench\/(?!accuracy)/.test(part)) checkBenchmark(part);
      else if (part === 'npm run -s build') ensureBuilt();
      else if (part.startsWith('npm ')) runInCi(part);
      else if (part.startsWith('node ')) await runNode(part.slice('node '.length));
      else if (part.startsWith('python3 ')) checkPython(part, dirname(path));
      else assert.fail(`nothing runs this: ${part}`);
    }
  });

/** What npm runs in the end for a command, script by script. */
function leavesOf(command: string): string[] {
  return command.split(' && ').flatMap((part) => {
    const beside = /^node test\/side-by-side\.ts (.+)$/.exec(part)?.[1];
    if (beside) return beside.split(' ').flatMap((script) => leavesOf(`npm run ${script}`));
    const [, script] = /^npm (?:run )?(?:-s )?([\w:]+)/.exec(part) ?? [];
    return script !== undefined && script in scripts ? leavesOf(scripts[script]!) : [part];
  });
}

test('every command that CONTRIBUTING names is run by CI, or says in its row what it takes', () => {
  const script = readFileSync(join(project, '.ci', 'run'), 'utf8');
  const inCi = new Set(
    script.split('\n').flatMap((line) => (/^npm /.test(line) ? leavesOf(line.replace(/ --? .*$/, '')) : [])),
  );
  // The build is asked for by tests, which leave it where nothing has changed.
  inCi.add('electron-vite build');
  const rows = readFileSync(join(project, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| `([^`]+)` +\| (.+)\|$/gm);
  const elsewhere = [...rows]
    .map(([, command]) => command!)
    .filter((command) => !command.startsWith('npm ci'))
    .filter((command) => !leavesOf(command.replace(/ -- .*$/, '')).every((leaf) => inCi.has(leaf)));
  // The first is run below; the others take minutes, a display or the network, and are loaded by the type check alone.
  assert.deepEqual(elsewhere, [
    'npm start',
    'npm run test:kills',
    'npm run dist',
    'npm run bench',
    'node test/bench/teaching.ts',
    'node test/bench/candidates.ts',
    'npm run screenshots',
    'npm run test:cluster',
  ]);
});

const notLinux = process.platform !== 'linux' && 'SKIPPED: elsewhere npm start opens the desktop application';
test('npm start without a display says why, and serves the window', { skip: notLinux }, async () => {
  ensureBuilt();
  assert.match(scripts['start']!, / && node build\/start\.ts$/);
  const child = spawn(process.execPath, [join(project, 'build', 'start.ts')], {
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', SACCADE_HOME: home, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (/^http.*\n/m.test(said)) child.kill('SIGINT');
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0, said);
  assert.match(
    said,
    /can't start: there is no display .* browser host instead\.\nhttp:\/\/127\.0\.0\.1:\d+\//,
  );
});

test('there are commands of every kind that needs no network', () => {
  const kinds = blockCommands()
    .filter(({ path }) => basename(path) === 'command-line.md')
    .map(({ command }) => command.split(' ')[1]);
  assert.deepEqual([...new Set(kinds)].sort(), [
    'ablate',
    'classify',
    'duplicates',
    'evidence',
    'export',
    'faithfulness',
    'heads',
    'inspect',
    'keywords',
    'labels',
    'merge',
    'models',
    'organise',
    'precision',
    'providers',
    'review',
    'search',
    'watch',
  ]);
});

const mentioned = new Set(
  inlineCommands().flatMap(({ command }) =>
    [...command.matchAll(/(?:^| )saccade (?:-- )?([^`]+)/g)].map((found) => found[1]!),
  ),
);
for (const words of mentioned)
  test(`mentioned in a sentence: saccade ${words}`, async () => {
    const named = words.split(/[ [\]]+/).filter(Boolean);
    const options = named.filter((word) => word.startsWith('--'));
    if (named[0] === 'COMMAND' || named[0] === 'help' || named[0] === '--version') return;
    const end = named.findIndex((word) => !/^[a-z]+$/.test(word));
    const commands = named.slice(0, end < 0 ? undefined : end);
    let help = '';
    // What the runner itself has to say are bytes.
    const write = process.stdout.write.bind(process.stdout);
    const silenced = mock.method(process.stdout, 'write', (text: string | Uint8Array) =>
      typeof text === 'string' ? (help += text) !== '' : write(text),
    );
    const code = await main([...commands, '--help']).finally(() => silenced.mock.restore());
    assert.equal(code, 0);
    const usage = /^Usage: saccade (.*)$/m.exec(help)![1]!;
    const understood = usage.split(' ').filter((word) => /^[a-z]+$/.test(word));
    assert.deepEqual(understood, commands.slice(0, understood.length), usage);
    if (understood.length < commands.length)
      assert.match(usage, /[<[](?!options)/, `${usage} takes no argument`);
    for (const option of options) assert.ok(help.includes(`${option} `), `${option} in:\n${help}`);
  });
