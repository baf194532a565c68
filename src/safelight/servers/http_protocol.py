"""The protocol of the HTTP server, which does not wait for clients that send nothing."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_TIMEOUT_S = 10.0
"""A connection is closed if no complete request header has arrived after one to two times this long."""


class PunctualProtocol(H11Protocol):
    """Closes connections on which no request is complete in time.

    uvicorn itself waits without a limit for the first request, so that silent connections would keep out all
    others."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._idle_after: object = None
        """The request after which the connection was idle at the last check."""
        self._check = self.loop.call_later(HEAD_TIMEOUT_S, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._check.cancel()
        super().connection_lost(exc)

    def _close_if_idle(self) -> None:
        request: RequestResponseCycle | None = self.cycle
        is_idle = request is None or request.response_complete
        if is_idle and request is self._idle_after:
            self.transport.close()
            return
        self._idle_after = request if is_idle else self
        self._check = self.loop.call_later(HEAD_TIMEOUT_S, self._close_if_idle)
