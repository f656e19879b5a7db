import { expect, test } from 'vitest';
import { commandOf } from '../../renderer/state/keys.ts';
import type { Focused, Place } from '../../renderer/state/keys.ts';

function press(text: string, place: Place = 'library', focused: Focused = 'nothing') {
  const parts = text.split('+').filter(Boolean);
  const key = text.endsWith('++') ? '+' : parts.at(-1)!;
  const has = (name: string) => parts.slice(0, -1).includes(name);
  const modifiers = {
    ctrlKey: has('Ctrl'),
    metaKey: has('Meta'),
    shiftKey: has('Shift'),
    altKey: has('Alt'),
  };
  return commandOf({ key, ...modifiers }, place, focused);
}

test('the keys of the library', () => {
  expect(press('ArrowRight')).toEqual({ do: 'move', by: 'right', pick: 'one' });
  expect(press('Shift+ArrowDown')).toEqual({ do: 'move', by: 'down', pick: 'range' });
  expect(press('Ctrl+ArrowDown')).toEqual({ do: 'move', by: 'down', pick: 'none' });
  expect(press('Enter')).toEqual({ do: 'open' });
  expect(press('a')).toEqual({ do: 'overlay' });
  expect(press('Ctrl+a')).toEqual({ do: 'select-all' });
  expect(press('Meta+a')).toEqual({ do: 'select-all' });
  expect(press('Ctrl+ ')).toEqual({ do: 'toggle' });
  expect(press(' ')).toEqual({ do: 'run' });
  expect(press('/')).toEqual({ do: 'search' });
  expect(press('Shift+?')).toEqual({ do: 'keys' });
});

test('the keys of the inspector', () => {
  expect(press('ArrowRight', 'inspector')).toEqual({ do: 'photo', by: 1 });
  expect(press('Shift+ArrowRight', 'inspector')).toEqual({ do: 'pan', x: -1, y: 0 });
  expect(press('[', 'inspector')).toEqual({ do: 'layer', by: -1 });
  expect(press('H', 'inspector')).toEqual({ do: 'heads' });
  expect(press('c', 'inspector')).toEqual({ do: 'beside' });
  expect(press('m', 'inspector')).toEqual({ do: 'method' });
  expect(press('t', 'inspector')).toEqual({ do: 'measure' });
  expect(press('t', 'library')).toBeNull();
  for (const place of ['library', 'inspector'] as const) expect(press('w', place)).toEqual({ do: 'looks' });
  expect(press('3', 'inspector')).toEqual({ do: 'class', rank: 2 });
  expect(press('Escape', 'inspector')).toEqual({ do: 'back' });
  expect(press('6', 'inspector')).toBeNull();
});

test('text being typed keeps its keys, all but Escape', () => {
  for (const key of ['a', ' ', '/', '?', 'ArrowLeft', '1', 'Ctrl+a'])
    expect(press(key, 'library', 'text')).toBeNull();
  expect(press('Escape', 'library', 'text')).toEqual({ do: 'back' });
});

test('a slider keeps its arrows, a button its Enter and Space', () => {
  expect(press('ArrowLeft', 'inspector', 'arrows')).toBeNull();
  expect(press('Enter', 'library', 'button')).toBeNull();
  expect(press(' ', 'library', 'button')).toBeNull();
  expect(press('a', 'library', 'button')).toEqual({ do: 'overlay' });
});

test('Alt belongs to the system, and pages without photos have only the common keys', () => {
  expect(press('Alt+a')).toBeNull();
  expect(press('ArrowLeft', 'other')).toBeNull();
  expect(press('Escape', 'other')).toEqual({ do: 'back' });
});

test('while photos are labelled letters are typed and digits are what is offered', () => {
  const key = (text: string, shiftKey = false, code?: string) =>
    commandOf(
      { key: text, ctrlKey: false, metaKey: false, altKey: false, shiftKey, ...(code ? { code } : {}) },
      'library',
      'nothing',
      true,
    );
  expect(key('3')).toEqual({ do: 'suggestion', rank: 2, add: false });
  expect(key('#', true, 'Digit3')).toEqual({ do: 'suggestion', rank: 2, add: true });
  expect(key('Enter')).toEqual({ do: 'word', word: 'confirm' });
  expect(key('x')).toEqual({ do: 'word', word: 'reject' });
  expect(key('X', true)).toEqual({ do: 'type', text: 'X' });
  expect(key('0')).toEqual({ do: 'word', word: 'none' });
  expect(key('u')).toEqual({ do: 'take-back' });
  expect(key('a')).toEqual({ do: 'type', text: 'a' });
  expect(key('船')).toEqual({ do: 'type', text: '船' });
  expect(key('ArrowRight')).toEqual({ do: 'move', by: 'right', pick: 'one' });
  expect(key('Escape')).toEqual({ do: 'back' });
  const arrow = { key: 'ArrowLeft', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  expect(commandOf(arrow, 'other', 'nothing', true)).toEqual({ do: 'photo', by: -1 });
  expect(commandOf(arrow, 'other', 'nothing')).toBeNull();
});

test('undo is the application’s, except in a text', () => {
  expect(press('Ctrl+z')).toEqual({ do: 'undo' });
  expect(press('Ctrl+Shift+Z')).toEqual({ do: 'redo' });
  expect(press('Ctrl+y', 'other')).toEqual({ do: 'redo' });
  expect(press('Ctrl+z', 'library', 'text')).toBeNull();
});

test('commands are found from everywhere', () => {
  expect(press('Ctrl+k', 'inspector', 'text')).toEqual({ do: 'commands' });
  expect(press('Meta+k', 'other')).toEqual({ do: 'commands' });
});
