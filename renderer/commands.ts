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

/** A command of the keys, under a name. */
type By = (name: string, command: Command, ...keys: string[]) => NamedCommand;

/** What can be done where one is, by name: everything that has a key, and every place. */
export function commandsOf(app: Application): NamedCommand[] {
  const place = placeOf(app);
  const control = app.info?.platform === 'darwin' && app.info.host === 'electron' ? '⌘' : 'Ctrl';
  const by: By = (name, command, ...keys) => ({
    name,
    keys,
    command,
    run: () => void dispatch(app, command),
  });
  const atPhotos = place !== 'other';
  return [
    ...anywhere(app, by),
    ...(place === 'library' ? ofLibrary(app, by, control) : []),
    ...(place === 'inspector' ? ofInspector(app, by, control) : []),
    ...(atPhotos || app.labelling.on ? ofLabelling(app, by) : []),
    ...(atPhotos && app.actions.movable ? ofMoving(app, by) : []),
    ...everyPlace(app, by, control),
  ];
}

function anywhere({ speech: { words } }: Application, by: By): NamedCommand[] {
  return [
    by(words.keySearch, { do: 'search' }, '/'),
    by(words.keyRun, { do: 'run' }, words.keySpace),
    by(words.keyOverlay, { do: 'overlay' }, 'A'),
  ];
}

function ofLibrary(app: Application, by: By, control: string): NamedCommand[] {
  const { words } = app.speech;
  const ofFocus = [
    by(words.keyToggle, { do: 'toggle' }, control, words.keySpace),
    by(words.keyOpen, { do: 'open' }, ...(app.labelling.on ? [] : ['Enter'])),
  ];
  return [
    { name: words.likeThese, run: () => app.navigation.likeThese(app.picking.subject) },
    by(words.keyAll, { do: 'select-all' }, control, 'A'),
    ...(app.picked.focus === null ? [] : ofFocus),
  ];
}

function ofInspector(app: Application, by: By, control: string): NamedCommand[] {
  const { words } = app.speech;
  const erasing = app.inspector.tools.inHand === 'eraser';
  return [
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
    ...ofClasses(app, by),
    ...(erasing ? ofEraser(app, by, control) : [by(words.keepSmallest, { do: 'erase', what: 'smallest' })]),
    by(words.zoomIn, { do: 'zoom', by: 'in' }, '+'),
    by(words.zoomOut, { do: 'zoom', by: 'out' }, '−'),
    by(words.zoomFit, { do: 'zoom', by: 'fit' }, '0'),
  ];
}

function ofClasses({ labelling, inspector, speech }: Application, by: By): NamedCommand[] {
  const { inspection, stale } = inspector;
  if (labelling.on || stale || !inspection?.contribution) return [];
  return inspection.predictions
    .slice(0, 5)
    .map(({ label }, rank) =>
      by(speech.words.explainLabel(speech.label(label)), { do: 'class', rank }, `${rank + 1}`),
    );
}

function ofEraser({ speech: { words } }: Application, by: By, control: string): NamedCommand[] {
  const erase = (name: string, what: (Command & { do: 'erase' })['what'], key: string) =>
    by(`${words.eraserStart}${words.colon}${name}`, { do: 'erase', what }, key);
  return [
    erase(words.invert, 'invert', 'I'),
    erase(words.eraseStrongest, 'strongest', 'X'),
    erase(words.keepSmallest, 'smallest', 'K'),
    erase(words.baseline, 'baseline', 'B'),
    erase(words.putBack, 'clear', '⌫'),
    by(words.eraserUndo, { do: 'erase-undo' }, control, 'Z'),
    by(words.eraserRedo, { do: 'erase-redo' }, control, 'Shift', 'Z'),
  ];
}

function ofLabelling({ labelling, speech }: Application, by: By): NamedCommand[] {
  const { words } = speech;
  if (!labelling.on) return [by(words.labelling, { do: 'labelling' }, 'L')];
  return [
    by(words.confirm, { do: 'word', word: 'confirm' }, 'Enter'),
    by(words.reject, { do: 'word', word: 'reject' }, 'X'),
    by(words.noneOfThese, { do: 'word', word: 'none' }, '0'),
    by(words.keyTakeBack, { do: 'take-back' }, 'U'),
    ...labelling.suggestions.map(({ name, label }, rank) =>
      by(
        words.giveThis(label ? speech.label(label) : name),
        { do: 'suggestion', rank, add: false },
        `${rank + 1}`,
      ),
    ),
  ];
}

function ofMoving(app: Application, by: By): NamedCommand[] {
  const { words } = app.speech;
  return [
    { name: words.moveTo, run: () => void app.actions.askToMove(false) },
    ...(app.info?.can.trash ? [by(words.trashThese, { do: 'trash' }, 'Del')] : []),
  ];
}

function everyPlace(app: Application, by: By, control: string): NamedCommand[] {
  const { words } = app.speech;
  const { navigation } = app;
  return [
    {
      name: words.tileNames,
      run: () => {
        app.tiles.fileNames = !app.tiles.fileNames;
      },
    },
    {
      name: words.shareOpen,
      run: () => {
        navigation.sheet = 'export';
      },
    },
    {
      name: words.takeLabels,
      run: () => {
        navigation.sheet = 'import-labels';
      },
    },
    { name: words.addFolder, run: () => void app.actions.chooseFolder() },
    { name: words.allPhotos, run: () => navigation.showFolder(null) },
    { name: words.sets, run: () => navigation.goLabels('sets') },
    { name: words.review, run: () => navigation.goLabels('review') },
    { name: words.compare, run: () => navigation.goLabels('compare') },
    by(words.looks, { do: 'looks' }, 'W'),
    by(words.places, { do: 'places' }, 'G'),
    { name: words.duplicates, run: () => navigation.goLabels('duplicates') },
    { name: words.history, run: () => navigation.goLabels('history') },
    by(words.undo, { do: 'undo' }, control, 'Z'),
    by(words.redo, { do: 'redo' }, control, 'Shift', 'Z'),
    { name: words.models, run: () => navigation.go('models') },
    { name: words.settings, run: () => navigation.go('settings') },
    by(words.keyBack, { do: 'back' }, 'Esc'),
    by(words.keyMenu, { do: 'menu' }, 'Shift', 'F10'),
    by(words.keys, { do: 'keys' }, '?'),
    {
      name: words.about,
      run: () => {
        navigation.sheet = 'about';
      },
    },
  ];
}
