"""What the window showed when it closed: the part of the library, the scroll position and the selection."""

from __future__ import annotations

import os
from urllib.parse import quote, unquote_to_bytes

from safelight.core.settings import START_VIEW, StartView
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.view_request import PHOTOS, WITH_SUBFOLDERS, Place, ViewRequest
from safelight.ui.window_state import WindowState

_PLACE, _TOP, _SELECTED = "last_place", "last_top", "last_selected"
_MAX_SELECTED = 500
"""Selected photos that are remembered."""
_DIGITS = 19
"""A number of fewer digits fits into 64 bits, as ids do."""
_PLACES_WITH_DETAILS = frozenset({Place.FOLDER, Place.TAG, Place.ALBUM})
"""Places that need more than their name; of these only folders are shown again at the next start."""


class LastPlace:
    """Saves this when the window closes. Restores it at the start if the settings say so."""

    def __init__(self, state: WindowState, results: ResultsController, grid: PhotoGridView) -> None:
        self._state = state
        self._results = results
        self._grid = grid

    def remember(self) -> None:
        scope = self._results.scope
        text = str(scope.place)
        if scope.folder_id is not None:
            # A path may have bytes that are no text.
            text += f":{scope.folder_id}:{quote(os.fsencode(scope.below))}"
        self._state.keep(_PLACE, text)
        shows_scope = self._results.query is None
        scrolled = shows_scope and self._grid.verticalOffset() > 0
        top = self._grid.ids_on_screen()[:1] if scrolled else []
        self._state.keep(_TOP, top[0] if top else 0)
        selected = self._grid.selected_ids()[:_MAX_SELECTED] if shows_scope else []
        self._state.keep(_SELECTED, ",".join(map(str, selected)))

    def scope(self) -> ViewRequest:
        """The part of the library to show first. Scrolls and selects once its photos are loaded."""
        if self._state.text(START_VIEW.name) != StartView.LAST:
            return ViewRequest()
        self._results.content_changed.connect(self._restore)
        place, _, rest = self._state.text(_PLACE).partition(":")
        folder, _, below = rest.partition(":")
        folder_id = _number(folder)
        if place == Place.FOLDER and folder_id is not None:
            path = os.fsdecode(unquote_to_bytes(below))
            return ViewRequest(Place.FOLDER, folder_id, path, self._state.flag(WITH_SUBFOLDERS, True))
        return ViewRequest(Place(place)) if place in PHOTOS - _PLACES_WITH_DETAILS else ViewRequest()

    def _restore(self) -> None:
        self._results.content_changed.disconnect(self._restore)
        if self._results.query is not None:
            return
        found = map(_number, self._state.text(_SELECTED).split(","))
        ids = [each for each in found if each is not None]
        if ids:
            self._grid.select_photos(ids)
        self._grid.scroll_to_top(self._state.integer(_TOP, 0))


def _number(text: str) -> int | None:
    """An id as it was saved; None for anything else, as in a damaged file."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None
