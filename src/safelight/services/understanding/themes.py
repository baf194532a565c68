"""Finds the themes of a library, and adds new photos to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from safelight.core import clustering
from safelight.core.changes import NO_CHANGE, ChangeKind, LibraryChanged
from safelight.core.clustering import Labels
from safelight.core.encoder import Vectors
from safelight.core.jobs import JobControl
from safelight.core.themes import MIN_PHOTOS
from safelight.services.models.answering import AnsweringModel
from safelight.services.models.neutral import encoded_prompts
from safelight.services.models.references import Descriptions
from safelight.services.understanding.theme_names import ThemeNamer, WordList
from safelight.store import theme_choices, themes, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.themes import NewPart, NewTheme, ThemesState
from safelight.store.vectors import Ids

_MAX_SAMPLE = 2500
"""The most photos that Ward's method clusters, because its memory grows with the square of their number."""

_MAX_FITTED = 100_000
"""The most photos with which the clusters are refined. Further photos are added to the nearest cluster."""

_MAX_USED_FOR_NAMES = 10_000
"""The most photos from which names are chosen."""

_MIN_CLUSTER_SIZE = 4
"""The smallest number of photos in a cluster."""

_MIN_CLUSTERS, _MAX_CLUSTERS = 4, 160
_MIN_THEMES, _MAX_THEMES = 3, 24

_CHUNK_SIZE = 2048
"""New photos that are committed together."""

_RENEWAL_FACTOR = 1.5
"""Themes are found again when the library has grown by this factor."""

Report = Callable[[float], None]
"""Called with the progress, 0 to 1."""


class State(StrEnum):
    """Whether the stored themes fit the library."""

    NONE = "none"
    """There are no themes yet."""
    CURRENT = "current"
    OUTGROWN = "outgrown"
    """The library has grown much since they were found, or another model is used."""
    TOO_SMALL = "too_small"
    """There are too few searchable photos for themes."""


@dataclass(frozen=True, slots=True)
class ThemesStatus:
    state: State
    photos: int
    """The number of photos that can be in a theme."""


class ThemeFinder:
    """Finds themes. For one thread at a time."""

    def __init__(self, store: LibraryStore, model: AnsweringModel) -> None:
        self._store = store
        self._model = model
        self._words: WordList | None = None

    def status(self) -> ThemesStatus:
        with self._store.read() as db:
            return self._status(db)

    def _status(self, db: Connection) -> ThemesStatus:
        key = self._model.key
        model_id = vectors.model_id(db, key)
        photos = 0 if model_id is None else themes.count_eligible(db, model_id)
        made = themes.read_state(db)
        if photos < MIN_PHOTOS:
            return ThemesStatus(State.TOO_SMALL, photos)
        if made is None:
            return ThemesStatus(State.NONE, photos)
        fits = made.model_key == key and photos <= _RENEWAL_FACTOR * made.photos
        return ThemesStatus(State.CURRENT if fits else State.OUTGROWN, photos)

    def find(self, control: JobControl, report: Report = lambda _: None) -> LibraryChanged:
        """Find the themes and replace the stored ones. The user's choices about themes are kept.

        A library with too few photos gets no themes. Raises CancelledError, after which nothing has changed,
        and ModelError.
        """
        encoder = self._model.wait()
        if self._words is None:
            self._words = WordList(Descriptions.load())

        def step(start: float, share: float, done: float) -> None:
            control.checkpoint()
            report(start + share * min(1.0, done))

        total = max(1, len(self._words))
        words = self._words.encoded(encoder, self._store.directory, lambda n: step(0, 0.3, n / total))
        prompts = encoded_prompts(encoder, self._store.directory)
        with self._store.read() as db:
            model_id = vectors.model_id(db, encoder.info.key)
            photo_ids = np.zeros(0, np.int64) if model_id is None else themes.eligible(db, model_id)
            if model_id is None or len(photo_ids) < MIN_PHOTOS:
                found: list[NewTheme] = []
            else:
                fitted, rows = _vectors_in_order(
                    db, model_id, photo_ids[:_MAX_FITTED], lambda n: step(0.3, 0.1, n)
                )
                centres, labels = _clusters(rows, lambda n: step(0.4, 0.4, n))
                step(0.8, 0.2, 0)
                tops = clustering.ward(
                    centres,
                    np.bincount(labels, minlength=len(centres)).astype(np.float64),
                    _themes_for(len(centres)),
                )
                namer = ThemeNamer(words, rows[:_MAX_USED_FOR_NAMES], prompts)
                top_names, part_names = _names(namer, tops, labels[:_MAX_USED_FOR_NAMES])
                step(0.9, 0.1, 0)
                rest = np.sort(photo_ids[_MAX_FITTED:])
                members = [(fitted, rows), *_chunks(db, model_id, rest, lambda n: step(0.9, 0.1, n))]
                found = _build_themes(members, centres, tops, top_names, part_names)
        step(1, 0, 0)
        with self._store.write() as db:
            themes.replace_all(db, found, ThemesState(encoder.info.key, len(photo_ids), time.time()))
        return LibraryChanged(ChangeKind.THEMES)

    def join(self, control: JobControl) -> LibraryChanged:
        """Add new photos to the nearest themes. Does nothing if there are no themes, or they are of another
        model. Raises CancelledError; what was committed remains."""
        with self._store.read() as db:
            made = themes.read_state(db)
            model_id = None if made is None else vectors.model_id(db, made.model_key)
            if made is None or model_id is None:
                return NO_CHANGE
            ids, centres = themes.centres(db)
            waiting = themes.without_theme(db, model_id) if ids else []
        for start in range(0, len(waiting), _CHUNK_SIZE):
            control.checkpoint()
            with self._store.read() as db:
                photo_ids, rows = vectors.of_visible(db, model_id, waiting[start : start + _CHUNK_SIZE])
            labels = clustering.nearest(rows, centres)
            with self._store.write() as db:
                if themes.read_state(db) != made:
                    return NO_CHANGE  # found again meanwhile
                for cluster in np.unique(labels).tolist():
                    own = labels == cluster
                    themes.put_photos(db, ids[cluster], photo_ids[own], rows[own] @ centres[cluster])
                theme_choices.link(db)
        return LibraryChanged(ChangeKind.THEMES) if waiting else NO_CHANGE

    def update(
        self, control: JobControl, report: Report = lambda _: None, *, again: bool = False
    ) -> LibraryChanged:
        """Find the themes if there are none that fit the library, or if ``again`` is set; otherwise add new
        photos to them."""
        state = self.status().state
        if again or state in (State.NONE, State.OUTGROWN):
            return self.find(control, report)
        return self.join(control)


