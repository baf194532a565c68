"""The parts of ``safelight bench``, at sizes where they take a moment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight import app
from safelight.core.errors import UsageError
from safelight.embedding.catalogue import ModelSpec
from safelight.services.bench import duplicates, figures, indexing, search, synthetic
from safelight.services.bench.figures import Setting, SkippedError
from safelight.services.models.model import ModelService
from support.fake_encoder import FakeEncoder

pytestmark = pytest.mark.slow

TINY = figures.Effort(
    vectors=(60, 300),
    queries=3,
    large_pictures=2,
    small_pictures=4,
    unchanged_files=30,
    window_photos=40,
    grid_rows=(200,),
    compared=(120,),
    repeats=1,
)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path, TINY, 2, lambda _: None)


def named(sheet: figures.Sheet) -> dict[str, figures.Figure]:
    return {figure.name: figure for figure in sheet.figures}


def test_search_is_measured_at_each_size_and_misses_nothing(setting: Setting) -> None:
    found = named(search.measure(setting))
    assert found["60: recall@100 against exact"].value == 1
    assert found["300: recall@100 against exact"].value == 1
    for name in ("300: search alone, p95", "300: among 10 % of the photos, p50", "300: text to hits, p50"):
        assert found[name].value > 0
        assert found[name].unit == "ms"


def test_given_vectors_are_searched_too(setting: Setting, tmp_path: Path) -> None:
    file = tmp_path / "vectors.npy"
    np.save(file, np.random.default_rng(1).normal(size=(50, 64)).astype(np.float32))
    found = named(search.measure(replace(setting, vectors=file)))
    assert found["50 given: recall@100 against exact"].value == 1


@pytest.mark.parametrize("rows", [np.zeros((4, 8)), np.ones(8), np.full((3, 3), np.nan)])
def test_vectors_that_are_none_are_refused(setting: Setting, tmp_path: Path, rows: np.ndarray) -> None:
    file = tmp_path / "vectors.npy"
    np.save(file, rows.astype(np.float32))
    with pytest.raises(UsageError, match="vectors"):
        search.measure(replace(setting, vectors=file))


def test_clusters_are_unit_vectors_that_crowd() -> None:
    clusters = synthetic.Clusters(64)
    rows = np.concatenate(list(clusters.rows(2000)))
    assert rows.shape == (2000, 64)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    others = rows @ rows[0]
    assert np.sort(others)[-2] > 0.5 > np.median(others)
    again = np.concatenate(list(synthetic.Clusters(64).rows(2000)))
    assert np.array_equal(rows, again)


def test_made_up_pictures_are_camera_jpegs_of_different_content(tmp_path: Path) -> None:
    size = synthetic.write_pictures(tmp_path / "pictures", 6, (320, 240))
    files = sorted((tmp_path / "pictures").iterdir())
    assert len(files) == 6
    assert size == sum(file.stat().st_size for file in files)
    assert len({file.read_bytes() for file in files}) == 6
    with Image.open(files[0]) as picture:
        assert picture.size == (320, 240)
        assert picture.getexif()[0x0110] == "Made up"
        bits = files[0].stat().st_size * 8 / (320 * 240)
    assert 1 < bits < 8  # a pixel: between an empty sky and noise


def test_the_command_prints_json(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(figures, "QUICK", TINY)
    assert app.run(["bench", "search", "--quick", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert {figure["section"] for figure in report["figures"]} == {"search"}
    assert report["machine"]["cores"] >= 1
    file = tmp_path / "figures.json"
    assert app.run(["bench", "search", "--quick", "--json", str(file)]) == 0
    assert "search alone, p95" in capfd.readouterr().out
    assert json.loads(file.read_text())["figures"]


def test_an_unknown_part_is_a_usage_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert app.run(["bench", "speed"]) == 2
    assert "The parts are: search" in capfd.readouterr().err


@pytest.fixture
def small_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pictures, and a model of plain arithmetic."""

    def fake(cls: type[ModelService], spec: ModelSpec, threads: int) -> ModelService:
        encoder = FakeEncoder()
        return cls(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)

    monkeypatch.setattr(ModelService, "of", classmethod(fake))
    monkeypatch.setattr(indexing, "LARGE", (640, 480))


@pytest.mark.usefixtures("small_work")
def test_indexing_is_measured_beside_its_parts(setting: Setting) -> None:
    found = named(indexing.measure(setting))
    for kind in ("12-megapixel JPEGs", "small JPEGs"):
        assert found[f"{kind}: efficiency"].value > 0
        assert found[f"{kind}: indexed"].unit == "images/s"
        assert found[f"{kind}:   decode"].value > 0
    assert found["small JPEGs: thumbs.db on the disk"].value > 0
    assert found["a second look beside scandir and stat"].value > 0


@pytest.mark.usefixtures("small_work")
def test_a_folder_without_pictures_cannot_be_indexed(setting: Setting, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(SkippedError, match="no pictures"):
        indexing.measure(replace(setting, photos=tmp_path / "none"))


def test_duplicates_are_measured_as_a_whole_and_by_the_photo(setting: Setting) -> None:
    found = named(duplicates.measure(setting))
    assert found["120 photos: comparing all by hash"].value > 0
    assert found["120 photos: a new photo, alone"].unit == "ms"
    assert found["120 photos: building the groups"].note.endswith("groups")
    assert found["120 photos: building the groups"].note != "0 groups"
