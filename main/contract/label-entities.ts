/** What crosses about heads, a person's words, and search: plain data, safe for structured clone. */
import type { Share } from '../../models/heads/figures.ts';
import type { Note } from '../../models/heads/examples.ts';
import type { Report } from '../../models/heads/teach.ts';
import type { Label } from '../../models/manifest.ts';
import type { PhotoItem, Prediction, StoredMap } from './entities.ts';
import type { Failure } from './result.ts';

export type { Share } from '../../models/heads/figures.ts';

/** What reads labels off a model's feature. */
export interface HeadSummary {
  /** Null: what the model came with. */
  id: number | null;
  name: string;
  kind: 'own' | 'taught' | 'written';
  /** Id of the model that it was made for, which may be gone. */
  model: string;
  /** Why it can't be used with the chosen model; null: it can. */
  unfit: Failure | null;
  /** How many labels, without "none of these". */
  labels: number;
  /** Whether "none of these" can be an answer. */
  none: boolean;
  /** Raised with each change of the weights. */
  version: number;
  createdMs: number | null;
  /** Lists, facets, search and evidence speak of it. One of those of a model is. */
  inUse: boolean;
  /** Of held-out examples; null: nothing was held out. */
  accuracy: Share | null;
}

export interface HeadDetail extends HeadSummary {
  /** In the order of their indices; "none of these" comes last where there is one. */
  names: Label[];
  /** `one` of these labels, or `any` of them. */
  answers: 'one' | 'any';
  temperature: number;
  /** A photo is unsure below this confidence, 0 … 1; null: never. */
  doubt: number | null;
  origin:
    | { from: 'model' }
    | { from: 'examples'; examples: number; l2: number; report: Report | null }
    /** `{}` in a template stands for a phrase; phrases in the labels' order. */
    | { from: 'texts'; templates: string[]; phrases: string[][]; none: string[] };
}

/** `features`: photos that have none yet are looked at by the model. */
export type TeachingState = 'reading' | 'features' | 'teaching' | 'finished' | 'failed' | 'cancelled';

export interface TeachingStatus {
  state: TeachingState;
  name: string;
  /** Of the state in hand: photos, or fits. */
  done: number;
  total: number;
  /** Id of the head; null until finished. */
  head: number | null;
  /** Photos taught with; null until known. */
  examples: number | null;
  notes: Note[];
  /** Photos left out, with why: the first hundred of `leftOutTotal`. */
  leftOut: { path: string; error: Failure }[];
  leftOutTotal: number;
  error: Failure | null;
}

/** A person's word on a photo. All empty and false: none. */
export interface PersonWords {
  /** What it is. */
  labels: string[];
  /** What it is not. */
  rejected: string[];
  /** None of the labels there are. */
  none: boolean;
  /** Given to a photo that was drawn at random for an estimate, so no head is taught with it. */
  drawn: boolean;
}

/** `photos` it changed. A row is never changed: taking an act back is a row too, told here as `undone`. */
export interface Act {
  id: number;
  atMs: number;
  kind:
    | 'confirm'
    | 'label'
    | 'add'
    | 'remove'
    | 'reject'
    | 'none'
    | 'clear'
    | 'distinguish'
    | 'move'
    | 'teach-head'
    | 'rename-head'
    | 'remove-head';
  /** Labels, heads or the folder that it is about, by name. */
  about: string[];
  photos: number;
  undone: boolean;
}

export type QueueKind = 'unsure' | 'audit' | 'disagreement' | 'sample';

/** A photo to be looked at, and why. */
export interface QueueItem {
  photo: PhotoItem;
  person: PersonWords;
  /** The likeliest labels of the head in use, nine at most. */
  suggestions: Prediction[];
  /** `audit`: what it is called and what it probably is. `disagreement`: what either head says. */
  against: { given: string; likely: string; givenProbability: number; likelyProbability: number } | null;
}

/** Of photos drawn at random in an order of their own: the first of it that a person has judged, all of them. */
export interface Estimate {
  /** How many there are to draw from: with this label, by the head in use, and without a person's other word. */
  population: number;
  judged: number;
  /** Null: nothing judged yet. */
  share: (Share & { plusMinus: number }) | null;
}

/** Rows by one, columns by the other; the last row and column are for photos of which it says nothing. */
export interface Agreement {
  rows: { name: string; labels: string[] };
  columns: { name: string; labels: string[] };
  /** [rows.labels, columns.labels] photos. The filter `cell` finds those of one. */
  counts: number[][];
  /** Of photos that both speak of, where names are compared without case. */
  agree: Share | null;
}

export interface Scored {
  photo: PhotoItem;
  /** Cosine, −1 … 1. */
  score: number;
}

export interface SearchResult {
  /** Best first. */
  items: Scored[];
  /** How many photos have a feature and were compared; the others of the filter are not known yet. */
  compared: number;
  unknown: number;
  /** Of all compared: `counts` photos in equal steps from `least` to `most`. */
  distribution: { least: number; most: number; counts: number[] };
  /** Texts that were cut, as sentences. */
  notes: string[];
}

export interface DuplicateGroup {
  /** `same`: one picture in several sizes, formats or qualities. `alike`: photos that look alike. */
  kind: 'same' | 'alike';
  photos: PhotoItem[];
  /** Id of the one to keep: most pixels, then most bytes, then the oldest; null where they only look alike. */
  best: number | null;
  /** Least likeness to the best or first: correlation of pixels (`same`) or cosine of features (`alike`). */
  likeness: number;
}

export interface DuplicatesStatus {
  state: 'idle' | 'running' | 'finished' | 'failed' | 'cancelled';
  done: number;
  total: number;
  same: number;
  alike: number;
  error: Failure | null;
}

/** Evidence of the head in use for the label it gives. */
export interface Evidence {
  photoId: number;
  map: StoredMap | null;
  /** Why there is none. */
  absent: string | null;
}
