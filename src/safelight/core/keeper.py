"""Which of several duplicates to keep and why, by rules in an order that the user can change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from safelight.core.duplicates import FileFacts
from safelight.core.file_names import collecting_folders, named_as_copy, named_by_sender
from safelight.core.message import Message


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of a group, with what the choice depends on."""

    path: str
    """Absolute; ``os.fsdecode`` form. No two of a group are equal."""
    facts: FileFacts
    mtime_ns: int = 0
    details: int = 0
    """How much camera information the file has: the number of known fields of its ImageMetadata."""
    protected: bool = False
    online: bool = True
    """False while its drive is not connected: then it can be neither verified nor trashed."""
    discarded: str | None = None
    """The recycle bin or cache that it is in. Such a file is never the best while there is another."""
    marked: bool = False
    """The user marked it; see :attr:`FileFacts.marked`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is proposed for one member."""

    keep: bool
    why: Message | None
    """Why it is kept, or what it lacks compared with the best."""
    best: bool = False
    """The one that the others are compared with; exactly one of a group."""


class KeeperRule(StrEnum):
    """What is compared. Stored in the user's order: never rename a value."""

    MARKS = "marks"
    PIXELS = "pixels"
    ORIGINAL = "original"
    COMPRESSION = "compression"
    DETAILS = "details"
    SHARPNESS = "sharpness"
    FOLDER = "folder"
    NAME = "name"
    SIZE = "size"
    AGE = "age"


DEFAULT_RULES: tuple[KeeperRule, ...] = tuple(KeeperRule)


def rules_in_order(names: Sequence[str]) -> tuple[KeeperRule, ...]:
    """Every rule once: those named, in that order, then the others in the default order. Unknown names are
    skipped, so that an order stored by another version works."""
    known = {rule.value: rule for rule in KeeperRule}
    named = dict.fromkeys(known[name] for name in names if name in known)
    return (*named, *(rule for rule in DEFAULT_RULES if rule not in named))


def choose(
    candidates: Sequence[Candidate],
    rules: Sequence[KeeperRule] = DEFAULT_RULES,
    preferred: Sequence[Candidate] = (),
) -> tuple[Choice, ...]:
    """A choice for each candidate, in their order. Does not depend on that order.

    One candidate is the best. It is taken from ``preferred`` if there are any, else from the protected ones
    if there are any; among several, the first rule under which they differ decides. Rules that are not in
    ``rules`` do not count. Where no rule decides, the shorter path wins, then the first in the alphabet. A
    file in a recycle bin is the best only if all are. Files that are protected or not connected are kept
    too.
    """
    if not candidates:
        return ()
    ranked = [_Ranked(each, tuple(_rank(rule, each) for rule in rules)) for each in candidates]
    best = min(
        ranked,
        key=lambda each: (
            not each.candidate.online,
            each.candidate.discarded is not None,
            bool(preferred) and each.candidate not in preferred,
            not each.candidate.protected,
            *each.ranks,
            len(each.candidate.path),
            each.candidate.path,
        ),
    )
    return tuple(_choice(each, best, ranked, rules) for each in ranked)


@dataclass(frozen=True, slots=True)
class _Ranked:
    candidate: Candidate
    ranks: tuple[float, ...]
    """The rank by each of the rules."""


def _choice(
    ranked: _Ranked, best: _Ranked, everyone: Sequence[_Ranked], rules: Sequence[KeeperRule]
) -> Choice:
    candidate = ranked.candidate
    if ranked is best:
        return Choice(True, _merits(best, everyone, rules), best=True)
    if candidate.protected:
        return Choice(True, Message("protected by you"))
    if not candidate.online:
        return Choice(True, Message("its drive is not connected"))
    if candidate.discarded is not None and best.candidate.discarded is None:
        return Choice(False, Message("in the recycle bin or cache “{folder}”", folder=candidate.discarded))
    rule = _deciding(best, ranked, rules)
    if rule is None:
        if best.candidate.protected:
            return Choice(False, Message("another is protected"))
        return Choice(False, Message("the same in every way"))
    return Choice(False, _lack(rule, candidate, best.candidate.facts))


def _merits(best: _Ranked, everyone: Sequence[_Ranked], rules: Sequence[KeeperRule]) -> Message:
    """What makes it better than the others, in the order of the rules."""
    reasons = [Message("protected by you")] if best.candidate.protected else []
    beaten = {
        _deciding(best, other, rules) for other in everyone if other is not best and other.candidate.online
    }
    reasons += [_merit(rule, best.candidate.facts) for rule in rules if rule in beaten]
    if not reasons:
        return Message("first of equals")
    return reduce(lambda before, reason: Message("{before}; {reason}", before=before, reason=reason), reasons)


def _deciding(best: _Ranked, other: _Ranked, rules: Sequence[KeeperRule]) -> KeeperRule | None:
    """The first rule that prefers ``best``; None if something else made it the best."""
    for rule, mine, theirs in zip(rules, best.ranks, other.ranks, strict=True):
        if mine != theirs:
            return rule if mine < theirs else None
    return None


