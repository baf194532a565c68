"""Photos in the search of GNOME and KDE, over a real session bus."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dbus_fast")
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from api.conftest import Shelf
from safelight.api import Library, Match
from safelight.core.errors import SafelightError
from safelight.servers import desktop_files
from safelight.servers.desktop_search import (
    BUS_NAME,
    MAX_QUERY_LENGTH,
    OBJECT_PATH,
    DesktopSearch,
    _serve,
    serve,
)

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")

GNOME, KRUNNER = "org.gnome.Shell.SearchProvider2", "org.kde.krunner1"


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session bus of its own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
        yield
        daemon.terminate()


async def call(client: MessageBus, interface: str, member: str, signature: str = "", *body: Any) -> Any:
    reply = await client.call(
        Message(
            destination=BUS_NAME,
            path=OBJECT_PATH,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
    )
    assert reply is not None
    assert reply.message_type is MessageType.METHOD_RETURN, reply.body
    return reply.body[0] if reply.body else None


def talk(shelf: Shelf, conversation: Callable[[MessageBus], Awaitable[None]]) -> None:
    """Let a desktop talk to the provider, which is ended afterwards."""

    async def run() -> None:
        with Library.open(shelf.directory) as library:
            search = DesktopSearch(library, shelf.directory)
            serving = asyncio.create_task(_serve(search, 3600.0))
            client = await MessageBus().connect()
            try:
                while not await owned(client):
                    await asyncio.sleep(0)
                await conversation(client)
            finally:
                client.disconnect()
                await client.wait_for_disconnect()  # type: ignore[no-untyped-call]
            await search.until_idle(0.01)
            serving.cancel()
            await asyncio.wait([serving])

    asyncio.run(run())


async def owned(client: MessageBus) -> bool:
    reply = await client.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="NameHasOwner",
            signature="s",
            body=[BUS_NAME],
        )
    )
    assert reply is not None
    return bool(reply.body[0])


@pytest.mark.slow
def test_gnome_finds_photos_with_their_pictures(colours: Shelf, bus: None) -> None:
    async def conversation(client: MessageBus) -> None:
        keys = await call(client, GNOME, "GetInitialResultSet", "as", ["red"])
        assert keys
        narrowed = await call(client, GNOME, "GetSubsearchResultSet", "asas", keys, ["red", "-blue"])
        assert keys[0] in narrowed
        (meta,) = await call(client, GNOME, "GetResultMetas", "as", [keys[0], "unknown"])
        assert meta["id"].value == keys[0]
        assert meta["name"].value == "red.png"
        width, height, row, alpha, bits, channels, pixels = meta["icon-data"].value
        assert (row, alpha, bits, channels) == (3 * width, False, 8, 3)
        assert len(pixels) == row * height
        assert pixels[0] > 200 > pixels[1], "a red picture"
        for nothing in (["re"], ["like:/nowhere/x.jpg"], ["("], [""]):
            assert await call(client, GNOME, "GetInitialResultSet", "as", nothing) == []

    talk(colours, conversation)


@pytest.mark.slow
def test_krunner_finds_photos(colours: Shelf, bus: None) -> None:
    async def conversation(client: MessageBus) -> None:
        assert await call(client, KRUNNER, "Actions") == []
        key, name, icon, kind, relevance, properties = (await call(client, KRUNNER, "Match", "s", "blue"))[0]
        assert (name, icon, kind) == ("blue.png", "safelight", 30)
        assert 0 < relevance <= 1
        assert properties["urls"].value == [(colours.root / "blue.png").as_uri()]
        await call(client, KRUNNER, "Run", "ss", "unknown " + key, "")

    talk(colours, conversation)


def test_hidden_photos_are_not_found(colours: Shelf, bus: None) -> None:
    async def conversation(client: MessageBus) -> None:
        keys = await call(client, GNOME, "GetInitialResultSet", "as", ["red", "is:hidden"])
        assert keys == []

    colours.hide(colours.root / "red.png")
    talk(colours, conversation)


def test_the_window_is_asked_for_photos_and_searches(
    colours: Shelf, bus: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{tmp_path}/asked"\n')
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    start = ["-m", "safelight", "--library", str(colours.directory)]

    async def conversation(client: MessageBus) -> None:
        keys = await call(client, GNOME, "GetInitialResultSet", "as", ["red"])
        await call(client, GNOME, "ActivateResult", "sasu", keys[0], ["red"], 1)
        await call(client, GNOME, "LaunchSearch", "asu", ["red", "-blue"], 1)

    talk(colours, conversation)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert sorted(asked) == sorted(
        [*start, str(colours.root / "red.png"), *start, "search", "--open", "--", "red -blue"]
    )


def test_only_one_provider_runs_and_a_bus_is_needed(
    colours: Shelf, bus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def conversation(client: MessageBus) -> None:
        with pytest.raises(SafelightError, match="already"):
            await asyncio.to_thread(serve, colours.directory)

    talk(colours, conversation)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(SafelightError, match="no session bus"):
        serve(colours.directory)


def test_a_newer_search_replaces_those_that_wait(colours: Shelf) -> None:
    async def run(library: Library) -> list[int]:
        search = DesktopSearch(library, colours.directory)
        found = await asyncio.gather(*(search.search(word) for word in ("red", "green", "blue")))
        return [len(each) for each in found]

    with Library.open(colours.directory) as library:
        _, second, third = asyncio.run(run(library))
    assert second == 0
    assert third > 0


def test_it_ends_when_the_desktop_asks_for_nothing(colours: Shelf, bus: None) -> None:
    serve(colours.directory, idle_seconds=0.0)


def test_it_does_not_end_while_it_searches(colours: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a search takes longer than it waits for the next one, as on a busy machine."""
    begun, release = threading.Event(), threading.Event()

    async def run(library: Library) -> None:
        search = DesktopSearch(library, colours.directory)
        find = search._search

        def slowly(query: str) -> list[Match]:
            begun.set()
            release.wait()
            return find(query)

        monkeypatch.setattr(search, "_search", slowly)
        searching = asyncio.create_task(search.search("red"))
        try:
            while not begun.is_set():
                await asyncio.sleep(0)
            ending = asyncio.create_task(search.until_idle(0.0))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not ending.done()
        finally:
            release.set()
        assert await searching
        await ending

    with Library.open(colours.directory) as library:
        asyncio.run(run(library))


