"""The third schema: stages with their state, and units smaller than a photo.

Each area of the library has its own tuple of statements.
"""

from __future__ import annotations

from safelight.store.schema.v3_metadata import METADATA

STAGES: tuple[str, ...] = (
    # One row per stage and variant. The variant is the model whose vectors the stage depends on, or 0.
    """
    CREATE TABLE stage (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        variant INTEGER NOT NULL DEFAULT 0,
        UNIQUE (name, variant)
    )
    """,
    # What each stage did with each photo. code is NULL where it succeeded; otherwise it says why it failed,
    # with the parameters of the message as a JSON object. result is for stages without a table of their own.
    # photo_id has no foreign key, because checking one
    # would need a second index of the same size; the trigger below takes its place.
    """
    CREATE TABLE stage_state (
        stage_id INTEGER NOT NULL REFERENCES stage (id) ON DELETE CASCADE,
        photo_id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        code TEXT,
        parameters TEXT CHECK (parameters IS NULL OR json_valid(parameters)),
        failed_at REAL,
        result TEXT CHECK (result IS NULL OR json_valid(result)),
        PRIMARY KEY (stage_id, photo_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX stage_state_failed ON stage_state (stage_id, photo_id) WHERE code IS NOT NULL",
    """
    CREATE TRIGGER photo_gone_from_stages AFTER DELETE ON photo BEGIN
        DELETE FROM stage_state WHERE photo_id = OLD.id AND stage_id IN (SELECT id FROM stage);
    END
    """,
    # The stages that existed before this table keep their results in tables of their own. Triggers derive
    # their state from these, so that the two cannot disagree. They delete and insert instead of using
    # OR REPLACE or OR IGNORE, because the conflict clause of the outer statement would override these.
    """
    CREATE TRIGGER stage_vector_stored AFTER INSERT ON embedding BEGIN
        INSERT INTO stage (name, variant) SELECT 'vector', NEW.model_id
        WHERE NOT EXISTS (SELECT 1 FROM stage WHERE name = 'vector' AND variant = NEW.model_id);
        DELETE FROM stage_state WHERE photo_id = NEW.photo_id
            AND stage_id = (SELECT id FROM stage WHERE name = 'vector' AND variant = NEW.model_id);
        INSERT INTO stage_state (stage_id, photo_id, version)
        SELECT id, NEW.photo_id, 1 FROM stage WHERE name = 'vector' AND variant = NEW.model_id;
    END
    """,
    """
    CREATE TRIGGER stage_vector_removed AFTER DELETE ON embedding BEGIN
        DELETE FROM stage_state WHERE photo_id = OLD.photo_id
            AND stage_id = (SELECT id FROM stage WHERE name = 'vector' AND variant = OLD.model_id);
    END
    """,
    """
    CREATE TRIGGER stage_model_removed AFTER DELETE ON model BEGIN
        DELETE FROM stage WHERE variant = OLD.id;
    END
    """,
    """
    CREATE TRIGGER stage_fingerprint_stored AFTER INSERT ON sketch BEGIN
        DELETE FROM stage_state WHERE photo_id = NEW.photo_id
            AND stage_id IN (SELECT id FROM stage WHERE name IN ('fingerprint', 'comparison'));
        INSERT INTO stage_state (stage_id, photo_id, version)
        SELECT id, NEW.photo_id, NEW.rules FROM stage WHERE name = 'fingerprint' AND variant = 0;
    END
    """,
    """
    CREATE TRIGGER stage_fingerprint_removed AFTER DELETE ON sketch BEGIN
        DELETE FROM stage_state WHERE photo_id = OLD.photo_id
            AND stage_id IN (SELECT id FROM stage WHERE name IN ('fingerprint', 'comparison'));
    END
    """,
    # A photo counts as compared with the vectors of the model named in sketch, or by its hash alone (0). A
    # comparison that failed stays failed.
    """
    CREATE TRIGGER stage_comparison_stored AFTER UPDATE OF hashed, model_id ON sketch BEGIN
        DELETE FROM stage_state WHERE photo_id = NEW.photo_id AND code IS NULL
            AND stage_id IN (SELECT id FROM stage WHERE name = 'comparison');
        INSERT INTO stage (name, variant) SELECT 'comparison', ifnull(NEW.model_id, 0) WHERE NEW.hashed
            AND NOT EXISTS (
                SELECT 1 FROM stage WHERE name = 'comparison' AND variant = ifnull(NEW.model_id, 0)
            );
        INSERT INTO stage_state (stage_id, photo_id, version)
        SELECT s.id, NEW.photo_id, NEW.rules FROM stage AS s
        WHERE s.name = 'comparison' AND s.variant = ifnull(NEW.model_id, 0) AND NEW.hashed
            AND NOT EXISTS (SELECT 1 FROM stage_state WHERE stage_id = s.id AND photo_id = NEW.photo_id);
    END
    """,
    """
    CREATE TRIGGER stage_sharpness_stored AFTER INSERT ON quality BEGIN
        DELETE FROM stage_state WHERE photo_id = NEW.photo_id
            AND stage_id = (SELECT id FROM stage WHERE name = 'sharpness' AND variant = 0);
        INSERT INTO stage_state (stage_id, photo_id, version)
        SELECT id, NEW.photo_id, 1 FROM stage WHERE name = 'sharpness' AND variant = 0;
    END
    """,
    """
    CREATE TRIGGER stage_sharpness_removed AFTER DELETE ON quality BEGIN
        DELETE FROM stage_state WHERE photo_id = OLD.photo_id
            AND stage_id = (SELECT id FROM stage WHERE name = 'sharpness' AND variant = 0);
    END
    """,
    # What an existing library has done already. thumbs.py adds the thumbnails, which are in another file.
    "INSERT INTO stage (name) VALUES ('thumbnail'), ('fingerprint'), ('comparison'), ('sharpness')",
    "INSERT INTO stage (name, variant) SELECT 'vector', id FROM model",
    """
    INSERT INTO stage (name, variant) SELECT DISTINCT 'comparison', model_id FROM sketch
    WHERE hashed AND model_id IS NOT NULL
    """,
    """
    INSERT INTO stage_state (stage_id, photo_id, version)
    SELECT s.id, e.photo_id, 1 FROM stage AS s CROSS JOIN embedding AS e ON e.model_id = s.variant
    WHERE s.name = 'vector'
    """,
    """
    INSERT INTO stage_state (stage_id, photo_id, version)
    SELECT s.id, k.photo_id, k.rules FROM stage AS s CROSS JOIN sketch AS k WHERE s.name = 'fingerprint'
    """,
    """
    INSERT INTO stage_state (stage_id, photo_id, version)
    SELECT s.id, k.photo_id, k.rules FROM stage AS s CROSS JOIN sketch AS k
    ON ifnull(k.model_id, 0) = s.variant WHERE s.name = 'comparison' AND k.hashed
    """,
    """
    INSERT INTO stage_state (stage_id, photo_id, version)
    SELECT s.id, q.photo_id, 1 FROM stage AS s CROSS JOIN quality AS q WHERE s.name = 'sharpness'
    """,
)

UNITS: tuple[str, ...] = (
    # Units smaller than a photo: a video frame, a window of a picture, a face, a text. The photo as a whole
    # is a unit too, but needs no row: its id is the photo's. place says which part it is, as JSON.
    """
    CREATE TABLE unit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        photo_id INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        number INTEGER NOT NULL,
        place TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(place)),
        UNIQUE (photo_id, kind, number)
    )
    """,
    # A space holds the vectors that one model made of units of one kind, in the table
    # unit_vec_<space>_<generation>. The photos of a model are a space too, but keep the tables of schema 1.
    """
    CREATE TABLE space (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        model_id INTEGER NOT NULL REFERENCES model (id),
        kind TEXT NOT NULL,
        generation INTEGER NOT NULL DEFAULT 1,
        UNIQUE (model_id, kind)
    )
    """,
    # Finds the few photos that have windows.
    """
    CREATE INDEX photo_elongated ON photo (id)
    WHERE (5 * width > 9 * height OR 5 * height > 9 * width)
    """,
)

FRAMES: tuple[str, ...] = (
    # Frames, pages, layers and films of the file. NULL: not counted yet. Negative: pixel_hash covers the
    # first frame only, because a version before this schema computed it.
    "ALTER TABLE photo ADD COLUMN frames INTEGER",
)

SAFETY: tuple[str, ...] = (
    # What identifies a file beside its size and time, and when its bytes were last compared with its content
    # hash: see file_checks.py. A table of its own, since scans read all of table file.
    """
    CREATE TABLE file_check (
        file_id INTEGER PRIMARY KEY REFERENCES file (id) ON DELETE CASCADE,
        ctime_ns INTEGER,
        sample BLOB,
        content_hash BLOB,
        verified_at REAL,
        fault TEXT,
        noticed_at REAL
    )
    """,
    "CREATE INDEX file_check_verified ON file_check (verified_at)",
    "INSERT INTO file_check (file_id) SELECT id FROM file",
    """
    CREATE TRIGGER file_to_check AFTER INSERT ON file BEGIN
        INSERT OR IGNORE INTO file_check (file_id) VALUES (NEW.id);
    END
    """,
    # Mount points inside roots: a file below one that is not mounted now was not deleted.
    """
    CREATE TABLE mount_point (
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        PRIMARY KEY (folder_id, path)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX file_check_fault ON file_check (file_id) WHERE fault IS NOT NULL",
    # Folders that could not be listed at the last scan, and mount points that were empty: see unlisted.py.
    """
    CREATE TABLE unlisted (
        id INTEGER PRIMARY KEY,
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        reason TEXT NOT NULL,
        noticed_at REAL NOT NULL,
        UNIQUE (folder_id, path)
    )
    """,
    # Damaged files that were replaced by an intact copy: see services/repairing.py.
    """
    CREATE TABLE repair (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path BLOB NOT NULL,
        kept_as TEXT NOT NULL,
        content_hash BLOB NOT NULL,
        repaired_at REAL NOT NULL,
        undone_at REAL
    )
    """,
)

