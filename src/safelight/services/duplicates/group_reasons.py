"""Messages that tell the user why photos are duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from safelight.core.duplicates import DuplicateKind
from safelight.core.message import Message, listed
from safelight.core.photo import Photo
from safelight.services.duplicates.pair_comparison import EDITED, FIRST_FRAME, PAGES, contains_other
from safelight.services.duplicates.video_parts import part_in, part_place
from safelight.store.likeness import Pair

_DETAILS: Mapping[str, Callable[[], Message]] = {
    "mirrored": lambda: Message("mirrored"),
    "turned by 180°": lambda: Message("turned by 180°"),
    "turned and mirrored": lambda: Message("turned and mirrored"),
    "turned by 90°": lambda: Message("turned by 90°"),
    EDITED: lambda: Message("edited in places"),
    PAGES: lambda: Message("pages or screenshots that may differ"),
    FIRST_FRAME: lambda: Message("only their first frames were compared"),
}
"""Messages for the details of pairs. The library stores details as English text."""


def group_reason(kind: DuplicateKind, photos: Sequence[Photo], pairs: Sequence[Pair]) -> Message:
    """Why photos are one group, from the pairs found among them."""
    match = 100 * min((pair.likeness for pair in pairs), default=0.0)
    details = _unique(detail_message(each) for each in sorted({pair.detail for pair in pairs if pair.detail}))
    match kind:
        case DuplicateKind.SAME_PICTURE:
            return Message("Same picture, different metadata ({formats})", formats=_formats(photos))
        case DuplicateKind.RESAVED:
            differences = [*_differences(photos), *details] or [Message("compressed again or lightly edited")]
            return Message(
                "Same picture re-saved ({differences}); {match:.0f} % match",
                differences=listed(differences),
                match=match,
            )
        case DuplicateKind.RESAVED_VIDEO:
            differences = _differences(photos) or [Message("encoded differently")]
            return Message(
                "Same video encoded again ({differences}); {match:.0f} % match over time",
                differences=listed(differences),
                match=match,
            )
        case DuplicateKind.VIDEO_PART:
            return Message(
                "Part of a longer video ({parts}); {match:.0f} % match", parts=_parts(pairs), match=match
            )
        case DuplicateKind.CROP:
            details = sorted(details, key=str)[:3] or [Message("one shows a part of the other")]
            return Message(
                "Same picture cropped or edited ({differences}); {match:.0f} % match where they overlap",
                differences=listed(details),
                match=match,
            )
        case DuplicateKind.BURST:
            return _burst(photos)
        case _:
            return Message("They look alike ({match:.0f} %), but may be different photos", match=match)


def detail_message(detail: str) -> Message:
    """The message for a stored detail of a pair. It does not say which photo is the first or second, because
    users see no such order."""
    if contains_other(detail) is not None:
        share = detail.rpartition("(")[2].rstrip(")")
        return Message("one shows {share} of the other", share=share)
    known = _DETAILS.get(detail)
    return Message("{detail}", detail=detail) if known is None else known()


def shown_in(pair: Pair | None, best: int) -> Message | None:
    """Which part of the best video another one shows; None if it is no part of it."""
    part = None if pair is None else part_in(pair, best)
    if part is None:
        return None
    return Message(
        "shows {start} to {end} of the longer video", start=_timestamp(part[0]), end=_timestamp(part[1])
    )


def _unique(messages: Iterable[Message]) -> list[Message]:
    return list({str(each): each for each in messages}.values())


def _formats(photos: Sequence[Photo]) -> str:
    return ", ".join(sorted({photo.format for photo in photos}))


def _differences(photos: Sequence[Photo]) -> list[Message]:
    sizes = {tuple(sorted((photo.width, photo.height))) for photo in photos}
    pairs = [Message("in other sizes")] if len(sizes) > 1 else []
    if len({photo.format for photo in photos}) > 1:
        pairs.append(Message("as {formats}", formats=_formats(photos)))
    return pairs


def _parts(pairs: Sequence[Pair]) -> Message:
    """The first three parts of the longer video that others show."""
    spans = sorted(part[1:] for pair in pairs if (part := part_place(pair)) is not None)
    return listed(
        Message("{start} to {end}", start=_timestamp(start), end=_timestamp(end)) for start, end in spans[:3]
    )


def _burst(photos: Sequence[Photo]) -> Message:
    cameras = (photo.metadata.camera for photo in photos)
    camera = next(filter(None, cameras), None) or Message("one camera")
    seconds = _seconds(photos)
    if seconds <= 1:
        return Message("Taken by {camera} within a second; they look alike", camera=camera)
    return Message(
        "Taken by {camera} within {seconds:.0f} seconds; they look alike", camera=camera, seconds=seconds
    )


def _seconds(photos: Sequence[Photo]) -> float:
    """From the first to the last exposure; 0 where no date is known."""
    moments = []
    for photo in photos:
        try:
            moments.append(datetime.fromisoformat(photo.date))
        except ValueError:
            continue
    return (max(moments) - min(moments)).total_seconds() if moments else 0


def _timestamp(seconds: float) -> str:
    """``1:05.5``"""
    minutes, rest = divmod(round(seconds, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"
