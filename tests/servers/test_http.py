"""The HTTP server: what it answers, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)
from starlette.testclient import TestClient

from api.conftest import Shelf
from safelight.api import Access
from safelight.servers.http import application
from safelight.servers.http_guard import MAX_BODY_BYTES, Bounds, Guard
from safelight.servers.served_library import ServedLibrary
from support.waiting import wait_until

PAGE = Path(__file__).parents[2] / "docs" / "http.md"
TOKEN = "the-token"
PORT = 4711
PLENTY = Bounds(per_second=1e6, burst=10**6)


def opened(shelf: Shelf, only: str = "", *, allow_edits: bool = False) -> ServedLibrary:
    access = Access(only, places=False, people=False, outside=False)
    return ServedLibrary.open(shelf.directory, access, "serve", allow_edits=allow_edits)


def client_of(guard: Guard, **headers: str) -> TestClient:
    known = {"Authorization": f"Bearer {TOKEN}", **headers}
    return TestClient(guard, base_url=f"http://127.0.0.1:{PORT}", headers=known)


@pytest.fixture
def guard(colours: Shelf) -> Iterator[Guard]:
    library = opened(colours, allow_edits=True)
    yield application(library, TOKEN, PORT, PLENTY)
    library.close()


@pytest.mark.slow
def test_it_answers(guard: Guard, colours: Shelf) -> None:
    colours.put_in_album("Walls", colours.root / "red.png")
    with client_of(guard) as client:
        found = client.get("/v1/search", params={"query": "red", "limit": 2}).json()
        best = found["matches"][0]
        assert Path(best["path"]).name == "red.png"
        more = client.get("/v1/search", params={"query": "red", "limit": 2, "cursor": found["next_cursor"]})
        assert more.json()["matches"][0]["key"] not in {match["key"] for match in found["matches"]}
        assert client.get("/v1/similar", params={"photo": best["key"]}).json()["matches"][0] | {
            "score": 0
        } == best | {"score": 0, "probability": None, "why": [], "band": "strong"}
        described = client.get("/v1/photo", params={"photo": best["key"]}).json()
        assert described["albums"] == ["Walls"]
        picture = client.get("/v1/picture", params={"photo": best["key"], "side": 32})
        assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
        assert client.get("/v1/albums").json() == [{"name": "Walls", "photos": 1}]
        assert len(client.get("/v1/album", params={"name": "Walls"}).json()) == 1
        assert client.get("/v1/status").json()["photos"] == 24
        assert client.get("/v1/searches").json() == client.get("/v1/tags").json() == []
        step = client.post("/v1/tag", json={"photos": [best["key"]], "tag": "x"}).json()["step"]
        assert client.get("/v1/tags").json() == [{"name": "x", "photos": 1}]
        assert client.post("/v1/undo", json={"step": step}).json() == {"undone": True}
        assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
        assert client.get("/").json() == {"detail": "There is no /; /openapi.json lists what there is."}
        wrong = client.get("/v1/search", params={"query": "x" * 3000, "limit": "1e9"})
        assert (wrong.status_code, list(wrong.json())) == (422, ["detail"])
        assert wrong.json()["detail"].startswith("query.query: String should have at most 2000 characters; ")
        assert client.post("/v1/tag", content=b"{bad").status_code == 422


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": f"photos.example:{PORT}"}, 403),  # DNS rebinding
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Host": f"127.0.0.1.nip.io:{PORT}"}, 403),
        ({"Origin": "https://example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": f"http://localhost:{PORT}"}, 200),
        ({"Host": f"LOCALHOST:{PORT}"}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": f"bearer {TOKEN}"}, 200),
    ],
)
def test_host_origin_and_token_are_checked(guard: Guard, headers: dict[str, str], status: int) -> None:
    for path in ("/v1/status", "/openapi.json"):
        answer = client_of(guard, **headers).get(path)
        assert answer.status_code == status
        if status != 200:
            assert set(answer.json()) == {"detail"}


def test_large_bodies_are_refused(guard: Guard) -> None:
    client = client_of(guard)
    assert client.post("/v1/tag", content=b"x" * (10 * 2**20)).status_code == 413

    def pieces() -> Iterator[bytes]:  # without a length
        for _ in range(20):
            yield b"x" * (MAX_BODY_BYTES // 10)

    assert client.post("/v1/tag", content=pieces()).status_code == 413
    assert client.get("/v1/status", headers={"Content-Length": "-1"}).status_code == 413


def test_requests_are_counted(colours: Shelf) -> None:
    library = opened(colours)
    now = [0.0]
    guard = application(library, TOKEN, PORT, Bounds(per_second=1, burst=3, patience=0))
    guard._clock = lambda: now[0]
    guard._counted_at = 0.0
    client = client_of(guard)
    assert [client.get("/v1/status").status_code for _ in range(4)] == [200, 200, 200, 429]
    now[0] = 2
    assert [client.get("/v1/status").status_code for _ in range(3)] == [200, 200, 429]
    wrong = client_of(guard, Authorization="Bearer wrong")
    now[0] = 3
    assert {wrong.get("/v1/status").status_code for _ in range(9)} == {401}
    assert client.get("/v1/status").status_code == 200, "wrong tokens take nobody's turn"
    library.close()


def test_a_slow_or_vanished_client_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        raise AssertionError("the application is not reached")

    guard = Guard(nothing, TOKEN, PORT, PLENTY)
    monkeypatch.setattr("safelight.servers.http_guard.BODY_TIMEOUT_S", 0.0)
    headers = [(b"host", b"127.0.0.1:4711"), (b"authorization", b"Bearer the-token")]
    scope = {"type": "http", "method": "POST", "path": "/v1/tag", "headers": headers}
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def never() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    asyncio.run(guard(scope, never, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    sent.clear()
    asyncio.run(guard(scope, gone, send))  # type: ignore[arg-type]
    assert sent == []


@pytest.mark.parametrize(("patience", "refused"), [(0.0, [429]), (60.0, [])])
def test_requests_at_once_wait_and_are_refused_only_after_long(patience: float, refused: list[int]) -> None:
    async def run() -> tuple[list[int], int]:
        release, most = asyncio.Event(), [0, 0]
        statuses: list[int] = []

        async def slow(scope: object, receive: object, send: object) -> None:
            most[0] += 1
            most[1] = max(most)
            await release.wait()
            most[0] -= 1

        guard = Guard(slow, TOKEN, PORT, Bounds(at_once=2, patience=patience))
        headers = [(b"host", b"127.0.0.1:4711"), (b"authorization", b"Bearer the-token")]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b""}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])  # type: ignore[arg-type]

        calls = [asyncio.create_task(guard(scope, receive, send)) for _ in range(3)]  # type: ignore[arg-type]
        while most[0] < 2 or len(statuses) < len(refused):
            await asyncio.sleep(0)
        release.set()
        await asyncio.gather(*calls)
        return statuses, most[1]

    assert asyncio.run(run()) == (refused, 2)


def test_requests_that_come_too_fast_wait_for_their_turn(colours: Shelf) -> None:
    library = opened(colours)
    client = client_of(application(library, TOKEN, PORT, Bounds(per_second=20, burst=1)))
    assert [client.get("/v1/status").status_code for _ in range(4)] == [200] * 4
    library.close()


def test_hidden_photos_and_photos_outside_answer_as_nonexistent_ones(colours: Shelf) -> None:
    blue = str(colours.root / "blue.png")
    colours.tag("private", Path(blue))
    library = opened(colours, "-tag:private")
    client = client_of(application(library, TOKEN, PORT, PLENTY))
    for path in ("/v1/similar", "/v1/photo", "/v1/picture"):
        answers = [client.get(path, params={"photo": name}) for name in (blue, "/etc/passwd")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text.replace(blue, "X") == answers[1].text.replace("/etc/passwd", "X")
    assert client.post("/v1/tag", json={"photos": [blue], "tag": "x"}).status_code == 404
    assert client.get("/v1/status").json()["photos"] == 23
    library.close()


# --- what the description allows, and what it does not ---------------------------------------------------


@pytest.mark.slow
def test_every_answer_fits_the_description(guard: Guard) -> None:
    """Requests that the description allows, and mutations of them: never a 5xx, never an answer that the
    description does not have. The plugin of schemathesis does not work with this pytest, so the operations
    are tested by Hypothesis directly."""
    auth = {"Authorization": f"Bearer {TOKEN}", "Host": f"127.0.0.1:{PORT}"}
    with client_of(guard) as client:
        description = client.get("/openapi.json").json()
        del description["components"]["securitySchemes"]  # every request here has the token
        for path in description["paths"].values():
            for operation in path.values():
                del operation["security"]
        # A body that is too large is refused before it is read.
        rejected = {"expected-statuses": ["400", "404", "413", "422"]}
        config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": rejected}})
        schema = schemathesis.openapi.from_dict(description, config=config)
        operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
        assert len(operations) == 15

        # Words can be no query, cursor or album although they are text: that is a 400.
        unchecked = [ignored_auth, unsupported_method, positive_data_acceptance]

        def check(case: schemathesis.Case[Any]) -> None:
            sent = case.as_transport_kwargs(base_url=f"http://127.0.0.1:{PORT}", headers=auth)
            sent.pop("allow_redirects", None)
            answer = client.request(
                sent["method"],
                sent["url"],
                params=sent.get("params"),
                json=sent.get("json"),
                headers=dict(sent["headers"]),
            )
            assert answer.status_code < 500
            # The check of invalid requests does not know 413 (too large) as a way to reject one.
            further = [negative_data_rejection] if answer.status_code == 413 else []
            case.validate_response(answer, excluded_checks=[*unchecked, *further])

        for operation in operations:
            for mode in schemathesis.GenerationMode:
                if mode.is_negative and operation.path in (
                    "/v1/status",
                    "/v1/albums",
                    "/v1/tags",
                    "/v1/searches",
                ):
                    continue  # without parameters there is nothing to mutate
                strategy = operation.as_strategy(generation_mode=mode)
                settings(
                    max_examples=12,
                    deadline=None,
                    database=None,
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
                )(given(strategy)(check))()


# --- the command ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_listens_on_loopback_with_a_private_token(colours: Shelf, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    command = ["-m", "safelight", "serve", "--library", str(colours.directory)]
    with subprocess.Popen(
        [sys.executable, *command, "--token-file", str(token_file)], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        received = process.stderr.readline()
        try:
            address = received.split()[2].rstrip(";")
            port = int(address.rpartition(":")[2])
            assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
            headers = {"Authorization": f"Bearer {token_file.read_text().strip()}"}
            assert httpx2.get(f"{address}/v1/status", headers=headers, timeout=60).json()["photos"] == 24
            assert httpx2.get(f"{address}/v1/status", timeout=60).status_code == 401
            recipe: dict[str, Any] = {}
            exec(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0], recipe)
            found = recipe["ask"](address, str(token_file), "/v1/search", query="type:png")
            assert len(found["matches"]) == 4
            with contextlib.ExitStack() as held:  # more silent connections than there are places
                silent = [
                    held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(300)
                ]
                silent[-1].settimeout(60)
                assert not silent[-1].recv(1), "the server closes them"
                answer = httpx2.get(f"{address}/v1/status", headers=headers, timeout=60)
                assert answer.status_code == 200
            for other in {str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None)}:
                if not other.startswith("127.") and other != "::1":
                    with pytest.raises(OSError), socket.create_connection((other, port), 2):  # noqa: PT011
                        pass
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    wait_until(lambda: not token_file.exists(), "the token is removed")