def test_long_queries_are_not_searched(colours: Shelf) -> None:
    with Library.open(colours.directory) as library:
        search = DesktopSearch(library, colours.directory)
        assert asyncio.run(search.search("red " * MAX_QUERY_LENGTH)) == []


def test_files_are_installed_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "my data"))
    lines = desktop_files.install(Path("/li brary"), BUS_NAME, OBJECT_PATH)
    files = sorted(path for path in (tmp_path / "my data").rglob("*") if path.is_file())
    assert len(files) == 3
    service = next(path for path in files if path.suffix == ".service").read_text()
    assert f"Name={BUS_NAME}\n" in service
    assert f"Exec={sys.executable} -m safelight --library '/li brary' desktop-search\n" in service
    assert "sudo install" in lines[-1]
    assert len(desktop_files.remove(BUS_NAME)) == 3
    assert not any(path.is_file() for path in (tmp_path / "my data").rglob("*"))
    assert desktop_files.remove(BUS_NAME) == ["There was nothing to remove."]
    (tmp_path / "my data" / "dbus-1").rename(tmp_path / "moved")
    (tmp_path / "my data" / "dbus-1").write_text("a file")
    with pytest.raises(SafelightError, match="dbus-1"):
        desktop_files.install(Path("/library"), BUS_NAME, OBJECT_PATH)


def test_the_command_says_which_extra_is_missing(
    colours: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from safelight.app import run

    monkeypatch.setitem(sys.modules, "safelight.servers.desktop_search", None)
    assert run(["--library", str(colours.directory), "desktop-search"]) == 1
    assert "safelight[desktop]" in capsys.readouterr().err
