import type { Answer } from '../../main/contract/verbs.ts';
import type { ModelSummary } from '../../main/contract/entities/model.ts';
import type { Act, Moved } from '../../main/contract/entities/review.ts';
import type { WritingStatus } from '../../main/contract/entities/writing.ts';
import type { ModelExportStatus } from '../../main/contract/exports.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Label } from '../../models/manifest.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { LineBridge } from '../api.ts';
import { Inspector } from '../inspector/inspector.svelte.ts';
import { LabelColours } from '../components/label-colour.ts';
import { Comparison } from '../labels/comparison.svelte.ts';
import { Duplicates } from '../labels/duplicates.svelte.ts';
import { Heads } from '../labels/heads.svelte.ts';
import { Labelling } from '../labels/labelling.svelte.ts';
import type { Desk } from '../labels/labelling.svelte.ts';
import { Likeness } from '../labels/likeness.svelte.ts';
import { Moving } from '../labels/moving.svelte.ts';
import { namesIn, withCommas } from '../labels/names-in.ts';
import { Person } from '../labels/person.svelte.ts';
import { Review } from '../labels/review.svelte.ts';
import { Facets } from '../library/facets.svelte.ts';
import { Folders } from '../library/folders.svelte.ts';
import { LeftOut } from '../library/left-out.svelte.ts';
import { ListQuery } from '../library/list-query.svelte.ts';
import { Months } from '../library/months.svelte.ts';
import { Pages } from './pages.svelte.ts';
import { Run } from '../library/run.svelte.ts';
import { PickedPhotos } from '../library/selection.svelte.ts';
import { Suggestions } from '../library/suggestions.svelte.ts';
import { Tiles } from '../library/tiles.svelte.ts';
import { Looks } from '../looks/looks.svelte.ts';
import { Places } from '../places/places.svelte.ts';
import { InstalledModels } from '../models/installed-models.svelte.ts';
import { ModelExport } from '../models/model-export.svelte.ts';
import { Preferences } from '../settings/preferences.svelte.ts';
import { Sharing } from '../sharing/sharing.svelte.ts';
import { Menus } from './menus.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Speech } from './speech.svelte.ts';

/** What becomes of acts and of long work, told to the person. */
interface Told {
  tell(act: Act): void;
  written(status: WritingStatus, own: boolean): void;
  moved(moved: Moved, selection: Selection): void;
  exported(status: ModelExportStatus): void;
}

/** What the interface knows: parts that know nothing of the window around them, each in a file of its own. */
export abstract class Parts {
  readonly bridge: Bridge;
  readonly notices = new Notices();
  readonly speech = new Speech();
  readonly query = new ListQuery();
  readonly picked = new PickedPhotos();
  readonly tiles = new Tiles();
  readonly menus = new Menus();
  readonly preferences: Preferences;
  readonly folders: Folders;
  readonly pages: Pages;
  readonly facets: Facets;
  readonly months: Months;
  readonly suggestions: Suggestions;
  readonly run: Run;
  readonly leftOut: LeftOut;
  readonly inspector: Inspector;
  readonly models: InstalledModels;
  readonly modelExport: ModelExport;
  readonly person: Person;
  readonly heads: Heads;
  readonly labelling: Labelling;
  readonly review: Review;
  readonly comparison: Comparison;
  readonly likeness: Likeness;
  readonly duplicates: Duplicates;
  readonly looks: Looks;
  readonly places: Places;
  readonly sharing: Sharing;
  readonly moving: Moving;

  protected abstract readonly history: Told;
  /** Where words go that keys give. */
  abstract get desk(): Desk;

  /** Null until the host has answered. */
  info = $state.raw<Answer<'app.info'> | null>(null);
  startFailure = $state.raw<Failure | null>(null);
  reachable = $state(true);
  /** How many times the usual size text has, as set in the browser: for lengths that are not in a style. */
  textSize = $state(1);

