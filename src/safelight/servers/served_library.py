"""The functions that the servers offer their clients, independent of the protocol.

The library is opened with the limits of the server, so nothing here decides what a client may see.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from safelight.api import Access, DuplicateSet, Library, PhotoInfo, Results
from safelight.core.errors import SafelightError, UsageError
from safelight.servers import answers
from safelight.services.program_requests import ProgramRequest, RequestRecord

MAX_PHOTOS_PER_EDIT = 100
"""The most photos that one edit may change."""


@dataclass(slots=True)
class Answer:
    """The entry of a request in the record, filled in while the request runs."""

    text: str
    """What the request is about."""
    photos: int = 0
    """The number of photos in the answer, or of changed photos."""
    take_back: Callable[[], object] | None = None
    """Undoes the edit if it cannot be recorded."""


class ServedLibrary:
    """One open library. Thread-safe. All methods raise SafelightError for what the client did wrong.

    Requests for photos and edits are recorded for the user.
    """

    def __init__(
        self, library: Library, record: RequestRecord, program: str, *, limited: bool, allows_edits: bool
    ) -> None:
        """``program``: the kind of server, for the record."""
        self._library = library
        self._record = record
        self._program = program
        self._limited = limited
        self.allows_edits = allows_edits
        self._steps: set[int] = set()
        """Steps of the journal that this server made. It undoes no others."""

    @classmethod
    def open(
        cls, directory: Path, access: Access, program: str, *, allow_edits: bool = False
    ) -> ServedLibrary:
        """Raises as :meth:`Library.open`."""
        library = Library.open(directory, access=access, read_only=not allow_edits, ask_engine=True)
        record = RequestRecord(directory)
        return cls(library, record, program, limited=bool(access.only), allows_edits=allow_edits)

    def close(self) -> None:
        """Idempotent."""
        self._library.close()

    def warm_up(self) -> None:
        """Load the model. Raises ModelError."""
        self._library.warm_up()

    # --- reading --------------------------------------------------------------------------------------

    def search(self, query: str, limit: int, cursor: str | None) -> answers.MatchesModel:
        with self._recording("search", query) as answer:
            found = _matches(self._library.search(query, limit, cursor))
            answer.photos = len(found.matches)
        return found

    def similar(self, photo: str, limit: int, cursor: str | None) -> answers.MatchesModel:
        with self._recording("similar", photo) as answer:
            found = _matches(self._library.similar(photo, limit, cursor))
            answer.text, answer.photos = file_name(self._library.photo(photo).paths[0]), len(found.matches)
        return found

    def describe(self, photo: str) -> answers.DescriptionModel:
        with self._recording("describe", photo) as answer:
            described = self._library.describe(photo)
            answer.text, answer.photos = file_name(described.photo.paths[0]), 1
        return _description(
            described.photo, described.looks_like, described.captions, described.suggested_tags
        )

    def picture(self, photo: str, side: int) -> bytes:
        """A JPEG."""
        with self._recording("picture", photo) as answer:
            picture = self._library.picture(photo, side)
            answer.text, answer.photos = file_name(self._library.photo(photo).paths[0]), 1
        return picture

    def duplicates(self, kind: str | None, limit: int) -> answers.DuplicatesModel:
        with self._recording("duplicates", kind or "") as answer:
            groups = self._library.duplicates(kind)
            given = [_group(each) for each in groups[:limit]]
            answer.photos = sum(len(each.members) for each in given)
        waiting = self._library.status().not_compared
        notice = ""
        if waiting:
            notice = (
                f"{waiting:,} photos have not been compared yet. The user can open the window, which compares"
                " them, or run: safelight duplicates"
            )
        return answers.DuplicatesModel(groups=given, total=len(groups), notice=notice)

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
        with self._recording("album", name) as answer:
            photos = [_description(photo) for photo in self._library.album(name)]
            answer.photos = len(photos)
        return photos

    def saved_searches(self) -> list[answers.SavedSearchModel]:
        return [
            answers.SavedSearchModel(name=each.name, query=each.query)
            for each in self._library.saved_searches()
        ]

    # --- edits ----------------------------------------------------------------------------------------

    def tag(self, photos: list[str], tag: str) -> answers.EditModel:
        return self._run_edit("tag", tag, photos, lambda: self._library.tag(photos, tag))

    def untag(self, photos: list[str], tag: str) -> answers.EditModel:
        return self._run_edit("untag", tag, photos, lambda: self._library.untag(photos, tag))

    def rate(self, photos: list[str], rating: int) -> answers.EditModel:
        return self._run_edit("rate", str(rating), photos, lambda: self._library.rate(photos, rating))

    def add_to_album(self, photos: list[str], album: str) -> answers.EditModel:
        return self._run_edit(
            "add-to-album", album, photos, lambda: self._library.add_to_album(photos, album)
        )

    def undo(self, step: int) -> answers.UndoneModel:
        if step not in self._steps:
            raise SafelightError("This program made no such edit, so it cannot undo it.")
        self._check_record()
        with self._recording("undo", str(step)):
            undone = self._library.undo(step)
        return answers.UndoneModel(undone=undone)

    def _run_edit(
        self, request: str, text: str, photos: list[str], edit: Callable[[], int | None]
    ) -> answers.EditModel:
        if not 0 < len(photos) <= MAX_PHOTOS_PER_EDIT:
            raise UsageError(
                "Name 1 to {limit} photos, not {number}.", limit=MAX_PHOTOS_PER_EDIT, number=len(photos)
            )
        self._check_record()
        with self._recording(request, text) as answer:
            step = edit()
            answer.photos = len(photos)
            if step is not None:
                answer.take_back = partial(self._library.undo, step)
        if step is not None:
            self._steps.add(step)
        return answers.EditModel(step=step)

    @contextmanager
    def _recording(self, request: str, text: str) -> Iterator[Answer]:
        """Record a request when the block ends. If that fails, the request is refused and its edit is undone,
        because the user could not see what was read or changed."""
        answer, refused = Answer(text), True
        try:
            yield answer
            refused = False
        finally:
            asked = ProgramRequest(time.time(), self._program, request, answer.text, answer.photos, refused)
            try:
                self._record.add(asked)
            except OSError as error:
                if answer.take_back is not None:
                    answer.take_back()
                raise self._not_recorded(error) from error

    def _check_record(self) -> None:
        """Raise SafelightError if an edit could not be recorded, before anything is changed."""
        try:
            self._record.check()
        except OSError as error:
            raise self._not_recorded(error) from error

    def _not_recorded(self, error: OSError) -> SafelightError:
        return SafelightError(
            "The request cannot be recorded in {path} ({reason}); make that file writable.",
            path=self._record.path,
            reason=error.strerror,
        )


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
    photo: PhotoInfo,
    looks_like: tuple[str, ...] = (),
    captions: tuple[str, ...] = (),
    suggested: tuple[str, ...] = (),
) -> answers.DescriptionModel:
    place = None
    if photo.latitude is not None and photo.longitude is not None:
        place = answers.PlaceModel(latitude=photo.latitude, longitude=photo.longitude)
    return answers.DescriptionModel(
        key=photo.key,
        paths=[printable(path) for path in photo.paths],
        looks_like=list(looks_like),
        suggested_tags=list(suggested),
        captions=list(captions),
        date=photo.date,
        date_is_taken=photo.date_is_taken,
        width=photo.width,
        height=photo.height,
        format=photo.format,
        bytes=photo.size,
        camera=photo.camera,
        lens=photo.lens,
        title=photo.title or None,
        caption=photo.caption or None,
        label=photo.label or None,
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


def file_name(path: str) -> str:
    """The name of a file without its folder, printable."""
    return printable(Path(path).name)
