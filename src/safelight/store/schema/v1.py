"""The first schema, as it was released: never changed, only followed by another migration."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # --- where photos lie -----------------------------------------------------------------------------
    # Paths are bytes: they need not be UTF-8. path_text is for showing and for searching words.
    """
    CREATE TABLE folder (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path BLOB NOT NULL UNIQUE,
        path_text TEXT NOT NULL,
        volume TEXT,
        state TEXT NOT NULL DEFAULT 'online' CHECK (state IN ('online', 'offline', 'paused')),
        added_at REAL NOT NULL,
        scanned_at REAL
    )
    """,
    # One row per content. orphaned_at is NULL while a file holds the photo (triggers below); an orphan keeps
    # its vectors and marks for a while, so that a file that comes back costs nothing and loses nothing.
    # AUTOINCREMENT: an id that was given out is never another photo's.
    """
    CREATE TABLE photo (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        content_hash BLOB NOT NULL UNIQUE,
        pixel_hash BLOB NOT NULL,
        perceptual_hash INTEGER NOT NULL,
        size INTEGER NOT NULL,
        format TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        colour INTEGER NOT NULL,
        date TEXT NOT NULL,
        date_is_taken INTEGER NOT NULL CHECK (date_is_taken IN (0, 1)),
        camera TEXT,
        lens TEXT,
        iso INTEGER,
        aperture REAL,
        exposure REAL,
        focal_length REAL,
        latitude REAL,
        longitude REAL,
        added_at REAL NOT NULL,
        orphaned_at REAL
    )
    """,
    "CREATE INDEX photo_visible ON photo (date, id) WHERE orphaned_at IS NULL",
    "CREATE INDEX photo_orphaned ON photo (orphaned_at) WHERE orphaned_at IS NOT NULL",
    "CREATE INDEX photo_pixel_hash ON photo (pixel_hash)",
    # photo_id outlives a change of the file until it has been read again, so that nothing flickers away.
    """
    CREATE TABLE file (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        path_text TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        device INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'indexed', 'failed')),
        photo_id INTEGER REFERENCES photo (id),
        failure_kind TEXT,
        failure_reason TEXT,
        failed_at REAL,
        decoder TEXT,
        UNIQUE (folder_id, path),
        CHECK (state <> 'indexed' OR photo_id IS NOT NULL),
        CHECK ((state = 'failed') = (failure_kind IS NOT NULL))
    )
    """,
    "CREATE INDEX file_photo ON file (photo_id)",
    "CREATE INDEX file_folder_photo ON file (folder_id, photo_id)",
    "CREATE INDEX file_pending ON file (mtime_ns, id) WHERE state = 'pending'",
    "CREATE INDEX file_failed ON file (failed_at) WHERE state = 'failed'",
    # The clock of a trigger is SQLite's own; seconds since the epoch, as everywhere else.
    """
    CREATE TRIGGER file_held AFTER INSERT ON file WHEN NEW.photo_id IS NOT NULL BEGIN
        UPDATE photo SET orphaned_at = NULL WHERE id = NEW.photo_id AND orphaned_at IS NOT NULL;
    END
    """,
    """
    CREATE TRIGGER file_let_go AFTER DELETE ON file WHEN OLD.photo_id IS NOT NULL BEGIN
        UPDATE photo SET orphaned_at = unixepoch('subsec')
        WHERE id = OLD.photo_id AND orphaned_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = OLD.photo_id);
    END
    """,
    """
    CREATE TRIGGER file_changed_hands AFTER UPDATE OF photo_id ON file WHEN OLD.photo_id IS NOT NEW.photo_id
    BEGIN
        UPDATE photo SET orphaned_at = NULL WHERE id = NEW.photo_id AND orphaned_at IS NOT NULL;
        UPDATE photo SET orphaned_at = unixepoch('subsec')
        WHERE id = OLD.photo_id AND orphaned_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = OLD.photo_id);
    END
    """,
    # --- vectors: one vec0 table vec_<model>_<generation> per model, made when the model is registered ---
    """
    CREATE TABLE model (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        dim INTEGER NOT NULL,
        generation INTEGER NOT NULL DEFAULT 1,
        added_at REAL NOT NULL
    )
    """,
    # Says who has a vector without touching the vec0 table, whose rows cannot be joined cheaply.
    """
    CREATE TABLE embedding (
        model_id INTEGER NOT NULL REFERENCES model (id),
        photo_id INTEGER NOT NULL REFERENCES photo (id),
        PRIMARY KEY (model_id, photo_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX embedding_photo ON embedding (photo_id)",
    # --- what the person made. No ON DELETE CASCADE from photo: a mistake of ours must fail, not erase. ---
    """
    CREATE TABLE mark (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id),
        favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1)),
        rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
        hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1))
    )
    """,
    "CREATE INDEX mark_favourite ON mark (photo_id) WHERE favourite = 1",
    "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE)",
    """
    CREATE TABLE photo_tag (
        photo_id INTEGER NOT NULL REFERENCES photo (id),
        tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
        PRIMARY KEY (photo_id, tag_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX photo_tag_tag ON photo_tag (tag_id)",
    "CREATE TABLE album (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, created_at REAL NOT NULL)",
    """
    CREATE TABLE album_photo (
        album_id INTEGER NOT NULL REFERENCES album (id) ON DELETE CASCADE,
        photo_id INTEGER NOT NULL REFERENCES photo (id),
        position INTEGER NOT NULL,
        PRIMARY KEY (album_id, photo_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX album_photo_photo ON album_photo (photo_id)",
    # By content hash, the smaller first, so that a judgement outlives both photos' rows.
    """
    CREATE TABLE decision (
        first BLOB NOT NULL,
        second BLOB NOT NULL,
        verdict TEXT NOT NULL,
        decided_at REAL NOT NULL,
        PRIMARY KEY (first, second),
        CHECK (first < second)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX decision_second ON decision (second)",
    """
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        done_at REAL NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL CHECK (json_valid(detail)),
        undone_at REAL
    )
    """,
    """
    CREATE TABLE saved_search (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        query TEXT NOT NULL,
        created_at REAL NOT NULL
    )
    """,
    # --- words. Derived from the rows above, so a later column (places, recognised text) is a migration that
    # makes the table anew. Contentless: the words are stored once, in the tables they come from.
    """
    CREATE VIRTUAL TABLE photo_text USING fts5 (
        name, folders, tags, camera,
        content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
    )
    """,
)
