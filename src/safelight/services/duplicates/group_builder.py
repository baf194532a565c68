"""Builds the groups that the user sees: proposes which files to keep, and says why."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from safelight.core.discard_folders import find_discard_folder
from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, FileFacts
from safelight.core.grouping import Link, link
from safelight.core.keeper import Candidate, Choice, KeeperRule, choose
from safelight.core.message import Message
from safelight.core.photo import ImageMetadata, Photo, PhotoFile
from safelight.imaging.formats import RAW
from safelight.services.duplicates.companions import companions_of, counterpart
from safelight.services.duplicates.group_reasons import group_reason, shown_in
from safelight.services.duplicates.pair_comparison import EDITED, PAGES, contains_other
from safelight.services.duplicates.qualities import Qualities
from safelight.services.duplicates.video_parts import part_in, part_place
from safelight.store import decisions, files, marks, photos
from safelight.store.library import Connection
from safelight.store.likeness import Pair, Quality

_UNKNOWN = Quality(None, None)

_KEEP_ALL_KINDS = (
    DuplicateKind.RESAVED_VIDEO,
    DuplicateKind.VIDEO_PART,
    DuplicateKind.BURST,
    DuplicateKind.LOOKALIKE,
)

_MIN_CERTAIN_CROP = 0.95
"""From this likeness on, a crop certainly shows nothing that the whole does not. Crops that were compressed
again have 0.97 or more; another exposure of the same scene, in which a person moved, has 0.88."""

_RULES_BEFORE_USERS = (KeeperRule.MARKS, KeeperRule.ORIGINAL, KeeperRule.DETAILS)
"""These rules precede the user's for crops and edits, because a screenshot may have more pixels than the
picture that it shows."""

_KEY_BYTES = 10

_DETAILS = tuple(each.name for each in fields(ImageMetadata))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A photo of a group, with the file that represents it."""

    photo: Photo
    file: PhotoFile
    candidate: Candidate


