import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noWords } from '../../../../main/library/catalog/person.ts';
import { chosenLabels } from '../../../../main/library/writing/chosen.ts';

test('what a person rejected by its name in any language is not written', () => {
  const label = { id: 'n1', name: 'ship', names: { 'zh-CN': '船' } };
  const said = { predictions: [{ index: 0, label, probability: 0.9 }], sure: true, holdsFrom: null };
  const written = (rejected: string[]) =>
    chosenLabels({ ...said, person: { ...noWords, rejected } }, { by: 'any' });
  assert.deepEqual(written(['boat']), ['ship']);
  assert.deepEqual(written(['Ship']), []);
  assert.deepEqual(written(['船']), []);
});
