/** The catalog's first step. Never edited: catalogs that it made exist. */
export const firstShape = `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE models (hash TEXT PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    model_hash TEXT NOT NULL REFERENCES models (hash),
    preprocessing TEXT NOT NULL,
    precision TEXT NOT NULL,
    graph_version INTEGER NOT NULL,
    used_ms REAL NOT NULL,
    UNIQUE (model_hash, preprocessing, precision, graph_version)
  );

  CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES folders (id) ON DELETE CASCADE,
    path TEXT NOT NULL UNIQUE,
    path_key TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT
  );
  CREATE INDEX folders_by_parent ON folders (parent_id, path_key);
  CREATE INDEX folders_by_key ON folders (path_key);

  CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    taken_ms REAL,
    damaged INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    path_key TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    date_ms REAL NOT NULL,
    content_id INTEGER REFERENCES contents (id),
    own_label TEXT,
    missing_ms REAL,
    error_code TEXT,
    error_message TEXT,
    status INTEGER NOT NULL DEFAULT 0,
    label INTEGER,
    probability REAL NOT NULL DEFAULT -1,
    spread REAL NOT NULL DEFAULT 2,
    UNIQUE (folder_id, name)
  );
  CREATE INDEX photos_by_name ON photos (name_key, id, folder_id, status, label, probability);
  CREATE INDEX photos_by_path ON photos (path_key, id, folder_id, status, label, probability);
  CREATE INDEX photos_by_date ON photos (date_ms, id, folder_id, status, label, probability);
  CREATE INDEX photos_by_confidence ON photos (probability, id, folder_id, status, label);
  CREATE INDEX photos_by_focus ON photos (spread, id, folder_id, status, label, probability);
  CREATE INDEX photos_by_label ON photos (label, status, folder_id, probability);
  CREATE INDEX photos_by_content ON photos (content_id);
  CREATE INDEX photos_missing ON photos (bytes) WHERE missing_ms IS NOT NULL;
  CREATE VIRTUAL TABLE photo_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = full, tokenize = 'trigram case_sensitive 1'
  );
  CREATE TRIGGER photos_forgotten AFTER DELETE ON photos BEGIN
    DELETE FROM photo_words WHERE rowid = old.id;
  END;

  CREATE TABLE strays (
    path TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    content_id INTEGER NOT NULL REFERENCES contents (id)
  ) WITHOUT ROWID;

  CREATE INDEX strays_by_content ON strays (content_id);

  CREATE TABLE results (
    content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    provider TEXT,
    unsure INTEGER NOT NULL DEFAULT 0,
    top BLOB,
    map BLOB,
    seen BLOB,
    label INTEGER,
    probability REAL,
    spread REAL,
    code TEXT,
    message TEXT,
    UNIQUE (session_id, content_id)
  );
  CREATE INDEX results_by_content ON results (content_id);

  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    prepared INTEGER NOT NULL DEFAULT 0,
    again INTEGER NOT NULL,
    retry_failed INTEGER NOT NULL,
    model TEXT NOT NULL,
    placement TEXT,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    started_ms REAL NOT NULL,
    bottleneck TEXT,
    error_code TEXT,
    error_message TEXT,
    pid INTEGER NOT NULL
  );
  CREATE TABLE run_items (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    PRIMARY KEY (run_id, seq)
  ) WITHOUT ROWID;
  CREATE INDEX run_items_by_photo ON run_items (photo_id);
  CREATE TABLE run_failures (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run_id, photo_id)
  ) WITHOUT ROWID;
  CREATE INDEX run_failures_by_photo ON run_failures (photo_id);
  `;
