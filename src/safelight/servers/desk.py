"""The functions that the servers offer their clients, independent of the protocol.

The library is opened with the limits of the server, so nothing here decides what a client may see.
"""

from __future__ import annotations

from pathlib import Path

from safelight.api import Access, DuplicateSet, Library, PhotoInfo, Results
from safelight.core.errors import SafelightError, UsageError
from safelight.servers import answers

MOST_PHOTOS_AT_ONCE = 100
"""Photos that one edit may change."""


class Desk:
    """One open library. Thread-safe. All methods raise SafelightError for what the client did wrong."""

    def __init__(self, library: Library, *, limited: bool, allows_edits: bool) -> None:
        self._library = library
        self._limited = limited
        self.allows_edits = allows_edits
        self._steps: set[int] = set()
        """Steps of the journal that this server made. It undoes no others."""

    @classmethod
    def open(cls, directory: Path, access: Access, *, allow_edits: bool = False) -> Desk:
        """Raises as :meth:`Library.open`."""
        library = Library.open(directory, access=access, read_only=not allow_edits)
        return cls(library, limited=bool(access.only), allows_edits=allow_edits)

    def close(self) -> None:
        """Idempotent."""
        self._library.close()

    def warm_up(self) -> None:
        """Load the model. Raises ModelError."""
        self._library.warm_up()

    # --- reading --------------------------------------------------------------------------------------

    def search(self, query: str, limit: int, cursor: str | None) -> answers.MatchesModel:
        return _matches(self._library.search(query, limit, cursor))

    def similar(self, photo: str, limit: int, cursor: str | None) -> answers.MatchesModel:
        return _matches(self._library.similar(photo, limit, cursor))

    def describe(self, photo: str) -> answers.DescriptionModel:
        described = self._library.describe(photo)
        return _description(described.photo, described.looks_like, described.captions)

    def picture(self, photo: str, side: int) -> bytes:
        """A JPEG."""
        return self._library.picture(photo, side)

    def duplicates(self, kind: str | None, limit: int) -> answers.DuplicatesModel:
        groups = self._library.duplicates(kind)
        return answers.DuplicatesModel(groups=[_group(each) for each in groups[:limit]], total=len(groups))

    def status(self) -> answers.StatusModel:
        known = self._library.status()
        return answers.StatusModel(
            photos=known.photos,
            searchable=known.searchable,
            pending=known.pending,
            model=known.model,
            limited=self._limited,
            allows_edits=self.allows_edits,
        )

    def albums(self) -> list[answers.NamedModel]:
        return [answers.NamedModel(name=each.name, photos=each.photos) for each in self._library.albums()]

    def tags(self) -> list[answers.NamedModel]:
        return [answers.NamedModel(name=each.name, photos=each.photos) for each in self._library.tags()]

    def album(self, name: str) -> list[answers.DescriptionModel]:
        return [_description(photo) for photo in self._library.album(name)]

    def saved_searches(self) -> list[answers.SavedSearchModel]:
        return [
            answers.SavedSearchModel(name=each.name, query=each.query)
            for each in self._library.saved_searches()
        ]

    # --- edits ----------------------------------------------------------------------------------------

    def tag(self, photos: list[str], tag: str) -> answers.EditModel:
        return self._edited(self._library.tag(_few(photos), tag))

    def untag(self, photos: list[str], tag: str) -> answers.EditModel:
        return self._edited(self._library.untag(_few(photos), tag))

    def rate(self, photos: list[str], rating: int) -> answers.EditModel:
        return self._edited(self._library.rate(_few(photos), rating))

    def add_to_album(self, photos: list[str], album: str) -> answers.EditModel:
        return self._edited(self._library.add_to_album(_few(photos), album))

    def undo(self, step: int) -> answers.UndoneModel:
        if step not in self._steps:
            raise SafelightError("This program made no such edit, so it cannot undo it.")
        return answers.UndoneModel(undone=self._library.undo(step))

    def _edited(self, step: int | None) -> answers.EditModel:
        if step is not None:
            self._steps.add(step)
        return answers.EditModel(step=step)


def _few(photos: list[str]) -> list[str]:
    if not 0 < len(photos) <= MOST_PHOTOS_AT_ONCE:
        raise UsageError(f"Name 1 to {MOST_PHOTOS_AT_ONCE} photos, not {len(photos)}.")
    return photos


def _matches(found: Results) -> answers.MatchesModel:
    return answers.MatchesModel(
        matches=[
            answers.MatchModel(
                key=match.key,
                path=printable(match.path),
                band=match.band.value,
                probability=None if match.probability is None else round(match.probability, 3),
                score=round(match.score, 4),
                why=[printable(reason) for reason in match.reasons],
            )
            for match in found
        ],
        next_cursor=found.cursor,
        notice=found.notice,
    )


def _description(
    photo: PhotoInfo, looks_like: tuple[str, ...] = (), captions: tuple[str, ...] = ()
) -> answers.DescriptionModel:
    place = None
    if photo.latitude is not None and photo.longitude is not None:
        place = answers.PlaceModel(latitude=photo.latitude, longitude=photo.longitude)
    return answers.DescriptionModel(
        key=photo.key,
        paths=[printable(path) for path in photo.paths],
        looks_like=list(looks_like),
        captions=list(captions),
        date=photo.date,
        date_is_taken=photo.date_is_taken,
        width=photo.width,
        height=photo.height,
        format=photo.format,
        bytes=photo.size,
        camera=photo.camera,
        lens=photo.lens,
        favourite=photo.favourite,
        rating=photo.rating,
        tags=list(photo.tags),
        albums=list(photo.albums),
        place=place,
    )


def _group(group: DuplicateSet) -> answers.DuplicateGroupModel:
    return answers.DuplicateGroupModel(
        kind=group.kind.value,
        reason=group.reason,
        members=[
            answers.DuplicateModel(
                key=member.key, path=printable(member.path), keep=member.keep, why=member.why
            )
            for member in group.members
        ],
    )


def printable(text: str) -> str:
    """Names of files that are not UTF-8 cannot be sent as JSON: such bytes become a replacement character.
    The key identifies the photo."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
