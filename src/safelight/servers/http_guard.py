"""Decides which requests the HTTP application gets to see."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024
"""Bytes. The largest request names 100 photos."""

BODY_TIMEOUT_S = 10.0
"""A client that sends its request more slowly is refused."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits on the requests of all clients together."""

    per_second: float = 50.0
    """The average number of requests."""
    burst: int = 100
    """The number of requests that may arrive at once after a pause."""
    at_once: int = 16
    """The number of requests that run at the same time."""
    patience: float = 10.0
    """Seconds that a request may wait for its turn. One that would wait longer is refused."""


class Guard:
    """Refuses requests before the application sees them: other host names (DNS rebinding), pages of other
    origins, wrong tokens, and large or slow bodies. Requests that come too fast wait for their turn, in the
    order in which they came, and are refused only if they would wait too long. For one event loop."""

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        port: int,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}
        self._bounds = bounds or Bounds()
        self._clock = clock
        self._room = asyncio.Semaphore(self._bounds.at_once)
        self._tokens = float(self._bounds.burst)
        self._counted_at = clock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._pass_on(scope, receive, send)

    def _refusal(self, headers: Headers) -> JSONResponse | None:
        if headers.get("host", "").lower() not in self._hosts:
            return _refused(403, "This server answers to 127.0.0.1 and localhost only.")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._origins:
            return _refused(403, "Pages of other origins may not use this server.")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
            return _refused(401, "The token is missing or wrong.", {"WWW-Authenticate": "Bearer"})
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return _too_large()
        return None

    def _seconds_until_turn(self) -> float | None:
        """Seconds until the turn of a request that came now; None if that is too long."""
        now = self._clock()
        earned = (now - self._counted_at) * self._bounds.per_second
        self._tokens = min(float(self._bounds.burst), self._tokens + earned)
        self._counted_at = now
        wait = max(0.0, (1 - self._tokens) / self._bounds.per_second)
        if wait > self._bounds.patience:
            return None
        self._tokens -= 1
        return wait

    async def _has_room(self) -> bool:
        """Wait until the request may run. False if that would take too long, otherwise the caller releases
        the room."""
        wait = self._seconds_until_turn()
        if wait is None:
            return False
        if wait:
            await asyncio.sleep(wait)
        try:
            async with asyncio.timeout(self._bounds.patience):
                await self._room.acquire()
        except TimeoutError:
            return False
        return True

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, which is small, before the application runs, so that it never waits for a client."""
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    if len(body) > MAX_BODY_BYTES:
                        await _too_large()(scope, receive, send)
                        return
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            await _refused(408, "The request did not arrive in time.")(scope, receive, send)
            return
        if not await self._has_room():
            refusal = _refused(429, "There are too many requests; wait a moment.", {"Retry-After": "1"})
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, _replayed(bytes(body), receive), send)
        finally:
            self._room.release()


def _replayed(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    whole: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return whole.pop() if whole else await receive()

    return next_message


def _too_large() -> JSONResponse:
    return _refused(413, f"A request can have at most {MAX_BODY_BYTES:,} bytes.")


def _refused(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    # The connection is closed, because the rest of what the client sends is not read.
    return JSONResponse({"detail": detail}, status, {**(headers or {}), "Connection": "close"})
