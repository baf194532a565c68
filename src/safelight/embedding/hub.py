"""Files of the model hub over HTTPS: asked about, fetched, and gone on with where a download broke off.

huggingface_hub, which open_clip brings along, begins every download that was interrupted anew, so its way
of naming files is followed here (``<endpoint>/<repo>/resolve/<revision>/<file>``, checksums in
``X-Linked-Etag``) and the bytes are fetched by the standard library, which honours the system's proxies.
No account, no cookie and nothing about the machine is sent.
"""

from __future__ import annotations

import http.client
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO

import truststore

from safelight import __version__
from safelight.core.errors import ModelError

_ENDPOINT = "https://huggingface.co"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 18
_TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What the hub says of a file."""

    url: str
    size: int | None
    """Bytes."""
    sha256: str | None
    """Of large files only."""
    commit: str | None
    """The revision that the name stands for."""


def endpoint() -> str:
    """The hub, or the mirror that ``HF_ENDPOINT`` names."""
    return (os.environ.get("HF_ENDPOINT") or _ENDPOINT).rstrip("/")


def offline() -> bool:
    """Whether the person forbade the hub by ``HF_HUB_OFFLINE``."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "TRUE", "YES", "ON")


def describe(repo: str, revision: str, name: str) -> RemoteFile | None:
    """What the hub says of a file; None where the repository has none of that name.

    Raises ModelError where the hub cannot be reached or refuses.
    """
    url = f"{endpoint()}/{repo}/resolve/{urllib.parse.quote(revision, safe='')}/{name}"
    at = url
    for _ in range(_REDIRECTS):
        try:
            with _open(_request(at, "HEAD"), follow=False) as answer:
                return _described(url, answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                target = error.headers.get("Location", "")
                if error.code == 404:
                    return None
                if not 300 <= error.code < 400:
                    raise _refused(error.code) from error
                if error.headers.get("X-Linked-Etag"):
                    return _described(url, error.headers)
                # The hub sends on within itself where a repository was renamed.
                at = urllib.parse.urljoin(at, target)
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(error) from error
    raise ModelError(f"{endpoint()} sends in circles; try again later.")


def fetch(remote: RemoteFile, target: Path, advanced: Callable[[int], None]) -> None:
    """Bring ``target`` to its full length, going on after the bytes that it already has.

    ``advanced`` is called with the file's length after each piece, and may raise to break off: what came
    stays. Raises ModelError where the connection fails, OSError where the disk does.
    """
    have = target.stat().st_size if target.exists() else 0
    if remote.size is not None and have >= remote.size:
        if have > remote.size:
            target.unlink()
            have = 0
        else:
            advanced(have)
            return
    request = _request(remote.url, "GET")
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = _open(request, follow=True)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(error) from error
    with answer:
        if have and not (answer.status == 206 and _begins_at(answer.headers, have)):
            have = 0  # a server that cannot go on in the middle sends all of it
        with target.open("r+b" if have else "wb") as file:
            file.seek(have)
            file.truncate()
            _copy(answer, file, have, advanced)
    length = target.stat().st_size
    if remote.size is not None and length < remote.size:
        raise ModelError("The connection broke off. Download again to go on where it stopped.")


def _copy(answer: IO[bytes], file: IO[bytes], have: int, advanced: Callable[[int], None]) -> None:
    while True:
        try:
            piece = answer.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            partial = getattr(error, "partial", b"")
            file.write(partial)
            raise _unreachable(error) from error
        if not piece:
            return
        file.write(piece)
        have += len(piece)
        advanced(have)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are errors, whose headers are then read: the hub names checksums there."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _request(url: str, method: str) -> urllib.request.Request:
    if urllib.parse.urlsplit(url).scheme not in ("https", "http"):
        raise ModelError(f"{url} is no web address; check HF_ENDPOINT.")
    # Compressed on the way, a file has another length and cannot be gone on with.
    headers = {"Accept-Encoding": "identity", "User-Agent": f"safelight/{__version__}"}
    return urllib.request.Request(url, headers=headers, method=method)  # noqa: S310 (the scheme is checked)


def _open(request: urllib.request.Request, *, follow: bool) -> http.client.HTTPResponse:
    # The system's own store of certificates, which Python does not find on every platform.
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if not follow:
        handlers.append(_Stay())
    answer: http.client.HTTPResponse = urllib.request.build_opener(*handlers).open(request, timeout=_TIMEOUT)
    return answer


def _described(url: str, headers: Message) -> RemoteFile:
    linked = headers.get("X-Linked-Etag", "").strip('W/"')
    size = headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
    return RemoteFile(
        url=url,
        size=int(size) if size.isdecimal() else None,
        sha256=linked if _SHA256.fullmatch(linked) else None,
        commit=headers.get("X-Repo-Commit"),
    )


def _begins_at(headers: Message, position: int) -> bool:
    return headers.get("Content-Range", "").startswith(f"bytes {position}-")


def _refused(status: int) -> ModelError:
    if status in (401, 403):
        return ModelError(
            "The hub does not give this model to everyone. Download it by hand in a browser, then: "
            "safelight models import FOLDER"
        )
    if status == 404:
        return ModelError("The hub has no such model, or no longer. Check its name.")
    return ModelError(f"The hub answered with an error ({status}); try again later.")


def _unreachable(error: BaseException) -> ModelError:
    reason = getattr(error, "reason", None) or error
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return ModelError(
        f"{endpoint()} cannot be reached ({text}). Nothing is lost: download again to go on, or bring the "
        "model by hand: safelight models import FOLDER"
    )
