"""Suggests tags and taught concepts for photos, without those that they have or that the user refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from safelight.core.encoder import Encoder
from safelight.core.errors import SafelightError
from safelight.core.tag_words import Suggestion, TagWord, word_named
from safelight.services.searching.current_calibration import CurrentCalibration, not_compared
from safelight.services.searching.query_encoding import Encode
from safelight.services.searching.retrieval import Retrieval
from safelight.services.searching.tag_word_matching import TagWordMatcher
from safelight.store import tag_words, tags, vectors
from safelight.store.library import LibraryStore
from safelight.store.vectors import Ids

ConceptsOf = Callable[[Encoder, int, Ids, int], dict[int, list[Suggestion]]]
"""The taught concepts that photos show, as :meth:`JudgedFilters.concepts_of` finds them."""


class TagSuggester:
    """Suggests tags in one library. For one thread at a time."""

    def __init__(
        self, store: LibraryStore, encode: Encode, retrieval: Retrieval, calibration: CurrentCalibration
    ) -> None:
        """``encode`` gives the unit vector of a text."""
        self._store = store
        self._retrieval = retrieval
        self._calibration = calibration
        self._matcher = TagWordMatcher(store.directory, encode)

    def encode_some(self, encoder: Encoder) -> bool:
        """Encode some more of the words, so that the first suggestions need not wait for them. Returns
        whether there are more. Raises ModelError."""
        try:
            with self._store.read() as db:
                words = tag_words.all_words(db, self._store.directory)
        except SafelightError:
            return False  # a list that cannot be read, which is reported when suggestions are asked for
        return self._matcher.advance(encoder, words)

    def suggest(
        self, encoder: Encoder, model_id: int, photo_ids: Sequence[int], concepts_of: ConceptsOf
    ) -> dict[int, tuple[Suggestion, ...]] | None:
        """The tags that suit photos, as :meth:`Searcher.suggest` returns them."""
        with self._store.read() as db:
            words = tag_words.all_words(db, self._store.directory)
            embedded = self._retrieval.coverage(db, model_id).embedded
            ids, _ = vectors.of_visible(db, model_id, list(photo_ids))
            refused = tag_words.refused(db, ids.tolist())
            given = tags.by_photo(db, ids.tolist())
        if self._matcher.advance(encoder, words):
            return None
        calibration = self._calibration.get(encoder, model_id, embedded)
        if not calibration.has_references:
            raise not_compared()
        suggested = self._matcher.suggest(calibration, words, ids, embedded)
        taught = concepts_of(encoder, model_id, ids, embedded)
        return {
            photo: tuple(
                each
                for each in (*taught.get(photo, ()), *suggestions)
                if each.tag.lower() not in refused.get(photo, set()) and not _has(given[photo], each.tag)
            )
            for photo, suggestions in zip(ids.tolist(), suggested, strict=True)
        }

    def word_choice(self, encoder: Encoder, model_id: int, name: str) -> tuple[TagWord | None, float | None]:
        """The word of a name, and the probability from which it is suggested. No word for a name that is not
        in the list, and no probability while photos cannot be judged yet. Raises ModelError."""
        with self._store.read() as db:
            word = word_named(tag_words.all_words(db, self._store.directory), name)
            embedded = self._retrieval.coverage(db, model_id).embedded
        calibration = self._calibration.get(encoder, model_id, embedded)
        if word is None or not calibration.has_references:
            return word, None
        return word, self._matcher.threshold_of(calibration, encoder, word, embedded)


def _has(tags: set[str], tag: str) -> bool:
    """Whether one of the tags is this tag, below it, or has its last level. Case does not matter."""
    wanted = f"/{tag.lower().rpartition('/')[2]}/"
    return any(wanted in f"/{each.lower()}/" for each in tags)
