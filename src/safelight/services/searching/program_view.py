"""What a program may search. The engine and the Python interface use the same checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from safelight.core.concepts import Proposal
from safelight.core.estimate import Estimate
from safelight.core.explanation import Explanation
from safelight.core.query import Query
from safelight.core.tag_words import Suggestion
from safelight.services.program_access import Access
from safelight.services.searching.query_encoding import Example
from safelight.services.searching.results import FoundPhotos, check_limit
from safelight.services.searching.searcher import Searcher
from safelight.store import photos
from safelight.store.library import LibraryStore


class ProgramView:
    """Searches within an access. Raises UsageError for what is withheld, UnknownPhotoError for a picture that
    the program may not see, and as the methods of :class:`Searcher`. For one thread at a time."""

    def __init__(self, access: Access, searcher: Searcher, store: LibraryStore) -> None:
        """``store`` has the limit of ``access``, and ``searcher`` searches it."""
        self._access = access
        self._searcher = searcher
        self._store = store

    def search(self, query: str, limit: int, like: Example | None = None) -> FoundPhotos:
        """Photos that fit a query, an example, or both."""
        self._check(query, like)
        return self._searcher.search(query, limit, like=like)

    def listing(self, query: str, limit: int) -> tuple[FoundPhotos, Mapping[int, str]]:
        """Photos that fit a query, with the path of one file of each. Photos without a file have none.

        Raises UsageError for too high a limit.
        """
        check_limit(limit)
        found = self.search(query, limit)
        with self._store.read() as db:
            known = photos.get_many(db, [hit.photo_id for hit in found.hits])
        return found, {photo.id: photo.files[0].path for photo in known if photo.files}

    def similar(self, example: Example, limit: int) -> FoundPhotos:
        """Photos like an example."""
        self._check("", example)
        if isinstance(example, int):
            return self._searcher.similar_to_photo(example, limit)
        return self._searcher.similar_to_picture(example, limit)

    def count(self, query: str) -> Estimate:
        """About how many photos fit a query."""
        self._check(query)
        return self._searcher.count(query)

    def explain(self, photo_id: int, query: str, like: Example | None = None) -> Explanation:
        """Why a photo fits a query, without a heat map."""
        self._check("", photo_id)
        self._check(query, like)
        return self._searcher.explain(photo_id, query, like=like).explanation

    def suggest(self, photo_ids: Sequence[int]) -> Mapping[int, tuple[Suggestion, ...]] | None:
        """The tags that suit photos; None while words are encoded: call it again."""
        found = self._searcher.suggest(photo_ids)
        if found is None or self._access.people:
            return found
        return {
            photo_id: tuple(each for each in suggestions if not each.is_concept)
            for photo_id, suggestions in found.items()
        }

    def doubtful(self, concept: str, limit: int) -> list[Proposal]:
        """Photos about which an answer tells most whether they show a concept."""
        return self._searcher.proposals_for(concept, limit)

    def prepare(self) -> None:
        """Make the next search fast."""
        self._searcher.prepare()

    def _check(self, query: str, like: Example | None = None) -> None:
        checked = self._access.checked(query) if query else Query()
        with self._store.read() as db:
            self._access.check_examples(db, checked, like)
