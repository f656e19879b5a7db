/** Carries a key's command out. */
import { keepBeside } from '../inspector/keep-beside.ts';
import type { Application } from './application.svelte.ts';
import type { Command, Focused, Place } from './keys.ts';

const panStep = 80;
const zoomStep = 1.5;

export function placeOf(app: Application): Place {
  if (app.navigation.view !== 'library') return 'other';
  return app.inspector.position === null ? 'library' : 'inspector';
}

const arrowRoles = '[role=slider],[role=tree],[role=treeitem],[role=grid],[role=radio],[role=combobox]';

/** Whether keys are text there. */
export function isTyped(target: EventTarget | null): boolean {
  const field = target instanceof Element ? target.closest('input,textarea,[contenteditable]') : null;
  return field !== null && !(field instanceof HTMLInputElement && ['range', 'checkbox'].includes(field.type));
}

/** What keys the focused element keeps for itself. */
export function focusedKind(target: EventTarget | null): Focused {
  if (!(target instanceof Element)) return 'nothing';
  if (target.closest('.menu,[role=dialog]')) return 'layer';
  if (isTyped(target)) return 'text';
  if (target.closest(`input,${arrowRoles}`)) return 'arrows';
  return target.closest('button,a,summary') ? 'button' : 'nothing';
}

/** False: there was nothing to do, and the key is not ours after all. */
export function dispatch(app: Application, command: Command): boolean {
  const { inspector, actions } = app;
  switch (command.do) {
    case 'move':
      void app.picking.move(command.by, command.pick);
      return true;
    case 'open':
      if (app.picked.focus === null) return false;
      app.navigation.inspect(app.picked.focus);
      return true;
    case 'back':
      leave(app);
      return true;
    case 'overlay':
      if (inspector.position !== null)
        inspector.overlay.draw({ visible: !inspector.overlay.drawing.visible });
      else app.tiles.overlays = !app.tiles.overlays;
      return true;
    case 'heads':
      app.navigation.headGrid = !app.navigation.headGrid;
      return true;
    case 'beside':
      return keepBeside(app);
    case 'looks':
      app.navigation.lookAtShown();
      return true;
    case 'places': {
      const { latitude = null, longitude = null } = inspector.detail?.capture ?? {};
      app.navigation.goPlaces(latitude === null || longitude === null ? null : { latitude, longitude });
      return true;
    }
    case 'measure':
      if (inspector.stale || !inspector.inspection?.grid) return false;
      inspector.measure();
      return true;
    case 'method':
      inspector.overlay.nextMethod();
      return true;
    case 'labelling':
      if (app.navigation.view !== 'library') return false;
      app.labelling.start();
      return true;
    case 'undo':
      void app.history.undo();
      return true;
    case 'redo':
      void app.history.redo();
      return true;
    case 'trash':
      return app.actions.askToMove(true);
    case 'take-back':
      void app.labelling.undo();
      return true;
    case 'word':
      void app.labelling.say(command.word);
      return true;
    case 'suggestion':
      void app.labelling.suggest(command.rank, command.add);
      return true;
    case 'type':
      app.labelling.typed = command.text;
      return true;
    case 'tool':
      if (!inspector.inspection?.grid) return false;
      if (command.tool) app.labelling.leave();
      inspector.tools.take(command.tool);
      return true;
    case 'cursor':
      inspector.tools.moveCursor(command.x, command.y);
      return true;
    case 'mark':
      inspector.tools.mark();
      return true;
    case 'erase-undo':
      inspector.trial.undo();
      return true;
    case 'erase-redo':
      inspector.trial.redo();
      return true;
    case 'erase':
      erase(app, command.what);
      return true;
    case 'layer':
      inspector.overlay.stepLayer(command.by);
      return true;
    case 'class': {
      const prediction = inspector.inspection?.predictions[command.rank];
      if (!inspector.stale && prediction && inspector.inspection?.contribution)
        void inspector.explain(prediction.index);
      return true;
    }
    case 'photo':
      if (app.navigation.view === 'labels') app.review.step(command.by);
      else inspector.step(command.by);
      return true;
    case 'zoom':
      if (command.by === 'fit') inspector.viewport.showWhole();
      else inspector.viewport.zoom(command.by === 'in' ? zoomStep : 1 / zoomStep);
      return true;
    case 'pan':
      inspector.viewport.pan(command.x * panStep, command.y * panStep);
      return true;
    case 'search':
      actions.focusSearch();
      return true;
    case 'run':
      void actions.startOrPause();
      return true;
    case 'keys':
    case 'commands':
      app.navigation.sheet = command.do;
      return true;
    case 'menu':
      return app.menus.showByKeys();
    case 'toggle':
      app.picking.toggleFocused();
      return true;
    case 'select-all':
      app.picked.all(app.query.filter);
      return true;
  }
}

function erase({ inspector: { trial } }: Application, what: (Command & { do: 'erase' })['what']): void {
  if (what === 'invert') trial.invert();
  else if (what === 'strongest') trial.eraseStrongest();
  else if (what === 'smallest') void trial.keepSmallest();
  else if (what === 'clear') trial.clear();
  else trial.nextBaseline();
}

/** Out of a text field first, back to the photos. */
function leave(app: Application): void {
  const typing = document.activeElement;
  if (typing instanceof HTMLInputElement && typing.type !== 'range') {
    typing.blur();
    document.querySelector<HTMLElement>('[data-grid]')?.focus();
    return;
  }
  if (app.navigation.view === 'library' && app.labelling.leave()) return;
  const wasInspecting = app.inspector.position !== null && !app.navigation.headGrid;
  app.navigation.back();
  if (wasInspecting) requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-grid]')?.focus());
}
