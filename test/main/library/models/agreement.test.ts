import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreementOf, wilsonLowerBound } from '../../../../main/library/models/agreement.ts';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { graphVersions } from '../../../../models/kinds.ts';

/** A catalog where fp32 and int8 have answered `photos` contents, and differ on the first `differing`; int8 by a graph `older` versions ago. */
function answered(photos: number, differing: number, older = 0): Catalog {
  const catalog = openCatalog(null);
  catalog.run("INSERT INTO models (hash, id, name, labels) VALUES ('h', 'm', 'm', '[]')");
  for (const [id, precision] of [
    [1, 'fp32'],
    [2, 'int8'],
  ] as const)
    catalog.run(
      'INSERT INTO result_keys (id, model_hash, preprocessing, precision, graph_version, used_ms) VALUES (?, ?, ?, ?, ?, 0)',
      id,
      'h',
      'p',
      precision,
      graphVersions[precision] - (precision === 'int8' ? older : 0),
    );
  for (let photo = 1; photo <= photos; photo++) {
    catalog.run('INSERT INTO contents (id, hash) VALUES (?, ?)', photo, Buffer.from(String(photo)));
    for (const key of [1, 2]) {
      const label = key === 2 && photo <= differing ? 1 : 0;
      catalog.run('INSERT INTO results (content_id, key_id, label) VALUES (?, ?, ?)', photo, key, label);
    }
  }
  return catalog;
}

test("Wilson's lower bound is that of the published table", () => {
  assert.ok(Math.abs(wilsonLowerBound(196, 200) - 0.9497) < 5e-4);
  assert.ok(Math.abs(wilsonLowerBound(10, 10) - 0.7225) < 5e-4);
  assert.equal(wilsonLowerBound(0, 0), 0);
});

test('98 % of 200 photos earns a precision; one more that differs, or one photo fewer, does not', () => {
  assert.equal(agreementOf(answered(200, 4), 'h', 'int8').earned, true);
  assert.equal(agreementOf(answered(200, 5), 'h', 'int8').earned, false);
  assert.equal(agreementOf(answered(199, 0), 'h', 'int8').earned, false);
  assert.deepEqual(agreementOf(answered(3, 1), 'other', 'int8').photos, 0);
});

test('photos that only one precision answered, failures and older graphs do not count', () => {
  const catalog = answered(5, 0);
  catalog.run('DELETE FROM results WHERE key_id = 2 AND content_id = 1');
  catalog.run("UPDATE results SET code = 'corrupt-image' WHERE content_id = 2");
  const { photos, agreed } = agreementOf(catalog, 'h', 'int8');
  assert.deepEqual([photos, agreed], [3, 3]);
  assert.equal(agreementOf(answered(5, 0, 1), 'h', 'int8').photos, 0);
});
