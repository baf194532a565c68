"""Indexing speed, compared with decoding alone and the model alone."""

from __future__ import annotations

import os
import stat
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core.encoder import Encoder, Pixels
from safelight.core.errors import ImageError
from safelight.core.jobs import JobControl
from safelight.core.photo import FileStat
from safelight.core.stopwatch import Stopwatch
from safelight.embedding import catalogue
from safelight.imaging.formats import is_photo_name
from safelight.imaging.read import decode_photo
from safelight.services.bench.figures import Setting, Sheet, SkippedError, timed
from safelight.services.bench.synthetic import Clusters, write_pictures
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer
from safelight.services.library import shared_cores
from safelight.services.models.model import ModelService
from safelight.store import bulk, folders, stored_thumbnails, vectors
from safelight.store.library import LibraryStore

SECTION = "index"

LARGE, SMALL = (4000, 3000), (500, 375)

_IN_A_FOLDER = 1000
_SPACE = "for 1,000 photos; vectors take space by the thousand, so of few photos this is too much"


def measure(setting: Setting) -> Sheet:
    """Index pictures of each kind as the program does, measure decoding alone and the model alone, then
    rescan unchanged files.
    """
    sheet = Sheet(SECTION)
    decoders, threads = shared_cores(setting.cores)
    model = ModelService.of(catalogue.default(setting.scratch), threads)
    setting.report("index: loading the model")
    encoder = model.wait()
    for name, folder in _pictures(setting).items():
        setting.report(f"index: {name}")
        with DecodePool(decoders) as pool, DecodePool(setting.cores) as alone:
            _Bench(setting, sheet, name, folder, model, encoder).measure(pool, alone)
    _unchanged(setting, sheet, model, encoder)
    return sheet


def _pictures(setting: Setting) -> dict[str, Path]:
    """Folders of pictures, by name."""
    effort = setting.effort
    found: dict[str, Path] = {}
    for name, count, size in (
        ("12-megapixel JPEGs", effort.large_pictures, LARGE),
        ("small JPEGs", effort.small_pictures, SMALL),
    ):
        setting.report(f"index: drawing {count} {name}")
        found[name] = setting.scratch / name
        write_pictures(found[name], count, size)
    if setting.photos is not None:
        found["given pictures"] = setting.photos
    return found