PROTECTION: tuple[str, ...] = (
    # The inode that the path had when it was protected, so that protection follows a rename.
    "ALTER TABLE protected ADD COLUMN inode INTEGER",
    # Contents that left a protected path, and the path that protected them.
    """
    CREATE TABLE protected_content (
        content_hash BLOB PRIMARY KEY,
        path BLOB NOT NULL
    ) WITHOUT ROWID
    """,
)

OPERATIONS: tuple[str, ...] = (
    # Folders that were removed from the library, with their files, for as long as that can be undone. The
    # ids are those that the folder and the files had.
    """
    CREATE TABLE removed_folder (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL,
        path_text TEXT NOT NULL,
        volume TEXT,
        state TEXT NOT NULL,
        added_at REAL NOT NULL,
        scanned_at REAL
    )
    """,
    """
    CREATE TABLE removed_file (
        id INTEGER PRIMARY KEY,
        folder_id INTEGER NOT NULL REFERENCES removed_folder (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        path_text TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        device INTEGER NOT NULL,
        photo_id INTEGER,
        decoder TEXT
    )
    """,
    "CREATE INDEX removed_file_folder ON removed_file (folder_id)",
)

ORGANISING: tuple[str, ...] = (
    # A rating of -1 means rejected, as in XMP. Adding that to the CHECK of schema 1 needs a new table.
    """
    CREATE TABLE mark_v3 (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id),
        favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1)),
        rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN -1 AND 5),
        hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
        label TEXT NOT NULL DEFAULT '' CHECK (label IN ('', 'red', 'yellow', 'green', 'blue', 'purple')),
        title TEXT NOT NULL DEFAULT '',
        caption TEXT NOT NULL DEFAULT ''
    )
    """,
    """
    INSERT INTO mark_v3 (photo_id, favourite, rating, hidden)
    SELECT photo_id, favourite, rating, hidden FROM mark
    """,
    "DROP TABLE mark",
    "ALTER TABLE mark_v3 RENAME TO mark",
    "CREATE INDEX mark_favourite ON mark (photo_id) WHERE favourite = 1",
    "CREATE INDEX mark_hidden ON mark (photo_id) WHERE hidden = 1",
    # Words of titles and captions. photo_text has none of them: FTS5 cannot add a column, and few photos
    # have a caption. Triggers keep it equal to mark.
    """
    CREATE VIRTUAL TABLE caption_text USING fts5 (
        title, caption,
        content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER caption_added AFTER INSERT ON mark WHEN NEW.title <> '' OR NEW.caption <> '' BEGIN
        INSERT INTO caption_text (rowid, title, caption) VALUES (NEW.photo_id, NEW.title, NEW.caption);
    END
    """,
    """
    CREATE TRIGGER caption_changed AFTER UPDATE OF title, caption ON mark
    WHEN NEW.title <> OLD.title OR NEW.caption <> OLD.caption BEGIN
        DELETE FROM caption_text WHERE rowid = NEW.photo_id;
        INSERT INTO caption_text (rowid, title, caption)
        SELECT NEW.photo_id, NEW.title, NEW.caption WHERE NEW.title <> '' OR NEW.caption <> '';
    END
    """,
    """
    CREATE TRIGGER caption_removed AFTER DELETE ON mark WHEN OLD.title <> '' OR OLD.caption <> '' BEGIN
        DELETE FROM caption_text WHERE rowid = OLD.photo_id;
    END
    """,
    # Neither column is a foreign key: a damaged album must not be deleted with its parent or cover. An album
    # whose parent is missing is a top-level album; a cover that is not in the album counts as none.
    "ALTER TABLE album ADD COLUMN parent_id INTEGER",
    "ALTER TABLE album ADD COLUMN cover_id INTEGER",
)

