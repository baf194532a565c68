"""Searches and edits through the engine of an open window, and without one."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import socket
import stat
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Shelf
from api.test_access import answer
from safelight.api import Access, Library
from safelight.app import run
from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError, UnknownPhotoError, UsageError
from safelight.core.operations import SetHidden
from safelight.core.settings import COMPACT
from safelight.embedding.catalogue import ModelSpec
from safelight.engine import local_socket
from safelight.engine.commands import search_request
from safelight.engine.events import SettingsRead
from safelight.engine.local_socket import EngineAbsentError, LocalSocket, ask
from safelight.services.models.model import ModelService
from support.engine_talk import EngineTalk
from support.waiting import PATIENCE

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(colours: Shelf) -> Iterator[EngineTalk]:
    with EngineTalk(colours.directory.parent) as talk:
        yield talk


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine an engine is still asked, instead of being taken for absent."""
    monkeypatch.setattr("safelight.api.finder.SEARCH_SECONDS", 250.0)
    monkeypatch.setattr("safelight.cli.searching.SEARCH_SECONDS", 250.0)


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
        ask(colours.directory, {"ask": "search"}, PATIENCE)
    key.write_bytes(right)
    for request in (
        {},
        {"ask": "search", "query": "red", "limit": 2, "like": None},
        search_request(Access(), "search", query=1, limit=2, like=None),
        search_request(Access(), "search", query="red", limit=2, like=[1]),
        search_request(Access(), "suggest", photos=["1"]),
        search_request(Access(), "trash"),
        {"ask": "search", "access": {"all": True}, "query": "red", "limit": 2, "like": None},
        {"ask": "edit", "code": "trash", "fields": {"photo_ids": [1]}},
        {"ask": "edit", "code": "add_tag", "fields": {"photo_ids": ["1"], "tag": "x"}},
        {"ask": "edit", "code": "add_tag", "fields": {"other": 1}},
    ):
        with pytest.raises(SafelightError, match="makes no sense"):
            ask(colours.directory, request, PATIENCE)
    place.parent.chmod(0o755)
    try:
        with pytest.raises(EngineAbsentError):
            ask(colours.directory, {"ask": "search"}, PATIENCE)
    finally:
        place.parent.chmod(0o700)


def test_without_an_engine_this_process_searches(colours: Shelf) -> None:
    with pytest.raises(EngineAbsentError):
        ask(colours.directory, {"ask": "search"}, PATIENCE)
    with colours.open(hidden=True, ask_engine=True) as library:
        assert library.search("red", 1).matches[0].path.endswith("red.png")


def test_an_engine_that_does_not_answer_is_as_good_as_none(colours: Shelf) -> None:
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
        ask(colours.directory, {"ask": "search"}, PATIENCE)


