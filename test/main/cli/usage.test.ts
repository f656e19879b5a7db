import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { mock } from 'node:test';
import { main } from '../../../main/cli/program.ts';
import { saccade, temporaryFolder } from './saccade.ts';

const home = join(temporaryFolder('usage'), 'home');
process.env['SACCADE_HOME'] = home;

for (const [name, words] of Object.entries({
  'no command': [],
  'an unknown command': ['clasify', '.'],
  'no path': ['classify'],
  'an unknown option': ['classify', '.', '--fast'],
  'an unknown format': ['classify', '.', '--format', 'xml'],
  'a number that is none': ['classify', '.', '--top', '0'],
  'an opacity beyond 1': ['classify', '.', '--opacity', '2'],
  'an unknown method': ['faithfulness', '.', '--methods', 'cls,gradient'],
  'a path that is empty': ['keywords', 'read', 'x.jpg', ''],
  'a folder to move into that is empty': ['organise', 'x.jpg', '--into', '', '--dry-run'],
  'a file to write that is empty': ['classify', 'x.jpg', '--output', ''],
  'a pattern that is empty': ['classify', 'x.jpg', '--exclude', '*.png', '--exclude', ''],
  'maps in a format without columns for them': ['classify', '.', '--format', 'csv', '--with', 'maps'],
  'features in a report': ['export', '--format', 'report', '--output', 'x.html', '--with', 'features'],
  'maps of a table': ['export', '--maps', 'stored'],
  'a partition of text': ['export', '--format', 'jsonl', '--partition-by', 'label'],
  'links in one file': ['labels', 'export', '--format', 'coco', '--output', 'x.json', '--place', 'symlink'],
  'a threshold of what a person said': ['keywords', 'write', 'x.jpg', '--confirmed', '--threshold', '0.5'],
  'a head of what a person said': ['organise', 'x.jpg', '--into', 'y', '--confirmed', '--head', 'ours'],
  'a layer of rollout': ['inspect', 'x.jpg', '--method', 'rollout', '--layer', '1'],
}))
  test(`${name} is wrong usage: exit code 2, and nothing is started`, async () => {
    let told = '';
    const silenced = mock.method(process.stderr, 'write', (text: string) => (told += text) !== '');
    const code = await main(words).finally(() => silenced.mock.restore());
    assert.equal(code, 2, told);
    assert.match(told, /error|Usage|leave/);
    assert.ok(!existsSync(home));
  });

test('the process ends with that code and says so on standard error only', async () => {
  const { code, stdout, stderr } = await saccade(['classify', '.', '--fast'], { home });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /unknown option '--fast'/);
});

test('help and version go to standard output and are no errors', async () => {
  const help = await saccade(['help', 'classify'], { home });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--overlays <dir>/);
  const version = await saccade(['--version'], { home });
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});