  constructor(bridge: Bridge | LineBridge) {
    const fail = (failure: Failure) => this.notices.fail(failure);
    this.bridge = bridge;
    this.preferences = new Preferences(bridge, fail);
    this.folders = new Folders(bridge);
    this.pages = new Pages(bridge);
    this.facets = new Facets(bridge);
    this.months = new Months(bridge);
    this.suggestions = new Suggestions(bridge);
    this.run = new Run(bridge, fail);
    this.leftOut = new LeftOut(bridge, fail);
    this.inspector = new Inspector(bridge, this.pages, () => this.heads.inUse?.id === null);
    this.models = new InstalledModels(bridge, fail);
    this.modelExport = new ModelExport(bridge, fail, (status) => this.history.exported(status));
    this.person = new Person(bridge, fail);
    this.heads = new Heads(bridge, fail);
    this.review = new Review(bridge);
    this.comparison = new Comparison(bridge);
    this.likeness = new Likeness(bridge);
    this.duplicates = new Duplicates(bridge, fail);
    this.looks = new Looks(bridge, fail);
    this.places = new Places(bridge);
    this.sharing = new Sharing(bridge, fail, (...ended) => this.history.written(...ended));
    this.moving = new Moving(bridge, fail, (...moved) => this.history.moved(...moved));
    this.labelling = new Labelling(
      bridge,
      this.person,
      () => this.desk,
      (act) => this.history.tell(act),
    );
  }

  get modelInUse(): ModelSummary | undefined {
    const used = this.preferences.settings?.model;
    return used === undefined ? undefined : this.models.named(used);
  }
  /** What computes: while a run goes on the model it began with, which another may have taken the place of since. */
  get modelAtWork(): ModelSummary | undefined {
    const { active, status } = this.run;
    return active && status ? this.models.named(status.model) : this.modelInUse;
  }
  readonly #named: ReadonlyMap<string, string> = $derived.by(() => {
    const labels = this.modelInUse ? this.models.detail(this.modelInUse.id)?.labels : undefined;
    const called = (names: (label: Label) => readonly string[]) =>
      (labels ?? []).flatMap((label) =>
        names(label).map((name) => [name, this.speech.label(label)] as const),
      );
    // A name of its own goes before the same one in another language.
    return new Map([...called(({ names = {} }) => Object.values(names)), ...called(({ name }) => [name])]);
  });
  /** A person's label: in the window's language where the model in use has one of that name, in whatever language. */
  labelNamed(name: string): string {
    return this.#named.get(name) ?? name;
  }
  readonly #withCommas = $derived.by(() =>
    withCommas([...this.#named.keys(), ...this.person.labels.map(({ name }) => name)]),
  );
  /** A person's labels in a line, as lists of photos have them and as one types them. */
  labelsIn(line: string): string[] {
    return namesIn(line, this.#withCommas);
  }
  /** The same, in the window's language. */
  labelsNamed(line: string): string {
    return this.labelsIn(line)
      .map((name) => this.labelNamed(name))
      .join(', ');
  }
  readonly #colours = new LabelColours();
  /** Given ones before those of the set that is looked at, and of what is offered; by name, so that none depends on counts. */
  readonly #coloured = $derived.by(() => {
    const { detail } = this.heads;
    const sorted = (names: readonly string[]) => [...names].sort();
    return this.#colours.among([
      ...sorted(this.person.given.map(({ name }) => name)),
      ...(detail && detail.kind !== 'own' ? detail.names.map(({ name }) => name) : []),
      ...this.labelling.suggestions.map(({ name }) => name),
    ]);
  });
  /** Of a label of a person's or of a set's, as CSS. */
  labelColour(name: string): string {
    return this.#coloured(name);
  }
  /** Whether labels can be written for the model in use, and photos searched by words. */
  get readsText(): boolean {
    return this.modelInUse?.readsText ?? false;
  }
}
