import type { ModelSummary } from '../../main/contract/entities/model.ts';
import type { ItemAction } from '../components/item-action.ts';
import type { Application } from '../state/application.svelte.ts';

/** What can be done with an installed model: by the buttons of its page, and by its menu. */
export function modelActions(app: Application, model: ModelSummary): ItemAction[] {
  const { speech, preferences, actions, modelExport, models } = app;
  const { words } = speech;
  const used = preferences.settings?.model === model.id;
  const use: ItemAction = {
    name: used ? words.inUse : words.useModel,
    ...{ icon: 'check', kind: 'main', disabled: used },
    run: () => void actions.useModel(model.id),
  };
  const exporting: ItemAction = {
    ...{ name: words.exportModel, icon: 'save' },
    run: () => modelExport.open(model),
  };
  const removing: ItemAction = {
    ...{ name: words.removeModel, icon: 'trash', kind: 'danger' },
    run: () => {
      models.leaving = model;
    },
  };
  return [use, ...(model.exports ? [exporting] : []), ...(model.builtIn ? [] : [removing])];
}
