/** What a file system tells of a file without opening it: while it stays the same, the file counts as unchanged. */
export interface FileFacts {
  bytes: number;
  /** Whole milliseconds. */
  modifiedMs: number;
  /** When anything about the file was last changed: an edit may set size and `modifiedMs` as they were, but not this. */
  changedMs: number;
}