class _Bench:
    """One kind of pictures."""

    def __init__(
        self,
        setting: Setting,
        sheet: Sheet,
        name: str,
        folder: Path,
        model: ModelService,
        encoder: Encoder,
    ) -> None:
        self._setting = setting
        self._sheet = sheet
        self._name = name
        self._folder = folder
        self._model = model
        self._encoder = encoder
        self._files = [os.fsdecode(path) for path, _ in _listed(os.fsencode(folder))]
        if not self._files:
            raise SkippedError(f"there are no pictures in {folder}")

    def measure(self, pool: DecodePool, alone: DecodePool) -> None:
        inputs = self._decoded(pool, self._files[:64])
        for each in (pool, alone):  # all processes have started and the disk cache is warm
            self._decoded(each, self._files)
        self._encoder.encode_images(inputs)
        decode, encode, whole = [], [], []
        for number in range(self._setting.effort.repeats):
            decode.append(timed(lambda: self._decoded(alone, self._files)) / len(self._files))
            encode.append(timed(lambda: self._encode(inputs)) / len(inputs))
            whole.append(self._index(pool, number) / len(self._files))
        decoding, encoding = statistics.median(decode), statistics.median(encode)
        pipeline = statistics.median(whole)
        cores = self._setting.cores
        self._add("indexed", 1 / pipeline, "images/s", f"{len(self._files)} files, from scan to last commit")
        self._add("decoding alone", 1 / decoding, "images/s", f"{cores} processes: all that indexing reads")
        self._add("the model alone", 1 / encoding, "images/s", f"{self._model.name}, {cores} cores")
        both = decoding + encoding
        self._add("efficiency", both / pipeline, "", "indexed beside both in turn on all cores")
        for file, size in self._sizes().items():
            self._add(f"{file} on the disk", size / len(self._files) / 1e3, "MB", _SPACE)
        for stage, seconds in self._stages().items():
            self._add(f"  {stage}", seconds * 1e3, "ms", "of one core, for one picture")

    def _decoded(self, pool: DecodePool, files: Sequence[str]) -> Pixels:
        """The model inputs of the readable pictures."""
        spec = self._encoder.input_spec
        inputs: list[Pixels] = []
        for future in [pool.decode(file, spec) for file in files]:
            try:
                found = future.result().model_input
            except ImageError:
                continue
            assert found is not None
            if len(inputs) < 64:
                inputs.append(found)
        if not inputs:
            raise SkippedError(f"no picture in {self._folder} can be read")
        return np.stack(inputs)

    def _encode(self, inputs: Pixels) -> None:
        size = self._encoder.batch_size
        for start in range(0, len(inputs), size):
            self._encoder.encode_images(inputs[start : start + size])

    def _index(self, pool: DecodePool, number: int) -> float:
        """Seconds to index the folder into an empty library."""
        with LibraryStore.create_or_open(self._library(number)) as store:
            with store.write() as db:
                folder_id = folders.add(db, os.fsencode(self._folder), None, time.time()).folder.id
            indexer = Indexer(store, pool, self._model)
            return timed(lambda: indexer.run({folder_id: None}, JobControl(), wait_for_model=True))

    def _library(self, number: int) -> Path:
        return self._setting.scratch / f"library of {self._name} {number}"

    def _sizes(self) -> dict[str, int]:
        """Size in bytes of the first library's files after closing."""
        return {file.name: file.stat().st_size for file in sorted(self._library(0).glob("*.db"))}

    def _stages(self) -> dict[str, float]:
        """Mean seconds of each step of reading a picture."""
        stopwatch = Stopwatch(time.process_time)
        read = 0
        for file in self._files[:100]:
            try:
                decode_photo(file, self._encoder.input_spec, record_step=stopwatch)
                read += 1
            except ImageError:
                continue
        return {stage: seconds / read for stage, seconds in stopwatch.seconds.items()}

    def _add(self, name: str, value: float, unit: str, note: str = "") -> None:
        self._sheet.add(f"{self._name}: {name}", value, unit, note)


def _unchanged(setting: Setting, sheet: Sheet, model: ModelService, encoder: Encoder) -> None:
    """A rescan of unchanged files, compared with listing and stat of each."""
    count = setting.effort.unchanged_files
    setting.report(f"index: a second look at {count:,} files")
    root = setting.scratch / "unchanged"
    for start in range(0, count, _IN_A_FOLDER):
        folder = root / f"{start // _IN_A_FOLDER:04}"
        folder.mkdir(parents=True)
        for number in range(start, min(start + _IN_A_FOLDER, count)):
            (folder / f"IMG_{number:06}.jpg").touch()
    with LibraryStore.create_or_open(setting.scratch / "looked at") as store, DecodePool(1) as pool:
        listed = _listed(os.fsencode(root))
        with store.write() as db:
            folder_id = folders.add(db, os.fsencode(root), None, time.time()).folder.id
            entries = [
                (os.path.relpath(path, os.fsencode(root)), found, "2020-01-01T00:00:00")
                for path, found in listed
            ]
            made = bulk.fill(db, folder_id, entries, time.time())
            # Leaves nothing to do for the rescan.
            for photo in made:
                stored_thumbnails.put(db, photo, b"")
            info = encoder.info
            rows = next(Clusters(info.dim).rows(1))
            vectors.put(db, vectors.register(db, info, time.time()), made, np.repeat(rows, count, 0))
        indexer = Indexer(store, pool, model)
        bare, looked = [], []
        for _ in range(setting.effort.repeats):
            bare.append(timed(lambda: _listed(os.fsencode(root))))
            looked.append(timed(lambda: indexer.run({folder_id: None}, JobControl())))
    rate = count / statistics.median(looked)
    sheet.add(f"a second look at {count:,} unchanged files", rate, "files/s")
    sheet.add(
        "a second look beside scandir and stat",
        statistics.median(looked) / statistics.median(bare),
        "x",
        "less is better",
    )


def _listed(root: bytes) -> list[tuple[bytes, FileStat]]:
    """Every photo below a folder with its stat, with plain os functions."""
    found = []
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode) and is_photo_name(entry.name):
                    found.append(
                        (
                            entry.path,
                            FileStat(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev),
                        )
                    )
    return found
