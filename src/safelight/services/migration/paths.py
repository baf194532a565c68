"""Comparing paths of another program, perhaps of another system, with those of the library."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Parts = tuple[str, ...]
"""Folders and name of a path, folded so that equal ones are equal on every system."""

MOST_MAPPINGS = 1000
_CROWD = 50
"""A name that more files have says nothing about where folders moved."""

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def parts_of(path: str, *, native: bool = False) -> Parts:
    """``D:\\Photos\\a.jpg`` becomes ``("d:", "photos", "a.jpg")``.

    ``native`` is for paths of the library, in which a backslash may be part of a name.
    """
    text = unicodedata.normalize("NFC", path).casefold()
    if not native and (_WINDOWS.match(path) or "/" not in path):
        text = text.replace("\\", "/")
    return tuple(part for part in text.split("/") if part not in ("", "."))


def without_end(path: str, count: int) -> str:
    """A path, as it is written, without its last ``count`` parts."""
    for _ in range(count):
        path = path.rstrip("/\\")
        place = max(path.rfind("/"), path.rfind("\\"))
        path = path[:place] if place >= 0 else ""
    return path


@dataclass(frozen=True, slots=True)
class FolderMapping:
    """Paths below ``source`` correspond to those below ``target``."""

    source: Parts
    target: Parts
    votes: int = 0
    depth: int = 0
    """The most folders and names that a path had in common on both sides."""
    chosen: bool = False
    """Whether the user named it."""

    @property
    def trusted(self) -> bool:
        """Whether an equal path is enough, without an equal size or time."""
        return self.chosen or self.source == self.target

    def applied(self, path: Parts) -> Parts:
        return self.target + path[len(self.source) :]


def common_suffix(one: Parts, other: Parts) -> int:
    """How many parts at the end of both are equal."""
    count = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def deduced(
    records: Iterable[tuple[Parts, Sequence[Parts]]],
) -> list[FolderMapping]:
    """The mappings that most paths speak for, the best first.

    Each record comes with the paths of the library that have its name and may be the same file. The one with
    the longest common end decides which folders correspond; where several are as long, none does.
    """
    votes: Counter[tuple[Parts, Parts]] = Counter()
    depths: dict[tuple[Parts, Parts], int] = {}
    for path, candidates in records:
        if not path or not 0 < len(candidates) <= _CROWD:
            continue
        lengths = [common_suffix(path, each) for each in candidates]
        longest = max(lengths)
        if not longest or lengths.count(longest) > 1:
            continue
        pair = path[:-longest], candidates[lengths.index(longest)][:-longest]
        votes[pair] += 1
        depths[pair] = max(depths.get(pair, 0), longest)
    return [
        FolderMapping(source, target, count, depths[source, target])
        for (source, target), count in votes.most_common(MOST_MAPPINGS)
    ]


class Mappings:
    """Finds what a path may correspond to: by the mappings of the user, as it is, by the deduced ones."""

    def __init__(self, chosen: Mapping[str, str], found: Iterable[FolderMapping]) -> None:
        named = [
            FolderMapping(parts_of(source), parts_of(target, native=True), chosen=True)
            for source, target in chosen.items()
        ]
        # The longest prefix first, so that a mapping of a subfolder comes before that of its parent.
        named.sort(key=lambda each: -len(each.source))
        identity = FolderMapping((), ())
        others = [each for each in found if each.source or each.target]
        self._by_source: defaultdict[Parts, list[tuple[int, FolderMapping]]] = defaultdict(list)
        for order, each in enumerate((*named, identity, *others)):
            self._by_source[each.source].append((order, each))

    def of(self, path: Parts) -> list[tuple[FolderMapping, Parts]]:
        """(mapping, path in the library), the best first."""
        found = [entry for length in range(len(path)) for entry in self._by_source.get(path[:length], ())]
        return [(each, each.applied(path)) for _, each in sorted(found, key=lambda entry: entry[0])]
