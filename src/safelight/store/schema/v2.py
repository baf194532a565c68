"""The second schema: what duplicates, backups and changes of model need to remember."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    # --- what changed among the vectors that a search sees: see revisions.py --------------------------------
    "CREATE TABLE vector_change (id INTEGER PRIMARY KEY AUTOINCREMENT, photo_id INTEGER NOT NULL)",
    """
    CREATE TRIGGER photo_shown_or_hidden AFTER UPDATE OF orphaned_at ON photo
    WHEN (OLD.orphaned_at IS NULL) <> (NEW.orphaned_at IS NULL) BEGIN
        INSERT INTO vector_change (photo_id) VALUES (NEW.id);
    END
    """,
    # --- duplicate review: see decisions.py and journal.py --------------------------------------------------
    # Copies of one content that a person means to have; judged anew once there are more.
    """
    CREATE TABLE kept_copies (
        content_hash BLOB PRIMARY KEY,
        files INTEGER NOT NULL,
        decided_at REAL NOT NULL
    ) WITHOUT ROWID
    """,
    # Files and folders never to be proposed for the trash; absolute.
    "CREATE TABLE protected (path BLOB PRIMARY KEY, added_at REAL NOT NULL) WITHOUT ROWID",
    # What a step of the journal does to each file, noted before it is done. photo_id and keeper_id outlive
    # their photos, folder_id its folder, so they refer to nothing.
    """
    CREATE TABLE journal_file (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        journal_id INTEGER NOT NULL REFERENCES journal (id) ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('intended', 'trashed', 'spared', 'restoring', 'restored')),
        path BLOB NOT NULL,
        content_hash BLOB NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        device INTEGER NOT NULL,
        photo_id INTEGER,
        keeper_id INTEGER,
        marks TEXT CHECK (marks IS NULL OR json_valid(marks)),
        trashed_as BLOB
    )
    """,
    "CREATE INDEX journal_file_step ON journal_file (journal_id)",
    "CREATE INDEX journal_file_unfinished ON journal_file (id) WHERE state IN ('intended', 'restoring')",
    # --- removals that wait for a person: see removals.py ---------------------------------------------------
    """
    CREATE TABLE held_removal (
        folder_id INTEGER PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
        missing INTEGER NOT NULL,
        noticed_at REAL NOT NULL,
        kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1))
    )
    """,
    # --- what was found of pictures that are alike: see likeness.py -----------------------------------------
    # All of it can be computed anew. hashed and model_id say with whom a photo has been compared: with all
    # that had been hashed before it, and with its neighbours by that model.
    """
    CREATE TABLE sketch (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
        rules INTEGER NOT NULL,
        hash INTEGER NOT NULL,
        texture REAL NOT NULL,
        hashed INTEGER NOT NULL DEFAULT 0 CHECK (hashed IN (0, 1)),
        model_id INTEGER REFERENCES model (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX sketch_model ON sketch (model_id)",
    # Two photos, the smaller id first. kind is a DuplicateKind; model_id is set where a vector of it is part
    # of the evidence, so that such pairs go with the model.
    """
    CREATE TABLE likeness (
        first INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
        second INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        likeness REAL NOT NULL,
        detail TEXT NOT NULL DEFAULT '',
        model_id INTEGER REFERENCES model (id) ON DELETE CASCADE,
        PRIMARY KEY (first, second),
        CHECK (first < second)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX likeness_second ON likeness (second)",
    "CREATE INDEX likeness_model ON likeness (model_id) WHERE model_id IS NOT NULL",
    # How good a picture is beside others of it, read once it stands in a group.
    """
    CREATE TABLE quality (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
        sharpness REAL,
        jpeg_quality INTEGER
    )
    """,
    # --- how often photos were looked at: see views.py ------------------------------------------------------
    """
    CREATE TABLE viewed (
        photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
        times INTEGER NOT NULL
    )
    """,
    # Failures that a person does not want to be told of, until the file is another: see ignoring.py -------
    """
    CREATE TABLE ignored_failure (
        file_id INTEGER PRIMARY KEY REFERENCES file (id) ON DELETE CASCADE,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL
    )
    """,
)
