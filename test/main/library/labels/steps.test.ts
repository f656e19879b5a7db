/** Undo and redo, where the disk gives out between. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { recordAct } from '../../../../main/library/catalog/acts.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { setHead } from '../../../../main/library/catalog/heads.ts';
import { showAgain } from '../../../../main/library/catalog/shown.ts';
import { takeStep } from '../../../../main/library/labels/steps.ts';

test('a step of a head is taken with what the lists need to follow it, or not at all', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  catalog.run(`INSERT INTO heads (id, name, model_hash, version) VALUES (1, 'boats', 'm', 1)`);
  const [change, inverse] = ['ships', 'boats'].map((name) => ({ of: 'head', id: 1, name }) as const);
  setHead(catalog, change!);
  recordAct(catalog, { kind: 'rename-head', about: ['boats', 'ships'], photos: 0, change: change!, inverse: inverse! }); // prettier-ignore
  const name = () => catalog.one<{ name: string }>('SELECT name FROM heads')!.name;
  const acts = () => catalog.one<{ n: number }>('SELECT count(*) AS n FROM acts')!.n;
  const moves = { step: () => assert.fail('no file moves'), inTurn: () => assert.fail('no file moves') };
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const gives = (out: boolean) => (step: () => void) =>
    void showAgain(catalog, () => {
      step();
      if (out) throw full;
    });
  await assert.rejects(takeStep(catalog, moves, true, gives(true)), full);
  assert.deepEqual([name(), acts()], ['ships', 1]);
  const taken = await takeStep(catalog, moves, true, gives(false));
  assert.deepEqual([taken?.act.undone, name(), acts()], [true, 'boats', 2]);
});

test('what somebody does while a step waits for the catalog keeps the step from being taken', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  catalog.run(`INSERT INTO heads (id, name, model_hash, version) VALUES (1, 'ships', 'm', 1)`);
  const renamed = (from: string, to: string) => {
    const [change, inverse] = [to, from].map((name) => ({ of: 'head', id: 1, name }) as const);
    recordAct(catalog, { kind: 'rename-head', about: [from, to], photos: 0, change: change!, inverse: inverse! }); // prettier-ignore
  };
  renamed('boats', 'ships');
  const moves = { step: () => assert.fail('no file moves'), inTurn: () => assert.fail('no file moves') };
  const waiting = (step: () => void) => {
    renamed('ships', 'vessels');
    catalog.transaction(step);
  };
  await assert.rejects(takeStep(catalog, moves, true, waiting), { code: 'done-since' });
  assert.equal(catalog.one<{ name: string }>('SELECT name FROM heads')!.name, 'ships');
});
