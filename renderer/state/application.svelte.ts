import { createContext } from 'svelte';
import type { Answer, EventName, Events } from '../../main/contract/verbs.ts';
import type { Folder } from '../../main/contract/entities.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { LineBridge } from '../api.ts';
import { Actions } from './actions.svelte.ts';
import { Facets } from '../library/facets.svelte.ts';
import { Folders } from '../library/folders.svelte.ts';
import { Inspector } from '../inspector/inspector.svelte.ts';
import { InstalledModels } from '../models/installed-models.svelte.ts';
import { ListQuery } from '../library/list-query.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Pages } from '../library/pages.svelte.ts';
import type { Sheet, View } from './places.ts';
import { Preferences } from '../settings/preferences.svelte.ts';
import { recall, remember } from './remembered.ts';
import { Run } from '../library/run.svelte.ts';
import { PickedPhotos } from '../library/selection.svelte.ts';
import { Speech } from './speech.svelte.ts';
import { throttled } from './throttle.ts';

/** Everything the interface knows, in one place; each part stands in a file of its own. */
export class Application {
  readonly bridge: Bridge;
  readonly notices = new Notices();
  readonly speech = new Speech();
  readonly query = new ListQuery();
  readonly picked = new PickedPhotos();
  readonly preferences: Preferences;
  readonly folders: Folders;
  readonly pages: Pages;
  readonly facets: Facets;
  readonly run: Run;
  readonly inspector: Inspector;
  readonly models: InstalledModels;
  readonly actions: Actions;

  #info = $state.raw<Answer<'app.info'> | null>(null);
  #startFailure = $state.raw<Failure | null>(null);
  #reachable = $state(true);
  #view = $state<View>('library');
  sheet: Sheet = $state(null);
  #tileSize = $state(recall('tile-size', 168));
  #overlays = $state(recall('overlays', false));
  headGrid = $state(false);
  /** In a narrow window, where folders and labels lie over the photos. */
  sidebar = $state(false);
  /** Columns of the grid, and rows that the window shows at once. */
  gridShape: { columns: number; rows: number } = $state.raw({ columns: 1, rows: 1 });

  constructor(bridge: Bridge | LineBridge) {
    const fail = (failure: Failure) => this.notices.fail(failure);
    this.bridge = bridge;
    this.preferences = new Preferences(bridge, fail);
    this.folders = new Folders(bridge);
    this.pages = new Pages(bridge);
    this.facets = new Facets(bridge);
    this.run = new Run(bridge, fail);
    this.inspector = new Inspector(bridge, this.pages);
    this.models = new InstalledModels(bridge, fail);
    this.actions = new Actions(this);
    bridge.onEvent((event, payload) => this.#hear(event, payload));
    if ('onLine' in bridge) bridge.onLine((reachable) => this.#lineChanged(reachable));
  }

  /** Null until the host has answered. */
  get info(): Answer<'app.info'> | null {
    return this.#info;
  }
  get startFailure(): Failure | null {
    return this.#startFailure;
  }
  get reachable(): boolean {
    return this.#reachable;
  }
  get view(): View {
    return this.#view;
  }
  get tileSize(): number {
    return this.#tileSize;
  }
  set tileSize(pixels: number) {
    this.#tileSize = pixels;
    remember('tile-size', pixels);
  }
  /** Overlays on all tiles. */
  get overlays(): boolean {
    return this.#overlays;
  }
  set overlays(shown: boolean) {
    this.#overlays = shown;
    remember('overlays', shown);
  }

  async start(): Promise<void> {
    this.#startFailure = null;
    const info = await this.bridge.ask('app.info', {});
    const failure = info.ok ? await this.preferences.refresh() : info.error;
    if (info.ok) this.#info = info.value;
    if (failure) {
      this.#startFailure = failure;
      return;
    }
    await Promise.all([this.folders.refresh(), this.run.refresh(), this.models.refresh()]);
  }

  go(view: View): void {
    this.inspector.close();
    this.#view = view;
    this.sidebar = false;
    if (view === 'settings' && !this.preferences.providers) void this.preferences.listProviders(false);
    if (view === 'models') void this.models.refresh();
  }
  showFolder(folder: Folder | null): void {
    this.query.folderId = folder?.id ?? null;
    this.go('library');
  }
  inspect(position: number): void {
    this.#view = 'library';
    this.picked.moveTo(position);
    void this.inspector.open(position);
  }
  /** One step out: sheet, inspector, page, selection. */
  back(): void {
    if (this.sidebar) this.sidebar = false;
    else if (this.headGrid && this.inspector.position !== null) this.headGrid = false;
    else if (this.inspector.position !== null) {
      this.picked.moveTo(this.inspector.position);
      this.inspector.close();
    } else if (this.#view !== 'library') this.go('library');
    else this.picked.clear();
  }

  #lineChanged(reachable: boolean): void {
    const back = reachable && !this.#reachable;
    this.#reachable = reachable;
    if (back) void this.#everythingChanged();
  }
  async #everythingChanged(): Promise<void> {
    await this.start();
    this.#refreshPhotos();
    this.#refreshCounts();
  }

  // A run changes the library many times a second; a list is read again only as often as eyes can follow.
  #refreshPhotos = throttled(400, () => {
    this.pages.refresh();
    void this.inspector.refresh();
  });
  #refreshCounts = throttled(900, () => {
    void this.facets.refresh();
    void this.folders.refresh();
  });

  #hear<Name extends EventName>(name: Name, payload: Events[Name]): void {
    const event = { name, payload } as { [N in EventName]: { name: N; payload: Events[N] } }[EventName];
    switch (event.name) {
      case 'library.changed':
        if (event.payload.photos) this.#refreshPhotos();
        if (event.payload.photos || event.payload.labels || event.payload.folders) this.#refreshCounts();
        if (event.payload.models) void this.models.refresh();
        if (event.payload.settings) void this.preferences.refresh();
        return;
      case 'run.progress':
        if (event.payload.state === 'stopped' && event.payload.error) this.notices.fail(event.payload.error);
        if (event.payload.photosPerSecond !== null)
          this.models.pace = { model: event.payload.model, photosPerSecond: event.payload.photosPerSecond };
        return this.run.progressed(event.payload);
      case 'models.download':
        return this.#downloaded(event.payload);
      case 'scan.progress':
        return this.run.scanned(event.payload.folderId, event.payload.found, event.payload.done);
      case 'process.restarted':
        return this.#restarted(event.payload.process, event.payload.reason);
      case 'notice':
        return this.notices.fail(event.payload.failure, event.payload.level);
      case 'app.command':
        return this.#command(event.payload);
    }
  }
  #downloaded(status: Events['models.download']): void {
    this.models.progressed(status);
    if (status.state !== 'installed' || status.model === null) return;
    const { model } = status;
    const { words } = this.speech;
    this.notices.ask(words.modelReady(status.repository), {
      label: words.useAndClassify,
      run: () => void this.actions.useModel(model, true),
    });
  }
  #restarted(process: 'library' | 'inference', message: string): void {
    this.notices.fail({ code: `${process}-restarted`, message }, 'warning');
    void this.run.refresh();
    if (process === 'library') void this.#everythingChanged();
  }
  #command({ command, path }: Events['app.command']): void {
    if (command === 'open-folder') void (path ? this.actions.addFolder(path) : this.actions.chooseFolder());
    else if (command === 'find') this.actions.focusSearch();
    else if (command === 'about' || command === 'keys') this.sheet = command;
    else this.go(command);
  }
}

export const [application, provideApplication] = createContext<Application>();
