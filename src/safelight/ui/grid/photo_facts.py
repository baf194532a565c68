"""Names and badges of the photos on screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Message
from safelight.core.multi_frame import is_animation
from safelight.core.pairs import PairKind
from safelight.core.photo import FolderState
from safelight.core.quantities import clock
from safelight.ui import wording
from safelight.ui.appearance.label_colours import LABEL_COLOURS
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import Overview, ReadThumbnailInfo
from safelight.ui.translation import message_text, translate
from safelight.ui.view_request import ViewRequest

if TYPE_CHECKING:
    from safelight.store.thumbnail_info import ThumbnailInfo

_COLLECT_DELAY = 30
"""Milliseconds during which requests are collected into one read."""
_MAX_CACHED = 20_000
STACK_BADGE = "stack"
"""The mark of the badge that opens and closes a stack."""
_RAW = "RAW"
_DOCUMENTS = frozenset(("TIFF", "HEIC"))
"""Formats whose further frames are pages. Those of a JPEG may be a film or a preview."""
_PAIR_BADGES = {PairKind.RAW: "RAW+", PairKind.LIVE: "LIVE", PairKind.EDITED: "EDIT"}
"""Badges of photos that represent a pair."""
_RELEVANT_CHANGES = ChangeKind.PHOTOS | ChangeKind.FILES | ChangeKind.MARKS
"""The changes that affect names and badges."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge in the corner of a thumbnail: an icon, a few letters, both, or a coloured dot."""

    mark: str = ""
    text: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class StackPlace:
    """The place of a photo in a stack whose photos are all shown."""

    number: int
    """From 1, the top."""
    size: int


