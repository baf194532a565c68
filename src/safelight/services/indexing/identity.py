"""Decides by content whether a file is still the same, if size and time are not enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from safelight.core.errors import ImageError
from safelight.imaging.hashes import content_hash_of_file
from safelight.imaging.sample import sample_of_file
from safelight.services.indexing.found_files import FoundFile
from safelight.services.indexing.scanner import Changes
from safelight.store import file_checks
from safelight.store.files import FileRow
from safelight.store.library import LibraryStore

MAX_HASHED_BYTES = 4 * 2**30
"""The most bytes of moved files that are hashed during one scan. Of further files only samples are compared,
and verification reads them first."""

Move = tuple[FileRow, int, FoundFile]


class IdentityCheck:
    """Compares files by their content. For the index thread."""

    def __init__(self, store: LibraryStore, checkpoint: Callable[[], None]) -> None:
        self._store = store
        self._checkpoint = checkpoint

    def resolve_doubts(self, root: bytes, changes: Changes) -> dict[int, bytes]:
        """Sort ``changes.doubtful`` into changed and unchanged files. Returns their samples by file id.

        A file without a stored sample counts as unchanged. One that cannot be read now is compared again at
        the next scan.
        """
        with self._store.read() as db:
            known = file_checks.samples(db, [row.id for row, _ in changes.doubtful])
        found: dict[int, bytes] = {}
        for row, status in changes.doubtful:
            self._checkpoint()
            try:
                sample, _ = sample_of_file(os.path.join(root, row.path))
            except ImageError:
                continue
            found[row.id] = sample
            same = known.get(row.id, sample) == sample
            (changes.touched if same else changes.changed).append((row, status))
        changes.doubtful = []
        return found

    def confirm_moves(self, moves: list[Move], roots: Mapping[int, bytes]) -> tuple[list[Move], list[Move]]:
        """(moves of files that still have their content, pairs that are different files).

        File systems reuse inodes, and uncompressed pictures often have the same size and, if they were copied
        together, the same time.
        """
        ids = [row.id for row, _, _ in moves]
        with self._store.read() as db:
            samples = file_checks.samples(db, ids)
            hashes = file_checks.hashes(db, ids)
        good: list[Move] = []
        refused: list[Move] = []
        unhashed: list[int] = []
        left = MAX_HASHED_BYTES
        for move in moves:
            self._checkpoint()
            row, folder_id, found = move
            path = os.path.join(roots[folder_id], found.path)
            expected = hashes.get(row.id)
            try:
                same = row.id not in samples or samples[row.id] == sample_of_file(path)[0]
                if same and expected is not None:
                    if found.stat.size <= left or row.id not in samples:
                        left -= found.stat.size
                        same = content_hash_of_file(path)[0] == expected
                    else:
                        unhashed.append(row.id)
            except ImageError:
                same = expected is None  # it is read as a new file, which finds its photo by content
            (good if same else refused).append(move)
        if unhashed:
            with self._store.write() as db:
                file_checks.verify_first(db, unhashed)
        return good, refused
