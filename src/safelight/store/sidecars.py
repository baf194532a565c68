"""XMP sidecars that are known, and photos whose sidecars do not state yet what the library states."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import apsw

from safelight.store.rows import absolute, ids_of, json_ids


@dataclass(frozen=True, slots=True)
class KnownSidecar:
    path: bytes
    """Relative to its root."""
    size: int
    mtime_ns: int


def known(db: apsw.Connection, folder_id: int, below: bytes = b"") -> dict[bytes, KnownSidecar]:
    """Sidecars below a path (a folder or a file) of a root."""
    rows = db.execute(
        "SELECT path, size, mtime_ns FROM sidecar WHERE folder_id = ?1 "
        "AND (?2 = x'' OR path = ?2 OR (path > ?3 AND path < ?4))",
        (folder_id, below, below + b"/", below + b"0"),
    )
    return {path: KnownSidecar(path, size, mtime_ns) for path, size, mtime_ns in rows}


def put(db: apsw.Connection, folder_id: int, found: Iterable[KnownSidecar]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO sidecar (folder_id, path, size, mtime_ns) VALUES (?, ?, ?, ?)",
        ((folder_id, each.path, each.size, each.mtime_ns) for each in found),
    )


def remove(db: apsw.Connection, folder_id: int, paths: Iterable[bytes]) -> None:
    db.executemany("DELETE FROM sidecar WHERE folder_id = ? AND path = ?", ((folder_id, p) for p in paths))


def total(db: apsw.Connection) -> int:
    found: int = db.execute("SELECT count(*) FROM sidecar").get
    return found


def owners(db: apsw.Connection, folder_id: int, sidecar: bytes) -> set[int]:
    """Photos whose files a sidecar may belong to: by their whole name, or by their name without extension."""
    stem = sidecar.rpartition(b".")[0]
    rows = db.execute(
        "SELECT photo_id FROM file WHERE folder_id = ?1 AND photo_id IS NOT NULL "
        # The next character after "." is "/", so that this covers every extension.
        "AND (path = ?2 OR (path > ?3 AND path < ?4))",
        (folder_id, stem, stem + b".", stem + b"/"),
    )
    return {photo_id for (photo_id,) in rows}


# --- photos that wait -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A file of a photo in a connected folder."""

    folder_id: int
    root_prefix: bytes
    """The folder's path with a separator at its end."""
    relative: bytes

    @property
    def absolute(self) -> bytes:
        return self.root_prefix + self.relative


def all_pending(db: apsw.Connection) -> list[int]:
    """Photos that wait and have a file in a connected folder, those that were changed first first."""
    return ids_of(
        db.execute(
            "SELECT p.photo_id FROM sidecar_pending AS p WHERE EXISTS ("
            "SELECT 1 FROM file AS f JOIN folder AS r ON r.id = f.folder_id "
            "WHERE f.photo_id = p.photo_id AND f.state = 'indexed' AND r.state <> 'offline') "
            "ORDER BY p.since, p.photo_id"
        )
    )


def count(db: apsw.Connection) -> int:
    """All photos that wait, those in folders that are not connected included."""
    found: int = db.execute("SELECT count(*) FROM sidecar_pending").get
    return found


def pending_since(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, float]:
    """When the waiting ones of these photos were changed last (epoch seconds)."""
    rows = db.execute(
        "SELECT p.photo_id, p.since FROM json_each(?) AS a "
        "CROSS JOIN sidecar_pending AS p ON p.photo_id = a.value",
        (json_ids(photo_ids),),
    )
    return dict(rows)


def clear_if_unchanged(db: apsw.Connection, photo_id: int, changed_at: float) -> None:
    """Record that the sidecars of a photo were written as of ``changed_at``. It still waits if it changed
    again since."""
    db.execute("DELETE FROM sidecar_pending WHERE photo_id = ? AND since = ?", (photo_id, changed_at))


def clear(db: apsw.Connection, photo_ids: Collection[int]) -> None:
    """Record that the files of these photos agree with the library."""
    db.execute(
        "DELETE FROM sidecar_pending WHERE photo_id IN (SELECT value FROM json_each(?))",
        (json_ids(photo_ids),),
    )


def queue_all(db: apsw.Connection, now: float) -> int:
    """Queue every photo that has a rating, label, title, caption or tag; return how many."""
    db.execute(
        "INSERT OR IGNORE INTO sidecar_pending (photo_id, since) SELECT id, ? FROM photo AS p "
        "WHERE orphaned_at IS NULL AND (EXISTS (SELECT 1 FROM photo_tag AS t WHERE t.photo_id = p.id) "
        "OR EXISTS (SELECT 1 FROM mark AS m WHERE m.photo_id = p.id AND "
        "(m.rating <> 0 OR m.label <> '' OR m.title <> '' OR m.caption <> '')))",
        (now,),
    )
    return db.changes()


def picture_files(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, list[PictureFile]]:
    """The indexed files of photos in connected folders."""
    rows = db.execute(
        "SELECT f.photo_id, f.folder_id, r.path, f.path FROM json_each(?) AS a "
        "CROSS JOIN file AS f ON f.photo_id = a.value CROSS JOIN folder AS r ON r.id = f.folder_id "
        "WHERE f.state = 'indexed' AND r.state <> 'offline' ORDER BY f.photo_id, f.id",
        (json_ids(photo_ids),),
    )
    found: defaultdict[int, list[PictureFile]] = defaultdict(list)
    for photo_id, folder_id, root, path in rows:
        whole = absolute(root, path)
        found[photo_id].append(PictureFile(folder_id, whole[: len(whole) - len(path)], path))
    return dict(found)


def known_for(db: apsw.Connection, file: PictureFile) -> dict[bytes, KnownSidecar]:
    """Known sidecars with the name of a picture, by absolute path."""
    stem = os.path.splitext(file.relative)[0]  # noqa: PTH122 - bytes
    names = [each + suffix for each in (file.relative, stem) for suffix in (b".xmp", b".XMP")]
    rows = db.execute(
        "SELECT path, size, mtime_ns FROM sidecar WHERE folder_id = ? AND path IN (?, ?, ?, ?)",
        (file.folder_id, *names),
    )
    return {file.root_prefix + path: KnownSidecar(path, size, mtime) for path, size, mtime in rows}