# --- the rules ------------------------------------------------------------------------------------------

_LOSSLESS = frozenset({"PNG", "TIFF", "BMP", "PNM", "PSD", "RAW"})
_CAMERAS_WRITE = ("JPEG", "HEIC", "RAW")
_UNKNOWN_QUALITY = 75
"""Assumed for lossy formats that do not say how strongly they are compressed."""


def _originality(facts: FileFacts) -> int:
    """How close to the camera original. Cameras that write HEIC export JPEG, never the reverse; a picture
    without the camera's name was saved by another program."""
    if facts.format == "RAW":
        return 4
    if facts.camera and facts.format in _CAMERAS_WRITE:
        return 3 if facts.format == "HEIC" else 2
    if facts.format in _LOSSLESS or facts.format in _CAMERAS_WRITE:
        return 1
    return 0


def _quality(facts: FileFacts) -> int:
    if facts.format in _LOSSLESS:
        return 100
    return facts.jpeg_quality or _UNKNOWN_QUALITY


def _sharpness(facts: FileFacts) -> float:
    """The sharpness in steps of 25 %, because noise causes smaller differences."""
    if facts.sharpness is None or not facts.sharpness >= 1 or math.isinf(facts.sharpness):
        return 0
    return math.floor(math.log(facts.sharpness, 1.25))


def _dimensions(facts: FileFacts) -> str:
    return f"{facts.width} × {facts.height}"


def _rank(rule: KeeperRule, candidate: Candidate) -> float:
    """Smaller is better; a number, so that every two can be compared."""
    facts = candidate.facts
    match rule:
        case KeeperRule.MARKS:
            return -(facts.rating + 10 * facts.favourite)
        case KeeperRule.PIXELS:
            return -facts.width * facts.height
        case KeeperRule.ORIGINAL:
            return -_originality(facts)
        case KeeperRule.COMPRESSION:
            return -_quality(facts)
        case KeeperRule.DETAILS:
            return -(candidate.details + facts.date_is_taken)
        case KeeperRule.SHARPNESS:
            return -_sharpness(facts)
        case KeeperRule.FOLDER:
            return len(collecting_folders(candidate.path))
        case KeeperRule.NAME:
            return 2 * named_as_copy(candidate.path) + named_by_sender(candidate.path)
        case KeeperRule.SIZE:
            return -facts.size
        case KeeperRule.AGE:
            return candidate.mtime_ns


def _merit(rule: KeeperRule, best: FileFacts) -> Message:
    """Why the best is better than a candidate that this rule ranked lower."""
    match rule:
        case KeeperRule.MARKS:
            if best.favourite:
                return Message("a favourite")
            return Message("rated {rating}", rating=best.rating)
        case KeeperRule.PIXELS:
            return Message("more pixels ({size})", size=_dimensions(best))
        case KeeperRule.ORIGINAL:
            return Message("closest to the camera original ({format})", format=best.format)
        case KeeperRule.COMPRESSION:
            return Message("less compressed")
        case KeeperRule.DETAILS:
            return Message("has more camera information")
        case KeeperRule.SHARPNESS:
            return Message("sharper")
        case KeeperRule.FOLDER:
            return Message("in a better folder")
        case KeeperRule.NAME:
            return Message("original file name")
        case KeeperRule.SIZE:
            return Message("larger file")
        case KeeperRule.AGE:
            return Message("oldest file")


def _lack(rule: KeeperRule, candidate: Candidate, best: FileFacts) -> Message:
    """What a candidate lacks that this rule ranked below the best."""
    facts = candidate.facts
    match rule:
        case KeeperRule.MARKS:
            if best.favourite:
                return Message("the other is a favourite")
            return Message("the other has a higher rating")
        case KeeperRule.PIXELS:
            return Message(
                "fewer pixels ({size}, not {other})", size=_dimensions(facts), other=_dimensions(best)
            )
        case KeeperRule.ORIGINAL:
            return Message("re-saved as {format}", format=facts.format)
        case KeeperRule.COMPRESSION:
            if facts.jpeg_quality and best.jpeg_quality:
                return Message(
                    "more compressed (JPEG quality about {quality}, not {other})",
                    quality=facts.jpeg_quality,
                    other=best.jpeg_quality,
                )
            return Message("more compressed")
        case KeeperRule.DETAILS:
            return Message("has less camera information")
        case KeeperRule.SHARPNESS:
            return Message("less sharp")
        case KeeperRule.FOLDER:
            return Message("in “{folder}”", folder=collecting_folders(candidate.path)[-1])
        case KeeperRule.NAME:
            if named_as_copy(candidate.path):
                return Message("named like a copy")
            return Message("named by a program")
        case KeeperRule.SIZE:
            return Message("smaller file")
        case KeeperRule.AGE:
            return Message("newer file")