class GroupBuilder:
    """Builds groups of photos, within one read transaction."""

    def __init__(self, db: Connection, qualities: Qualities) -> None:
        self._db = db
        self._qualities = qualities
        self._rules = decisions.keeper_rules(db)
        self._locked = decisions.protected_paths(db)
        self._marked = marks.marked_ids(db)
        self._content: dict[int, bytes] = {}
        self._frames: dict[int, int | None] = {}
        self._stems: dict[bytes, Counter[bytes]] = {}
        """By folder: how many of its files share a name up to the last dot."""

    def identical_group(self, photo: Photo) -> DuplicateGroup:
        """The group of the files of one photo, which have the same bytes."""
        if self._locked.contents:
            self._content |= photos.content_hashes(self._db, [photo.id])
        entries = [self._entry(photo, file, _UNKNOWN) for file in photo.files]
        choices = choose([entry.candidate for entry in entries], self._rules)
        keeper = next(entry for entry, choice in zip(entries, choices, strict=True) if choice.best)
        best = keeper.file.id
        inodes = files.inodes(self._db, photo.id)
        members = [
            self._member(entry, self._choice_for_copy(entry, keeper, choice, inodes), 1.0)
            for entry, choice in zip(entries, choices, strict=True)
        ]
        members.sort(key=lambda member: (member.file_id != best, member.path))
        reason = Message("{count} files with the same bytes", count=len(members))
        key = self._key(DuplicateKind.IDENTICAL, [photo.id])
        return DuplicateGroup(key, DuplicateKind.IDENTICAL, reason, tuple(members))

    def similar_groups(
        self, kind: DuplicateKind, groups: Sequence[Sequence[int]], evidence: Mapping[Link, Pair]
    ) -> list[DuplicateGroup]:
        """The groups for these lists of photo ids, with the pairs that connect them. Photos without a file,
        and groups that then have a single photo, are left out."""
        known = {p.id: p for p in photos.get_many(self._db, [i for ids in groups for i in ids]) if p.files}
        qualities = self._qualities.of(self._db, list(known.values()))
        if self._locked.contents:
            self._content |= photos.content_hashes(self._db, list(known))
        if kind is DuplicateKind.CROP:
            self._frames |= self._qualities.frames.of(self._db, known)
        else:
            self._frames |= photos.frames(self._db, known)
        made = []
        for ids in groups:
            entries = [self._best_file(known[each], qualities[each]) for each in ids if each in known]
            if len(entries) > 1:
                made.append(self._group(kind, entries, evidence))
        return made

    def _group(
        self, kind: DuplicateKind, entries: Sequence[_Entry], evidence: Mapping[Link, Pair]
    ) -> DuplicateGroup:
        choices = self._choices(kind, entries, evidence)
        keeper = next(entry for entry, choice in zip(entries, choices, strict=True) if choice.best)
        best = keeper.photo
        ids = [entry.photo.id for entry in entries]
        all_marked = all(entry.candidate.marked for entry in entries)
        members = []
        for entry, choice in zip(entries, choices, strict=True):
            pair = evidence.get(link(entry.photo.id, best.id))
            alike = 1.0 if entry.photo is best else 0.0 if pair is None else pair.likeness
            if kind in _KEEP_ALL_KINDS:
                if kind is DuplicateKind.VIDEO_PART and choice.best:
                    choice = replace(choice, why=Message("the longer video"))  # noqa: PLW2901
                choice = _keep(choice, shown_in(pair, best.id))  # noqa: PLW2901
            elif not choice.keep:
                reason = self._reason_to_keep(kind, entry, keeper, pair, all_marked=all_marked)
                choice = Choice(True, reason) if reason else choice  # noqa: PLW2901
            part = None if pair is None else part_in(pair, best.id)
            members.append(replace(self._member(entry, choice, alike), part=part))
        members.sort(key=lambda member: (member.photo_id != best.id, -member.likeness, member.path))
        found = [evidence[each] for a in ids for b in ids if a < b and (each := (a, b)) in evidence]
        reason = group_reason(kind, [entry.photo for entry in entries], found)
        return DuplicateGroup(self._key(kind, ids), kind, reason, tuple(members))

    def _choices(
        self, kind: DuplicateKind, entries: Sequence[_Entry], evidence: Mapping[Link, Pair]
    ) -> tuple[Choice, ...]:
        """What to do with each file. A photo that shows all of another is preferred to it."""
        rules = self._rules
        if kind not in (DuplicateKind.CROP, DuplicateKind.VIDEO_PART):
            return choose([entry.candidate for entry in entries], rules)
        if kind is DuplicateKind.CROP:
            rules = (*_RULES_BEFORE_USERS, *(rule for rule in rules if rule not in _RULES_BEFORE_USERS))
        contained: Counter[int] = Counter()
        for entry in entries:
            for other in entries:
                pair = evidence.get(link(entry.photo.id, other.photo.id))
                if pair is not None and _containing_photo(pair) == entry.photo.id != other.photo.id:
                    contained[entry.photo.id] += 1
        most = max(contained.values(), default=0)
        wholes = [entry.candidate for entry in entries if most and contained[entry.photo.id] == most]
        return choose([entry.candidate for entry in entries], rules, wholes)

    def _reason_to_keep(
        self, kind: DuplicateKind, entry: _Entry, keeper: _Entry, pair: Pair | None, *, all_marked: bool
    ) -> Message | None:
        """Why a file should be kept although another one is better; None if it is proposed for the trash."""
        if pair is None:
            return Message("not compared with the kept file itself")
        if entry.candidate.marked and not all_marked:
            return Message("you marked it")
        if self._would_lose_turn(entry.photo, keeper.photo):
            return Message("you turned it, and the kept file has another orientation")
        if entry.photo.format == RAW.name != keeper.photo.format:
            return Message("a RAW holds more than a picture made from it")
        if kind is DuplicateKind.CROP:
            if pair.detail in (EDITED, PAGES) or pair.likeness < _MIN_CERTAIN_CROP:
                return Message("differs from the kept file in places")
            if _containing_photo(pair) == entry.photo.id:
                return Message("shows more than the kept file")
            if entry.candidate.facts.frames > 1:
                return Message("has further frames")
        return self._unmatched_companion(entry, keeper)

    def _would_lose_turn(self, photo: Photo, best: Photo) -> bool:
        """Whether the user turned a photo, and the kept one is not turned and would not inherit the turn."""
        return bool(photo.turns and not best.turns) and not marks.is_same_orientation(
            self._db, photo.id, best.id
        )

    def _choice_for_copy(
        self, entry: _Entry, keeper: _Entry, choice: Choice, inodes: Mapping[int, tuple[int, int]]
    ) -> Choice:
        """The choice for a file that has the same bytes as the kept one."""
        if choice.keep:
            return choice
        inode = inodes.get(entry.file.id, (0, 0))
        if inode[1] and inode == inodes.get(keeper.file.id):
            return Choice(True, Message("the kept file under another name (hard link); frees no space"))
        reason = self._unmatched_companion(entry, keeper)
        return Choice(True, reason) if reason else choice

    def _unmatched_companion(self, entry: _Entry, keeper: _Entry) -> Message | None:
        """A reason to keep a file if it has a companion that the kept file does not have."""
        theirs = self._companions(entry.file)
        if not theirs:
            return None
        kept = tuple(map(os.fsencode, self._companions(keeper.file)))
        for path in map(os.fsencode, theirs):
            twin = counterpart(path, kept)
            if twin is None or _size(twin) != _size(path):
                name = os.fsdecode(os.path.basename(path))
                return Message("its {name} has no equal beside the kept file", name=name)
        return None

    def _best_file(self, photo: Photo, quality: Quality) -> _Entry:
        entries = [self._entry(photo, file, quality) for file in photo.files]
        if len(entries) == 1:
            return entries[0]
        choices = choose([entry.candidate for entry in entries], self._rules)
        return next(entry for entry, choice in zip(entries, choices, strict=True) if choice.best)

    def _entry(self, photo: Photo, file: PhotoFile, quality: Quality) -> _Entry:
        facts = FileFacts(
            size=photo.size,
            width=photo.width,
            height=photo.height,
            format=photo.format,
            date=photo.date,
            date_is_taken=photo.date_is_taken,
            camera=photo.metadata.camera,
            jpeg_quality=quality.jpeg_quality,
            sharpness=quality.sharpness,
            favourite=photo.favourite,
            rating=photo.rating,
            marked=photo.id in self._marked,
            frames=abs(self._frames.get(photo.id) or 1),
            duration=photo.duration,
        )
        details = sum(getattr(photo.metadata, name) is not None for name in _DETAILS)
        candidate = Candidate(
            file.path,
            facts,
            file.mtime_ns,
            details,
            protected=self._locked.covers(file.path, self._content.get(photo.id)),
            online=file.online,
            discarded=find_discard_folder(file.path),
            marked=facts.marked,
        )
        return _Entry(photo, file, candidate)

    def _member(self, entry: _Entry, choice: Choice, likeness: float) -> DuplicateMember:
        return DuplicateMember(
            path=entry.file.path,
            file_id=entry.file.id,
            photo_id=entry.photo.id,
            keep=choice.keep,
            why=choice.why,
            facts=entry.candidate.facts,
            likeness=likeness,
            protected=entry.candidate.protected,
            companions=self._companions(entry.file),
        )

    def _companions(self, file: PhotoFile) -> tuple[str, ...]:
        """The companions of a file.

        They are searched only if the folder contains another file with the same stem. Listing each folder
        once avoids dozens of lookups for each file, which are slow on a network drive.
        """
        if not file.online:
            return ()
        path = os.fsencode(file.path)
        folder, name = os.path.split(path)
        if folder not in self._stems:
            try:
                self._stems[folder] = Counter(each.rpartition(b".")[0] for each in os.listdir(folder))
            except OSError:
                self._stems[folder] = Counter()
        stems = self._stems[folder]
        if stems[name.rpartition(b".")[0]] < 2 and not stems[name]:
            return ()
        return tuple(map(os.fsdecode, companions_of(path)))

    def _key(self, kind: DuplicateKind, photo_ids: Sequence[int]) -> str:
        contents = sorted(photos.content_hashes(self._db, photo_ids).values())
        return f"{kind}-{hashlib.blake2b(b''.join(contents), digest_size=_KEY_BYTES).hexdigest()}"


def _containing_photo(pair: Pair) -> int | None:
    """The photo of a pair that shows all of the other, where that is known."""
    if (part := part_place(pair)) is not None:
        return part[0]
    place = contains_other(pair.detail)
    return None if place is None else (pair.first, pair.second)[place]


def _size(path: bytes) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return -1


def _keep(choice: Choice, remark: Message | None) -> Choice:
    """Keep a file of a group of which nothing is proposed for the trash. The best file keeps its reason."""
    return Choice(keep=True, why=choice.why if choice.best else remark, best=choice.best)
