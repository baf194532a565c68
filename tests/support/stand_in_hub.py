"""A model hub on this machine: names, redirects, checksums and ranges as the real one has, and faults."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class StandInHub:
    """Serves ``files`` of one repository, large ones through a redirect to a "store"."""

    def __init__(self, repo: str, files: dict[str, bytes], url: str) -> None:
        self.repo = repo
        self.files = files
        self.url = url
        self.checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        """What the hub claims; a test may make it lie."""
        self.cut_after: int | None = None
        """Break the connection after this many bytes of a large file, once."""
        self.ignore_ranges = False
        self.status: int | None = None
        """Answer everything with this error."""
        self.ranges: list[str | None] = []
        """The ``Range`` of each request for a large file."""
        self.agents: set[str] = set()


def _handler(hub: StandInHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            hub.agents.add(self.headers.get("User-Agent", ""))
            if hub.status is not None:
                self._empty(hub.status)
                return
            if self.path.startswith("/store/"):
                self._content(self.path.removeprefix("/store/"), body=body)
                return
            owner, name, _, revision, file = self.path.strip("/").split("/", 4)
            if f"{owner}/{name}" != hub.repo or file not in hub.files or revision not in ("main", COMMIT):
                self._empty(404)
            elif file.endswith(".safetensors"):
                self.send_response(302)
                self.send_header("Location", f"/store/{file}")
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("X-Linked-Etag", f'"{hub.checksums[file]}"')
                self.send_header("X-Linked-Size", str(len(hub.files[file])))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._content(file, body=body)

        def _empty(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _content(self, file: str, *, body: bool) -> None:
            content = hub.files[file]
            large = file.endswith(".safetensors")
            wanted = self.headers.get("Range")
            start = 0
            if large and body:
                hub.ranges.append(wanted)
            if wanted and not hub.ignore_ranges:
                start = int(wanted.removeprefix("bytes=").partition("-")[0])
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if not body:
                return
            end = len(content)
            if large and hub.cut_after is not None:
                end, hub.cut_after = min(end, start + hub.cut_after), None
            self.wfile.write(content[start:end])
            if end < len(content):
                self.close_connection = True

    return Handler


@contextmanager
def stand_in_hub(repo: str, files: dict[str, bytes]) -> Iterator[StandInHub]:
    hub = StandInHub(repo, files, "")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="stand-in-hub"
    )
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
