import { firstShape } from './first-shape.ts';

/**
 * The catalog's shape, one step a version (`PRAGMA user_version`). Steps are never edited once released; a new one
 * is appended.
 *
 * A result belongs to content × result key, which is model hash × preprocessing × precision × graph version.
 * The columns `status`, `label`, `probability` and `spread` of photos repeat the result of the key that is shown,
 * so that every list is a walk over one covering index. Status is a photo's place in `photoStatus`; beyond these,
 * `hiddenStatus`, it is in no list. Unknown probabilities are −1 and unknown spreads 2, so that both end the lists
 * that begin with the best.
 */
export const migrations: readonly string[] = [
  firstShape,
  // Few photos have one: what has is found, and counted, without going through the rest.
  `
  CREATE INDEX photos_with_own_label ON photos (id) WHERE own_label IS NOT NULL;
  `,
  // "Session" is the runtime's word for something else.
  `
  ALTER TABLE sessions RENAME TO result_keys;
  ALTER TABLE results RENAME COLUMN session_id TO key_id;
  `,
  // When a file was last changed in any way, what scans leave out, and what people leave out.
  `
  ALTER TABLE photos ADD COLUMN changed_ms REAL;
  ALTER TABLE strays ADD COLUMN changed_ms REAL;
  ALTER TABLE folders ADD COLUMN patterns TEXT NOT NULL DEFAULT '';
  CREATE TABLE left_out (
    folder_key TEXT NOT NULL,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    extension TEXT NOT NULL,
    PRIMARY KEY (folder_key, name)
  ) WITHOUT ROWID;
  `,
  // What a model saw in a photo, which any number of heads read; heads, and a person's words with how to take them back.
  `
  ALTER TABLE result_keys ADD COLUMN feature_length INTEGER;
  CREATE TABLE features (
    content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    key_id INTEGER NOT NULL REFERENCES result_keys (id) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    UNIQUE (key_id, content_id)
  );
  CREATE INDEX features_by_content ON features (content_id);

  CREATE TABLE heads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    model_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    removed_ms REAL
  );
  CREATE TABLE head_versions (
    head_id INTEGER NOT NULL REFERENCES heads (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    created_ms REAL NOT NULL,
    manifest TEXT NOT NULL,
    weights BLOB NOT NULL,
    UNIQUE (head_id, version)
  );

  CREATE TABLE person_words (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    none INTEGER NOT NULL,
    drawn INTEGER NOT NULL
  );
  CREATE TABLE person_labels (
    photo_id INTEGER NOT NULL REFERENCES person_words (photo_id) ON DELETE CASCADE,
    label_key TEXT NOT NULL,
    label TEXT NOT NULL,
    holds INTEGER NOT NULL,
    PRIMARY KEY (photo_id, label_key)
  ) WITHOUT ROWID;
  CREATE INDEX person_labels_by_key ON person_labels (label_key, holds, photo_id);
  INSERT INTO person_words SELECT id, 0, 0 FROM photos WHERE own_label IS NOT NULL;
  INSERT INTO person_labels SELECT id, label_key(own_label), own_label, 1 FROM photos WHERE own_label IS NOT NULL;

  CREATE TABLE acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms REAL NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    photos INTEGER NOT NULL,
    root_id INTEGER REFERENCES acts (id),
    undoes INTEGER NOT NULL DEFAULT 0,
    change TEXT NOT NULL,
    inverse TEXT NOT NULL
  );
  CREATE INDEX acts_by_root ON acts (coalesce(root_id, id), id);
  CREATE TRIGGER acts_are_kept BEFORE UPDATE ON acts BEGIN SELECT raise(ABORT, 'acts are only added'); END;
  CREATE TABLE act_photos (
    act_id INTEGER NOT NULL REFERENCES acts (id),
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (act_id, photo_id)
  ) WITHOUT ROWID;
  CREATE INDEX act_photos_by_photo ON act_photos (photo_id);

  CREATE TABLE distinct_contents (
    a INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    b INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    PRIMARY KEY (a, b)
  ) WITHOUT ROWID;
  CREATE INDEX distinct_contents_by_b ON distinct_contents (b);
  CREATE TABLE perceptual_hashes (
    content_id INTEGER PRIMARY KEY REFERENCES contents (id) ON DELETE CASCADE,
    hash BLOB,
    grey BLOB NOT NULL
  );
  `,
  // Keywords: what Saccade wrote into which sidecar, and what others wrote into sidecars and photos.
  `
  CREATE TABLE written_keywords (path TEXT PRIMARY KEY, written TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE keywords_read (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    facts TEXT NOT NULL
  );
  CREATE TABLE file_keywords (
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    label_key TEXT NOT NULL,
    label TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (photo_id, label_key)
  ) WITHOUT ROWID;
  CREATE INDEX file_keywords_by_key ON file_keywords (label_key, photo_id);
  `,
  // Photos that were moved out of the library, and files that are on their way: each is written down before it is moved.
  `
  ALTER TABLE photos ADD COLUMN away INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE file_moves (
    id INTEGER PRIMARY KEY,
    batch TEXT NOT NULL,
    photo_id INTEGER NOT NULL,
    from_path TEXT NOT NULL,
    to_path TEXT,
    done INTEGER NOT NULL DEFAULT 0
  );
  `,
  // Photos by folder, label (−1: none) and status, and of all folders together under 0: counted once, kept by triggers.
  `
  CREATE TABLE photo_counts (
    folder_id INTEGER NOT NULL,
    label INTEGER NOT NULL,
    status INTEGER NOT NULL,
    photos INTEGER NOT NULL,
    PRIMARY KEY (folder_id, label, status)
  ) WITHOUT ROWID;
  INSERT INTO photo_counts SELECT folder_id, coalesce(label, -1), status, count(*) FROM photos GROUP BY 1, 2, 3;
  INSERT INTO photo_counts SELECT 0, label, status, sum(photos) FROM photo_counts GROUP BY label, status;
  CREATE TRIGGER photos_counted AFTER INSERT ON photos BEGIN
    INSERT INTO photo_counts
      VALUES (new.folder_id, coalesce(new.label, -1), new.status, 1), (0, coalesce(new.label, -1), new.status, 1)
      ON CONFLICT DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER photos_counted_off AFTER DELETE ON photos BEGIN
    UPDATE photo_counts SET photos = photos - 1
      WHERE folder_id IN (0, old.folder_id) AND label = coalesce(old.label, -1) AND status = old.status;
  END;
  CREATE TRIGGER photos_counted_anew AFTER UPDATE OF folder_id, label, status ON photos
    WHEN old.folder_id <> new.folder_id OR old.label IS NOT new.label OR old.status <> new.status BEGIN
    UPDATE photo_counts SET photos = photos - 1
      WHERE folder_id IN (0, old.folder_id) AND label = coalesce(old.label, -1) AND status = old.status;
    INSERT INTO photo_counts
      VALUES (new.folder_id, coalesce(new.label, -1), new.status, 1), (0, coalesce(new.label, -1), new.status, 1)
      ON CONFLICT DO UPDATE SET photos = photos + 1;
  END;
  `,
  // What cameras wrote into photos, by the file as it is: read in the background, and again once the file is another one.
  `
  CREATE TABLE gear (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    UNIQUE (kind, name)
  );
  CREATE TABLE captures (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    taken_ms REAL,
    camera_id INTEGER REFERENCES gear (id),
    lens_id INTEGER REFERENCES gear (id),
    exposure REAL,
    aperture REAL,
    iso REAL,
    focal REAL,
    focal35 REAL,
    latitude REAL,
    longitude REAL
  );
  CREATE INDEX captures_by_camera ON captures (camera_id) WHERE camera_id IS NOT NULL;
  CREATE INDEX captures_by_lens ON captures (lens_id) WHERE lens_id IS NOT NULL;
  CREATE INDEX captures_by_place ON captures (latitude, longitude) WHERE latitude IS NOT NULL;
  CREATE TRIGGER captures_outdated AFTER UPDATE OF bytes, modified_ms, changed_ms, content_id ON photos
    WHEN old.bytes <> new.bytes OR old.modified_ms <> new.modified_ms OR old.changed_ms IS NOT new.changed_ms
      OR (old.content_id IS NOT NULL AND old.content_id IS NOT new.content_id) BEGIN
    DELETE FROM captures WHERE photo_id = old.id;
  END;
  CREATE INDEX contents_damaged ON contents (id) WHERE damaged = 1;
  `,
  // Searches under names that people gave them.
  `
  CREATE TABLE saved_searches (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, words TEXT NOT NULL);
  `,
  // Fewer bytes a photo: results lie in their key's order, and what belongs to a content goes with it by a trigger, for
  // which a lookup under each key is enough, instead of by an index of its own.
  `
  CREATE TABLE lean_results (
    content_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL REFERENCES result_keys (id) ON DELETE CASCADE,
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
    PRIMARY KEY (key_id, content_id)
  ) WITHOUT ROWID;
  INSERT INTO lean_results SELECT content_id, key_id, provider, unsure, top, map, seen, label, probability, spread, code, message
    FROM results ORDER BY key_id, content_id;
  DROP TABLE results;
  ALTER TABLE lean_results RENAME TO results;
  CREATE TABLE lean_features (
    content_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL REFERENCES result_keys (id) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    UNIQUE (key_id, content_id)
  );
  INSERT INTO lean_features SELECT content_id, key_id, vector FROM features ORDER BY key_id, content_id;
  DROP TABLE features;
  ALTER TABLE lean_features RENAME TO features;
  CREATE TRIGGER contents_forgotten AFTER DELETE ON contents BEGIN
    DELETE FROM results WHERE key_id IN (SELECT id FROM result_keys) AND content_id = old.id;
    DELETE FROM features WHERE key_id IN (SELECT id FROM result_keys) AND content_id = old.id;
  END;
  `,
  // Evidence of heads for labels of theirs (head 0: the model's own), of photos that were looked at for it: runs store that of
  // the model's own first label only.
  `
  CREATE TABLE label_maps (
    content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    key_id INTEGER NOT NULL REFERENCES result_keys (id) ON DELETE CASCADE,
    head_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    label INTEGER NOT NULL,
    map BLOB NOT NULL,
    seen BLOB NOT NULL,
    special REAL NOT NULL,
    logit REAL NOT NULL,
    UNIQUE (key_id, head_id, version, label, content_id)
  );
  CREATE INDEX label_maps_by_content ON label_maps (content_id);
  `,
  // RAW and JPEG of one shot as one: the photo that stands for this one.
  `
  ALTER TABLE photos ADD COLUMN under_id INTEGER;
  CREATE INDEX photos_under ON photos (under_id) WHERE under_id IS NOT NULL;
  `,
  // Of files on their way: a sidecar that others share is copied.
  `
  ALTER TABLE file_moves ADD COLUMN copied INTEGER NOT NULL DEFAULT 0;
  `,
  // JPEGs that Saccade wrote keywords into are known by what they hold, wherever they lie.
  `
  ALTER TABLE written_keywords ADD COLUMN bytes INTEGER;
  ALTER TABLE written_keywords ADD COLUMN hash BLOB;
  ALTER TABLE written_keywords ADD COLUMN picture BLOB;
  CREATE INDEX written_keywords_by_bytes ON written_keywords (bytes) WHERE bytes IS NOT NULL;
  `,
  // Photos seen by a model without labels have a status of their own, 5; what no list shows goes one further.
  `
  UPDATE photos SET status = status + 1 WHERE status IN (5, 6);
  UPDATE photos SET status = 5 WHERE status = 1 AND label IS NULL;
  `,
  // Where photos were taken, in the order of the map: the photos of any square of it lie side by side (`map-cells.ts`).
  `
  ALTER TABLE captures ADD COLUMN cell INTEGER;
  UPDATE captures SET cell = map_cell(latitude, longitude) WHERE latitude IS NOT NULL AND longitude IS NOT NULL;
  DROP INDEX captures_by_place;
  CREATE INDEX captures_by_cell ON captures (cell, latitude, longitude) WHERE cell IS NOT NULL;
  `,
  // Which version of the readers it is from.
  `
  ALTER TABLE captures ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
  `,
  // Photos are dated by the clock where they were taken. Those without an offset were by the time zone that the computer
  // had; which ones is not known, so all are read anew.
  `
  UPDATE contents SET taken_ms = clock_at(taken_ms) WHERE taken_ms IS NOT NULL;
  UPDATE captures SET taken_ms = clock_at(taken_ms) WHERE taken_ms IS NOT NULL;
  UPDATE photos SET date_ms = clock_at(date_ms);
  `,
  // A person's threshold of doubt for a head. Those to which none was fitted are unsure below one half: what they say of
  // photos is shown anew.
  `
  ALTER TABLE heads ADD COLUMN doubt REAL;
  INSERT INTO settings (name, value) SELECT 'showing', 'true' WHERE EXISTS (SELECT 1 FROM heads)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
  `,
  // Whether one of a model's labels is given, or any of them.
  `
  ALTER TABLE models ADD COLUMN answers TEXT NOT NULL DEFAULT 'one';
  `,
  // Labels beside a photo's first that hold of it too, where several may, of what is shown; and how many photos have each, by
  // folder, of all together under 0. They are filled where lists are brought up to date.
  `
  CREATE TABLE further_labels (
    label INTEGER NOT NULL,
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    folder_id INTEGER NOT NULL,
    probability REAL NOT NULL,
    PRIMARY KEY (label, photo_id)
  ) WITHOUT ROWID;
  CREATE INDEX further_labels_by_photo ON further_labels (photo_id);
  CREATE TABLE further_counts (
    folder_id INTEGER NOT NULL,
    label INTEGER NOT NULL,
    photos INTEGER NOT NULL,
    PRIMARY KEY (folder_id, label)
  ) WITHOUT ROWID;
  CREATE TRIGGER further_counted AFTER INSERT ON further_labels BEGIN
    INSERT INTO further_counts VALUES (new.folder_id, new.label, 1), (0, new.label, 1)
      ON CONFLICT DO UPDATE SET photos = photos + 1;
  END;
  CREATE TRIGGER further_counted_off AFTER DELETE ON further_labels BEGIN
    UPDATE further_counts SET photos = photos - 1 WHERE folder_id IN (0, old.folder_id) AND label = old.label;
  END;
  CREATE TRIGGER further_moved AFTER UPDATE OF folder_id ON photos WHEN old.folder_id <> new.folder_id BEGIN
    UPDATE further_labels SET folder_id = new.folder_id WHERE photo_id = new.id;
  END;
  CREATE TRIGGER further_counted_anew AFTER UPDATE OF folder_id ON further_labels BEGIN
    UPDATE further_counts SET photos = photos - 1 WHERE folder_id = old.folder_id AND label = old.label;
    INSERT INTO further_counts VALUES (new.folder_id, new.label, 1) ON CONFLICT DO UPDATE SET photos = photos + 1;
  END;
  INSERT INTO settings (name, value) SELECT 'showing', 'true'
    WHERE EXISTS (SELECT 1 FROM models WHERE answers = 'any')
      OR EXISTS (SELECT 1 FROM head_versions WHERE json_extract(manifest, '$.answers') = 'any')
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
  `,
];
