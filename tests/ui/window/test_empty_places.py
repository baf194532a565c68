"""What places without photos say: how photos get there, also while folders are scanned."""

from __future__ import annotations

from functools import partial

import pytest

from safelight.core.jobs import Phase, Progress
from safelight.core.operations import CreateAlbum
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums
from safelight.ui.view_request import Place, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize("phase", [Phase.IDLE, Phase.SCANNING])
def test_each_place_says_how_photos_get_there(driver: WindowDriver, phase: Phase) -> None:
    OperationRunner(driver.library.store).run(CreateAlbum("Empty", None, ()))
    with driver.library.store.read() as db:
        album = next(each.album.id for each in albums.all_albums(db) if each.album.name == "Empty")
    content = driver.window.content
    content.show_progress(Progress(phase=phase))

    def says(title: str) -> bool:
        return content.placeholder == title

    for scope, title in (
        (ViewRequest(Place.ALBUM, album_id=album), "No photos in this album"),
        (ViewRequest(Place.TAG, tag="nothing"), "No photos with this tag"),
        (ViewRequest(Place.HIDDEN), "No hidden photos"),
        (ViewRequest(Place.FAVOURITES), "No favourites yet"),
    ):
        driver.window.views.open_scope(scope)
        driver.wait(partial(says, title))
