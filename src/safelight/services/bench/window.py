"""The window: time to the first answer, and GUI thread use while scrolling."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from PIL import Image

from safelight.core.encoder import ModelInfo
from safelight.embedding import catalogue
from safelight.embedding.digest import key_of
from safelight.imaging.thumbnail import encode_thumbnail
from safelight.services.bench import inside
from safelight.services.bench.figures import Setting, Sheet
from safelight.services.bench.inside import Order
from safelight.services.bench.search import fill
from safelight.services.bench.synthetic import Clusters
from safelight.store import folders, photos, stored_thumbnails, vectors
from safelight.store.library import LibraryStore

START, GRID = "start", "grid"

_MODULES = {
    "what the commands need": "safelight.cli.indexing",
    "Qt": "PySide6.QtWidgets",
    "the window": "safelight.ui.window.build",
    "the engine": "safelight.engine.server",
    "torch": "torch",
}
_SHOWN = 2000
"""Number of photos with a thumbnail: more than are visible at the start."""
_FRAMES = 360


def measure_start(setting: Setting) -> Sheet:
    """Start the window over a large library, the given number of times."""
    sheet = Sheet(START)
    count = setting.effort.window_photos
    setting.report(f"start: a library of {count:,} photos")
    library = setting.scratch / "library"
    fill_library(library, count)
    inside.carry_out(Order(inside.WINDOW, library=str(library), engine=False))  # compiles all modules
    for name, module in _MODULES.items():
        seconds = [
            inside.carry_out(Order(inside.IMPORTS, module=module))["seconds"]
            for _ in range(setting.effort.repeats)
        ]
        sheet.add(f"importing {name}", statistics.median(seconds), "s")
    empty, whole = [], []
    for _ in range(setting.effort.repeats):
        empty.append(inside.carry_out(Order(inside.EMPTY)))
        whole.append(inside.carry_out(Order(inside.WINDOW, library=str(library))))
    blank = _median(empty, "first paint")
    sheet.add("an empty window of Qt: first paint", blank, "s", "from the start of the process")
    for name in ("first paint", "rows", "thumbnails", "model ready", "first answer"):
        sheet.add(f"{_SPOKEN[name]} ({count:,} photos)", _median(whole, name), "s")
    sheet.add("first paint beside an empty window", _median(whole, "first paint") / blank, "x")
    busy = _median(whole, "processor"), _median(empty, "processor")
    sheet.add("processor time until the first paint", busy[0], "s", "of all threads of the window's process")
    sheet.add("an empty window of Qt: processor time", busy[1], "s")
    sheet.add("memory of the window's process", _median(whole, "window") / 1e6, "MB", "resident")
    sheet.add("memory of an empty window's process", _median(empty, "window") / 1e6, "MB", "resident")
    sheet.add("memory of the engine's process", _median(whole, "engine") / 1e6, "MB", "after one search")
    return sheet


_SPOKEN = {
    "first paint": "first paint",
    "rows": "the library's photos in the grid",
    "thumbnails": "all thumbnails on the screen",
    "model ready": "the model is ready",
    "first answer": "first answer to a search",
}


def measure_grid(setting: Setting) -> Sheet:
    """Scroll a grid quickly, and add photos."""
    sheet = Sheet(GRID)
    for rows in setting.effort.grid_rows:
        setting.report(f"grid: {rows:,} rows")
        measured = inside.carry_out(Order(inside.GRID, rows=rows, frames=_FRAMES))
        for name, seconds in measured.items():
            sheet.add(f"{rows:,} rows: {name}", seconds * 1e3, "ms")
    return sheet


def fill_library(directory: Path, count: int) -> None:
    """A library of synthetic photos with vectors of the built-in model. The newest have thumbnails."""
    spec = catalogue.default(directory)
    info = ModelInfo(key=key_of(spec), name=spec.name, dim=spec.dim, device="cpu")
    with LibraryStore.create_or_open(directory) as store:
        with store.write() as db:
            folder = folders.add(db, os.fsencode(directory / "photos"), None, time.time()).folder.id
            model_id = vectors.register(db, info, time.time())
        fill(store, folder, model_id, Clusters(spec.dim).rows(count), 0)
        with store.write() as db:
            for number, photo in enumerate(photos.ids(db)[:_SHOWN]):
                stored_thumbnails.put(db, photo, _thumbnail(number))


def _thumbnail(number: int) -> bytes:
    gradient = Image.linear_gradient("L").resize((384, 288)).rotate(number * 7 % 360)
    turned = gradient.transpose(Image.Transpose.ROTATE_180)
    return encode_thumbnail(Image.merge("RGB", [gradient, turned, gradient]))


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)