class Exhausted:
    """Has no descriptor for a connection, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def accept(self) -> object:
        self.asked += 1
        assert self.asked < 100, "asked in a circle"
        raise OSError(errno.EMFILE, "Too many open files")


class ThreeRests(threading.Event):
    """Is set at the third wait."""

    rests = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.rests += 1
        if self.rests == 3:
            self.set()
        return super().wait(timeout and 0)


def test_without_descriptors_the_engine_does_not_spin(
    colours: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """accept() fails at once then. The engine called it in a circle and used a whole core."""
    exhausted = Exhausted()
    listening = LocalSocket(colours.directory, lambda _: None)
    monkeypatch.setattr(listening, "_listener", exhausted)
    monkeypatch.setattr(listening, "_closing", ThreeRests())
    listening._accept()
    assert exhausted.asked == 3


LIMITS: dict[str, Access] = {
    "nothing hidden": Access(),
    "only": Access("type:png", outside=False),
    "tags withheld": Access(hidden=True, people=False, places=False),
}


@pytest.mark.parametrize("access", LIMITS.values(), ids=LIMITS)
def test_the_engine_searches_for_programs_with_a_limit(
    engine: EngineTalk, colours: Shelf, monkeypatch: pytest.MonkeyPatch, access: Access
) -> None:
    """No model is loaded here, and what the limit leaves out does not exist."""
    blue, noise = colours.root / "blue.png", colours.root / "noise/1.jpg"
    with colours.open(read_only=False) as window:
        window.tag([colours.root / "red.png"], "People/Ann")
    engine.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.TAGS))

    def asked(library: Library) -> list[Any]:
        return [
            *(answer(library, partial(Library.search, query=query, limit=40)) for query in QUERIES),
            answer(library, lambda library: library.similar(blue, 40)),
            answer(library, lambda library: library.similar(noise, 40)),
            answer(library, lambda library: library.search("red", 40, like=blue)),
            answer(library, lambda library: library.search(f"like:{noise}", 40)),
            answer(library, lambda library: library.count("red")),
            answer(library, lambda library: library.explain(blue, "red -green")),
            answer(library, lambda library: library.describe(blue)),
            answer(library, lambda library: library.describe(noise)),
        ]

    with colours.open(access=access) as library:
        alone = asked(library)
    monkeypatch.setattr(ModelService, "of", classmethod(no_model))
    with colours.open(access=access, ask_engine=True) as library:
        library.warm_up()
        assert_alike(asked(library), alone)
        for _ in range(3):  # the engine has the vectors in memory by now, or will soon
            assert_alike(asked(library)[:3], alone[:3])


QUERIES = (
    "red",
    "noise",
    "tag:People",
    "is:hidden",
    "my:ann",
    "near:1,1,1km",
    "red type:png",
    "name:1.jpg",
    "",
)


def assert_alike(first: object, second: object) -> None:
    """Equal but for the last digits of numbers."""
    if isinstance(first, float) and isinstance(second, float):
        assert first == pytest.approx(second, abs=2e-3)
    elif isinstance(first, dict) and isinstance(second, dict):
        assert first.keys() == second.keys()
        for key, value in first.items():
            assert_alike(value, second[key])
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        assert len(first) == len(second), (first, second)
        for one, other in zip(first, second, strict=True):
            assert_alike(one, other)
    else:
        assert first == second


def test_what_leaves_a_limit_leaves_the_searches_of_the_engine_at_once(
    engine: EngineTalk, colours: Shelf
) -> None:
    red, green = colours.root / "red.png", colours.root / "green.png"
    with colours.open(only="-tag:private", ask_engine=True) as library:
        library.warm_up()
        with colours.open(hidden=True, ask_engine=True) as all_seen:
            all_seen.warm_up()
        assert len(library.search("red", 40)) == 24
        with colours.open(read_only=False) as window:
            window.tag([red], "private")
            window.run(SetHidden((colours.id_of(green),), True))
        names = {Path(match.path).name for match in library.search("red", 40)}
        assert len(names) == 22
        assert not names & {"red.png", "green.png"}
        window_id = colours.id_of(red)
    limited = Access("-tag:private", outside=False)
    for request in (
        search_request(limited, "similar", like=window_id, limit=3),
        search_request(limited, "similar", like=str(red), limit=3),
        search_request(limited, "search", query="red", limit=3, like=window_id),
        search_request(limited, "search", query=f"like:{red}", limit=3, like=None),
        search_request(limited, "explain", photo=window_id, query="red", like=None),
        search_request(limited, "explain", photo=colours.id_of(green), query="red", like=None),
    ):
        with pytest.raises(UnknownPhotoError):
            ask(colours.directory, request, 250)


def test_a_program_survives_windows_that_open_and_close(
    colours: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It loads a model only while there is no window, and releases it when one opens."""
    with colours.open(ask_engine=True) as library:
        model = library._finder.services.model
        assert len(library.search("red", 3)) == 3
        loaded = [model.is_loaded]
        with EngineTalk(colours.directory.parent):
            assert len(library.search("red", 3)) == 3
            loaded.append(model.is_loaded)
        assert len(library.search("red", 3)) == 3
        loaded.append(model.is_loaded)
    assert loaded == [True, False, True]


