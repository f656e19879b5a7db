import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownModels, parseSource } from '../../models/catalogue.ts';
import { modelSource } from '../../main/contract/verbs.ts';

test('every entry can be asked for by its id and by its repository, which no other entry has', () => {
  for (const { id, repository } of knownModels) {
    assert.ok(modelSource.safeParse(id).success, id);
    assert.deepEqual(parseSource(id), { repository, revision: 'main' });
    assert.deepEqual(parseSource(repository), { repository, revision: 'main' });
  }
  assert.equal(new Set(knownModels.map(({ id }) => id)).size, knownModels.length);
  assert.equal(new Set(knownModels.map(({ repository }) => repository)).size, knownModels.length);
});

test('numbers come with where they were read, and revisions, hashes and sizes are not written down', () => {
  for (const known of knownModels) {
    assert.ok(known.sources.length > 0, known.id);
    for (const source of known.sources) assert.ok(URL.canParse(source), source);
    if (known.top1) assert.ok(known.top1.source.length > 0 && known.top1.percent < 100, known.id);
    assert.deepEqual(Object.keys(known).sort(), [
      'classes',
      'family',
      'id',
      'input',
      'licence',
      'name',
      'parameters',
      'patchSize',
      'repository',
      'sources',
      'top1',
    ]);
  }
});

test('a revision may be a branch, a commit or a proposal', () => {
  for (const revision of ['main', 'v1.0', 'refs/pr/1', '0123456789abcdef0123456789abcdef01234567'])
    assert.deepEqual(parseSource(`owner/name@${revision}`), { repository: 'owner/name', revision });
});

test('what is no name is not taken for one', () => {
  for (const text of [
    '',
    'nobody-knows-it',
    'a/b/c',
    '../up',
    'a/..',
    'owner/name@',
    'https://example.com/a',
    'a/b?c',
  ])
    assert.equal(parseSource(text), null, text);
});
