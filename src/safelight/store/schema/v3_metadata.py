"""The part of the third schema that holds metadata of files and sidecars."""

from __future__ import annotations

METADATA: tuple[str, ...] = (
    # Where the date comes from; NULL in libraries of older versions until the file is read again.
    "ALTER TABLE photo ADD COLUMN date_source TEXT",
    # What the files of a photo and their sidecars said when they were last read or written. described is
    # what the library takes over (rating, label, title, caption, tags); see file_metadata.py.
    """
    CREATE TABLE photo_metadata (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
        described TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(described)),
        details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details)),
        notes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(notes)),
        sidecars INTEGER NOT NULL DEFAULT 0
    )
    """,
    # XMP sidecars as they were when they were last read or written.
    """
    CREATE TABLE sidecar (
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        PRIMARY KEY (folder_id, path)
    ) WITHOUT ROWID
    """,
    # Photos whose sidecars may differ from the library because something was changed here, and when (epoch
    # seconds). Triggers fill it, so that no operation can forget to. They delete and insert instead of using
    # OR REPLACE, because the conflict clause of the outer statement would override it.
    "CREATE TABLE sidecar_pending (photo_id INTEGER PRIMARY KEY, since REAL NOT NULL)",
    """
    CREATE TRIGGER sidecar_mark_added AFTER INSERT ON mark
    WHEN NEW.rating <> 0 OR NEW.label <> '' OR NEW.title <> '' OR NEW.caption <> '' BEGIN
        DELETE FROM sidecar_pending WHERE photo_id = NEW.photo_id;
        INSERT INTO sidecar_pending (photo_id, since) VALUES (NEW.photo_id, unixepoch('subsec'));
    END
    """,
    """
    CREATE TRIGGER sidecar_mark_changed AFTER UPDATE OF rating, label, title, caption ON mark
    WHEN (NEW.rating, NEW.label, NEW.title, NEW.caption) <> (OLD.rating, OLD.label, OLD.title, OLD.caption)
    BEGIN
        DELETE FROM sidecar_pending WHERE photo_id = NEW.photo_id;
        INSERT INTO sidecar_pending (photo_id, since) VALUES (NEW.photo_id, unixepoch('subsec'));
    END
    """,
    """
    CREATE TRIGGER sidecar_tag_added AFTER INSERT ON photo_tag BEGIN
        DELETE FROM sidecar_pending WHERE photo_id = NEW.photo_id;
        INSERT INTO sidecar_pending (photo_id, since) VALUES (NEW.photo_id, unixepoch('subsec'));
    END
    """,
    """
    CREATE TRIGGER sidecar_tag_removed AFTER DELETE ON photo_tag BEGIN
        DELETE FROM sidecar_pending WHERE photo_id = OLD.photo_id;
        INSERT INTO sidecar_pending (photo_id, since) VALUES (OLD.photo_id, unixepoch('subsec'));
    END
    """,
    """
    CREATE TRIGGER sidecar_tag_renamed AFTER UPDATE OF name ON tag WHEN NEW.name <> OLD.name BEGIN
        DELETE FROM sidecar_pending
        WHERE photo_id IN (SELECT photo_id FROM photo_tag WHERE tag_id = NEW.id);
        INSERT INTO sidecar_pending (photo_id, since)
        SELECT photo_id, unixepoch('subsec') FROM photo_tag WHERE tag_id = NEW.id;
    END
    """,
)
