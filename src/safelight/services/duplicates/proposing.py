"""What to keep of photos that belong together, and why: groups as a person is shown them."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, FileFacts
from safelight.core.grouping import Link, link
from safelight.core.keeper import Candidate, Choice, KeeperRule, choose
from safelight.core.photo import ImageMetadata, Photo, PhotoFile
from safelight.services.duplicates.companions import companions_of
from safelight.services.duplicates.qualities import Qualities
from safelight.store import decisions, photos
from safelight.store.library import Connection
from safelight.store.likeness import Pair, Quality

_UNKNOWN = Quality(None, None)

_NOTHING_GOES = (DuplicateKind.BURST, DuplicateKind.LOOKALIKE)

_WHOLE_FIRST = (KeeperRule.MARKS, KeeperRule.ORIGINAL, KeeperRule.DETAILS)
"""Looked at first among crops and edits: a screenshot may have more pixels than what it shows."""

_KEY_BYTES = 10

_DETAILS = tuple(each.name for each in fields(ImageMetadata))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A photo in the running, with the file that stands for it."""

    photo: Photo
    file: PhotoFile
    candidate: Candidate


class Proposer:
    """Makes groups of photos as a read of the library sees them."""

    def __init__(self, db: Connection, qualities: Qualities) -> None:
        self._db = db
        self._qualities = qualities
        self._rules = decisions.keeper_rules(db)
        self._locked = decisions.protected_paths(db)
        self._stems: dict[bytes, Counter[bytes]] = {}
        """How many files of a folder have a name up to its last dot."""

    def copies(self, photo: Photo) -> DuplicateGroup:
        """The files of one photo."""
        entries = [self._entry(photo, file, _UNKNOWN) for file in photo.files]
        choices = choose([entry.candidate for entry in entries], self._rules)
        members = [self._member(entry, choice, 1.0) for entry, choice in zip(entries, choices, strict=True)]
        best = next(entry.file.id for entry, choice in zip(entries, choices, strict=True) if choice.best)
        members.sort(key=lambda member: (member.file_id != best, member.path))
        reason = f"{len(members)} files with the same bytes"
        key = self._key(DuplicateKind.IDENTICAL, [photo.id])
        return DuplicateGroup(key, DuplicateKind.IDENTICAL, reason, tuple(members))

    def alike(
        self, kind: DuplicateKind, groups: Sequence[Sequence[int]], evidence: Mapping[Link, Pair]
    ) -> list[DuplicateGroup]:
        """Of each group of photo ids, given what was found of them two by two. Photos without a file are
        left out, and groups of which only one is left."""
        known = {p.id: p for p in photos.get_many(self._db, [i for ids in groups for i in ids]) if p.files}
        qualities = self._qualities.of(self._db, list(known.values()))
        made = []
        for ids in groups:
            entries = [self._best_file(known[each], qualities[each]) for each in ids if each in known]
            if len(entries) > 1:
                made.append(self._group(kind, entries, evidence))
        return made

    def _group(
        self, kind: DuplicateKind, entries: Sequence[_Entry], evidence: Mapping[Link, Pair]
    ) -> DuplicateGroup:
        rules = self._rules
        if kind is DuplicateKind.CROP:
            rules = (*_WHOLE_FIRST, *(rule for rule in rules if rule not in _WHOLE_FIRST))
        choices = choose([entry.candidate for entry in entries], rules)
        best = next(entry.photo for entry, choice in zip(entries, choices, strict=True) if choice.best)
        ids = [entry.photo.id for entry in entries]
        members = []
        for entry, choice in zip(entries, choices, strict=True):
            pair = evidence.get(link(entry.photo.id, best.id))
            alike = 1.0 if entry.photo is best else 0.0 if pair is None else pair.likeness
            members.append(self._member(entry, _kept(choice) if kind in _NOTHING_GOES else choice, alike))
        members.sort(key=lambda member: (member.photo_id != best.id, -member.likeness, member.path))
        found = [evidence[each] for a in ids for b in ids if a < b and (each := (a, b)) in evidence]
        reason = _reason(kind, [entry.photo for entry in entries], found)
        return DuplicateGroup(self._key(kind, ids), kind, reason, tuple(members))

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
        )
        details = sum(getattr(photo.metadata, name) is not None for name in _DETAILS)
        candidate = Candidate(
            file.path, facts, file.mtime_ns, details, protected=file.path in self._locked, online=file.online
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
        """Looked for only where another file has the same stem: that is one listing for each folder instead
        of dozens of questions for each file, which count on a network drive."""
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


def _kept(choice: Choice) -> Choice:
    """Where nothing is proposed to go, only what speaks for the best is said."""
    return Choice(keep=True, why=choice.why if choice.best else "", best=choice.best)


# --- why they belong together -----------------------------------------------------------------------------


def _reason(kind: DuplicateKind, together: Sequence[Photo], found: Sequence[Pair]) -> str:
    least = min((pair.likeness for pair in found), default=0.0)
    details = sorted({pair.detail for pair in found if pair.detail})
    match kind:
        case DuplicateKind.SAME_PICTURE:
            formats = _listed(sorted({photo.format for photo in together}))
            return f"Equal pixels, other data about them ({formats})"
        case DuplicateKind.RESAVED:
            differs = _listed([*_differences(together), *details]) or "compressed anew or lightly edited"
            return f"One picture saved again ({differs}); laid over each other they agree by {least:.0%}"
        case DuplicateKind.CROP:
            how = _listed(details[:3]) or "a part of the other"
            return f"One picture cut or edited ({how}); where they overlap they agree by {least:.0%}"
        case DuplicateKind.BURST:
            camera = next(
                (photo.metadata.camera for photo in together if photo.metadata.camera), "one camera"
            )
            return f"Taken by {camera} within {_span(together)}, and much alike"
        case _:
            return f"Much alike to the model ({least:.2f} of 1); nothing else says that they are one picture"


def _differences(together: Sequence[Photo]) -> list[str]:
    sizes = {tuple(sorted((photo.width, photo.height))) for photo in together}
    formats = sorted({photo.format for photo in together})
    found = ["in other sizes"] if len(sizes) > 1 else []
    return [*found, f"as {_listed(formats)}"] if len(formats) > 1 else found


def _span(together: Sequence[Photo]) -> str:
    moments = []
    for photo in together:
        try:
            moments.append(datetime.fromisoformat(photo.date))
        except ValueError:
            continue
    seconds = (max(moments) - min(moments)).total_seconds() if moments else 0
    return "a second" if seconds <= 1 else f"{seconds:.0f} seconds"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts)
