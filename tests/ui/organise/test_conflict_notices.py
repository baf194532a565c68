"""The window tells what another program changed at the same time."""

from __future__ import annotations

import pytest

from safelight.core.operations import SetCaption, SetRating
from safelight.core.photo import ImageMetadata
from safelight.services.operations.runner import OperationRunner
from safelight.services.stages.metadata import merge_metadata
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


def read_from_file(driver: WindowDriver, *metadata: ImageMetadata) -> None:
    with driver.library.store.write() as db:
        change = merge_metadata(db, list(zip(driver.ids, metadata, strict=False)))
    driver.client.say(change)


def test_a_conflict_is_shown_and_the_other_value_taken(driver: WindowDriver) -> None:
    OperationRunner(driver.library.store).run(SetRating((driver.ids[0],), 4))
    read_from_file(driver, ImageMetadata(rating=2))
    toasts = driver.window.toasts
    driver.wait(lambda: toasts.text == "photo0.jpg: rating 4 was kept, 2 was not")
    assert driver.photo(0).rating == 4
    toasts._action.click()
    dialog = driver.window.controllers.conflict_notices.dialog
    assert dialog is not None
    assert dialog.list.item(0).text() == "photo0.jpg: rating 4 was kept, 2 was not"
    dialog.button.click()
    driver.wait(lambda: driver.photo(0).rating == 2)


def test_several_conflicts_are_counted_and_listed(driver: WindowDriver) -> None:
    OperationRunner(driver.library.store).run(SetRating(tuple(driver.ids[:2]), -1))
    OperationRunner(driver.library.store).run(SetCaption(tuple(driver.ids[:2]), "mine " * 40))
    read_from_file(driver, ImageMetadata(rating=2, caption="theirs"), ImageMetadata(rating=3))
    toasts = driver.window.toasts
    driver.wait(lambda: toasts.text == "2 photos changed both here and in another program")
    toasts._action.click()
    dialog = driver.window.controllers.conflict_notices.dialog
    assert dialog is not None
    rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert rows[0] == "photo0.jpg: rating “rejected” was kept, 2 was not"
    assert rows[1].endswith("…” was kept, “theirs” was not")
    assert rows[2] == "photo1.jpg: rating “rejected” was kept, 3 was not"
    dialog.reject()
    assert driver.photo(0).rating == -1


def test_reading_without_a_conflict_says_nothing(driver: WindowDriver) -> None:
    read_from_file(driver, ImageMetadata(rating=2))
    driver.wait(lambda: driver.photo(0).rating == 2)
    assert driver.window.toasts.text == ""
