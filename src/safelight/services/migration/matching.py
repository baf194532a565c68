"""Finds the photo of the library that another program means.

Three steps, each for what the one before did not find: by path, after folders that were moved are mapped; by
content, where hashes can be compared; by name, capture time and size. A record that may be several photos is
ambiguous and matches none.
"""

from __future__ import annotations

import os
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from safelight.core.jobs import JobControl
from safelight.core.migration import MatchMethod, PathMapping
from safelight.services.migration.digests import OWN, digest_of
from safelight.services.migration.paths import FolderMapping, Mappings, Parts, deduced, parts_of, without_end
from safelight.services.migration.record import Record, seconds_of
from safelight.store.known_files import KnownFile

_CONVERTED = frozenset(("jpg", "jpeg", "png", "tif", "tiff"))
"""Endings of pictures as Photos exports them, whatever the original is."""
_QUARTER_HOUR, _WIDEST_ZONE = 900, 14 * 3600
"""Time zones are multiples of a quarter of an hour, and at most 14 hours from UTC."""


class Known(NamedTuple):
    """A file of the library as it is compared."""

    photo_id: int
    path: str
    """In ``os.fsdecode`` form."""
    parts: Parts
    size: int
    taken: int | None
    """See :attr:`Record.taken`."""
    dimensions: tuple[int, int]
    """The shorter side first, since programs differ in whether they turn pictures upright."""
    online: bool


@dataclass(frozen=True, slots=True)
class Matched:
    photo_id: int
    way: MatchMethod
    mapping: FolderMapping | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    candidates: tuple[str, ...] = ()
    """Files that it may be."""


Match = Matched | Unmatched


@dataclass(slots=True)
class Result:
    matches: list[Match]
    """For each record, in the same order."""
    mappings: list[PathMapping] = field(default_factory=list)
    """Those that recognised photos, without the one that changes nothing."""
    paths: dict[int, str] = field(default_factory=dict)
    """A file of each photo that was recognised."""


def known(file: KnownFile) -> Known:
    path = os.fsdecode(file.path)
    short, long = sorted((file.width, file.height))
    return Known(
        file.photo_id,
        path,
        parts_of(path.replace(os.sep, "/"), native=True),
        file.size,
        seconds_of(file.taken),
        (short, long),
        file.online,
    )


