"""The MCP server as the official client sees it."""

from __future__ import annotations

import base64
import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from PIL import Image

from api.conftest import Shelf
from api.test_access import twins
from safelight import app
from safelight.api import Access, Library
from safelight.servers import running
from safelight.servers.mcp import build
from safelight.servers.served_library import ServedLibrary
from safelight.services.program_requests import RequestRecord

READING = {
    *("search_photos", "find_similar", "describe_photo", "get_photo", "list_duplicates", "library_status"),
}
EDITING = {"tag_photos", "untag_photos", "rate_photos", "add_to_album", "undo_edit"}


def talk(
    shelf: Shelf,
    conversation: Callable[[Client], Awaitable[None]],
    only: str = "",
    *,
    allow_edits: bool = False,
) -> None:
    """Let a client talk to a server in this process."""
    access = Access(only, places=False, people=False, outside=False)
    library = ServedLibrary.open(shelf.directory, access, "mcp", allow_edits=allow_edits)

    async def run() -> None:
        async with Client(build(library)) as client:
            await conversation(client)

    try:
        anyio.run(run)
    finally:
        library.close()


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """The structured answer of a tool; its text if it refuses."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        return result.content[0].text  # type: ignore[union-attr]
    return result.structured_content


def test_tools_have_schemas_and_say_that_they_only_read(colours: Shelf) -> None:
    async def conversation(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == READING
        for name, tool in tools.items():
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert tool.description
            assert (tool.output_schema is None) == (name == "get_photo")

    talk(colours, conversation)


@pytest.mark.slow
def test_every_reading_tool_answers(colours: Shelf) -> None:
    (colours.root / "copy.png").write_bytes((colours.root / "red.png").read_bytes())
    colours.index()

    async def conversation(client: Client) -> None:
        found = await call(client, "search_photos", query="red", limit=3)
        best = found["matches"][0]
        assert Path(best["path"]).name in {"red.png", "copy.png"}
        assert best["band"] == "strong"
        more = await call(client, "search_photos", query="red", limit=3, cursor=found["next_cursor"])
        assert {m["key"] for m in more["matches"]}.isdisjoint({m["key"] for m in found["matches"]})
        near = await call(client, "find_similar", photo=best["key"], limit=2)
        assert near["matches"][0]["key"] == best["key"]
        described = await call(client, "describe_photo", photo=best["key"])
        assert len(described["looks_like"]) == 5
        assert isinstance(described["suggested_tags"], list)
        assert described["place"] is None
        picture = await client.call_tool("get_photo", {"photo": best["key"], "side": 64})
        (content,) = picture.content
        assert content.type == "image"
        with Image.open(io.BytesIO(base64.b64decode(content.data))) as image:
            assert image.size == (64, 48)
        groups = await call(client, "list_duplicates", kind="identical")
        assert groups["total"] == 1
        assert (await call(client, "library_status"))["photos"] == 24

    talk(colours, conversation)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_photos", {}),
        ("search_photos", {"query": ""}),
        ("search_photos", {"query": "red", "limit": 0}),
        ("search_photos", {"query": "red", "limit": 10**9}),
        ("search_photos", {"query": "red", "limit": "many"}),
        ("search_photos", {"query": "red" * 1000}),
        ("search_photos", {"query": "red", "cursor": "eA=="}),
        ("search_photos", {"query": "red", "max_results": 5}),
        ("library_status", {"verbose": True}),
        ("search_photos", {"query": "near:1,2,3km"}),
        ("find_similar", {"photo": "/etc/passwd"}),
        ("find_similar", {"photo": "../../etc/passwd"}),
        ("find_similar", {"photo": "\0"}),
        ("describe_photo", {"photo": "f" * 40}),
        ("get_photo", {"photo": "/etc/passwd"}),
        ("get_photo", {"photo": "f" * 40, "side": 100_000}),
        ("list_duplicates", {"kind": "twins"}),
        ("trash_photos", {"photos": ["f" * 40]}),
        ("tag_photos", {"photos": ["f" * 40], "tag": "x"}),
    ],
)
def test_bad_arguments_are_refused_in_words(colours: Shelf, tool: str, arguments: dict[str, Any]) -> None:
    async def conversation(client: Client) -> None:
        try:
            result = await client.call_tool(tool, arguments)
        except MCPError as error:
            assert str(error)  # noqa: PT017
        else:
            assert result.is_error
            text = result.content[0].text  # type: ignore[union-attr]
            assert text
            assert not any(each in text for each in ("\n", "Traceback", "pydantic"))
        assert (await call(client, "library_status"))["photos"] == 24

    talk(colours, conversation)


def test_albums_tags_and_saved_searches_are_resources(colours: Shelf) -> None:
    colours.put_in_album("Red & blue", colours.root / "red.png", colours.root / "blue.png")
    colours.write(
        lambda db: db.execute("INSERT INTO saved_search (name, query, created_at) VALUES ('R', 'red', 0)")
    )

    async def read(client: Client, uri: str) -> Any:
        return json.loads((await client.read_resource(uri)).contents[0].text)  # type: ignore[union-attr]

    async def conversation(client: Client) -> None:
        listed = {str(resource.uri) for resource in (await client.list_resources()).resources}
        assert listed == {"safelight://albums", "safelight://tags", "safelight://searches"}
        assert await read(client, "safelight://albums") == [{"name": "Red & blue", "photos": 2}]
        assert await read(client, "safelight://searches") == [{"name": "R", "query": "red"}]
        assert len(await read(client, "safelight://albums/Red%20%26%20blue")) == 2
        with pytest.raises(MCPError, match="no album"):
            await client.read_resource("safelight://albums/Nothing")

    talk(colours, conversation)


def test_hidden_photos_and_photos_outside_answer_as_nonexistent_ones(colours: Shelf) -> None:
    red, blue = colours.root / "red.png", colours.root / "blue.png"
    with colours.open(hidden=True) as library:
        keys = [library.photo(path).key for path in (red, blue)]
    colours.hide(red)
    colours.tag("private", blue)

    async def conversation(client: Client) -> None:
        for tool in ("find_similar", "describe_photo", "get_photo"):
            refusals = {
                (await call(client, tool, photo=name)).replace(name, "X")
                for name in (*keys, str(red), str(blue), "e" * 40, "/no/such.jpg")
            }
            assert len(refusals) == 1, tool
        found = await call(client, "search_photos", query="width:>0", limit=100)
        assert len(found["matches"]) == 22
        assert not {match["key"] for match in found["matches"]} & set(keys)
        assert (await call(client, "library_status"))["photos"] == 22

    talk(colours, conversation, "-tag:private")


def test_edits_are_operations_that_can_be_undone(colours: Shelf) -> None:
    red = colours.root / "red.png"

    async def conversation(client: Client) -> None:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names == READING | EDITING
        key = (await call(client, "describe_photo", photo=str(red)))["key"]
        step = (await call(client, "tag_photos", photos=[key], tag="Walls"))["step"]
        await call(client, "rate_photos", photos=[key], rating=3)
        await call(client, "add_to_album", photos=[key], album="Best")
        described = await call(client, "describe_photo", photo=key)
        assert (described["tags"], described["rating"], described["albums"]) == (["Walls"], 3, ["Best"])
        await call(client, "add_to_album", photos=[key], album="Trips/Italy")
        albums = (await call(client, "describe_photo", photo=key))["albums"]
        assert albums == ["Best", "Trips/Italy"]
        listed = json.loads((await client.read_resource("safelight://albums")).contents[0].text)  # type: ignore[union-attr]
        assert [each["name"] for each in listed] == ["Best", "Trips", "Trips/Italy"]
        for name in ("Trips%2FItaly", "Italy"):
            inside = await client.read_resource(f"safelight://albums/{name}")
            assert [each["key"] for each in json.loads(inside.contents[0].text)] == [key]  # type: ignore[union-attr]
        assert await call(client, "undo_edit", step=step) == {"undone": True}
        assert (await call(client, "describe_photo", photo=key))["tags"] == []
        assert "made no such edit" in await call(client, "undo_edit", step=999)
        assert "no photo" in await call(client, "tag_photos", photos=["e" * 40], tag="x")

    talk(colours, conversation, allow_edits=True)


def test_edits_stay_within_the_limit(colours: Shelf) -> None:
    colours.put_in_album("Secret", colours.root / "blue.png")
    colours.tag("open", colours.root / "red.png")

    async def conversation(client: Client) -> None:
        red, blue = (str(colours.root / f"{name}.png") for name in ("red", "blue"))
        for tool, arguments in (
            ("tag_photos", {"tag": "open"}),
            ("rate_photos", {"rating": 1}),
            ("add_to_album", {"album": "New"}),
        ):
            assert "no photo" in await call(client, tool, photos=[blue], **arguments)
        refusals = [
            await call(client, "add_to_album", photos=[red], album=name) for name in ("Secret", "Absent")
        ]
        assert refusals[0].replace("Secret", "X") == refusals[1].replace("Absent", "X")

    talk(colours, conversation, "tag:open", allow_edits=True)


def test_wrong_arguments_are_named(colours: Shelf) -> None:
    async def conversation(client: Client) -> None:
        assert await call(client, "search_photos", query="red", limit=0) == (
            "limit: Input should be greater than or equal to 1"
        )
        assert await call(client, "search_photos", query="red", max_results=5) == (
            "search_photos has no argument max_results; there are query, limit, cursor."
        )

    talk(colours, conversation)


def test_a_client_learns_of_filters(colours: Shelf) -> None:
    async def conversation(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        described = tools["search_photos"].input_schema["properties"]["query"]["description"]
        assert all(each in described for each in ("before:2019", "camera:canon", "is:favourite"))

    talk(colours, conversation)


def test_it_says_what_it_waits_for_in_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "serve_mcp", lambda *_: None)
    for is_terminal in (True, False):
        monkeypatch.setattr(sys.stdin, "isatty", lambda is_terminal=is_terminal: is_terminal)
        assert app.run(["mcp", "--library", str(tmp_path)]) == 0
        assert ("Waiting for an assistant" in capsys.readouterr().err) is is_terminal


def test_a_cancelled_call_leaves_the_server_working(colours: Shelf) -> None:
    async def conversation(client: Client) -> None:
        with anyio.move_on_after(0):
            await client.call_tool("search_photos", {"query": "blue"})
        assert (await call(client, "search_photos", query="red", limit=1))["matches"]

    talk(colours, conversation)


@pytest.mark.slow
def test_the_user_can_see_what_was_asked(colours: Shelf) -> None:
    record = RequestRecord(colours.directory)

    async def conversation(client: Client) -> None:
        found = await call(client, "search_photos", query="red", limit=3)
        key = found["matches"][0]["key"]
        await call(client, "get_photo", photo=key, side=64)
        await call(client, "describe_photo", photo="nothing")
        await call(client, "tag_photos", photos=[key], tag="wall")
        asked = [(each.request, each.text, each.photos, each.refused) for each in record.newest(10)]
        assert asked == [
            ("tag", "wall", 1, False),
            ("describe", "nothing", 0, True),
            ("picture", "red.png", 1, False),
            ("search", "red", 3, False),
        ]
        record.path.unlink()
        record.path.mkdir()
        assert "cannot be recorded" in await call(client, "search_photos", query="blue")

    talk(colours, conversation, allow_edits=True)


def test_an_edit_that_cannot_be_recorded_changes_nothing(
    colours: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = RequestRecord(colours.directory)

    def tags() -> list[str]:
        with Library.open(colours.directory) as library:
            return [each.name for each in library.tags()]

    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def conversation(client: Client) -> None:
        key = (await call(client, "search_photos", query="red", limit=1))["matches"][0]["key"]
        record.path.unlink()
        record.path.mkdir()
        assert "cannot be recorded" in await call(client, "tag_photos", photos=[key], tag="wall")
        assert tags() == []
        record.path.rmdir()
        # The disk becomes full while the edit is made.
        with monkeypatch.context() as patch:
            patch.setattr(RequestRecord, "add", fails)
            assert "cannot be recorded" in await call(client, "tag_photos", photos=[key], tag="wall")
        assert tags() == []
        assert (await call(client, "tag_photos", photos=[key], tag="wall"))["step"]
        assert tags() == ["wall"]

    talk(colours, conversation, allow_edits=True)


def test_two_clients_and_progress(colours: Shelf) -> None:
    access = Access(outside=False)
    library = ServedLibrary.open(colours.directory, access, "mcp")
    received: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        received.append(progress)

    async def ask(client: Client, word: str) -> None:
        for _ in range(5):
            result = await client.call_tool(
                "search_photos", {"query": word, "limit": 1}, progress_callback=note
            )
            assert result.structured_content["matches"][0]["path"].endswith(f"{word}.png")

    async def run() -> None:
        server = build(library)
        async with Client(server) as first, Client(server) as second, anyio.create_task_group() as tasks:
            tasks.start_soon(ask, first, "red")
            tasks.start_soon(ask, second, "blue")

    try:
        anyio.run(run)
    finally:
        library.close()
    assert received.count(1) == 10


# --- the property: no tool tells whether photos outside of the limit exist ------------------------------


@pytest.mark.slow
def test_no_tool_tells_whether_other_photos_exist(colours: Shelf, tmp_path: Path) -> None:
    secrets = [f"{number}.jpg" for number in range(10, 20)]
    chosen = [str(colours.root / "noise" / name) for name in (secrets[0], secrets[5], "1.jpg")]
    with colours.open() as library:
        chosen += [library.photo(name).key for name in chosen]
    asks: list[tuple[str, dict[str, Any]]] = [("library_status", {}), ("list_duplicates", {})]
    for name in chosen:
        asks += [
            ("find_similar", {"photo": name}),
            ("describe_photo", {"photo": name}),
            ("get_photo", {"photo": name, "side": 64}),
            ("search_photos", {"query": f"like:{name}"}),
        ]
    for query in ("red", "15", "private", "tag:private", "noise", "width:>0", "in:noise -red", "is:hidden"):
        asks += [("search_photos", {"query": query, "limit": limit}) for limit in (1, 7, 100)]

    async def answers_of(library: Any) -> list[str]:
        record = RequestRecord(tmp_path)
        server = build(ServedLibrary(library, record, "mcp", limited=True, allows_edits=False))
        async with Client(server) as client:
            received = [(await client.call_tool(tool, asked)).model_dump_json() for tool, asked in asks]
            for uri in ("albums", "tags", "searches", "albums/Walls", "albums/Secret%20album"):
                try:
                    received.append((await client.read_resource(f"safelight://{uri}")).model_dump_json())
                except MCPError as error:
                    received.append(str(error))
            return received

    with twins(colours, secrets, tmp_path) as (limited, free):
        first, second = anyio.run(answers_of, limited), anyio.run(answers_of, free)
    for asked, one, other in zip([*asks, *(["resource"] * 5)], first, second, strict=True):
        assert one == other, asked
    whole = " ".join(first[:2] + first[26:])
    assert not any(f"/{name}" in whole for name in secrets)


# --- over standard input and output ---------------------------------------------------------------------


def server_of(shelf: Shelf, *options: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "safelight", "mcp", "--library", str(shelf.directory), *options],
        env=dict(os.environ),
    )


@pytest.mark.slow
def test_the_command_serves_over_standard_input_and_output(colours: Shelf) -> None:
    async def run() -> None:
        async with Client(stdio_client(server_of(colours, "--only", "type:png"))) as client:
            assert (await call(client, "library_status"))["photos"] == 4
            assert (await call(client, "search_photos", query="type:png"))["notice"] == ""
            picture = await client.call_tool("get_photo", {"photo": str(colours.root / "red.png")})
            assert picture.content[0].type == "image"

    anyio.run(run)


HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}

INVALID = [
    (rb'{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "\ud800"}}', -32700, 7),
    (rb'{"jsonrpc": "2.0", "id": "\ud800", "method": "ping"}', -32700, None),
    (rb'{"jsonrpc": "2.0", "id": 8, "method": "pi', -32700, None),
    (b"[" * 100_000, -32700, None),
    (b"[]", -32600, None),
    (rb'{"jsonrpc": "2.0", "id": "a", "method": 5}', -32600, "a"),
    (rb'{"jsonrpc": "2.0", "id": true, "method": "\ud800"}', -32700, None),
]


@pytest.mark.slow
def test_a_line_that_is_no_message_is_answered(colours: Shelf) -> None:
    """Before, its client waited forever. Empty lines and answers of the client get no answer."""
    command = server_of(colours)
    with subprocess.Popen(
        [command.command, *command.args], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def send(*lines: bytes) -> None:
            assert process.stdin is not None
            process.stdin.write(b"".join(line + b"\n" for line in lines))
            process.stdin.flush()

        def answer() -> dict[str, Any]:
            assert process.stdout is not None
            found: dict[str, Any] = json.loads(process.stdout.readline())
            return found

        send(json.dumps(HELLO).encode())
        assert answer()["id"] == 0
        send(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        for line, code, key in INVALID:
            send(line, b"", rb'{"jsonrpc": "2.0", "id": 3, "result": "\ud800"}')
            refused = answer()
            assert (refused["error"]["code"], refused["id"]) == (code, key), line[:80]
            assert refused["error"]["message"]
            send(b'{"jsonrpc": "2.0", "id": 99, "method": "ping"}')
            assert answer() == {"jsonrpc": "2.0", "id": 99, "result": {}}
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.slow
def test_it_ends_with_its_client(colours: Shelf) -> None:
    """A client that dies closes the server's standard input."""
    command = server_of(colours)
    with subprocess.Popen(
        [command.command, *command.args], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "tools/ca')
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.slow
def test_a_library_that_is_missing_is_one_line(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "safelight", "mcp", "--library", str(tmp_path / "none")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr.startswith("safelight: There is no library at ")
    assert said.stderr.count("\n") == 1


# --- the transcript of docs/assistants.md ----------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs" / "assistants.md"
PARAGRAPH = "The old door was red. Behind it, the sea was blue, and no green giraffe in sight."


async def transcript(client: Client, shelf: Shelf) -> str:
    """What a simple assistant does to find photos for a paragraph: it searches for each thing that is named,
    keeps strong matches only, and looks at them."""
    lines, chosen = [f"user: photos for: {PARAGRAPH}"], []
    for thing in ("red", "blue", "green tag:giraffe"):
        asked = {"query": thing, "limit": 1}
        lines.append(f"assistant calls search_photos {json.dumps(asked)}")
        found = await call(client, "search_photos", **asked)
        for match in found["matches"]:
            lines.append(f"  {match['band']}  {Path(match['path']).relative_to(shelf.root)}")
            if match["band"] == "strong":
                chosen.append(match)
        if not found["matches"]:
            lines.append("  nothing")
    for match in chosen:
        asked = {"photo": match["key"], "side": 64}
        picture = await client.call_tool("get_photo", asked)
        # The key depends on how PNG files are compressed.
        lines.append('assistant calls get_photo {"photo": KEY, "side": 64}')
        lines.append(f"  {picture.content[0].mime_type}")  # type: ignore[union-attr]
    names = ", ".join(str(Path(match["path"]).relative_to(shelf.root)) for match in chosen)
    lines.append(f"assistant: {names}")
    return "\n".join(lines)


@pytest.mark.slow
def test_the_transcript_of_the_documentation(colours: Shelf) -> None:
    made: list[str] = []

    async def conversation(client: Client) -> None:
        made.append(await transcript(client, colours))

    talk(colours, conversation)
    assert f"```text\n{made[0]}\n```" in PAGE.read_text(encoding="utf-8"), made[0]
