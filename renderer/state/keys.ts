/** From a key to what it does. Pure: the listener stands in App.svelte. */

import type { Tool } from '../inspector/tools.svelte.ts';
import type { GridMove } from '../library/grid-moves.ts';

export type Place = 'library' | 'inspector' | 'other';

export type Command =
  | { do: 'move'; by: GridMove; pick: 'one' | 'range' | 'none' }
  | {
      do:
        | 'open'
        | 'back'
        | 'overlay'
        | 'heads'
        | 'beside'
        | 'looks'
        | 'places'
        | 'measure'
        | 'method'
        | 'search'
        | 'run'
        | 'keys'
        | 'commands'
        | 'menu'
        | 'toggle'
        | 'select-all';
    }
  | { do: 'labelling' | 'undo' | 'redo' | 'trash' }
  | { do: 'word'; word: 'confirm' | 'reject' | 'none' }
  | { do: 'suggestion'; rank: number; add: boolean }
  | { do: 'type'; text: string }
  | { do: 'take-back' }
  | { do: 'layer'; by: -1 | 1 }
  | { do: 'tool'; tool: Tool | null }
  | { do: 'cursor'; x: -1 | 0 | 1; y: -1 | 0 | 1 }
  | { do: 'mark' | 'erase-undo' | 'erase-redo' }
  | { do: 'erase'; what: 'invert' | 'strongest' | 'smallest' | 'baseline' | 'clear' }
  | { do: 'class'; rank: number }
  | { do: 'photo'; by: -1 | 1 }
  | { do: 'zoom'; by: 'in' | 'out' | 'fit' }
  | { do: 'pan'; x: -1 | 0 | 1; y: -1 | 0 | 1 };

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  /** Of the key's place: with Shift a digit's key is another on every keyboard. */
  code?: string;
}

/** What has the focus: text being typed keeps its keys, a menu or dialog all of them, a control that moves by arrows keeps those, a button its Enter and Space. */
export type Focused = 'text' | 'layer' | 'arrows' | 'button' | 'nothing';

const moves: Record<string, GridMove> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'start',
  End: 'end',
};

const plain: Record<string, Command> = {
  Escape: { do: 'back' },
  a: { do: 'overlay' },
  '/': { do: 'search' },
  '?': { do: 'keys' },
  l: { do: 'labelling' },
  w: { do: 'looks' },
  g: { do: 'places' },
};

const inInspector: Record<string, Command> = {
  '[': { do: 'layer', by: -1 },
  ']': { do: 'layer', by: 1 },
  h: { do: 'heads' },
  c: { do: 'beside' },
  e: { do: 'tool', tool: 'eraser' },
  p: { do: 'tool', tool: 'patch' },
  t: { do: 'measure' },
  m: { do: 'method' },
  '+': { do: 'zoom', by: 'in' },
  '=': { do: 'zoom', by: 'in' },
  '-': { do: 'zoom', by: 'out' },
  '0': { do: 'zoom', by: 'fit' },
};

/** While the eraser is in hand. */
const erasing: Record<string, Command> = {
  i: { do: 'erase', what: 'invert' },
  x: { do: 'erase', what: 'strongest' },
  k: { do: 'erase', what: 'smallest' },
  b: { do: 'erase', what: 'baseline' },
  Backspace: { do: 'erase', what: 'clear' },
  Delete: { do: 'erase', what: 'clear' },
};

const cursor: Record<string, Command> = {
  ArrowLeft: { do: 'cursor', x: -1, y: 0 },
  ArrowRight: { do: 'cursor', x: 1, y: 0 },
  ArrowUp: { do: 'cursor', x: 0, y: -1 },
  ArrowDown: { do: 'cursor', x: 0, y: 1 },
};

/** With a tool in hand arrows move over patches, Space and Enter use it, Escape puts it away. */
function withTool(press: Press, key: string, focused: Focused, tool: Tool): Command | null {
  if (press.ctrlKey || press.metaKey) {
    if (tool !== 'eraser' || (key !== 'z' && key !== 'y')) return null;
    return { do: key === 'y' || press.shiftKey ? 'erase-redo' : 'erase-undo' };
  }
  if (key === 'Escape') return { do: 'tool', tool: null };
  if (focused !== 'button' && (key === ' ' || key === 'Enter')) return { do: 'mark' };
  if (focused !== 'arrows' && !press.shiftKey && cursor[key]) return cursor[key];
  return tool === 'eraser' ? (erasing[key] ?? null) : null;
}