class Matcher:
    """Compares records with the files of one library."""

    def __init__(
        self,
        files: Iterable[KnownFile],
        by_content: Callable[[bytes], int | None],
        *,
        mappings: Mapping[str, str] | None = None,
        control: JobControl | None = None,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        """``by_content`` finds a photo by its content hash. ``mappings``: folders of the other program and
        where they are now. ``on_step`` is called often, for progress."""
        self._by_content = by_content
        self._chosen = dict(mappings or {})
        self._control = control or JobControl()
        self._on_step = on_step
        self._files = [known(file) for file in files]
        self._by_path: defaultdict[Parts, list[Known]] = defaultdict(list)
        self._by_name: defaultdict[str, list[Known]] = defaultdict(list)
        self._by_size: defaultdict[int, list[Known]] = defaultdict(list)
        self._converted: defaultdict[str, list[Known]] = defaultdict(list)
        """By name without ending, pictures that may be exported forms of others."""
        self._by_time: defaultdict[int, list[Known]] = defaultdict(list)
        for file in self._files:
            self._by_path[file.parts].append(file)
            self._by_name[file.parts[-1]].append(file)
            self._by_size[file.size].append(file)
            stem, _, ending = file.parts[-1].rpartition(".")
            if ending in _CONVERTED:
                self._converted[stem].append(file)
            if file.taken is not None:
                self._by_time[file.taken].append(file)
        self._digests: dict[tuple[str, str], bytes | None] = {}

    def match(self, records: Sequence[Record]) -> Result:
        """Raises CancelledError."""
        parts = [parts_of(record.path) for record in records]
        if any(path and "." not in path[-1] for path in parts):
            self._add_stems()
        found: list[Match | None] = [None] * len(records)
        self._match_paths(records, parts, found)
        taken = {each.photo_id for each in found if isinstance(each, Matched)}
        for way, step in ((MatchMethod.CONTENT, self._by_digest), (MatchMethod.FACTS, self._by_facts)):
            for place, record in enumerate(records):
                if found[place] is None:
                    found[place] = _one(step(record, parts[place]), taken, way)
                    self._step()
            taken |= {each.photo_id for each in found if isinstance(each, Matched)}
        matches = [Unmatched() if each is None else each for each in found]
        photos = {each.photo_id for each in matches if isinstance(each, Matched)}
        paths = {file.photo_id: file.path for file in reversed(self._files) if file.photo_id in photos}
        return Result(matches, self._used(records, matches), paths)

    def _add_stems(self) -> None:
        """Find files by their names without extension too: some exports know no more."""
        for file in self._files:
            stem = file.parts[-1].rpartition(".")[0]
            if stem:
                self._by_path[*file.parts[:-1], stem].append(file)
                self._by_name[stem].append(file)

    # --- by path --------------------------------------------------------------------------------------

    def _match_paths(
        self, records: Sequence[Record], parts: Sequence[Parts], found: list[Match | None]
    ) -> None:
        mappings = Mappings(self._chosen, deduced(self._voters(records, parts)))
        for place, (record, path) in enumerate(zip(records, parts, strict=True)):
            found[place] = self._by_mappings(record, mappings.of(path))
            self._step()

    def _voters(
        self, records: Sequence[Record], parts: Sequence[Parts]
    ) -> Iterable[tuple[Parts, list[Parts]]]:
        for record, path in zip(records, parts, strict=True):
            if path:
                named = self._by_name.get(path[-1], ())
                # With the name of the record, which may have no extension.
                yield path, [(*f.parts[:-1], path[-1]) for f in named if _agree(record, f) is not False]

    def _by_mappings(
        self, record: Record, candidates: Sequence[tuple[FolderMapping, Parts]]
    ) -> Matched | None:
        likely: Matched | None = None
        for mapping, path in candidates:
            files = list(self._by_path.get(path, ()))
            if len({file.photo_id for file in files}) > 1:  # names that differ only in case
                name = record.path.replace("\\", "/").rpartition("/")[2]
                files = [file for file in files if file.path.rpartition(os.sep)[2] == name]
            if len({file.photo_id for file in files}) != 1:
                continue
            agree = _agree(record, files[0])
            match = Matched(files[0].photo_id, MatchMethod.PATH, mapping)
            if agree or mapping.trusted:
                return match
            if agree is None and mapping.depth > 1 and likely is None:
                likely = match
        return likely

    def _used(self, records: Sequence[Record], matches: Sequence[Match]) -> list[PathMapping]:
        paths = {file.photo_id: file.path for file in self._files}
        counts: Counter[tuple[Parts, Parts]] = Counter()
        shown: dict[tuple[Parts, Parts], tuple[str, str]] = {}
        for record, each in zip(records, matches, strict=True):
            mapping = each.mapping if isinstance(each, Matched) else None
            if mapping is None or mapping.source == mapping.target:
                continue
            key = mapping.source, mapping.target
            counts[key] += 1
            if key not in shown and isinstance(each, Matched):
                common = len(parts_of(record.path)) - len(mapping.source)
                shown[key] = without_end(record.path, common), without_end(paths[each.photo_id], common)
        return [PathMapping(*shown[key], count) for key, count in counts.most_common()]

    # --- by content -----------------------------------------------------------------------------------

    def _by_digest(self, record: Record, path: Parts) -> list[Known]:
        del path
        local = record.local
        if local is not None and self._size_of(local) in self._by_size:
            photo = self._by_content(self._digest(local, OWN) or b"")
            if photo is not None:
                return [Known(photo, local, (), 0, None, (0, 0), online=True)]
        for digest in record.digests:
            wanted = _bytes_of(digest.hexadecimal)
            if wanted is None:
                continue
            if digest.algorithm == OWN:
                photo = self._by_content(wanted)
                if photo is not None:
                    return [Known(photo, record.path, (), 0, None, (0, 0), online=True)]
                continue
            files = self._files if record.size is None else self._by_size.get(record.size, ())
            equal = [
                file for file in files if file.online and self._digest(file.path, digest.algorithm) == wanted
            ]
            if equal:
                return equal
        return []

    def _digest(self, path: str, algorithm: str) -> bytes | None:
        key = path, algorithm
        if key not in self._digests:
            self._digests[key] = digest_of(path, algorithm, self._control)
            self._step()
        return self._digests[key]

    def _size_of(self, path: str) -> int:
        """The size of a regular file, or -1."""
        try:
            status = os.lstat(path)
        except (OSError, ValueError):
            return -1
        return status.st_size if stat.S_ISREG(status.st_mode) else -1

    # --- by name, time and size -----------------------------------------------------------------------

    def _by_facts(self, record: Record, path: Parts) -> list[Known]:
        """The files that have most in common with a record, and enough to be the same."""
        named = parts_of(record.original_name) or path
        name = named[-1] if named else ""
        size = record.size
        if size is None and record.local is not None:
            size = max(self._size_of(record.local), 0) or None
        candidates = {id(file): file for file in self._by_name.get(name, ())}
        if size is not None:
            candidates |= {id(file): file for file in self._by_size.get(size, ())}
        if record.taken is not None and not record.taken_in_utc:
            for second in (record.taken - 1, record.taken, record.taken + 1):
                candidates |= {id(file): file for file in self._by_time.get(second, ())}
        best: list[Known] = []
        most = 0
        for file in candidates.values():
            score = _score(record, size, name, file)
            if score > most:
                best, most = [file], score
            elif score == most and score:
                best.append(file)
        return best or self._exported(record, name)

    def _exported(self, record: Record, name: str) -> list[Known]:
        """The pictures that a program exported of a photo: in another format, so of another size."""
        if not record.original_name:
            return []
        return [each for each in self._converted.get(name.rpartition(".")[0], ()) if _same_time(record, each)]

    def _step(self) -> None:
        self._control.checkpoint()
        self._on_step()


def _one(files: Sequence[Known], taken: set[int], way: MatchMethod) -> Match | None:
    """The photo of these files if it is only one, or the only one that no other record has."""
    if not files:
        return None
    photos = {file.photo_id for file in files}
    if len(photos) > 1:
        photos -= taken
    if len(photos) != 1:
        return Unmatched(tuple(sorted({file.path for file in files})[:10]))
    return Matched(photos.pop(), way)


def _score(record: Record, size: int | None, name: str, file: Known) -> int:
    """How sure it is that both are the same; 0 where it is not sure enough."""
    named = bool(name) and name in (file.parts[-1], file.parts[-1].rpartition(".")[0])
    sized = None if size is None else size == file.size
    timed, shaped = _same_time(record, file), _same_shape(record, file)
    if sized and named:
        return 9 if timed else 7 if timed is None else 6
    if sized and timed:
        return 8  # renamed
    if named and timed:
        # Another size: its metadata were written, for example. Another shape: a RAW with its margins.
        return 5 if sized is None and shaped is not False else 4
    if sized is None and timed and shaped and not record.taken_in_utc:
        return 3
    return 0


def _agree(record: Record, file: Known) -> bool | None:
    """Whether size or time speak for the same file; None where neither is known."""
    if record.size is not None and record.size == file.size:
        return True
    timed = _same_time(record, file)
    return False if timed is None and record.size is not None else timed


def _same_time(record: Record, file: Known) -> bool | None:
    if record.taken is None or file.taken is None:
        return None
    return same_time(record.taken, file.taken, in_utc=record.taken_in_utc)


def same_time(theirs: int, ours: int | None, *, in_utc: bool) -> bool:
    """Whether both are the same second. ``in_utc``: in any zone."""
    if ours is None:
        return False
    apart = abs(theirs - ours)
    if not in_utc:
        return apart <= 1
    return apart <= _WIDEST_ZONE + 1 and (apart + 1) % _QUARTER_HOUR <= 2


def _same_shape(record: Record, file: Known) -> bool | None:
    if not record.width or not record.height:
        return None
    return tuple(sorted((record.width, record.height))) == file.dimensions


def _bytes_of(hexadecimal: str) -> bytes | None:
    try:
        return bytes.fromhex(hexadecimal)
    except ValueError:
        return None
