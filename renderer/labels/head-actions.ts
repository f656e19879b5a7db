import type { HeadSummary } from '../../main/contract/entities/head.ts';
import type { ItemAction } from '../components/item-action.ts';
import type { Application } from '../state/application.svelte.ts';

/**
 * What can be done with a set of labels: by the buttons of its page, and by its menu.
 * @param rewrite its words are to be changed
 */
export function headActions(
  { speech: { words }, heads }: Application,
  head: HeadSummary,
  rewrite: (headId: number) => void,
): ItemAction[] {
  const { id, kind, inUse, unfit, name, answers } = head;
  const use: ItemAction = {
    ...{ name: inUse ? words.inUse : words.setUse, hint: words.setUseHint, icon: 'check', kind: 'main' },
    disabled: inUse || unfit !== null || heads.busy,
    run: () => void heads.use(id),
  };
  if (id === null) return [use];
  const teach: ItemAction = {
    ...{ name: words.teachAgain, icon: 'refresh', disabled: heads.teaches },
    run: () => void heads.teach({ name, source: { from: 'person' }, answers, headId: id, use: inUse }),
  };
  const write: ItemAction = { name: words.writeAgain, icon: 'label', run: () => rewrite(id) };
  const ask = (what: 'rename' | 'export') => () => {
    heads.asking = { what, head };
  };
  return [
    use,
    ...(unfit || kind === 'own' ? [] : [kind === 'taught' ? teach : write]),
    { name: words.setRename, icon: 'rename', run: ask('rename') },
    {
      ...{ name: kind === 'written' ? words.setExportWords : words.setExport, icon: 'save' },
      ...{ disabled: unfit !== null, run: ask('export') },
    },
    {
      ...{ name: words.setRemove, icon: 'trash', kind: 'danger' },
      run: () => {
        heads.leaving = head;
      },
    },
  ];
}
