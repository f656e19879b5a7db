/** What joining one data folder into another found. */

/** Something that both say differently; ours was kept. */
export interface MergeConflict {
  /**
   * `words` a person gave a photo; `patterns` of a folder; `picture`: another file lies at that path; `head`: another of
   * that name, which was taken in under a second name; `labels`: names of a model's classes; `answer`: a first label.
   */
  about: 'words' | 'patterns' | 'picture' | 'head' | 'labels' | 'answer';
  /** A path, or the name of a head or model. */
  of: string;
  ours: string | null;
  theirs: string | null;
}

export interface MergeReport {
  folder: string;
  /** Answers that were not there; that were there as a failure or with less; that both had. */
  answers: { added: number; improved: number; known: number };
  /** What a person did: folders and heads that were not there, photos whose words were taken over. */
  person: { folders: number; photos: number; heads: number };
  /** The shard that the folder holds, if it is one's. */
  shard: { index: number; count: number; finished: boolean } | null;
  conflicts: MergeConflict[];
}
