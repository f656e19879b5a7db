import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameLabel } from '../../../models/heads/label-names.ts';

test('labels are the same where they share a name in any language, however it is written', () => {
  const ship = { id: 'n1', name: 'ship', names: { 'zh-CN': '船' } };
  const own = (name: string) => ({ id: name, name });
  assert.ok(sameLabel(ship, own('Ship')));
  assert.ok(sameLabel(own('船'), ship));
  assert.ok(sameLabel(own('cafe\u0301'), own('Caf\u00e9')));
  assert.ok(!sameLabel(ship, own('boat')));
  assert.ok(!sameLabel(ship, { id: 'n1', name: 'boat', names: { 'zh-CN': '艇' } }));
});
