"""Groups of duplicates, as the engine would find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, FileFacts
from safelight.core.message import Message

FACTS = FileFacts(
    size=4_000_000,
    width=4000,
    height=3000,
    format="JPEG",
    date="2021-06-03T10:00:00",
    date_is_taken=True,
    camera="Drawn",
    jpeg_quality=95,
    sharpness=120.0,
)


def member(
    file_id: int, *, keep: bool, photo_id: int | None = None, path: str = "", **facts: object
) -> DuplicateMember:
    """A file ``/photos/<folder>/<id>.jpg``; ``facts`` differ from :data:`FACTS`."""
    return DuplicateMember(
        path or f"/photos/{'best' if keep else 'copies'}/{file_id}.jpg",
        file_id,
        photo_id if photo_id is not None else file_id,
        keep,
        Message("more pixels") if keep else Message("fewer pixels"),
        replace(FACTS, **facts),  # type: ignore[arg-type]
        likeness=1.0 if keep else 0.987,
    )


def group(
    first: int, amount: int = 2, kind: DuplicateKind = DuplicateKind.RESAVED, key: str = ""
) -> DuplicateGroup:
    """Files ``first``, ``first + 1`` …; the first is kept, or all of them where nothing is proposed."""
    every = kind in (
        DuplicateKind.RESAVED_VIDEO,
        DuplicateKind.VIDEO_PART,
        DuplicateKind.BURST,
        DuplicateKind.LOOKALIKE,
    )
    duration = 12.0 if kind in (DuplicateKind.RESAVED_VIDEO, DuplicateKind.VIDEO_PART) else None
    members = tuple(
        member(
            first + n,
            keep=every or n == 0,
            size=FACTS.size // (n + 1),
            width=4000 // (n + 1),
            duration=duration,
        )
        for n in range(amount)
    )
    return DuplicateGroup(
        key or f"{kind}-{first}", kind, Message("{amount} versions of one picture", amount=amount), members
    )


def of_photos(
    made: DuplicateGroup, photos: Sequence[int], paths: Sequence[str], size: tuple[int, int]
) -> DuplicateGroup:
    """The same group of other photos, at these paths and of this size."""
    members = tuple(
        replace(each, path=path, photo_id=photo, facts=replace(each.facts, width=size[0], height=size[1]))
        for each, photo, path in zip(made.members, photos, paths, strict=True)
    )
    return replace(made, members=members)


def protect(made: DuplicateGroup, *file_ids: int) -> DuplicateGroup:
    members: Sequence[DuplicateMember] = [
        replace(each, protected=True, keep=True) if each.file_id in file_ids else each
        for each in made.members
    ]
    return replace(made, members=tuple(members))
