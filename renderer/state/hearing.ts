import type { HeadSummary } from '../../main/contract/entities/head.ts';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { EventName, Events } from '../../main/contract/verbs.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { LineBridge } from '../api.ts';
import type { Picking } from '../library/picking.ts';
import type { SavedSearches } from '../library/saved-searches.svelte.ts';
import type { Actions } from './actions.ts';
import type { Navigation } from './navigation.svelte.ts';
import type { Parts } from './parts.svelte.ts';
import { throttled } from './throttle.ts';

type Around = Parts & {
  readonly navigation: Navigation;
  readonly picking: Picking;
  readonly searches: SavedSearches;
  readonly actions: Actions;
  start(): Promise<void>;
};

/** What the host tells unasked, and which part of the application it concerns. */
export class Hearing {
  readonly #app: Around;
  // A run changes the library many times a second; a list is read again only as often as eyes can follow.
  readonly #refreshPhotos = throttled(400, () => {
    const { pages, months, inspector, navigation, duplicates, places, picking, review } = this.#app;
    pages.refresh();
    return Promise.all([
      picking.dropGone(),
      months.refresh(),
      inspector.refresh().then((gone) => gone && this.#inspectedLeft(gone)),
      navigation.view === 'places' && places.refresh(),
      navigation.view === 'labels' && navigation.labelsTab === 'duplicates' && duplicates.list(),
      navigation.view === 'labels' && navigation.labelsTab === 'review' && review.refresh(),
    ]);
  });
  /** Lists beside the library, each a search over all of it. */
  readonly #refreshLists = throttled(2_000, () => {
    const { navigation, comparison, likeness, looks } = this.#app;
    return Promise.all([
      navigation.view === 'labels' && navigation.labelsTab === 'compare' && comparison.refresh(),
      navigation.view === 'likeness' && likeness.refresh(),
      navigation.view === 'looks' && looks.renew(),
    ]);
  });
  readonly #refreshCounts = throttled(900, () => {
    const { facets, folders, person, searches, suggestions } = this.#app;
    return Promise.all([
      facets.refresh(),
      folders.refresh(),
      person.refresh(),
      searches.refresh(),
      suggestions.refresh(),
    ]);
  });

  constructor(app: Around, bridge: Bridge | LineBridge) {
    this.#app = app;
    bridge.onEvent((event, payload) => this.#hear(event, payload));
    app.pages.onfailed = (failure) => this.#listLeft(failure);
    app.run.onended = () => void app.facets.recount();
    app.heads.onlisted = (before) => this.#headsListed(before);
    if ('onLine' in bridge) bridge.onLine((reachable) => this.#lineChanged(reachable));
  }

  #hear<Name extends EventName>(name: Name, payload: Events[Name]): void {
    const app = this.#app;
    const event = { name, payload } as { [N in EventName]: { name: N; payload: Events[N] } }[EventName];
    switch (event.name) {
      case 'library.changed':
        return this.#libraryChanged(event.payload);
      case 'run.progress':
        if (event.payload.state === 'stopped' && event.payload.error) app.notices.fail(event.payload.error);
        app.models.ran(event.payload);
        return app.run.progressed(event.payload);
      case 'models.download':
        return this.#downloaded(event.payload);
      case 'models.exporting':
        return app.modelExport.progressed(event.payload);
      case 'heads.teaching':
        return void app.heads.taught(event.payload);
      case 'heads.writing':
        return app.heads.wrote(event.payload);
      case 'writing.progress':
        return app.sharing.progressed(event.payload);
      case 'looks.progress':
        return app.looks.progressed(event.payload);
      case 'duplicates.progress':
        return app.duplicates.progressed(event.payload);
      case 'scan.progress':
        return app.run.scanned(event.payload.folderId, event.payload.found, event.payload.done);
      case 'folders.arrived':
        return this.#arrived(event.payload);
      case 'process.restarted':
        return this.#restarted(event.payload);
      case 'notice':
        return app.notices.fail(event.payload.failure, event.payload.level);
      case 'app.command':
        return this.#command(event.payload);
    }
  }
  #libraryChanged(changed: Events['library.changed']): void {
    const { models, heads, preferences } = this.#app;
    if (changed.photos) this.#refreshPhotos();
    if (changed.photos || changed.heads) this.#refreshLists();
    if (changed.photos || changed.labels || changed.folders) this.#refreshCounts();
    if (changed.models) void models.refresh();
    if (changed.heads || changed.models) void heads.refresh();
    if (changed.settings) void preferences.refresh().then(() => this.#modelChosen());
  }
  /** Another one may answer from now on. */
  #modelChosen(): void {
    const { inspector, preferences } = this.#app;
    const { inspection } = inspector;
    if (inspection && inspection.model !== preferences.settings?.model) void inspector.answeredAnew();
  }
  /** By another window's or program's hand: what this window moves it tells itself. */
  #inspectedLeft({ name }: PhotoItem): void {
    const { inspector, moving, navigation, notices } = this.#app;
    if (moving.busy) return;
    notices.tell(({ words }) => words.photoLeft(name));
    if (!inspector.passedOn()) navigation.back();
  }
  /** What the list is of was taken away by another window's or program's hand: what is shown of it is there no more. */
  #listLeft({ code }: Failure): void {
    const { query, navigation, notices } = this.#app;
    const folder = code === 'no-such-folder' && query.folderId !== null;
    const cell = code === 'no-comparison' && query.cell !== null;
    if (folder) query.folderId = null;
    if (cell) query.cell = null;
    if (!folder && !cell) return;
    // Out of a photo of that list too.
    if (navigation.view === 'library') navigation.go('library');
    notices.tell(({ words }) => (folder ? words.folderLeft : words.comparisonLeft));
  }
  /** Whoever asked for them, and whoever changed them. Another head counts its labels differently. */
  #headsListed(before: readonly HeadSummary[]): void {
    const { heads, query, inspector, review, navigation } = this.#app;
    const used = before.find(({ inUse }) => inUse);
    const { inUse, items } = heads;
    this.#chosenSetLeft();
    // Not where words teach the same set again: whoever says them goes on where they are.
    if (used && (inUse?.id !== used.id || inUse.model !== used.model)) {
      review.label = null;
      if (navigation.view === 'labels' && navigation.labelsTab === 'review') void review.open();
    }
    const explained = inspector.headId ?? null;
    const versionIn = (sets: typeof items) => sets?.find(({ id }) => id === explained)?.version;
    if (used && (inUse?.id !== used.id || inUse.version !== used.version)) {
      query.forgetLabels();
      void inspector.answeredAnew();
      this.#refreshPhotos();
      this.#refreshCounts();
    }
    // A set beside the one in use, which is gone or counts its labels differently.
    else if (explained !== null && versionIn(before) !== versionIn(items)) void inspector.answeredAnew();
  }
  /** An export was to go by a set that is no more, which no list of choices would show. */
  #chosenSetLeft(): void {
    const { heads, sharing, modelExport, navigation, notices } = this.#app;
    const left = (id: number) => !heads.items?.some((head) => head.id === id && !head.unfit);
    const { head } = sharing.options;
    const shared = typeof head === 'number' && left(head);
    const exported = modelExport.labels !== null && left(modelExport.labels.id);
    if (shared) sharing.options.head = 'used';
    if (exported) modelExport.labels = null;
    const seen = (shared && navigation.sheet === 'export') || (exported && modelExport.model !== null);
    if (seen) notices.tell(({ words }) => words.chosenSetLeft);
  }
  /** Asked once: until somebody says otherwise, what comes is left as it is. */
  #arrived({ folderId, photos }: Events['folders.arrived']): void {
    const { folders, actions, notices } = this.#app;
    const name = folders.find(folderId)?.name ?? '';
    void actions.setClassifyNew(folderId, false);
    notices.ask(({ words }) => words.photosArrived(photos, name), {
      label: ({ words }) => words.classifyFromNowOn,
      run: () => void actions.setClassifyNew(folderId, true),
    });
  }
  #downloaded(status: Events['models.download']): void {
    const { models, actions, notices } = this.#app;
    models.progressed(status);
    if (status.state !== 'installed' || status.model === null) return;
    const { model, repository } = status;
    notices.ask(({ words }) => words.modelReady(repository), {
      label: ({ words }) => words.useAndClassify,
      run: () => void actions.useModel(model, true),
    });
  }
  #restarted({ process, reason }: Events['process.restarted']): void {
    const { notices, run } = this.#app;
    notices.fail({ code: `${process}-restarted`, message: reason }, 'warning');
    void run.refresh();
    if (process === 'library') void this.#everythingChanged();
  }
  #command({ command, path }: Events['app.command']): void {
    const { actions, navigation } = this.#app;
    if (command === 'open-folder') void (path ? actions.addFolder(path) : actions.chooseFolder());
    else if (command === 'find') actions.focusSearch();
    else if (command === 'about' || command === 'keys') navigation.sheet = command;
    else navigation.go(command);
  }
  #lineChanged(reachable: boolean): void {
    const back = reachable && !this.#app.reachable;
    this.#app.reachable = reachable;
    if (back) void this.#everythingChanged();
  }
  async #everythingChanged(): Promise<void> {
    await this.#app.start();
    this.#refreshPhotos();
    this.#refreshCounts();
  }
}