def _vectors_in_order(
    db: Connection, model_id: int, wanted: Ids, report: Callable[[float], None]
) -> tuple[Ids, Vectors]:
    """The vectors of photos, in the order of ``wanted``."""
    parts = list(_chunks(db, model_id, np.sort(wanted), report))
    photo_ids = np.concatenate([ids for ids, _ in parts])
    rows = np.concatenate([rows for _, rows in parts])
    order = np.argsort(photo_ids)
    place = order[np.searchsorted(photo_ids[order], wanted)]
    return wanted, rows[place]


def _chunks(
    db: Connection, model_id: int, wanted: Ids, report: Callable[[float], None]
) -> list[tuple[Ids, Vectors]]:
    parts = []
    for start in range(0, len(wanted), _CHUNK_SIZE):
        report(start / len(wanted))
        parts.append(vectors.of_visible(db, model_id, wanted[start : start + _CHUNK_SIZE].tolist()))
    return parts


def _clusters(rows: Vectors, report: Callable[[float], None]) -> tuple[Vectors, Labels]:
    """(centres, label of each row) of the clusters of vectors. The rows are sorted by the content of the
    photos, so that the sample is always the same."""
    wanted = _clusters_for(len(rows))
    sample = rows[:_MAX_SAMPLE]
    start = clustering.ward(sample, np.ones(len(sample)), wanted)
    return clustering.spherical_k_means(
        rows,
        clustering.centres(sample, start, int(start.max()) + 1),
        _MIN_CLUSTER_SIZE,
        lambda turn, most: report((1 + turn) / (1 + most)),
    )


def _clusters_for(photos: int) -> int:
    return int(np.clip(round((photos / 2) ** 0.5), _MIN_CLUSTERS, _MAX_CLUSTERS))


def _themes_for(clusters: int) -> int:
    return min(clusters, int(np.clip(round(clusters**0.7), _MIN_THEMES, _MAX_THEMES)))


def _names(namer: ThemeNamer, tops: Labels, labels: Labels) -> tuple[list[str], list[str]]:
    """The names of the themes and of their clusters. The only cluster of a theme has the theme's name."""
    count = int(tops.max()) + 1
    of_top = tops[labels]
    top_names = namer.names([of_top == top for top in range(count)])
    alone = np.bincount(tops) == 1
    divided = [cluster for cluster, top in enumerate(tops.tolist()) if not alone[top]]
    names = [top_names[top] for top in tops.tolist()]
    if divided:
        found = namer.names([labels == cluster for cluster in divided])
        for cluster, name in zip(divided, found, strict=True):
            names[cluster] = name
    return top_names, names


def _build_themes(
    members: list[tuple[Ids, Vectors]],
    centres: Vectors,
    tops: Labels,
    top_names: list[str],
    part_names: list[str],
) -> list[NewTheme]:
    """The themes, with every photo in its nearest cluster."""
    ids = np.concatenate([ids for ids, _ in members])
    labels = np.concatenate([clustering.nearest(rows, centres) for _, rows in members])
    start = np.cumsum([0, *(len(rows) for _, rows in members)])
    nearness = np.concatenate(
        [
            np.vecdot(rows, centres[labels[begin : begin + len(rows)]])
            for begin, (_, rows) in zip(start.tolist(), members, strict=False)
        ]
    )
    parts = [
        NewPart(name, centres[cluster], ids[labels == cluster], nearness[labels == cluster])
        for cluster, name in enumerate(part_names)
    ]
    return [
        NewTheme(name, tuple(parts[cluster] for cluster in np.flatnonzero(tops == top).tolist()))
        for top, name in enumerate(top_names)
    ]
