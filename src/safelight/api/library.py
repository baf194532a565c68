"""``Library``: the Python interface to a library of photos."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from safelight import paths
from safelight.api import pages, pictures, records
from safelight.api.finder import Finder
from safelight.api.selections import Selection, Selections, name_in_errors
from safelight.api.values import (
    Changes,
    Description,
    Doubtful,
    DuplicateSet,
    Label,
    PhotoInfo,
    PhotoVectors,
    Results,
    SavedQuery,
    Status,
    SuggestedTag,
    TaughtConcept,
    ThemeInfo,
    Why,
)
from safelight.core import operations
from safelight.core.duplicates import DuplicateKind
from safelight.core.errors import SafelightError, UnknownPhotoError, UsageError
from safelight.core.estimate import Estimate
from safelight.core.photo import Photo
from safelight.core.user_paths import expanded
from safelight.engine.editor import Editor
from safelight.services.program_access import Access
from safelight.services.searching.results import FoundPhotos
from safelight.store import albums, concepts, labels, photos, saved_searches, stored_thumbnails
from safelight.store.library import Connection, LibraryStore

if TYPE_CHECKING:
    from safelight.services.library import Library as OpenLibrary

LARGEST_SIDE = 4096
"""Pixels of the long side of a picture from :meth:`Library.picture`."""


class Library:
    """An open library. Read-only unless asked otherwise; usable beside an open window. Thread-safe.

    Close it with :meth:`close`, or use it in a ``with`` statement. All methods raise SafelightError with one
    line that says what is wrong; UsageError is the subclass for requests that make no sense.
    """

    def __init__(self, store: LibraryStore, finder: Finder, access: Access, editor: Editor | None) -> None:
        """Use :meth:`open`."""
        self._store = store
        self._finder = finder
        self._access = access
        self._editor = editor
        self._selections = Selections(store, access)

    @classmethod
    def open(
        cls,
        path: Selection | None = None,
        *,
        read_only: bool = True,
        only: str = "",
        hidden: bool = False,
        model: str | None = None,
        access: Access | None = None,
        ask_engine: bool = False,
    ) -> Library:
        """Open the library in the folder ``path``, by default the user's own.

        ``only`` limits what exists to a folder (an absolute path), an album or filters. With ``hidden``,
        photos that the user hid exist; searches show them if the query mentions ``is:hidden``. ``access``
        says the same and more, and replaces both. ``model`` names the model to search with, by default that
        of the library. With ``read_only=False`` the library can be edited, also while a window is open.
        With ``ask_engine``, the engine of an open window searches if there is one, within the same limits, so
        that no model is loaded here; not with ``model``.

        Raises LibraryUnavailableError if there is no library, LibraryTooNewError, LibraryDamagedError,
        ModelError, and UsageError for an ``only`` that is none of these.
        """
        directory = paths.default_library() if path is None else expanded(path).absolute()
        granted = access or Access(only=only, hidden=hidden)
        limit = granted.limit(directory)
        engine = directory if ask_engine and model is None else None
        store = LibraryStore.open_up_to_date_read_only(directory, limit=limit)

        def open_services() -> OpenLibrary:
            from safelight.services.library import Library as OpenLibrary

            return OpenLibrary.open(directory, paths.models_dir(), model=model, read_only=True, limit=limit)

        finder = Finder(store, granted, engine, open_services)
        try:
            if engine is None:
                _ = finder.services  # so that a missing model is reported here
        except BaseException:
            store.close()
            raise
        return cls(store, finder, granted, None if read_only else Editor(directory))

    def close(self) -> None:
        """Idempotent."""
        self._finder.close()
        self._store.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- searching ------------------------------------------------------------------------------------

    def search(
        self,
        query: str = "",
        limit: int = 20,
        cursor: str | None = None,
        *,
        like: Selection | bytes | None = None,
    ) -> Results:
        """Photos that fit a query of the search language, a picture, or both, best first.

        ``like`` is a photo of the library, the path of another picture, or an encoded picture. ``limit`` is
        the size of a page; ``cursor`` continues an earlier page of the same search, up to
        :data:`safelight.services.searching.results.MOST_RESULTS` photos. A query of filters alone gives the
        newest photos first. Raises UsageError for an empty query or a wrong cursor, ImageError, ModelError.
        """
        start = pages.start_of(cursor, limit, f"search {query}")
        asked = self._selections.resolved(query)
        example = None if like is None else self._selections.example(like)
        found = name_in_errors(like, lambda: self._finder.search(asked, start + limit + 1, example))
        return self._page(found, start, limit, f"search {query}")

    def similar(self, photo: Selection | bytes, limit: int = 20, cursor: str | None = None) -> Results:
        """Photos that look like a photo, most similar first. A photo of the library is its own first match.

        ``photo`` is a photo of the library, the path of another picture, or an encoded picture.
        """
        asked = photo if isinstance(photo, bytes) else os.fspath(photo)
        start = pages.start_of(cursor, limit, f"similar {asked!r}")
        example = self._selections.example(photo)
        found = name_in_errors(photo, lambda: self._finder.similar(example, start + limit + 1))
        return self._page(found, start, limit, f"similar {asked!r}")

    def count(self, query: str) -> Estimate:
        """About how many photos match. Raises UsageError for queries that cannot be counted."""
        return self._finder.count(self._selections.resolved(query))

    def explain(self, photo: Selection, query: str, *, like: Selection | bytes | None = None) -> Why:
        """Why a photo matches a query. Raises SafelightError for a photo that has no vector yet."""
        example = None if like is None else self._selections.example(like)
        why = self._finder.explain(self._selections.id_of(photo), self._selections.resolved(query), example)
        return Why(why.parts, str(why.names or ""), why.looks_like, why.unit)

    def warm_up(self) -> None:
        """Load the model and read the vectors into memory, so that the next searches take milliseconds. For
        programs that stay open. Raises ModelError."""
        self._finder.warm_up()

    # --- photos ---------------------------------------------------------------------------------------

    def keys(self) -> list[str]:
        """The keys of all photos that the window lists, newest first: without hidden photos, second halves of
        pairs and lower photos of stacks."""
        with self._store.read() as db:
            listed = photos.ids(db)
            hashes = photos.content_hashes(db, listed)
        return [hashes[photo_id].hex() for photo_id in listed]

    def photo(self, photo: Selection) -> PhotoInfo:
        """What the library knows of a photo. Raises SafelightError if it has no such photo."""
        with self._store.read() as db:
            return self._info(db, self._selections.photo(db, photo))

    def photos(self, selections: Iterable[Selection]) -> list[PhotoInfo]:
        """What the library knows of several photos, in the same order. Raises as :meth:`photo`."""
        with self._store.read() as db:
            return [self._info(db, photo) for photo in self._selections.photos(db, selections)]

    def describe(self, photo: Selection) -> Description:
        """What a photo shows, as far as the model can tell, and what is known of it. The first call with a
        model takes seconds, in which the words for tags are encoded."""
        with self._store.read() as db:
            known = self._selections.photo(db, photo)
            info = self._info(db, known)
        try:
            seen = self._finder.explain(known.id, "", None)
        except UsageError:
            raise
        except SafelightError:  # it has no vector yet
            return Description(info)
        try:
            suggested = tuple(each.tag for each in self.suggest([info.key])[0])
        except SafelightError:  # photos have not been compared with descriptions yet
            suggested = ()
        return Description(info, seen.looks_like, seen.descriptions, suggested)

    def picture(self, photo: Selection, side: int = 1024) -> bytes:
        """A JPEG of a photo, upright, without metadata, its long side at most ``side`` pixels. If its file
        cannot be read now, the stored thumbnail. Raises SafelightError if there is neither.
        """
        if not 1 <= side <= LARGEST_SIDE:
            raise UsageError(
                "A picture can have 1 to {limit} pixels, not {side}.", limit=LARGEST_SIDE, side=side
            )
        with self._store.read() as db:
            known = self._selections.photo(db, photo)
            thumbnail = stored_thumbnails.get_many(db, [known.id]).get(known.id)
        return pictures.jpeg(known, thumbnail, side, lambda: self._finder.services.pool)

    def vectors(self, selections: Iterable[Selection] | None = None) -> PhotoVectors:
        """The vectors of photos, of all by default, by the model in use. Photos without one are left out.

        All vectors of 100,000 photos take 200 MB at 512 numbers each.
        """
        with self._store.read() as db:
            key = self._finder.services.answering_key
            if selections is None:
                return records.photo_vectors(db, key, None)
            return records.photo_vectors(
                db, key, (photo.id for photo in self._selections.photos(db, selections))
            )

    # --- the library ----------------------------------------------------------------------------------

    def status(self) -> Status:
        """What the library contains."""
        with self._store.read() as db:
            services = self._finder.services
            return records.status(
                db, services.answering_key, services.model.name, with_folders=not self._access.only
            )

    def tags(self) -> list[Label]:
        """Every tag, by name."""
        with self._store.read() as db:
            return [Label(*each) for each in labels.tags(db)]

    def albums(self) -> list[Label]:
        """Every album, named by its path (``Trips/Italy``) and sorted by it."""
        with self._store.read() as db:
            return [Label(*each) for each in labels.albums(db)]

    def album(self, name: str) -> list[PhotoInfo]:
        """The photos of an album, named by its path or its last part, in its order. Albums inside it do not
        count. Raises SafelightError if there is no such album."""
        with self._store.read() as db:
            if labels.find_album(db, name) is None:
                raise UnknownPhotoError("There is no album {name} in this library.", name=name)
            return [self._info(db, photo) for photo in photos.get_many(db, labels.in_album(db, name))]

    def saved_searches(self) -> list[SavedQuery]:
        """The saved searches by name, without those that search by what is withheld. With ``only`` there are
        none: their text may name what is outside of it."""
        with self._store.read() as db:
            found = saved_searches.all_searches(db)
        return [SavedQuery(each.name, each.query) for each in found if self._access.gives(each.query)]

    def themes(self) -> list[ThemeInfo]:
        """Groups of photos that show similar things, the largest first, as the page Explore or ``safelight
        themes refresh`` found them. With ``only`` there are none: their names say what is outside of it."""
        with self._store.read() as db:
            return records.themes(db)

    def concepts(self) -> list[TaughtConcept]:
        """What the user taught by examples, by name. With ``only`` there are none, since they were learned
        from photos outside of it, and none where people are withheld."""
        if not self._access.people:
            return []
        with self._store.read() as db:
            return records.taught_concepts(db)

    def suggest(self, selections: Sequence[Selection]) -> list[tuple[SuggestedTag, ...]]:
        """The tags that suit each photo, the most likely first, without those that it has or that the user
        refused. Words come from the list of the library, the tags in use, and taught concepts.

        Raises SafelightError where photos cannot be judged yet.
        """
        ids = self._selections.ids(selections)
        found = self._finder.suggest(ids)
        return [
            tuple(SuggestedTag(each.tag, each.probability) for each in found.get(photo_id, ()))
            for photo_id in ids
        ]

    def doubtful(self, concept: str, limit: int = 10) -> list[Doubtful]:
        """Photos about which an answer tells most whether they show a concept. Teach them with :meth:`teach`.

        Raises SafelightError if there is no such concept.
        """
        with self._store.read() as db:
            if concepts.find(db, concept) is None:
                raise SafelightError("There is no concept “{name}”.", name=concept)
        found = self._finder.doubtful(concept, limit)
        with self._store.read() as db:
            return records.doubtful(db, found)

    def duplicates(self, kind: DuplicateKind | str | None = None) -> list[DuplicateSet]:
        """Groups of duplicates as far as photos have been compared, the most certain first.

        Photos are compared by the window while it is open, and by ``safelight duplicates``. Raises UsageError
        for an unknown kind.
        """
        if kind is not None and kind not in set(DuplicateKind):
            raise UsageError(
                "{kind} is not a kind of duplicates; there are {known}.",
                kind=kind,
                known=", ".join(DuplicateKind),
            )
        from safelight.services.duplicates.grouping import find_groups, identical_files
        from safelight.services.duplicates.qualities import Qualities

        with self._store.read() as db:
            groups = identical_files(db) if kind == DuplicateKind.IDENTICAL else find_groups(db, Qualities())
            groups = [group for group in groups if kind is None or group.kind == kind]
            return records.duplicate_sets(db, groups)

    def changes(self, since: str | None = None) -> Changes:
        """What changed since the revision of an earlier call. Without one, only the current revision.

        Raises UsageError for what is no revision.
        """
        with self._store.read() as db:
            return records.changes_since(db, since)

    # --- edits ----------------------------------------------------------------------------------------

    def tag(self, selections: Sequence[Selection], name: str) -> int | None:
        """Add a tag to photos. Returns the step to :meth:`undo`, None if nothing changed. As all edits,
        raises SafelightError for a library that is open for reading only."""
        self._access.check_tag(name)
        return self.run(operations.AddTag(self._selections.ids(selections), name))

    def untag(self, selections: Sequence[Selection], name: str) -> int | None:
        """Remove a tag from photos."""
        self._access.check_tag(name)
        return self.run(operations.RemoveTag(self._selections.ids(selections), name))

    def rate(self, selections: Sequence[Selection], rating: int) -> int | None:
        """Rate photos from 0 (none) to 5."""
        if not 0 <= rating <= 5:
            raise UsageError("A rating is 0 to 5, not {rating}.", rating=rating)
        return self.run(operations.SetRating(self._selections.ids(selections), rating))

    def set_favourite(self, selections: Sequence[Selection], favourite: bool = True) -> int | None:
        """Mark photos as favourites, or not."""
        return self.run(operations.SetFavourite(self._selections.ids(selections), favourite))

    def add_to_album(self, selections: Sequence[Selection], name: str) -> int | None:
        """Add photos to an album, named by its path (``Trips/Italy``). An album that does not exist is
        created with those around it, but not under ``only``: its name could be that of an album outside."""
        ids = self._selections.ids(selections)
        path = name.strip("/")
        with self._store.read() as db:
            album_id = albums.find_path(db, path)
        if album_id is not None:
            return self.run(operations.AddToAlbum(album_id, ids))
        if self._access.only:
            raise UnknownPhotoError("There is no album {name} in this library.", name=name)
        *around, last = path.split("/")
        return self.run(operations.CreateAlbum(last, photo_ids=ids, inside=tuple(around)))

    def teach(
        self, concept: str, shown: Sequence[Selection] = (), not_shown: Sequence[Selection] = ()
    ) -> int | None:
        """Give a concept photos that show it, and photos that do not. A new concept is created; ``my:`` in a
        query finds it. Not with ``only``: the concept of that name could have been learned from photos
        outside of it."""
        if self._access.only:
            raise SafelightError("Concepts can only be taught where the whole library is visible.")
        return self.run(
            operations.TeachConcept(concept, self._selections.ids(shown), self._selections.ids(not_shown))
        )

    def undo(self, step: int) -> bool:
        """Undo an edit. False if it was undone already."""
        return self._editing().undo(step).undone is not None

    def run(self, operation: operations.Operation[operations.Outcome]) -> int | None:
        """Apply an operation of :mod:`safelight.core.operations`; see :meth:`tag`."""
        return self._editing().run(operation)

    # --- inside ---------------------------------------------------------------------------------------

    def _editing(self) -> Editor:
        if self._editor is None:
            raise SafelightError("This library was opened for reading only; open it with read_only=False.")
        return self._editor

    def _page(self, found: FoundPhotos, start: int, limit: int, asked: str) -> Results:
        with self._store.read() as db:
            return pages.page(db, found, start, limit, asked)

    def _info(self, db: Connection, photo: Photo) -> PhotoInfo:
        return records.photo_info(db, photo, self._access)
