import type { Application } from './state/application.svelte.ts';
import { dispatch, placeOf } from './state/dispatch.ts';
import type { Command } from './state/keys.ts';

export interface NamedCommand {
  name: string;
  /** As on the caps of the keys. */
  keys?: string[];
  /** What the keys are for. */
  command?: Command;
  run: () => void;
}

/** What can be done where one is, by name: everything that has a key, and every place. */
export function commandsOf(app: Application): NamedCommand[] {
  const { words } = app.speech;
  const place = placeOf(app);
  const control = app.info?.platform === 'darwin' && app.info.host === 'electron' ? '⌘' : 'Ctrl';
  const by = (name: string, command: Command, ...keys: string[]): NamedCommand => ({
    name,
    keys,
    command,
    run: () => void dispatch(app, command),
  });
  const moves: NamedCommand[] = [
    { name: words.moveTo, run: () => void app.actions.askToMove(false) },
    ...(app.info?.can.trash ? [by(words.trashThese, { do: 'trash' }, 'Del')] : []),
  ];
  const { labelling, inspector, picked } = app;
  const labellingCommands = () => [
    by(words.confirm, { do: 'word', word: 'confirm' }, 'Enter'),
    by(words.reject, { do: 'word', word: 'reject' }, 'X'),
    by(words.noneOfThese, { do: 'word', word: 'none' }, '0'),
    by(words.keyTakeBack, { do: 'take-back' }, 'U'),
    ...labelling.suggestions.map(({ name, label }, rank) =>
      by(
        words.giveThis(label ? app.speech.label(label) : name),
        { do: 'suggestion', rank, add: false },
        `${rank + 1}`,
      ),
    ),
  ];
  const { inspection, stale } = inspector;
  const classes =
    labelling.on || stale || !inspection?.contribution
      ? []
      : inspection.predictions
          .slice(0, 5)
          .map(({ label }, rank) =>
            by(words.explainLabel(app.speech.label(label)), { do: 'class', rank }, `${rank + 1}`),
          );
  const erase = (name: string, what: (Command & { do: 'erase' })['what'], key: string) =>
    by(`${words.eraserStart}${words.colon}${name}`, { do: 'erase', what }, key);
  const erasing = [
    erase(words.invert, 'invert', 'I'),
    erase(words.eraseStrongest, 'strongest', 'X'),
    erase(words.keepSmallest, 'smallest', 'K'),
    erase(words.baseline, 'baseline', 'B'),
    erase(words.putBack, 'clear', '⌫'),
    by(words.eraserUndo, { do: 'erase-undo' }, control, 'Z'),
    by(words.eraserRedo, { do: 'erase-redo' }, control, 'Shift', 'Z'),
  ];
  const say = labelling.on ? labellingCommands() : [by(words.labelling, { do: 'labelling' }, 'L')];
  const library = [
    { name: words.likeThese, run: () => app.navigation.likeThese(app.picking.subject) },
    by(words.keyAll, { do: 'select-all' }, control, 'A'),
    ...(picked.focus === null
      ? []
      : [
          by(words.keyToggle, { do: 'toggle' }, control, words.keySpace),
          by(words.keyOpen, { do: 'open' }, ...(labelling.on ? [] : ['Enter'])),
        ]),
  ];
  const inspecting = [
    by(words.nextPhoto, { do: 'photo', by: 1 }, '→'),
    by(words.previousPhoto, { do: 'photo', by: -1 }, '←'),
    by(words.keyMethod, { do: 'method' }, 'M'),
    by(words.keyHeads, { do: 'heads' }, 'H'),
    by(words.keepBeside, { do: 'beside' }, 'C'),
    by(words.keyEraser, { do: 'tool', tool: 'eraser' }, 'E'),
    by(words.keyPatch, { do: 'tool', tool: 'patch' }, 'P'),
    by(words.keyMeasure, { do: 'measure' }, 'T'),
    by(words.previousLayer, { do: 'layer', by: -1 }, '['),
    by(words.nextLayer, { do: 'layer', by: 1 }, ']'),
    ...classes,
    ...(inspector.tools.inHand === 'eraser'
      ? erasing
      : [by(words.keepSmallest, { do: 'erase', what: 'smallest' })]),
    by(words.zoomIn, { do: 'zoom', by: 'in' }, '+'),
    by(words.zoomOut, { do: 'zoom', by: 'out' }, '−'),
    by(words.zoomFit, { do: 'zoom', by: 'fit' }, '0'),
  ];
  return [
    by(words.keySearch, { do: 'search' }, '/'),
    by(words.keyRun, { do: 'run' }, words.keySpace),
    by(words.keyOverlay, { do: 'overlay' }, 'A'),
    ...(place === 'library' ? library : []),
    ...(place === 'inspector' ? inspecting : []),
    ...(place !== 'other' || labelling.on ? say : []),
    ...(place !== 'other' && app.actions.movable ? moves : []),
    {
      name: words.tileNames,
      run: () => {
        app.tiles.fileNames = !app.tiles.fileNames;
      },
    },
    {
      name: words.shareOpen,
      run: () => {
        app.navigation.sheet = 'export';
      },
    },
    {
      name: words.takeLabels,
      run: () => {
        app.navigation.sheet = 'import-labels';
      },
    },
    { name: words.addFolder, run: () => void app.actions.chooseFolder() },
    { name: words.allPhotos, run: () => app.navigation.showFolder(null) },
    { name: words.sets, run: () => app.navigation.goLabels('sets') },
    { name: words.review, run: () => app.navigation.goLabels('review') },
    { name: words.compare, run: () => app.navigation.goLabels('compare') },
    by(words.looks, { do: 'looks' }, 'W'),
    by(words.places, { do: 'places' }, 'G'),
    { name: words.duplicates, run: () => app.navigation.goLabels('duplicates') },
    { name: words.history, run: () => app.navigation.goLabels('history') },
    by(words.undo, { do: 'undo' }, control, 'Z'),
    by(words.redo, { do: 'redo' }, control, 'Shift', 'Z'),
    { name: words.models, run: () => app.navigation.go('models') },
    { name: words.settings, run: () => app.navigation.go('settings') },
    by(words.keyBack, { do: 'back' }, 'Esc'),
    by(words.keyMenu, { do: 'menu' }, 'Shift', 'F10'),
    by(words.keys, { do: 'keys' }, '?'),
    {
      name: words.about,
      run: () => {
        app.navigation.sheet = 'about';
      },
    },
  ];
}
