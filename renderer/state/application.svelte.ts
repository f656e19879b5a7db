import { createContext } from 'svelte';
import type { Bridge } from '../../main/contract/wire.ts';
import type { LineBridge } from '../api.ts';
import { libraryDesk } from './desk.ts';
import type { Desk } from '../labels/labelling.svelte.ts';
import { Picking } from '../library/picking.ts';
import { SavedSearches } from '../library/saved-searches.svelte.ts';
import { Actions } from './actions.ts';
import { Hearing } from './hearing.ts';
import { Navigation } from './navigation.svelte.ts';
import { Parts } from './parts.svelte.ts';
import { UndoHistory } from './undo-history.ts';

/** Everything the interface knows, in one place: its parts, and what goes from one of them to another. */
export class Application extends Parts {
  readonly picking = new Picking(this);
  readonly navigation = new Navigation(this);
  readonly history: UndoHistory = new UndoHistory(this);
  readonly searches = new SavedSearches(this);
  readonly actions = new Actions(this);

  constructor(bridge: Bridge | LineBridge) {
    super(bridge);
    new Hearing(this, bridge);
  }

  get desk(): Desk {
    return this.navigation.view === 'labels' ? this.review : libraryDesk(this);
  }

  async start(): Promise<void> {
    this.startFailure = null;
    // What the first page shows, asked at once: a question more behind another would be waited for.
    const [info, unset] = await Promise.all([
      this.bridge.ask('app.info', {}),
      this.preferences.refresh(),
      this.folders.refresh(),
    ]);
    const failure = info.ok ? unset : info.error;
    if (info.ok) this.info = info.value;
    if (failure) {
      this.startFailure = failure;
      return;
    }
    await Promise.all([
      this.run.refresh(),
      this.models.refresh(),
      this.modelExport.refresh(),
      this.heads.refresh(),
      this.person.refresh(),
      this.searches.refresh(),
    ]);
  }
}

export const [application, provideApplication] = createContext<Application>();
