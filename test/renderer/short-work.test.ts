/** Work that has told its end before it is answered that it began. */
import { expect, test } from 'vitest';
import type { LooksStatus } from '../../main/contract/entities/looks.ts';
import type { DuplicatesStatus } from '../../main/contract/entities/likeness.ts';
import type { TeachingStatus } from '../../main/contract/entities/head.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { Duplicates } from '../../renderer/labels/duplicates.svelte.ts';
import { Heads } from '../../renderer/labels/heads.svelte.ts';
import { Looks } from '../../renderer/looks/looks.svelte.ts';

/** Of which the end is told before `verb` is answered by the beginning; nothing else is answered. */
const short = (verb: string, began: unknown, end: () => void) =>
  ({
    ask(asked: string) {
      if (asked !== verb) return Promise.resolve({ ok: false, error: { code: 'test', message: '' } });
      end();
      return Promise.resolve({ ok: true, value: began });
    },
  }) as unknown as Bridge;

test('a comparison', async () => {
  const status = { state: 'running', error: null } as unknown as DuplicatesStatus;
  const bridge = short('duplicates.find', status, () => duplicates.progressed({ ...status, state: 'finished' })); // prettier-ignore
  const duplicates: Duplicates = new Duplicates(bridge, () => {});
  await duplicates.find();
  expect(duplicates.running).toBe(false);
});

test('a teaching', async () => {
  const status = { state: 'teaching' } as unknown as TeachingStatus;
  const bridge = short('heads.teach', status, () => void heads.taught({ ...status, state: 'finished' }));
  const heads: Heads = new Heads(bridge, () => {});
  await heads.teach({} as never);
  expect(heads.teaches).toBe(false);
});

test('a look, of whose end what is shown is asked again', async () => {
  const status = { state: 'running', error: null } as unknown as LooksStatus;
  const bridge = short('looks.find', status, () => looks.progressed({ ...status, state: 'finished' }));
  const looks: Looks = new Looks(bridge, () => {});
  await looks.lookFor(null);
  expect(looks.looking).toBe(null);
});
