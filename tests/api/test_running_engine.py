"""Searches and edits through the engine of an open window, and without one."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Shelf
from safelight.app import run
from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError, UsageError
from safelight.embedding.catalogue import ModelSpec
from safelight.engine import local_socket
from safelight.engine.local_socket import EngineAbsentError, LocalSocket, ask
from safelight.services.models.model import ModelService
from support.engine_talk import EngineTalk


@pytest.fixture
def engine(colours: Shelf) -> Iterator[EngineTalk]:
    with EngineTalk(colours.directory.parent) as talk:
        yield talk


def no_model(cls: object, spec: ModelSpec, threads: int, *, exact: bool = False) -> ModelService:
    def load() -> object:
        raise AssertionError("a model is loaded although the engine has one")

    from support.fake_encoder import FakeEncoder

    known = FakeEncoder()
    return ModelService(load, known.input_spec, known.info.key, known.info.name)  # type: ignore[arg-type]


def test_a_search_loads_no_model_beside_an_engine(
    engine: EngineTalk, colours: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with colours.open(hidden=True) as library:
        alone = [library.search("red", 5), library.similar(colours.root / "blue.png", 3)]
        picture = (colours.root / "green.png").read_bytes()
    outside = colours.directory.parent / "outside.png"
    outside.write_bytes(picture)
    monkeypatch.setattr(ModelService, "of", classmethod(no_model))
    with colours.open(hidden=True, ask_engine=True) as library:
        together = [library.search("red", 5), library.similar(colours.root / "blue.png", 3)]
        for first, second in zip(alone, together, strict=True):
            assert [match.key for match in first] == [match.key for match in second]
            assert [match.band for match in first] == [match.band for match in second]
            for match, other in zip(first, second, strict=True):
                assert match.score == pytest.approx(other.score, abs=2e-3)
        assert Path(library.similar(outside, 1).matches[0].path).name == "green.png"
        assert len(library.search("", 2, like=colours.root / "red.png")) == 2
        with pytest.raises(UsageError, match="empty"):
            library.search("")
        with pytest.raises(SafelightError, match="no picture"):
            library.search("like:/no/such.jpg")


def test_an_edit_goes_through_the_engine_and_is_shown_by_its_window(
    engine: EngineTalk, colours: Shelf
) -> None:
    red = colours.root / "red.png"
    with colours.open(read_only=False) as library:
        step = library.tag([red], "Walls")
        engine.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.TAGS))
        assert library.photo(red).tags == ("Walls",)
        assert step is not None
        assert library.undo(step)
        assert not library.undo(step)
        library.add_to_album([red], "Best")
        library.add_to_album([colours.root / "blue.png"], "Best")
        assert [(album.name, album.photos) for album in library.albums()] == [("Best", 2)]


@pytest.mark.skipif(os.name != "posix", reason="Windows has pipes instead")
def test_only_the_user_can_reach_the_socket(engine: EngineTalk, colours: Shelf) -> None:
    place = Path(local_socket.address(colours.directory))
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    key = colours.directory / local_socket.KEY_NAME
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    right = key.read_bytes()
    key.write_bytes(b"another key")
    with pytest.raises(EngineAbsentError):
        ask(colours.directory, {"ask": "search"}, 5)
    key.write_bytes(right)
    for request in (
        {},
        {"ask": "search", "query": 1, "limit": 2, "like": None},
        {"ask": "edit", "code": "trash", "fields": {"photo_ids": [1]}},
        {"ask": "edit", "code": "add_tag", "fields": {"photo_ids": ["1"], "tag": "x"}},
        {"ask": "edit", "code": "add_tag", "fields": {"other": 1}},
    ):
        with pytest.raises(SafelightError, match="makes no sense"):
            ask(colours.directory, request, 5)
    place.parent.chmod(0o755)
    try:
        with pytest.raises(EngineAbsentError):
            ask(colours.directory, {"ask": "search"}, 5)
    finally:
        place.parent.chmod(0o700)


def test_without_an_engine_this_process_searches(colours: Shelf) -> None:
    with pytest.raises(EngineAbsentError):
        ask(colours.directory, {"ask": "search"}, 5)
    with colours.open(hidden=True, ask_engine=True) as library:
        assert library.search("red", 1).matches[0].path.endswith("red.png")


def test_an_engine_that_does_not_answer_is_as_good_as_none(colours: Shelf) -> None:
    import threading

    release = threading.Event()

    def stuck(_: object) -> None:
        release.wait()

    listening = LocalSocket(colours.directory, stuck)
    listening.start()
    try:
        with pytest.raises(EngineAbsentError):
            ask(colours.directory, {"ask": "search"}, 0.05)
    finally:
        release.set()
        listening.close()
    with pytest.raises(EngineAbsentError):
        ask(colours.directory, {"ask": "search"}, 5)


def test_a_limited_library_never_asks_the_engine(engine: EngineTalk, colours: Shelf) -> None:
    colours_seen = {"red.png", "green.png", "blue.png", "white.png"}
    with colours.open(only="type:png", ask_engine=True) as library:
        found = library.search("red", 10)
        assert {Path(match.path).name for match in found} == colours_seen


def test_commands_organise_beside_an_engine(
    engine: EngineTalk, colours: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*words: str) -> dict[str, Any]:
        assert run(["--library", str(colours.directory), *words, "--json"]) == 0
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    red, blue = str(colours.root / "red.png"), str(colours.root / "blue.png")
    assert command("tag", "add", "wall/red", red)["photos"] == 1
    command("tag", "rename", "wall/red", "door")
    marked = command("rate", "4", red, "--label", "green", "--title", "The door", "--hide")
    assert (marked["photos"], len(marked["steps"])) == (1, 1)
    command("album", "create", "Doors", red, blue)
    command("album", "first", "Doors", blue)
    command("stack", "create", red, blue)
    with colours.open(hidden=True) as library:
        photo = library.photo(red)
        assert (photo.tags, photo.rating) == (("door",), 4)
        assert library.album("Doors")[0].key == library.photo(blue).key
    engine.hear(LibraryChanged)  # the window shows it at once
    assert run(["--library", str(colours.directory), "tag", "add", "x" * 10_000, red]) == 2
    assert "at most 500 characters" in capsys.readouterr().err
