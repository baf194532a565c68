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
from safelight.services.understanding.theme_names import Namer, WordList
from safelight.store import theme_choices, themes, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.themes import NewPart, NewTheme, ThemesState
from safelight.store.vectors import Ids

_SAMPLE = 2500
"""Photos that Ward's method groups: it takes the square of their number in memory."""

_FITTED = 100_000
"""Photos that the clusters are refined on. Further ones join the nearest cluster."""

_NAMED_BY = 10_000
"""Photos that names are chosen by."""

_SMALLEST = 4
"""Photos in the smallest cluster."""

_LEAST_CLUSTERS, _MOST_CLUSTERS = 4, 160
_LEAST_THEMES, _MOST_THEMES = 3, 24

_JOINED_AT_ONCE = 2048
"""New photos that are committed together."""

_OUTGROWN = 1.5
"""Themes are found again once the library has this many times the photos that they were made from."""

Report = Callable[[float], None]
"""Gets how far the work has come, 0 to 1."""


class State(StrEnum):
    """How the stored themes relate to the library."""

    NONE = "none"
    """There are none yet."""
    CURRENT = "current"
    OUTGROWN = "outgrown"
    """The library has grown much since, or another model is used."""
    TOO_SMALL = "too_small"
    """There are too few searchable photos for themes."""


@dataclass(frozen=True, slots=True)
class Situation:
    state: State
    photos: int
    """Photos that could be in a theme."""


class ThemeFinder:
    """For one thread at a time."""

    def __init__(self, store: LibraryStore, model: AnsweringModel) -> None:
        self._store = store
        self._model = model
        self._words: WordList | None = None

    def situation(self) -> Situation:
        with self._store.read() as db:
            return self._situation(db)

    def _situation(self, db: Connection) -> Situation:
        key = self._model.key
        model_id = vectors.model_id(db, key)
        photos = 0 if model_id is None else themes.count_eligible(db, model_id)
        made = themes.read_state(db)
        if photos < MIN_PHOTOS:
            return Situation(State.TOO_SMALL, photos)
        if made is None:
            return Situation(State.NONE, photos)
        fits = made.model_key == key and photos <= _OUTGROWN * made.photos
        return Situation(State.CURRENT if fits else State.OUTGROWN, photos)

    def find(self, control: JobControl, report: Report = lambda _: None) -> LibraryChanged:
        """Find the themes and replace the stored ones; what the user decided about themes is kept.

        A library with too few photos gets none. Raises CancelledError, which changes nothing, and ModelError.
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
                fitted, rows = _rows(db, model_id, photo_ids[:_FITTED], lambda n: step(0.3, 0.1, n))
                centres, labels = _clusters(rows, lambda n: step(0.4, 0.4, n))
                step(0.8, 0.2, 0)
                tops = clustering.ward(
                    centres,
                    np.bincount(labels, minlength=len(centres)).astype(np.float64),
                    _themes_for(len(centres)),
                )
                namer = Namer(words, rows[:_NAMED_BY], prompts)
                top_names, part_names = _names(namer, tops, labels[:_NAMED_BY])
                step(0.9, 0.1, 0)
                rest = np.sort(photo_ids[_FITTED:])
                members = [(fitted, rows), *_chunks(db, model_id, rest, lambda n: step(0.9, 0.1, n))]
                found = _assembled(members, centres, tops, top_names, part_names)
        step(1, 0, 0)
        with self._store.write() as db:
            themes.replace_all(db, found, ThemesState(encoder.info.key, len(photo_ids), time.time()))
        return LibraryChanged(ChangeKind.THEMES)

    def join(self, control: JobControl) -> LibraryChanged:
        """Add photos that came since to the nearest themes; nothing where there are none, or of another
        model. Raises CancelledError; what was committed stays."""
        with self._store.read() as db:
            made = themes.read_state(db)
            model_id = None if made is None else vectors.model_id(db, made.model_key)
            if made is None or model_id is None:
                return NO_CHANGE
            ids, centres = themes.centres(db)
            waiting = themes.without_theme(db, model_id) if ids else []
        for start in range(0, len(waiting), _JOINED_AT_ONCE):
            control.checkpoint()
            with self._store.read() as db:
                photo_ids, rows = vectors.of_visible(db, model_id, waiting[start : start + _JOINED_AT_ONCE])
            labels = clustering.nearest(rows, centres)
            with self._store.write() as db:
                if themes.read_state(db) != made:
                    return NO_CHANGE  # found again meanwhile
                for cluster in np.unique(labels).tolist():
                    own = labels == cluster
                    themes.put_photos(db, ids[cluster], photo_ids[own], rows[own] @ centres[cluster])
                theme_choices.link(db)
        return LibraryChanged(ChangeKind.THEMES) if waiting else NO_CHANGE

    def bring_up_to_date(
        self, control: JobControl, report: Report = lambda _: None, *, again: bool = False
    ) -> LibraryChanged:
        """Find the themes if there are none that fit the library, or ``again``; else add new photos."""
        state = self.situation().state
        if again or state in (State.NONE, State.OUTGROWN):
            return self.find(control, report)
        return self.join(control)


def _rows(db: Connection, model_id: int, wanted: Ids, report: Callable[[float], None]) -> tuple[Ids, Vectors]:
    """The vectors of photos, in this order."""
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
    for start in range(0, len(wanted), _JOINED_AT_ONCE):
        report(start / len(wanted))
        parts.append(vectors.of_visible(db, model_id, wanted[start : start + _JOINED_AT_ONCE].tolist()))
    return parts


def _clusters(rows: Vectors, report: Callable[[float], None]) -> tuple[Vectors, Labels]:
    """The clusters of vectors, which are ordered by content so that the sample depends on nothing else."""
    wanted = _clusters_for(len(rows))
    sample = rows[:_SAMPLE]
    start = clustering.ward(sample, np.ones(len(sample)), wanted)
    return clustering.spherical_k_means(
        rows,
        clustering.centres(sample, start, int(start.max()) + 1),
        _SMALLEST,
        lambda turn, most: report((1 + turn) / (1 + most)),
    )


def _clusters_for(photos: int) -> int:
    return int(np.clip(round((photos / 2) ** 0.5), _LEAST_CLUSTERS, _MOST_CLUSTERS))


def _themes_for(clusters: int) -> int:
    return min(clusters, int(np.clip(round(clusters**0.7), _LEAST_THEMES, _MOST_THEMES)))


def _names(namer: Namer, tops: Labels, labels: Labels) -> tuple[list[str], list[str]]:
    """The names of the themes and of the clusters in them. A cluster that is a whole theme has its name."""
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


def _assembled(
    members: list[tuple[Ids, Vectors]],
    centres: Vectors,
    tops: Labels,
    top_names: list[str],
    part_names: list[str],
) -> list[NewTheme]:
    """Every photo in its nearest cluster."""
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
