import { createContext } from 'svelte';
import type { Answer, EventName, Events } from '../../main/contract/verbs.ts';
import type { Folder, Selection } from '../../main/contract/entities.ts';
import type { Act, Moved } from '../../main/contract/label-entities.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { LineBridge } from '../api.ts';
import { Actions } from './actions.svelte.ts';
import { Facets } from '../library/facets.svelte.ts';
import { Folders } from '../library/folders.svelte.ts';
import { Inspector } from '../inspector/inspector.svelte.ts';
import { InstalledModels } from '../models/installed-models.svelte.ts';
import { LeftOut } from '../library/left-out.svelte.ts';
import { ListQuery } from '../library/list-query.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Pages } from '../library/pages.svelte.ts';
import type { Purpose } from '../models/purposes.ts';
import type { LabelsTab, Sheet, View } from './places.ts';
import { Preferences } from '../settings/preferences.svelte.ts';
import { recall, remember } from './remembered.ts';
import { Run } from '../library/run.svelte.ts';
import { PickedPhotos } from '../library/selection.svelte.ts';
import { Speech } from './speech.svelte.ts';
import { throttled } from './throttle.ts';
import { actText } from '../labels/acts.ts';
import { Duplicates } from '../labels/duplicates.svelte.ts';
import { Sharing } from '../sharing/sharing.svelte.ts';
import type { WritingStatus } from '../../main/contract/entities/writing.ts';
import { Moving } from '../labels/moving.svelte.ts';
import { Heads } from '../labels/heads.svelte.ts';
import { Labelling } from '../labels/labelling.svelte.ts';
import type { Desk } from '../labels/labelling.svelte.ts';
import { libraryDesk } from '../labels/desk.ts';
import { Likeness } from '../labels/likeness.svelte.ts';
import { Person } from '../labels/person.svelte.ts';
import { Review } from '../labels/review.svelte.ts';

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
  readonly leftOut: LeftOut;
  readonly inspector: Inspector;
  readonly models: InstalledModels;
  readonly actions: Actions;
  readonly person: Person;
  readonly heads: Heads;
  readonly labelling: Labelling;
  readonly review: Review;
  readonly likeness: Likeness;
  readonly duplicates: Duplicates;
  readonly sharing: Sharing;
  readonly moving: Moving;

  #info = $state.raw<Answer<'app.info'> | null>(null);
  #startFailure = $state.raw<Failure | null>(null);
  #reachable = $state(true);
  #view = $state<View>('library');
  sheet: Sheet = $state(null);
  labelsTab: LabelsTab = $state('sets');
  /** Which part of the catalogue is asked for; null: the models that are here. */
  wantedModels: Purpose | null = $state(null);
  #tileSize = $state(recall('tile-size', 168));
  #overlays = $state(recall('overlays', false));
  #fileNames = $state(recall('file-names', false));
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
    this.leftOut = new LeftOut(bridge, fail);
    this.inspector = new Inspector(bridge, this.pages);
    this.models = new InstalledModels(bridge, fail);
    this.actions = new Actions(this);
    this.person = new Person(bridge, fail);
    this.heads = new Heads(bridge, fail);
    this.review = new Review(bridge);
    this.likeness = new Likeness(bridge);
    this.duplicates = new Duplicates(bridge, fail);
    this.sharing = new Sharing(bridge, fail, (status) => this.#written(status));
    this.moving = new Moving(bridge, fail, (moved) => this.#moved(moved));
    this.labelling = new Labelling(
      bridge,
      this.person,
      () => this.desk,
      (act) => this.tellAct(act),
    );
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
  /** Whether labels can be written for the model in use, and photos searched by words. */
  get readsText(): boolean {
    const used = this.preferences.settings?.model;
    return this.models.items?.find(({ id }) => id === used)?.readsText ?? false;
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
  /** Names of files on all tiles. */
  get fileNames(): boolean {
    return this.#fileNames;
  }
  set fileNames(shown: boolean) {
    this.#fileNames = shown;
    remember('file-names', shown);
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
    await Promise.all([
      this.folders.refresh(),
      this.run.refresh(),
      this.models.refresh(),
      this.heads.refresh(),
      this.person.refresh(),
    ]);
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
  /** Where words go that keys give. */
  get desk(): Desk {
    return this.view === 'labels' ? this.review : libraryDesk(this);
  }
  goLabels(tab: LabelsTab): void {
    this.labelsTab = tab;
    this.go('labels');
    void this.heads.refresh();
    void this.person.refresh();
  }
  showModelsFor(purpose: Purpose): void {
    this.wantedModels = purpose;
    this.go('models');
  }
  likeWords(text: string): void {
    void this.likeness.likeWords(text, this.query.folderId === null ? {} : { folderId: this.query.folderId });
    this.go('likeness');
  }
  /** Photos of a cell of the comparison made last. */
  showCell(cell: NonNullable<ListQuery['cell']>): void {
    this.query.clear();
    this.query.folderId = null;
    this.query.cell = cell;
    this.go('library');
  }
  likeThese(): void {
    void this.likeness.likePhotos(this.actions.selection, this.actions.count);
    this.go('likeness');
  }
  /** Opens a photo of another list in the library, where it has its place. */
  async findInLibrary({ id }: { id: number }): Promise<void> {
    this.query.clear();
    this.query.folderId = null;
    const answer = await this.bridge.ask('photos.position', {
      photoId: id,
      filter: this.query.filter,
      sort: this.query.sort,
    });
    if (!answer.ok) return this.notices.fail(answer.error);
    if (answer.value.at !== null) this.inspect(answer.value.at);
  }
  async undo(): Promise<void> {
    const { words } = this.speech;
    const act = await this.person.undo();
    this.notices.tell(
      act ? words.undone(actText(words, act)) : words.nothingToUndo,
      act ? { label: words.redo, run: () => void this.redo() } : null,
    );
  }
  async redo(): Promise<void> {
    const { words } = this.speech;
    const act = await this.person.redo();
    if (act) this.tellAct(act, words.redone(actText(words, act)));
    else this.notices.tell(words.nothingToRedo);
  }
  /** What was written where other programs look, with the way back. */
  #written({ state, changed, failed, error, canUndo }: WritingStatus): void {
    const { words } = this.speech;
    if (error) return this.notices.fail(error);
    const text = state === 'cancelled' ? words.shareCancelled(changed) : words.shareDone(changed, failed);
    if (canUndo) this.notices.ask(text, { label: words.undo, run: () => void this.sharing.undo() });
    else this.notices.tell(text);
    if (this.sheet === 'export') this.sheet = null;
  }
  /** What was done, with the way back. */
  tellAct(act: Act, text = actText(this.speech.words, act)): void {
    const { words } = this.speech;
    this.notices.tell(text, act.undoable ? { label: words.undo, run: () => void this.undo() } : null);
  }
  /** What moving speaks of: the photo that is inspected, those that are picked, or the one in focus; null: none. */
  get movable(): { selection: Selection; photos: number } | null {
    if (this.#view !== 'library') return null;
    const { selection } = libraryDesk(this);
    if (!selection) return null;
    return { selection, photos: 'ids' in selection ? selection.ids.length : this.actions.count };
  }
  /** To the trash where the host has one, otherwise to a folder. False: there is nothing to move. */
  askToMove(trash: boolean): boolean {
    const { movable } = this;
    if (movable) this.moving.ask({ ...movable, trash: trash && (this.info?.can.trash ?? false) });
    return movable !== null;
  }
  #moved({ act }: Moved): void {
    if (!act) return;
    this.tellAct(act);
    this.picked.clear();
    this.pages.refresh();
    if (this.inspector.position !== null && !this.inspector.passedOn()) this.back();
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
    if (this.#view === 'labels' && this.labelsTab === 'duplicates') void this.duplicates.list();
  });
  #refreshCounts = throttled(900, () => {
    void this.facets.refresh();
    void this.folders.refresh();
    void this.person.refresh();
  });

  #hear<Name extends EventName>(name: Name, payload: Events[Name]): void {
    const event = { name, payload } as { [N in EventName]: { name: N; payload: Events[N] } }[EventName];
    switch (event.name) {
      case 'library.changed':
        if (event.payload.photos) this.#refreshPhotos();
        if (event.payload.photos || event.payload.labels || event.payload.folders) this.#refreshCounts();
        if (event.payload.models) void this.models.refresh();
        if (event.payload.heads || event.payload.models) this.#headsChanged();
        if (event.payload.settings) void this.preferences.refresh();
        return;
      case 'run.progress':
        if (event.payload.state === 'stopped' && event.payload.error) this.notices.fail(event.payload.error);
        this.models.ran(event.payload);
        return this.run.progressed(event.payload);
      case 'models.download':
        return this.#downloaded(event.payload);
      case 'heads.teaching':
        return void this.heads.taught(event.payload);
      case 'writing.progress':
        return this.sharing.progressed(event.payload);
      case 'duplicates.progress':
        return this.duplicates.progressed(event.payload);
      case 'scan.progress':
        return this.run.scanned(event.payload.folderId, event.payload.found, event.payload.done);
      case 'folders.arrived':
        return this.#arrived(event.payload);
      case 'process.restarted':
        return this.#restarted(event.payload.process, event.payload.reason);
      case 'notice':
        return this.notices.fail(event.payload.failure, event.payload.level);
      case 'app.command':
        return this.#command(event.payload);
    }
  }
  /** Another head counts its labels differently. */
  #headsChanged(): void {
    const before = this.heads.inUse;
    void this.heads.refresh().then(() => {
      const { inUse } = this.heads;
      if (before && (inUse?.id !== before.id || inUse.version !== before.version)) {
        this.query.forgetLabels();
        this.#refreshPhotos();
        this.#refreshCounts();
      }
    });
  }
  /** Asked once: until somebody says otherwise, what comes is left as it is. */
  #arrived({ folderId, photos }: Events['folders.arrived']): void {
    const { words } = this.speech;
    const name = this.folders.find(folderId)?.name ?? '';
    void this.actions.setClassifyNew(folderId, false);
    this.notices.ask(words.photosArrived(photos, name), {
      label: words.classifyFromNowOn,
      run: () => void this.actions.setClassifyNew(folderId, true),
    });
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