VIDEOS: tuple[str, ...] = (
    # Seconds. NULL for a picture.
    "ALTER TABLE photo ADD COLUMN duration REAL",
    "CREATE INDEX photo_video ON photo (id) WHERE duration IS NOT NULL",
    # Videos that the last scan of a root did not add, because the extra that reads them is not installed.
    """
    CREATE TABLE skipped_videos (
        folder_id INTEGER PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
        files INTEGER NOT NULL
    )
    """,
)

PAIRS: tuple[str, ...] = (
    # Photos that are shown as a part of another: see pairs.py.
    """
    CREATE TABLE pair (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
        owner_id INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
        kind TEXT NOT NULL
    )
    """,
    "CREATE INDEX pair_owner ON pair (owner_id)",
    # Photos whose files came, went or moved since pairs were looked for.
    "CREATE TABLE pair_check (photo_id INTEGER PRIMARY KEY)",
    "INSERT INTO pair_check SELECT id FROM photo WHERE orphaned_at IS NULL",
    """
    CREATE TRIGGER pair_file_added AFTER INSERT ON file WHEN NEW.photo_id IS NOT NULL BEGIN
        INSERT OR IGNORE INTO pair_check VALUES (NEW.photo_id);
    END
    """,
    """
    CREATE TRIGGER pair_file_changed AFTER UPDATE OF photo_id, folder_id, path ON file
    WHEN NEW.photo_id IS NOT OLD.photo_id OR NEW.path IS NOT OLD.path OR NEW.folder_id IS NOT OLD.folder_id
    BEGIN
        INSERT OR IGNORE INTO pair_check SELECT NEW.photo_id WHERE NEW.photo_id IS NOT NULL;
        INSERT OR IGNORE INTO pair_check SELECT photo_id FROM pair WHERE owner_id = OLD.photo_id;
        INSERT OR IGNORE INTO pair_check SELECT owner_id FROM pair WHERE photo_id = OLD.photo_id;
        DELETE FROM pair WHERE OLD.photo_id IN (photo_id, owner_id);
    END
    """,
    """
    CREATE TRIGGER pair_file_removed AFTER DELETE ON file WHEN OLD.photo_id IS NOT NULL BEGIN
        INSERT OR IGNORE INTO pair_check VALUES (OLD.photo_id);
        INSERT OR IGNORE INTO pair_check SELECT photo_id FROM pair WHERE owner_id = OLD.photo_id;
        DELETE FROM pair WHERE OLD.photo_id IN (photo_id, owner_id);
    END
    """,
)

STATEMENTS: tuple[str, ...] = (
    *(*STAGES, *UNITS, *FRAMES, *SAFETY, *PROTECTION, *OPERATIONS, *ORGANISING, *VIDEOS, *METADATA, *PAIRS),
)
