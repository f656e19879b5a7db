import { flushSync } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { firstMark } from '../../renderer/labels/likeness.svelte.ts';
import { Application } from '../../renderer/state/application.svelte.ts';
import { subjectOf } from '../../renderer/state/subject.ts';
import { FakeHost } from './fake-bridge.ts';
import { ownHead } from './fake-labels.ts';

beforeEach(() => localStorage.clear());

async function labelling(delay = 0) {
  const host = new FakeHost({ photos: 200, delay });
  const app = new Application(host.bridge);
  await app.start();
  app.pages.show({ filter: app.query.filter, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.total).not.toBeNull());
  flushSync();
  await app.picking.move('start', 'one');
  app.labelling.start();
  const idAt = (position: number) => app.pages.at(position)!.id;
  const labelsAt = (position: number) => host.words.of.get(idAt(position))?.labels;
  return { host, app, idAt, labelsAt };
}

test('a word brings the next photo, and what was typed once is offered from then on', async () => {
  const { app, host, labelsAt } = await labelling();
  await app.labelling.enter('boat, at sea', false);
  expect(labelsAt(0)).toEqual(['boat', 'at sea']);
  expect(app.picked.focus).toBe(1);
  await vi.waitFor(() =>
    expect(app.labelling.suggestions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['boat', 'at sea']),
    ),
  );
  app.labelling.typed = 'bo';
  expect(app.labelling.completions).toEqual(['boat']);
  // Of thousands of labels the host is asked, which knows them in every language.
  host.words.far = { 'bobcat 短尾猫': 'bobcat' };
  await app.labelling.complete();
  expect(app.labelling.completions).toEqual(['boat', 'bobcat']);
  app.labelling.typed = 'boat, 短尾';
  expect(app.labelling.completions).toEqual([]);
  await app.labelling.complete();
  expect(app.labelling.completions).toEqual(['bobcat']);
});

test('a label that has commas is one, chosen or typed out, beside others and in tiles', async () => {
  const { app, labelsAt, host } = await labelling();
  host.words.far = { tinca: 'tench, Tinca tinca' };
  const complete = async (typed: string) => {
    app.labelling.typed = typed;
    await app.labelling.complete();
    return app.labelling.take(app.labelling.completions[0]!);
  };
  // Chosen by a part of it that stands behind its comma, then another one beside it.
  app.labelling.typed = await complete('tench, tinca');
  expect(app.labelling.typed).toBe('tench, Tinca tinca');
  await app.labelling.enter(await complete('boat, tinca'), false);
  expect(labelsAt(0)).toEqual(['boat', 'tench, Tinca tinca']);
  await vi.waitFor(() =>
    expect(app.labelling.suggestions.map(({ name }) => name)).toContain('tench, Tinca tinca'),
  );
  await app.labelling.enter('tench,Tinca tinca, at sea', false);
  expect(labelsAt(1)).toEqual(['tench, Tinca tinca', 'at sea']);
  expect(app.labelsIn('boat, tench, Tinca tinca')).toEqual(['boat', 'tench, Tinca tinca']);
  await app.actions.setOwnLabel('tench, Tinca tinca', subjectOf(app.pages.at(2)!));
  expect(labelsAt(2)).toEqual(['tench, Tinca tinca']);
});

test('keys that come faster than answers go to the photos in their order', async () => {
  const { app, labelsAt, host } = await labelling(5);
  await Promise.all([
    app.labelling.enter('one', false),
    app.labelling.enter('two', false),
    app.labelling.enter('three', false),
  ]);
  expect([0, 1, 2].map(labelsAt)).toEqual([['one'], ['two'], ['three']]);
  expect(host.words.acts).toHaveLength(3);
});

test('undo takes the word back and returns to its photo', async () => {
  const { app, labelsAt } = await labelling();
  await app.labelling.enter('boat', false);
  await app.labelling.enter('car', false);
  await app.labelling.undo();
  expect(app.picked.focus).toBe(1);
  expect(labelsAt(1)).toEqual([]);
  await app.labelling.undo();
  expect(app.picked.focus).toBe(0);
  expect(labelsAt(0)).toEqual([]);
});

test('undo returns to the photo whose word it took back, and to none for another', async () => {
  const { app, labelsAt } = await labelling();
  await app.labelling.enter('boat', false);
  await app.labelling.enter('sunset', true);
  expect(app.picked.focus).toBe(1);
  await app.labelling.undo();
  expect([app.picked.focus, labelsAt(0), labelsAt(1)]).toEqual([1, ['boat'], []]);
  app.picked.all({});
  await app.labelling.enter('holiday', false);
  await app.picking.move('end', 'one');
  const { focus } = app.picked;
  await app.labelling.undo();
  expect([app.picked.focus, labelsAt(0)]).toEqual([focus, ['boat']]);
  await app.labelling.undo();
  expect([app.picked.focus, labelsAt(0)]).toEqual([0, []]);
});

test('a set that is opened while the sets are read again is the one that is shown', async () => {
  const { app, host } = await labelling();
  const taught = { ...ownHead, id: 7, name: 'Taught', inUse: false };
  host.words.heads = [ownHead, taught];
  await app.heads.show(null);
  await Promise.all([app.heads.refresh(), app.heads.show(7)]);
  expect(app.heads.detail?.name).toBe('Taught');
});

test('with Shift a label is added and the photo stays', async () => {
  const { app, labelsAt } = await labelling();
  await app.labelling.enter('boat', true);
  await app.labelling.enter('sunset', true);
  expect(labelsAt(0)).toEqual(['boat', 'sunset']);
  expect(app.picked.focus).toBe(0);
});

