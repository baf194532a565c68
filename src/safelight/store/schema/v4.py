"""The fourth schema.

Each area of the library has its own tuple of statements.
"""

# ruff: noqa: S608 (triggers are put together from names of this module)

from __future__ import annotations

EXCLUDED_FOLDERS: tuple[str, ...] = (
    # Folders inside roots that the user left out, by their absolute path.
    "CREATE TABLE excluded_folder (path BLOB PRIMARY KEY, added_at REAL NOT NULL) WITHOUT ROWID",
    # Their files, with the ids that they had. Paths are absolute.
    """
    CREATE TABLE excluded_file (
        id INTEGER PRIMARY KEY,
        excluded BLOB NOT NULL REFERENCES excluded_folder (path) ON DELETE CASCADE,
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
    "CREATE INDEX excluded_file_folder ON excluded_file (excluded)",
)

THEMES: tuple[str, ...] = (
    # Clusters of photos by the vectors of one model: see themes.py. A theme with a parent has photos and a
    # centre, a unit vector of float32; a theme without a parent consists of those below it.
    """
    CREATE TABLE theme (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        parent_id INTEGER REFERENCES theme (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        centre BLOB,
        choice_id INTEGER
    )
    """,
    "CREATE INDEX theme_parent ON theme (parent_id)",
    """
    CREATE TABLE theme_photo (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
        theme_id INTEGER NOT NULL REFERENCES theme (id) ON DELETE CASCADE,
        nearness REAL NOT NULL
    )
    """,
    "CREATE INDEX theme_photo_theme ON theme_photo (theme_id)",
    # The model whose vectors were grouped, and how many photos had one. At most one row.
    """
    CREATE TABLE theme_state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        model_key TEXT NOT NULL,
        photos INTEGER NOT NULL,
        made_at REAL NOT NULL
    )
    """,
    # What the user decided about a theme: another name, hidden, merged with others (then it has several
    # parts). Themes are made again with other ids, so the examples say which theme is meant.
    """
    CREATE TABLE theme_choice (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL DEFAULT '',
        hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
        is_top INTEGER NOT NULL CHECK (is_top IN (0, 1))
    )
    """,
    """
    CREATE TABLE theme_example (
        choice_id INTEGER NOT NULL REFERENCES theme_choice (id) ON DELETE CASCADE,
        part INTEGER NOT NULL,
        content_hash BLOB NOT NULL,
        PRIMARY KEY (choice_id, part, content_hash)
    ) WITHOUT ROWID
    """,
)

TEXT_VECTORS: tuple[str, ...] = (
    # Vectors of tags, names of albums, titles and captions, float32 of unit length: see text_vectors.py.
    """
    CREATE TABLE text_vector (
        model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (model_id, text)
    ) WITHOUT ROWID
    """,
)

UNDERSTANDING: tuple[str, ...] = (
    # What the user taught, and by which photos. Examples are named by content, so that they stay when files
    # move and when the model changes.
    """
    CREATE TABLE concept (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        description TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL
    )
    """,
    """
    CREATE TABLE concept_example (
        concept_id INTEGER NOT NULL REFERENCES concept (id),
        content_hash BLOB NOT NULL,
        shows INTEGER NOT NULL CHECK (shows IN (0, 1)),
        PRIMARY KEY (concept_id, content_hash)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX concept_example_content ON concept_example (content_hash)",
    # Suggested tags that the user refused.
    """
    CREATE TABLE refused_tag (
        content_hash BLOB NOT NULL,
        tag TEXT NOT NULL COLLATE NOCASE,
        refused_at REAL NOT NULL,
        PRIMARY KEY (content_hash, tag)
    ) WITHOUT ROWID
    """,
)

STACKS: tuple[str, ...] = (
    # The photos below the top of a stack: see stacks.py.
    """
    CREATE TABLE stack_photo (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id),
        top_id INTEGER NOT NULL REFERENCES photo (id)
    )
    """,
    "CREATE INDEX stack_top ON stack_photo (top_id)",
)

_GIVEN = """
    UPDATE photo SET date = coalesce({date}, date),
        date_is_taken = date_is_taken OR {date} IS NOT NULL,
        date_source = iif({date} IS NULL, date_source, 'given'),
        latitude = coalesce({latitude}, latitude), longitude = coalesce({longitude}, longitude)
    WHERE id = {photo};
"""
_OF_ROW = _GIVEN.format(
    date="NEW.date", latitude="NEW.latitude", longitude="NEW.longitude", photo="NEW.photo_id"
)
_OF_PHOTO = _GIVEN.format(
    **{
        name: f"(SELECT {name} FROM given WHERE photo_id = NEW.id)"
        for name in ("date", "latitude", "longitude")
    },
    photo="NEW.id",
)

GIVEN: tuple[str, ...] = (
    # Dates and positions that replace those in files: see given.py. Triggers copy them to photo, and keep
    # them there when a file is read again, so that nothing that reads files needs to know of them.
    """
    CREATE TABLE given (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id),
        date TEXT,
        latitude REAL,
        longitude REAL,
        CHECK ((latitude IS NULL) = (longitude IS NULL))
    )
    """,
    f"CREATE TRIGGER given_added AFTER INSERT ON given BEGIN {_OF_ROW} END",
    f"CREATE TRIGGER given_changed AFTER UPDATE ON given BEGIN {_OF_ROW} END",
    f"""
    CREATE TRIGGER given_kept
    AFTER UPDATE OF date, date_is_taken, date_source, latitude, longitude ON photo
    WHEN EXISTS (SELECT 1 FROM given WHERE photo_id = NEW.id) BEGIN {_OF_PHOTO} END
    """,
)

VIDEOS: tuple[str, ...] = (
    # Finds the videos that are about as long as another: see videos.py.
    "CREATE INDEX photo_duration ON photo (duration) WHERE duration IS NOT NULL",
    # Version 3 compared videos by one frame, as if they were pictures.
    """
    DELETE FROM likeness WHERE first IN (SELECT id FROM photo WHERE duration IS NOT NULL)
        OR second IN (SELECT id FROM photo WHERE duration IS NOT NULL)
    """,
    "DELETE FROM sketch WHERE photo_id IN (SELECT id FROM photo WHERE duration IS NOT NULL)",
)

VIEWING: tuple[str, ...] = (
    # The clockwise quarter turns by which the user turned a photo. Files are not changed.
    "ALTER TABLE mark ADD COLUMN turns INTEGER NOT NULL DEFAULT 0 CHECK (turns BETWEEN 0 AND 3)",
)

ALBUM_ORDER: tuple[str, ...] = (
    # The place of an album among those of the same parent. Albums without one follow by name.
    "ALTER TABLE album ADD COLUMN position INTEGER",
)

STATEMENTS: tuple[str, ...] = (
    *EXCLUDED_FOLDERS,
    *THEMES,
    *TEXT_VECTORS,
    *UNDERSTANDING,
    *STACKS,
    *GIVEN,
    *VIDEOS,
    *VIEWING,
    *ALBUM_ORDER,
)
