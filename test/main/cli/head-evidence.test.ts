/** A report with a head of one's own shows the evidence for that head's labels, not for the model's own. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { keepPace } from '../../measured-home.ts';
import { oneProcess, samples, temporaryFolder } from './saccade.ts';

test('the map over a photo is the evidence of the head that is asked for', async () => {
  const work = temporaryFolder('head-evidence');
  const home = join(work, 'home');
  await keepPace(home);
  const run = oneProcess({ home, cwd: work });
  const examples = { animal: ['cat', 'frog'], vehicle: ['freighter', 'airliner'], other: ['bridge'] };
  for (const [label, names] of Object.entries(examples)) {
    mkdirSync(join(work, 'examples', label), { recursive: true });
    for (const name of names)
      copyFileSync(join(samples, `${name}.jpg`), join(work, 'examples', label, `${name}.jpg`));
  }
  const report = async (...more: string[]) => {
    const file = join(work, `report-${more.length}.html`);
    const { code, stderr } = await run(['classify', join(samples, 'cat.jpg'), '--report', file, ...more]);
    assert.equal(code, 0, stderr);
    const page = readFileSync(file, 'utf8');
    return {
      label: /<span class="label">([^<]*)/.exec(page)![1],
      range: /<span class="range"><span>([^<]*)/.exec(page)![1],
      pictures: [...page.matchAll(/<img /g)].length,
    };
  };
  const own = await report();
  assert.equal((await run(['heads', 'teach', 'kinds', join(work, 'examples')])).code, 0);
  const taught = await report('--head', 'kinds');
  assert.equal(taught.label, 'animal');
  assert.deepEqual([own.pictures, taught.pictures], [2, 2]);
  assert.notEqual(taught.range, own.range);
  // What a part of the photo is called, in the same labels.
  const part = ['ablate', join(samples, 'cat.jpg'), '--strongest', '0.2', '--labels', 'kinds'];
  const { code, stdout, stderr } = await run(part);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /WHOLE +WITHOUT/);
  for (const label of Object.keys(examples)) assert.equal(stdout.match(new RegExp(`\\b${label}\\b`, 'g'))!.length, label === 'animal' ? 3 : 2); // prettier-ignore
  const smallest = await run(['ablate', join(samples, 'cat.jpg'), '--smallest', '--labels', 'kinds']);
  assert.match(smallest.stdout, /patches keep the label/, smallest.stderr);

  // A photo that goes before it is looked at for its evidence has its label in the report all the same.
  const gone = join(work, 'gone.jpg');
  copyFileSync(join(samples, 'frog.jpg'), gone);
  const file = join(work, 'gone.html');
  const words = ['classify', gone, join(samples, 'cat.jpg'), '--report', file, '--head', 'kinds', '--top', '1']; // prettier-ignore
  const without = await run(words, { vanishes: 'gone.jpg' });
  assert.equal(without.code, 0, without.stderr);
  assert.match(without.stderr, /gone\.jpg: no evidence is drawn\. .*gone\.jpg/);
  const labels = [...readFileSync(file, 'utf8').matchAll(/<span class="label">([^<]*)/g)].map(
    ([, label]) => label,
  );
  assert.deepEqual(labels, ['animal', 'animal']);
});