/** Towards the named side: the photo moves the other way. */
const pans: Record<string, Command> = {
  ArrowLeft: { do: 'pan', x: 1, y: 0 },
  ArrowRight: { do: 'pan', x: -1, y: 0 },
  ArrowUp: { do: 'pan', x: 0, y: 1 },
  ArrowDown: { do: 'pan', x: 0, y: -1 },
};

/** While photos are labelled letters are labels, digits what is offered. */
function whileLabelling(press: Press, key: string, focused: Focused): Command | null {
  const digit = /^Digit(\d)$/.exec(press.code ?? '')?.[1] ?? (/^\d$/.test(key) ? key : undefined);
  if (digit === '0') return { do: 'word', word: 'none' };
  if (digit) return { do: 'suggestion', rank: Number(digit) - 1, add: press.shiftKey };
  if (key === 'Enter') return focused === 'button' ? null : { do: 'word', word: 'confirm' };
  if (!/^\p{L}$/u.test(press.key)) return null;
  // In capitals they are typed, so that a label can begin with them.
  if (press.key === 'x') return { do: 'word', word: 'reject' };
  if (press.key === 'u') return { do: 'take-back' };
  return { do: 'type', text: press.key };
}

function withModifier(press: Press, key: string, place: Place): Command | null {
  if (key === 'f') return { do: 'search' };
  if (key === 'z') return { do: press.shiftKey ? 'redo' : 'undo' };
  if (key === 'y') return { do: 'redo' };
  if (place !== 'library') return null;
  if (key === 'a') return { do: 'select-all' };
  if (key === ' ') return { do: 'toggle' };
  const by = moves[press.key];
  return by ? { do: 'move', by, pick: press.shiftKey ? 'range' : 'none' } : null;
}

/** Undo or redo, by the system's keys. */
export function takesBack({ key, ctrlKey, metaKey }: Press): boolean {
  return (ctrlKey || metaKey) && /^[zy]$/i.test(key);
}

/** Null: the key is none of ours and stays with whatever has the focus. */
export function commandOf(
  press: Press,
  place: Place,
  focused: Focused,
  labelling = false,
  tool: Tool | null = null,
): Command | null {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  // A letter goes to the item that begins with it, and nothing is done behind a question.
  if (press.altKey || focused === 'layer') return null;
  if (focused !== 'text' && (key === 'ContextMenu' || (key === 'F10' && press.shiftKey)))
    return { do: 'menu' };
  if (key === 'k' && (press.ctrlKey || press.metaKey)) return { do: 'commands' };
  if (focused === 'text') return key === 'Escape' ? { do: 'back' } : null;
  if (tool && place === 'inspector') {
    const command = withTool(press, key, focused, tool);
    if (command) return command;
  }
  if (press.ctrlKey || press.metaKey) return withModifier(press, key, place);
  const word = labelling ? whileLabelling(press, key, focused) : null;
  if (word) return word;
  if (focused === 'button' && (key === ' ' || key === 'Enter')) return null;
  if (key === ' ' && focused !== 'arrows') return { do: 'run' };
  if (plain[key]) return plain[key];
  const by = moves[press.key];
  if (by && focused === 'arrows') return null;
  if (key === 'Delete' && place !== 'other') return { do: 'trash' };
  if (place === 'library') {
    if (key === 'Enter') return { do: 'open' };
    return by ? { do: 'move', by, pick: press.shiftKey ? 'range' : 'one' } : null;
  }
  const sideways = key === 'ArrowLeft' || key === 'ArrowRight';
  if (place === 'other' && labelling && sideways) return { do: 'photo', by: key === 'ArrowLeft' ? -1 : 1 };
  if (place !== 'inspector') return null;
  if (press.shiftKey && pans[key]) return pans[key];
  if (sideways) return { do: 'photo', by: key === 'ArrowLeft' ? -1 : 1 };
  if (/^[1-5]$/.test(key)) return { do: 'class', rank: Number(key) - 1 };
  return inInspector[key] ?? null;
}