class ThumbnailInfoCache(QObject):
    """Details by photo, loaded in the background on request."""

    arrived = Signal()

    def __init__(self, reader: LibraryReader, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._drives: tuple[tuple[int, FolderState], ...] = ()
        self._facts: OrderedDict[int, ThumbnailInfo] = OrderedDict()
        self._wanted: set[int] = set()
        self._asked: dict[int, int] = {}
        """The number of the read that was last asked for each photo. Older answers are discarded."""
        self._read_count = 0
        self._reasons: Mapping[int, Message] = {}
        self._scope = ViewRequest()
        self._timer = QTimer(self, singleShot=True, interval=_COLLECT_DELAY)
        self._timer.timeout.connect(self._read)
        bridge.library_changed.connect(self._on_library_changed)

    def get(self, photo_id: int) -> ThumbnailInfo | None:
        """None while it is loading (``arrived`` follows) or if the photo does not exist."""
        found = self._facts.get(photo_id)
        if found is None and photo_id not in self._asked and photo_id not in self._wanted:
            self._wanted.add(photo_id)
            if not self._timer.isActive():
                self._timer.start()
        return found

    def badges(self, photo_id: int) -> tuple[Badge, ...]:
        """A photo's badges, right-most first."""
        found = self.get(photo_id)
        return badges_of(found) if found is not None else ()

    def title_of(self, photo_id: int) -> str | None:
        """A one-line description of a photo for its tooltip and for screen readers."""
        found = self.get(photo_id)
        if found is None:
            return None
        reason = self._reasons.get(photo_id)
        return (
            translate("FactsCache", "{title_of} · found by {reason}").format(
                title_of=title_of(found), reason=message_text(reason)
            )
            if reason is not None
            else title_of(found)
        )

    def show_reasons(self, reasons: Mapping[int, Message]) -> None:
        """Set why photos matched other than by their looks."""
        self._reasons = reasons

    def show_scope(self, scope: ViewRequest | None) -> None:
        """Name photos with several files after the file in the open folder. None (a search) changes nothing.

        Call it after the reader was given the same scope.
        """
        if scope is None or scope == self._scope:
            return
        self._scope = scope
        with_copies = [photo for photo, facts in self._facts.items() if facts.files > 1]
        self.invalidate((*with_copies, *self._asked))

    def invalidate(self, ids: Collection[int]) -> None:
        """Forget these photos, which have changed."""
        for photo_id in ids:
            self._facts.pop(photo_id, None)
            self._asked.pop(photo_id, None)  # a read in progress may have seen the old values
        self.arrived.emit()  # makes the visible cells request it again

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(_RELEVANT_CHANGES):
            self.invalidate((*change.updated, *change.removed))

    def _read(self) -> None:
        ids, self._wanted = tuple(self._wanted), set()
        self._read_count += 1
        self._asked.update(dict.fromkeys(ids, self._read_count))
        answered = partial(self._on_facts_read, self._read_count)
        self._reader.read(ReadThumbnailInfo(ids), answered, key=("facts", self._read_count))

    def _on_facts_read(self, number: int, found: Mapping[int, ThumbnailInfo]) -> None:
        for photo_id, facts in found.items():
            if self._asked.get(photo_id) == number:
                self._facts[photo_id] = facts
                del self._asked[photo_id]
        # Photos that were not found stay marked as requested until they change.
        while len(self._facts) > _MAX_CACHED:
            self._facts.popitem(last=False)
        self.arrived.emit()

    def show_overview(self, overview: Overview) -> None:
        drives = tuple((folder.id, folder.state) for folder in overview.folders)
        if drives != self._drives:  # photos were added or removed, so any of them may exist now
            self._drives = drives
            self.invalidate((*self._facts, *self._asked))


def badges_in_stack(badges: tuple[Badge, ...], place: StackPlace) -> tuple[Badge, ...]:
    """The badges of a photo of an open stack, which show its place instead of the size of the stack."""
    others = tuple(badge for badge in badges if badge.mark != STACK_BADGE)
    return (Badge(STACK_BADGE, f"{place.number}/{place.size}"), *others)


def badges_of(facts: ThumbnailInfo) -> tuple[Badge, ...]:
    badges = []
    if facts.offline:
        badges.append(Badge("folder-offline"))
    if facts.duration is not None:
        badges.append(Badge("play", clock(facts.duration)))
    elif is_animation(facts.format, facts.frames):
        badges.append(Badge("play", facts.format))
    elif facts.format in _DOCUMENTS and _pages(facts) > 1:
        badges.append(Badge("copy", str(_pages(facts))))
    badges += [Badge(text=_PAIR_BADGES[kind]) for kind in _kinds(facts)]
    if facts.format == _RAW and PairKind.RAW not in facts.halves:
        badges.append(Badge(text=_RAW))
    if facts.stacked:
        badges.append(Badge(STACK_BADGE, str(facts.stacked + 1)))
    if facts.files > 1:
        badges.append(Badge("duplicates", str(facts.files)))
    if facts.label:
        badges.append(Badge(colour=LABEL_COLOURS[facts.label]))
    if facts.rating < 0:
        badges.append(Badge("close"))
    elif facts.rating:
        badges.append(Badge("star", str(facts.rating)))
    return tuple(badges)


def _kinds(facts: ThumbnailInfo) -> tuple[PairKind, ...]:
    """The kinds of pair that it is. A motion photo is a pair in one file."""
    return tuple(dict.fromkeys((*facts.halves, PairKind.LIVE))) if facts.film else facts.halves


def _pages(facts: ThumbnailInfo) -> int:
    return facts.frames - facts.film


def title_of(facts: ThumbnailInfo) -> str:
    parts = [facts.name]
    if facts.duration is not None:
        parts.append(translate("Grid", "video, {length}").format(length=clock(facts.duration)))
    elif is_animation(facts.format, facts.frames):
        parts.append(translate("Grid", "animation"))
    elif facts.format in _DOCUMENTS and _pages(facts) > 1:
        parts.append(translate("Grid", "{pages} pages").format(pages=_pages(facts)))
    parts += [_PAIR_BADGES[kind] for kind in _kinds(facts)]
    if facts.format == _RAW and PairKind.RAW not in facts.halves:
        parts.append(_RAW)
    if facts.stacked:
        parts.append(translate("PhotoFacts", "stack of {photos:,}").format(photos=facts.stacked + 1))
    if facts.files > 1:
        parts.append(translate("PhotoFacts", "in {files:,} files").format(files=facts.files))
    if facts.label:
        parts.append(translate("PhotoFacts", "label {colour}").format(colour=facts.label))
    if facts.rating < 0:
        parts.append(translate("PhotoFacts", "rejected"))
    elif facts.rating:
        parts.append(wording.count_of(facts.rating, "star"))
    if facts.offline:
        parts.append("offline")
    return " · ".join(parts)
