"""Downloads files from the model hub over HTTPS, and resumes interrupted downloads.

huggingface_hub, which open_clip depends on, restarts interrupted downloads from the beginning. This module
uses the same addresses (``<endpoint>/<repo>/resolve/<revision>/<file>``, checksums in ``X-Linked-Etag``), but
the standard library's HTTP client, which respects the system's proxies. It sends no account, no cookie and
nothing about the machine.
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
"""Seconds without data after which a connection counts as broken."""
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub."""

    url: str
    size: int | None
    """Bytes."""
    sha256: str | None
    """Only for large files."""
    commit: str | None
    """The commit that the requested revision refers to."""


def endpoint() -> str:
    """The hub's address, or the mirror given by ``HF_ENDPOINT``."""
    return (os.environ.get("HF_ENDPOINT") or _ENDPOINT).rstrip("/")


def offline() -> bool:
    """Whether ``HF_HUB_OFFLINE`` forbids downloads."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "TRUE", "YES", "ON")


def describe(repo: str, revision: str, name: str) -> RemoteFile | None:
    """Look up a file; None if the repository has no file of that name.

    Raises ModelError if the hub cannot be reached or refuses.
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
                # The hub redirects within itself when a repository was renamed.
                at = urllib.parse.urljoin(at, target)
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(error) from error
    raise ModelError("{endpoint} redirects in a loop; try again later.", endpoint=endpoint())


def fetch(remote: RemoteFile, target: Path, advanced: Callable[[int], None]) -> None:
    """Download to ``target``, continuing after the bytes that it already has.

    ``advanced`` is called with the file's length after each piece. It may raise to stop the download; what
    has arrived is kept. Raises ModelError if the connection fails, OSError if writing fails.
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
            have = 0  # a server that does not support ranges sends the whole file
        with target.open("r+b" if have else "wb") as file:
            file.seek(have)
            file.truncate()
            _copy(answer, file, have, advanced)
    length = target.stat().st_size
    if remote.size is not None and length < remote.size:
        raise ModelError("The connection was interrupted. Download again to resume.")


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


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Turns redirects into errors, so that their headers can be read: they contain the checksums."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _request(url: str, method: str) -> urllib.request.Request:
    if urllib.parse.urlsplit(url).scheme not in ("https", "http"):
        raise ModelError("{url} is not a web address; check HF_ENDPOINT.", url=url)
    # A compressed transfer has another length and cannot be resumed.
    headers = {"Accept-Encoding": "identity", "User-Agent": f"safelight/{__version__}"}
    return urllib.request.Request(url, headers=headers, method=method)  # noqa: S310 (the scheme is checked)


def _open(request: urllib.request.Request, *, follow: bool) -> http.client.HTTPResponse:
    # The system's certificates, which Python does not find on every platform.
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if not follow:
        handlers.append(_NoRedirects())
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
            "The hub requires an account for this model. Download its files in a browser, then import the "
            "folder that contains them."
        )
    if status == 404:
        return ModelError("The hub does not have this model. Check its name.")
    return ModelError("The hub reported an error ({status}); try again later.", status=status)


def _unreachable(error: BaseException) -> ModelError:
    reason = getattr(error, "reason", None) or error
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return ModelError(
        "{endpoint} cannot be reached ({reason}). Try again later to resume, or import a folder that "
        "contains the model.",
        endpoint=endpoint(),
        reason=text,
    )
