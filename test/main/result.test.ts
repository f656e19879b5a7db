import assert from 'node:assert/strict';
import test from 'node:test';
import { SaccadeError } from '../../models/error.ts';
import { toFailure } from '../../main/contract/result.ts';

const systemError = (code: string) => Object.assign(new Error(`${code}: words of the system`), { code });

for (const [code, expected] of [
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_BUSY', 'catalog-unwritable'],
  ['SQLITE_IOERR_WRITE', 'catalog-unwritable'],
  ['SQLITE_READONLY', 'catalog-unwritable'],
  ['EROFS', 'no-permission'],
  ['EACCES', 'no-permission'],
] as const)
  test(`${code} reaches people as ${expected}, with what was expected, what was found and what to do`, () => {
    const failure = toFailure(systemError(code));
    assert.equal(failure.code, expected);
    assert.match(failure.message, new RegExp(`^Expected .*${code}: words of the system`));
    assert.match(failure.message, /(Make|Change|Close) /);
  });

test('our own errors keep their code and sentence, others their message', () => {
  assert.deepEqual(toFailure(new SaccadeError('no-model', 'There is none.')), {
    code: 'no-model',
    message: 'There is none.',
  });
  assert.deepEqual(toFailure(new Error('odd')), { code: 'internal', message: 'odd' });
  assert.deepEqual(toFailure('odd'), { code: 'internal', message: 'odd' });
});
