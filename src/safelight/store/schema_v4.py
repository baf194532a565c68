"""The fourth schema. Not released yet.

Each area of the library has its own tuple of statements.
"""

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

STATEMENTS: tuple[str, ...] = (*EXCLUDED_FOLDERS,)
