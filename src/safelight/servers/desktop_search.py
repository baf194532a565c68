"""Photos in the search of the desktop: a provider for GNOME Shell and KRunner on the session bus.

It implements ``org.gnome.Shell.SearchProvider2`` (https://developer.gnome.org/documentation/tutorials/search-provider.html)
and ``org.kde.krunner1`` (https://develop.kde.org/docs/plasma/krunner/). D-Bus starts it when the desktop
searches, and it ends after some minutes without a search.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from dbus_fast import NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from safelight.api import Library, Match
from safelight.core.errors import SafelightError
from safelight.core.search import Band
from safelight.imaging.encoded import open_thumbnail
from safelight.servers.served_library import file_name, printable

BUS_NAME = "io.github.safelight_photos.Safelight.SearchProvider"
OBJECT_PATH = "/io/github/safelight_photos/Safelight/SearchProvider"

MIN_QUERY_LENGTH = 3
"""The minimum number of characters of a query."""
MAX_QUERY_LENGTH = 2000
"""The maximum number of characters of a query. Nobody types more, but the desktop may pass on a pasted
text."""

_MAX_RESULTS = 8
_ICON_SIDE = 96
_IDLE_SECONDS = 300.0
_POSSIBLE_MATCH = 30
"""KRunner sorts these under programs and settings whose names match exactly."""

Strings = Annotated[list[str], DBusSignature("as")]
Metas = Annotated[list[dict[str, Variant]], DBusSignature("aa{sv}")]
RunnerMatches = Annotated[list[list[Any]], DBusSignature("a(sssida{sv})")]
RunnerActions = Annotated[list[list[str]], DBusSignature("a(sss)")]
NoResult = Annotated[None, DBusSignature("")]


class DesktopSearch:
    """Searches for the desktop. A newer search replaces those that wait."""

    def __init__(self, library: Library, directory: Path) -> None:
        self._library = library
        self._directory = directory
        self._turn = asyncio.Lock()
        self._newest = 0
        self._found: dict[str, Match] = {}
        self._windows: set[asyncio.Task[int]] = set()
        self._requests = 0
        """The number of requests of the desktop that are being answered."""
        self._asked = asyncio.Event()
        """Set whenever a request arrives or has been answered."""

    async def until_idle(self, seconds: float) -> None:
        """Wait until there was no request for ``seconds``, none is being answered and no window is open."""
        while True:
            self._asked.clear()
            try:
                await asyncio.wait_for(self._asked.wait(), seconds)
            except TimeoutError:
                if not self._requests and not self._windows:
                    return

    @contextmanager
    def _request(self) -> Iterator[None]:
        self._asked.set()
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._asked.set()

    async def search(self, query: str) -> list[Match]:
        """Photos that match strongly or maybe; empty for queries that are too short, too long or invalid."""
        self._newest += 1
        mine = self._newest
        if len(query.strip()) < MIN_QUERY_LENGTH or len(query) > MAX_QUERY_LENGTH:
            return []
        with self._request():
            async with self._turn:
                if mine != self._newest:
                    return []
                found = await asyncio.to_thread(self._search, query)
        self._found |= {match.key: match for match in found}
        return found

    def _search(self, query: str) -> list[Match]:
        try:
            results = self._library.search(query, _MAX_RESULTS)
        except SafelightError:  # such as a picture that is not there
            return []
        return [match for match in results if match.band is not Band.REST]

    async def described(self, keys: Iterable[str]) -> list[tuple[Match, str, Variant | None]]:
        """Each known photo with its date and folder, and its picture."""
        matches = [self._found[key] for key in dict.fromkeys(keys) if key in self._found]
        with self._request():
            return await asyncio.to_thread(lambda: [self._described(match) for match in matches])

    def _described(self, match: Match) -> tuple[Match, str, Variant | None]:
        try:
            photo = self._library.photo(match.key)
            icon = _icon(self._library.picture(match.key, _ICON_SIDE))
        except SafelightError:  # removed since the search, or its drive is not connected
            return match, "", None
        return match, f"{photo.date[:10]} · {printable(Path(match.path).parent.name)}", icon

    async def open_photo(self, key: str) -> None:
        """Show a photo in the window."""
        match = self._found.get(key)
        if match is not None:
            await self._start(match.path)

    async def open_search(self, query: str) -> None:
        """Show a search in the window."""
        await self._start("search", "--open", "--", query)

    async def _start(self, *words: str) -> None:
        program = (sys.executable, "-m", "safelight", "--library", str(self._directory))
        with self._request():
            process = await asyncio.create_subprocess_exec(
                *program, *words, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
            )
        waiting = asyncio.create_task(process.wait())
        self._windows.add(waiting)
        waiting.add_done_callback(self._windows.discard)


def _icon(jpeg: bytes) -> Variant:
    """A picture as both desktops take it: width, height, bytes a row, alpha, bits, channels, pixels."""
    with open_thumbnail(jpeg) as opened:
        image = opened.convert("RGB")
    size = [image.width, image.height, 3 * image.width, False, 8, 3]
    return Variant("(iiibiiay)", [*size, image.tobytes()])


class GnomeProvider(ServiceInterface):
    """``org.gnome.Shell.SearchProvider2``."""

    def __init__(self, search: DesktopSearch) -> None:
        super().__init__("org.gnome.Shell.SearchProvider2")
        self._search = search

    @dbus_method(name="GetInitialResultSet")
    async def initial_results(self, terms: Strings) -> Strings:
        return [match.key for match in await self._search.search(" ".join(terms))]

    @dbus_method(name="GetSubsearchResultSet")
    async def further_results(self, _previous: Strings, terms: Strings) -> Strings:
        # More words may match other photos than those found before.
        return [match.key for match in await self._search.search(" ".join(terms))]

    @dbus_method(name="GetResultMetas")
    async def metas(self, keys: Strings) -> Metas:
        found: list[dict[str, Variant]] = []
        for match, description, icon in await self._search.described(keys):
            meta = {
                "id": Variant("s", match.key),
                "name": Variant("s", file_name(match.path)),
                "description": Variant("s", description),
                "clipboardText": Variant("s", printable(match.path)),
            }
            found.append(meta if icon is None else meta | {"icon-data": icon})
        return found

    @dbus_method(name="ActivateResult")
    async def activate(self, key: DBusStr, _terms: Strings, _timestamp: DBusUInt32) -> NoResult:
        await self._search.open_photo(key)

    @dbus_method(name="LaunchSearch")
    async def launch(self, terms: Strings, _timestamp: DBusUInt32) -> NoResult:
        await self._search.open_search(" ".join(terms))


class KRunner(ServiceInterface):
    """``org.kde.krunner1``."""

    def __init__(self, search: DesktopSearch) -> None:
        super().__init__("org.kde.krunner1")
        self._search = search

    @dbus_method(name="Actions")
    def actions(self) -> RunnerActions:
        return []

    @dbus_method(name="Match")
    async def match(self, query: DBusStr) -> RunnerMatches:
        keys = [match.key for match in await self._search.search(query)]
        found: list[list[Any]] = []
        for match, description, icon in await self._search.described(keys):
            properties = {
                "category": Variant("s", "Safelight"),
                "subtext": Variant("s", description),
                "urls": Variant("as", [Path(match.path).as_uri()]),
            }
            if icon is not None:
                properties["icon-data"] = icon
            relevance = 0.5 if match.probability is None else match.probability
            found.append(
                [match.key, file_name(match.path), "safelight", _POSSIBLE_MATCH, relevance, properties]
            )
        return found

    @dbus_method(name="Run")
    async def run(self, key: DBusStr, _action: DBusStr) -> NoResult:
        await self._search.open_photo(key)


def serve(directory: Path, *, idle_seconds: float = _IDLE_SECONDS) -> None:
    """Answer the desktop until it has not searched for ``idle_seconds``.

    Raises as :meth:`Library.open`, and SafelightError where there is no session bus or another provider runs.
    """
    with Library.open(directory, ask_engine=True) as library:
        asyncio.run(_serve(DesktopSearch(library, directory), idle_seconds))


async def _serve(search: DesktopSearch, idle_seconds: float) -> None:
    try:
        bus = await MessageBus().connect()
    except (OSError, ValueError, EOFError) as error:
        raise SafelightError(
            "There is no session bus of D-Bus ({reason}). Start a desktop session.", reason=error
        ) from error
    try:
        bus.export(OBJECT_PATH, GnomeProvider(search))
        bus.export(OBJECT_PATH, KRunner(search))
        reply = await bus.request_name(BUS_NAME, NameFlag.DO_NOT_QUEUE)
        if reply is not RequestNameReply.PRIMARY_OWNER:
            raise SafelightError("Another process of Safelight answers the desktop already.")
        await search.until_idle(idle_seconds)
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