def test_pictures_are_named_from_the_folder_of_the_program(
    engine: EngineTalk, colours: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine works in another folder."""
    place = colours.directory.parent / "a place"
    place.mkdir()
    (place / "x.png").write_bytes((colours.root / "blue.png").read_bytes())
    monkeypatch.chdir(place)
    monkeypatch.setattr(ModelService, "of", classmethod(no_model))
    with colours.open(hidden=True, ask_engine=True) as library:
        for query, best in (
            ("like:x.png", "blue.png"),
            ("(like:../Pictures/red.png OR width:<9) -like:./x.png", "red.png"),
            ("-(like:x.png)", ""),
        ):
            found = [Path(match.path).name for match in library.search(query, 3)]
            assert found[0] == best or (not best and "blue.png" not in found)
        with pytest.raises(SafelightError, match=r"a place/gone\.png"):
            library.search("like:gone.png")


@pytest.mark.skipif(os.name != "posix", reason="Windows has pipes instead")
def test_programs_that_say_nothing_hold_up_no_others(engine: EngineTalk, colours: Shelf) -> None:
    place = local_socket.address(colours.directory)
    with contextlib.ExitStack() as held:
        for _ in range(20):
            silent = held.enter_context(socket.socket(socket.AF_UNIX))
            silent.connect(place)
        with colours.open(ask_engine=True) as library:
            assert len(library.search("red", 3)) == 3
            assert library._finder._services is None


def test_a_searching_command_prints_the_same_beside_an_engine_and_without_one(
    colours: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def watched(library: Path, request: dict[str, Any], timeout: float) -> Any:
        asked.append(request)
        return ask(library, request, timeout)

    monkeypatch.setattr("safelight.cli.searching.ask", watched)
    searches = [
        ["red"],
        ["red", "--json"],
        ["-n", "2", "red OR blue"],
        ["zebra", "--json"],  # a word that the model does not know
        ["type:png", "--json"],
        ["red", "--count"],
        ["type:png", "--count", "--json"],
        ["--", "-red"],
        ["date:nonsense"],
        ["-n", "10001", "red"],
        ["--like", str(colours.root / "red.png")],
        [f"like:{colours.root / 'red.png'}"],
        ["red", "--why"],
    ]

    def printed() -> list[tuple[int, list[str], str]]:
        found = []
        for search in searches:
            status = run(["--library", str(colours.directory), "search", *search])
            output, error = capsys.readouterr()
            # The engine's vectors are bytes in memory, so its scores differ in the third digit.
            found.append((status, re.sub(r"-?\d\.\d+", "SCORE", output).splitlines(), error))
        return found

    alone = printed()
    assert [status for status, *_ in alone].count(0) == len(searches) - 2
    with EngineTalk(colours.directory.parent):
        asked.clear()
        beside = printed()
    assert beside == alone
    assert len(asked) == len(searches) - 3  # pictures and explanations go through the library


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


def test_imports_and_settings_beside_an_engine(
    engine: EngineTalk, colours: Shelf, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def command(*words: str) -> Any:
        assert run(["--library", str(colours.directory), *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    red, blue = colours.root / "red.png", colours.root / "blue.png"
    table = tmp_path / "table.csv"
    table.write_text(
        f"path,rating,tags,albums,title,taken\n{red},4,wall/red; door,Best,The door,2019-05-12T10:15:00\n"
        f"{blue},,door,Best,,\n"
    )
    imported = command("migrate", str(table))
    assert imported["changed"] == 2
    change = engine.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.TAGS))
    assert len(change.updated) == 2
    with colours.open() as library:
        photo = library.photo(red)
        assert (photo.rating, sorted(photo.tags)) == (4, ["door", "wall/red"])
        assert [(album.name, album.photos) for album in library.albums()] == [("Best", 2)]
    assert command("migrate", str(table))["step"] is None
    assert run(["--library", str(colours.directory), "undo", str(imported["step"])]) == 0
    capsys.readouterr()
    with colours.open() as library:
        assert library.photo(red).tags == ()
        assert library.albums() == []

    assert command("settings", "compact=yes")["compact"] == "on"
    assert engine.hear(SettingsRead).settings[COMPACT] is True
    assert run(["--library", str(colours.directory), "settings", "compact=maybe"]) == 2
    assert "compact" in capsys.readouterr().err
