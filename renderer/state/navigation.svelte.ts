import type { GeoBox } from '../../main/contract/entities/place.ts';
import type { Coordinates } from '../../main/contract/mercator.ts';
import type { Folder } from '../../main/contract/entities/folder.ts';
import type { ListQuery } from '../library/list-query.svelte.ts';
import type { Purpose } from '../components/purposes.ts';
import { withPlace } from '../places/place-word.ts';
import type { Picking } from '../library/picking.ts';
import type { Parts } from './parts.svelte.ts';
import type { Subject } from './subject.ts';

type Around = Parts & { readonly picking: Picking };

/** The pages of the window, and the dialogs over them. */
export type View = 'library' | 'likeness' | 'looks' | 'places' | 'labels' | 'models' | 'settings';
export type Sheet =
  | 'commands'
  | 'keys'
  | 'about'
  | 'failures'
  | 'pick-folder'
  | 'own-label'
  | 'left-out'
  | 'export'
  | 'import-labels'
  | null;
/** Of the page about labels. */
export type LabelsTab = 'sets' | 'review' | 'compare' | 'duplicates' | 'history';

/** A label of a head; null: of what the model came with. */
interface Explained {
  headId: number | null;
  label: number;
}

/** Where in the window one is, and the ways to other places. */
export class Navigation {
  readonly #app: Around;
  /** The page on which the photo in the inspector was picked, where that is not the library. */
  #from: View | null = null;
  view = $state<View>('library');
  #sheet: Sheet = $state(null);
  #subject: Subject | null = $state.raw(null);
  labelsTab: LabelsTab = $state('sets');
  /** Which part of the catalogue is asked for; null: the models that are here. */
  wantedModels: Purpose | null = $state(null);
  headGrid = $state(false);
  /** In a narrow window, where folders and labels lie over the photos. */
  sidebar = $state(false);

  constructor(app: Around) {
    this.#app = app;
  }

