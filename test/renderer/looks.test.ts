import { expect, test } from 'vitest';
import type { ComparedPhoto, UnusualPhoto } from '../../main/contract/entities/looks.ts';
import type { MapJudge } from '../../main/contract/looks.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { Looks } from '../../renderer/looks/looks.svelte.ts';
import { photo } from './fake-bridge.ts';

interface Question {
  verb: string;
  request: Record<string, unknown>;
  answer(value: unknown): Promise<void>;
  fail(code: string): Promise<void>;
}

/** A library whose answers come when the test says so. */
function slow() {
  const questions: Question[] = [];
  const failures: Failure[] = [];
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
  const ask = (verb: string, request: unknown) =>
    new Promise((resolve) =>
      questions.push({
        verb,
        request: request as Record<string, unknown>,
        answer: (value) => (resolve({ ok: true, value }), settle()),
        fail: (code) => (resolve({ ok: false, error: { code, message: code } }), settle()),
      }),
    );
  const bridge = { ask, onEvent: () => () => {}, pathOf: () => '' } as unknown as Bridge;
  const looks = new Looks(bridge, (failure) => failures.push(failure));
  const asked = (verb: string) => questions.filter((question) => question.verb === verb);
  return { looks, failures, questions, asked, last: () => questions.at(-1)! };
}

const by = (headId: number | null): MapJudge => ({ by: 'head', headId });
const pairs = (...ids: number[]) =>
  ids.map((i) => ({ photo: photo(i), correlation: 0 }) as unknown as ComparedPhoto);
const page = (items: ComparedPhoto[], next: string | null = null) => ({
  ...{ items, next, total: 40 + items.length, unknown: 0, median: 0.5 },
});
const shown = (looks: Looks) => looks.compared.map((pair) => pair.photo.id);

test('pairs of other judges go as soon as others are asked, and come from no late answer', async () => {
  const { looks, questions, last } = slow();
  void looks.compare(by(null), by(1));
  await last().answer(page(pairs(0, 1), 'next'));
  expect(shown(looks)).toEqual([1, 2]);
  expect([looks.comparison?.total, looks.hasMoreCompared]).toEqual([42, true]);

  void looks.compare(by(null), by(2));
  expect([shown(looks), looks.comparison, looks.hasMoreCompared]).toEqual([[], null, false]);
  const [, second] = questions;
  void looks.compare(by(3), by(2));
  await second!.answer(page(pairs(5)));
  expect([shown(looks), looks.comparison]).toEqual([[], null]);
  await last().answer(page(pairs(7)));
  expect([shown(looks), looks.comparison?.total]).toEqual([[8], 41]);
});

test('the next page of pairs that were asked for before other judges is dropped', async () => {
  const { looks, questions, last } = slow();
  void looks.compare(by(null), by(1));
  await last().answer(page(pairs(0), 'next'));
  void looks.moreCompared();
  expect(last().request).toMatchObject({ one: by(null), other: by(1), cursor: 'next' });
  void looks.compare(by(null), by(2));
  await last().answer(page(pairs(3)));
  await questions[1]!.answer(page(pairs(1, 2)));
  expect(shown(looks)).toEqual([4]);
  await looks.moreCompared();
  expect(questions).toHaveLength(3);
});

test('the same judges asked again keep what is shown until they have answered', async () => {
  const { looks, last } = slow();
  void looks.compare(by(null), by(1));
  await last().answer(page(pairs(0)));
  void looks.compare(by(null), by(1));
  expect(shown(looks)).toEqual([1]);
  await last().answer(page(pairs(2)));
  expect(shown(looks)).toEqual([3]);
});

test('judges that can’t be compared leave no pairs, and say why', async () => {
  const { looks, last } = slow();
  void looks.compare(by(null), by(1));
  await last().answer(page(pairs(0), 'next'));
  void looks.compare(by(null), by(9));
  await last().fail('no-head');
  expect([shown(looks), looks.comparison, looks.compareFailure?.code, looks.hasMoreCompared]).toEqual([
    ...[[], null, 'no-head', false],
  ]);
});

test('photos from another minimum replace those of the one before, whichever answer is late', async () => {
  const { looks, asked, failures } = slow();
  const listed = (at: number) => asked('looks.photos')[at]!;
  const unusual = (...ids: number[]) => ({
    ...{
      items: ids.map((i) => ({ photo: photo(i), share: 0.5 }) as UnusualPhoto),
      total: ids.length,
      next: null,
    },
  });
  void looks.open(null, 3, {});
  await asked('looks.label')[0]!.answer({});
  await listed(0).answer(unusual(0, 1, 2));
  void looks.showFrom(0.2);
  void looks.showFrom(0.4);
  await listed(2).answer(unusual(0));
  await listed(1).answer(unusual(0, 1));
  expect([looks.photos.length, looks.total, looks.minimum]).toEqual([1, 1, 0.4]);
  // Another label meanwhile: what comes of this one is not shown with it, and fails nobody.
  void looks.showFrom(0.1);
  void looks.open(null, 4, {});
  await listed(3).fail('no-results');
  expect([looks.photos.length, failures]).toEqual([0, []]);
});

test('photos that have changed are asked for again, as many as are shown', async () => {
  const { looks, asked, questions } = slow();
  void looks.open(null, 3, {});
  await asked('looks.label')[0]!.answer({});
  const items = (count: number) => Array.from({ length: count }, (_, i) => ({ photo: photo(i), share: 0.5 }) as UnusualPhoto); // prettier-ignore
  await asked('looks.photos')[0]!.answer({ items: items(60), total: 90, next: 'next' });
  void looks.more();
  await asked('looks.photos')[1]!.answer({ items: items(30), total: 90, next: null });
  expect(looks.photos).toHaveLength(90);
  void looks.renew();
  await asked('looks.label')[1]!.answer({});
  expect(asked('looks.photos')[2]!.request).toMatchObject({ limit: 90 });
  await asked('looks.photos')[2]!.answer({ items: items(89), total: 89, next: null });
  expect(looks.photos).toHaveLength(89);
  // The other tab: its pairs.
  looks.tab = 'compare';
  void looks.compare(by(null), by(1));
  await questions.at(-1)!.answer(page(pairs(1, 2)));
  void looks.renew();
  await questions.at(-1)!.answer(page(pairs(2)));
  expect(shown(looks)).toEqual([3]);
});