test('a word on many photos is told with the way back', async () => {
  const { app, host } = await labelling();
  app.picked.all({});
  await app.labelling.enter('holiday', false);
  expect(host.words.of.size).toBe(200);
  const told = app.notices.items.at(-1)!;
  expect([told.say(app.speech), told.action!.label(app.speech)]).toEqual(['“holiday” given to 200 photos', 'Undo']); // prettier-ignore
  // What was said already is said in the language that is chosen now.
  app.speech.use('zh-CN', 'en');
  expect([told.say(app.speech), told.action!.label(app.speech)]).toEqual(['为 200 张照片 标注 “holiday”', '撤销']); // prettier-ignore
  app.speech.use('en', 'en');
  app.notices.items.at(-1)!.action!.run();
  await vi.waitFor(() => expect(host.words.acts[0]!.act.undone).toBe(true));
});

test('the way back that is told with a word takes back that word, and not what somebody else did since', async () => {
  const { app, host, labelsAt } = await labelling();
  await app.labelling.enter('boat', false);
  app.picked.all({});
  await app.labelling.enter('holiday', false);
  const told = app.notices.items.at(-1)!;
  const elsewhere = { selection: { ids: [1] }, act: { kind: 'label' as const, labels: ['sunset'] } };
  await host.bridge.ask('review.act', elsewhere);
  told.action!.run();
  await vi.waitFor(() =>
    expect(app.notices.items.flatMap(({ failure }) => failure?.code ?? [])).toEqual(['done-since']),
  );
  expect(labelsAt(0)).toEqual(['sunset']);
  // By its key whatever was done last is taken back, as what is told then says.
  await app.history.undo();
  expect(labelsAt(0)).toEqual(['holiday']);
});

test('a label that is too long is told in a sentence, and stays to be shortened', async () => {
  const { app, host } = await labelling();
  const long = 'p'.repeat(201);
  await app.labelling.enter(`boat, ${long}`, false);
  expect(app.labelling.typed).toBe(`boat, ${long}`);
  expect(host.words.of.size).toBe(0);
  expect(app.notices.items.map(({ failure }) => failure?.message)).toEqual([
    `Expected a label of at most 200 characters; found one of 201: “${'p'.repeat(40)}…”. Shorten it.`,
  ]);
  await app.labelling.enter('p'.repeat(200), false);
  expect([app.labelling.typed, host.words.of.size]).toEqual([null, 1]);
});

test('of acts and steps taken quickly only the last is told, whose way back the button is', async () => {
  const { app } = await labelling();
  app.picked.all({});
  for (const name of ['one', 'two', 'three']) await app.labelling.enter(name, false);
  const said = () => app.notices.items.map(({ say }) => say(app.speech));
  expect(said()).toEqual(['“three” given to 200 photos']);
  for (let i = 0; i < 3; i++) await app.history.undo();
  expect(said()).toEqual(['Undone: “one” given to 200 photos']);
  // What else is told stays beside it.
  app.notices.tell(() => 'Saved');
  await app.history.undo();
  expect(said()).toEqual(['Saved', 'There is nothing to undo.']);
});

test('an undo that fails says why, and not that there was nothing to undo', async () => {
  const { app, host } = await labelling();
  await app.labelling.enter('one', false);
  host.failing.set('review.undo', { code: 'disk-full', message: 'There is no room.' });
  await app.history.undo();
  expect(app.notices.items.flatMap(({ failure }) => failure?.code ?? [])).toEqual(['disk-full']);
  expect(app.notices.items.map(({ say }) => say(app.speech))).not.toContain('There is nothing to undo.');
});

test('a label that the model knows is called as in the window’s language, and stays what it is', async () => {
  const { app, labelsAt } = await labelling();
  await app.models.show('starter');
  app.speech.use('zh-CN', 'en');
  await app.labelling.enter('red fox, boat', false);
  expect(labelsAt(0)).toEqual(['red fox', 'boat']);
  expect(app.labelsNamed('red fox, boat')).toBe('赤狐, boat');
  await app.history.undo();
  expect(app.notices.items.at(-1)!.say(app.speech)).toBe('已撤销：为 1 张照片 标注 “赤狐”, “boat”');
  app.speech.use('en', 'en');
  expect(app.notices.items.at(-1)!.say(app.speech)).toBe('Undone: “red fox”, “boat” given to 1 photo');
});

test('nothing is confirmed where nothing was said', async () => {
  const { app, host } = await labelling();
  const unsaid = Array.from({ length: 100 }, (_, i) => i).find((i) => app.pages.at(i)?.top === null)!;
  app.picked.moveTo(unsaid);
  app.picked.replace([app.pages.at(unsaid)!.id]);
  await app.labelling.say('confirm');
  expect(host.words.acts).toHaveLength(0);
});

test('the mark among scores stands above the crowd, and at least one photo is found', () => {
  const counts = [0, 10, 80, 10, 0, 0, 0, 0, 0, 2];
  const mark = firstMark({ distribution: { least: 0, most: 1, counts }, items: [{ score: 0.97 }] as never });
  expect(mark).toBeGreaterThan(0.4);
  expect(mark).toBeLessThan(0.95);
  const flat = { least: 0.2, most: 0.3, counts: [1, 1] };
  expect(firstMark({ distribution: flat, items: [{ score: 0.29 }] as never })).toBeLessThanOrEqual(0.29);
});
