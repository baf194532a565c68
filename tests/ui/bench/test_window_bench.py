"""The parts of ``safelight bench`` that start a window of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from safelight.services.bench import figures, inside, viewer, window
from safelight.services.bench.figures import Setting, SkippedError
from safelight.services.bench.inside import Order
from safelight.store import photos, stored_thumbnails
from safelight.store.library import LibraryStore

pytestmark = pytest.mark.slow


def test_a_flung_grid_is_measured(tmp_path: Path) -> None:
    effort = replace(figures.QUICK, grid_rows=(400,), repeats=1)
    sheet = window.measure_grid(Setting(tmp_path, effort, 2, lambda _: None))
    found = {figure.name: figure.value for figure in sheet.figures}
    assert found["400 rows: frame p99"] >= found["400 rows: frame p50"] > 0
    assert found["400 rows: append"] > 0


def test_the_window_of_a_filled_library_is_timed_to_its_thumbnails(tmp_path: Path) -> None:
    window.fill_library(tmp_path / "library", 60)
    with LibraryStore.open_read_only(tmp_path / "library") as store, store.read() as db:
        assert photos.counts(db).photos == 60
        assert len(stored_thumbnails.get_many(db, photos.ids(db))) == 60
    order = Order(inside.WINDOW, library=str(tmp_path / "library"), engine=False)
    found = inside.carry_out(order)
    assert 0 < found["first paint"] <= found["rows"] <= found["thumbnails"]


def test_photos_opened_in_the_viewer_are_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "SIZE", (1600, 1200))
    effort = replace(figures.QUICK, repeats=1)
    sheet = viewer.measure(Setting(tmp_path, effort, 2, lambda _: None))
    found = {figure.name: figure for figure in sheet.figures}
    for kind in ("baseline", "progressive", "Display P3"):
        cold = found[f"2 MP {kind} JPEG: cold"]
        assert 0 < cold.value <= found[f"2 MP {kind} JPEG: cold, complete"].value
        assert cold.unit == "ms"
        assert found[f"2 MP {kind} JPEG: prefetched"].value > 0
        assert found[f"2 MP {kind} JPEG: decoding, processor time"].unit == "ms"


def test_an_empty_window_is_timed() -> None:
    assert inside.carry_out(Order(inside.EMPTY))["first paint"] > 0


def test_what_cannot_be_measured_says_why() -> None:
    with pytest.raises(SkippedError, match="No module named 'no_such_module'"):
        inside.carry_out(Order(inside.IMPORTS, module="no_such_module"))