  get sheet(): Sheet {
    return this.#sheet;
  }
  set sheet(sheet: Sheet) {
    this.#sheet = sheet;
    this.#subject = null;
  }
  /** The photos that the sheet is about. */
  get subject(): Subject {
    return this.#subject ?? this.#app.picking.subject;
  }
  openFor(sheet: Sheet, subject: Subject): void {
    this.sheet = sheet;
    this.#subject = subject;
  }
  go(view: View): void {
    const { inspector, preferences, models } = this.#app;
    inspector.close();
    this.#from = null;
    this.view = view;
    this.sidebar = false;
    if (view === 'settings' && !preferences.providers) void preferences.listProviders(false);
    if (view === 'models') void models.refresh();
  }
  showFolder(folder: Folder | null): void {
    this.#app.query.folderId = folder?.id ?? null;
    this.go('library');
  }
  /** `shown`: null where the list has just changed, see `Inspector.open`. */
  inspect(position: number, shown?: null): void {
    this.#from = null;
    this.view = 'library';
    this.#app.picked.moveTo(position);
    void this.#app.inspector.open(position, shown);
  }
  goLabels(tab: LabelsTab): void {
    this.labelsTab = tab;
    this.go('labels');
    void this.#app.heads.refresh();
    void this.#app.person.refresh();
  }
  showModelsFor(purpose: Purpose): void {
    this.wantedModels = purpose;
    this.go('models');
  }
  /** Photos of a search, in words as they are typed. */
  showSearch(words: string): void {
    const { query } = this.#app;
    query.clear();
    query.folderId = null;
    query.search = words;
    this.go('library');
  }
  /** The map of where photos of the list were taken. @param at a place to show on it; null: as it was */
  goPlaces(at: Coordinates | null): void {
    this.#app.places.open(at);
    this.go('places');
  }
  /** Photos of the list that were taken within a box. */
  showPlace(box: GeoBox): void {
    const { query } = this.#app;
    query.search = withPlace(query.search, box);
    this.go('library');
  }
  likeWords(text: string): void {
    const { likeness, query } = this.#app;
    void likeness.likeWords(text, { folderId: query.folderId ?? undefined });
    this.go('likeness');
  }
  likeThese({ selection, count }: Subject): void {
    void this.#app.likeness.likePhotos(selection, count);
    this.go('likeness');
  }
  /** The files of one shot, in the library. */
  showShot({ id, name }: { id: number; name: string }): void {
    const { query } = this.#app;
    if (this.view !== 'library') {
      query.clear();
      query.folderId = null;
    }
    query.shot = { id, name };
    this.go('library');
  }
  /** Photos of a cell of a comparison. */
  showCell(cell: NonNullable<ListQuery['cell']>): void {
    const { query } = this.#app;
    query.clear();
    query.folderId = null;
    query.cell = cell;
    this.go('library');
  }
  /** What a label of the head in use looks at; null: one that is chosen, or that most photos have. */
  lookAtLabel(label: number | null): void {
    const { query, heads } = this.#app;
    this.lookAtHead(heads.inUse?.id ?? null, label ?? query.labels[0] ?? null);
  }
  /** What the label that is explained looks at; where no photo is open, one that is chosen. */
  lookAtShown(): void {
    const { inspector, heads } = this.#app;
    const { headId } = inspector;
    const explained = inspector.stale ? null : inspector.explained;
    if (inspector.position === null || explained === null) this.lookAtLabel(null);
    else this.lookAtHead(headId === undefined ? (heads.inUse?.id ?? null) : headId, explained);
  }
  /** What a label of any head of the model looks at; null: the one that most photos have. */
  lookAtHead(headId: number | null, label: number | null): void {
    const { query, looks } = this.#app;
    void looks.open(headId, label, query.folderId === null ? {} : { folderId: query.folderId });
    this.go('looks');
  }
  /** A photo large with the evidence for a label over it, and one patch of it pointed at. */
  async openPatch(
    { photo, row, column }: { photo: { id: number }; row: number; column: number },
    explained: Explained,
  ): Promise<void> {
    if (await this.findInLibrary(photo, explained)) this.#app.inspector.tools.pointed = { row, column };
  }
  /** Opens a photo of another list in the library, where it has its place; a step out of it leads back. @param explained whose evidence is shown; absent: as it was. @returns whether it is open still */
  async findInLibrary({ id }: { id: number }, explained?: Explained): Promise<boolean> {
    const { query, bridge, notices } = this.#app;
    query.clear();
    query.folderId = null;
    const { filter, sort } = query;
    const answer = await bridge.ask('photos.position', { photoId: id, filter, sort });
    if (!answer.ok) notices.fail(answer.error);
    if (!answer.ok || answer.value.at === null) return false;
    const from = this.view;
    this.inspect(answer.value.at, null);
    if (from !== 'library') this.#from = from;
    const { inspector, heads } = this.#app;
    if (explained) inspector.overlay.draw({ method: 'class', visible: true });
    await inspector.opened;
    // Meanwhile somebody may have gone on.
    const isOpen = () => inspector.photo?.id === id;
    if (explained && isOpen()) {
      const ofInUse = explained.headId === (heads.inUse?.id ?? null);
      if (!ofInUse || inspector.explained !== explained.label)
        await inspector.explainOf(ofInUse ? undefined : explained.headId, explained.label);
    }
    return isOpen();
  }
  /** One step out: sheet, inspector, page, selection. */
  back(): void {
    const { inspector, picked } = this.#app;
    if (this.sidebar) this.sidebar = false;
    else if (this.headGrid && inspector.position !== null) this.headGrid = false;
    else if (inspector.position !== null) {
      picked.moveTo(inspector.position);
      inspector.close();
      if (this.#from) this.go(this.#from);
    } else if (this.view !== 'library') this.go('library');
    else picked.clear();
  }
}
