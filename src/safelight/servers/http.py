"""``safelight serve``: the library over HTTP, for programs of the same user on this machine."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Body, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from safelight import __version__
from safelight.core.errors import LibraryInUseError, SafelightError, UnknownPhotoError
from safelight.core.plain_text import without_surrogates
from safelight.core.private_files import create_file
from safelight.servers import answers
from safelight.servers.answers import Cursor, Key, Limit, Query, Side
from safelight.servers.http_guard import Bounds, Guard
from safelight.servers.http_protocol import PunctualProtocol
from safelight.servers.served_library import MAX_PHOTOS_PER_EDIT, ServedLibrary

TOKEN_NAME = "http-token"  # noqa: S105 - the name of a file
HOST = "127.0.0.1"

_CONNECTIONS = 256

Photos = Annotated[list[Key], Field(min_length=1, max_length=MAX_PHOTOS_PER_EDIT)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Refusal(BaseModel):
    """Why a request was refused, in one line."""

    detail: str


class TagEdit(BaseModel):
    """Photos, and a tag to add or remove."""

    photos: Photos
    tag: Name


class RatingEdit(BaseModel):
    """Photos and their rating, 0 (none) to 5."""

    photos: Photos
    rating: int = Field(ge=0, le=5)


class AlbumEdit(BaseModel):
    """Photos, and the album to add them to."""

    photos: Photos
    album: Name


_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": description}
    for status, description in (
        (400, "The request makes no sense, or cannot be carried out"),
        (401, "The token is missing or wrong"),
        (403, "Another host name or origin"),
        (404, "There is no such photo or album"),
        (408, "The request did not arrive in time"),
        (409, "Another process is writing the library"),
        (413, "The request is too large"),
        (422, "A parameter or the body is not what the description says"),
        (429, "Too many requests"),
    )
}


def application(library: ServedLibrary, token: str, port: int, bounds: Bounds | None = None) -> Guard:
    """The ASGI application for an open library, behind its guard. Its OpenAPI 3.1 description is at
    ``/openapi.json``; edits exist only if ``library`` allows them."""
    app = FastAPI(
        title="Safelight",
        description="Photos of this machine, found by what they show.",
        version=__version__,
        # The pages of documentation would load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        dependencies=[
            Depends(HTTPBearer(auto_error=False))
        ],  # checked by the guard; here for the description
        responses=_REFUSALS,
    )

    @app.exception_handler(SafelightError)
    def refuse(_: Request, error: SafelightError) -> JSONResponse:
        status = {UnknownPhotoError: 404, LibraryInUseError: 409}.get(type(error), 400)
        return JSONResponse({"detail": without_surrogates(str(error))}, status)

    @app.exception_handler(RequestValidationError)
    def refuse_parameters(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": without_surrogates(answers.wrong_arguments(error.errors()))}, 422)

    @app.exception_handler(404)
    def refuse_path(request: Request, _: Exception) -> JSONResponse:
        path = without_surrogates(request.url.path)
        return JSONResponse({"detail": f"There is no {path}; /openapi.json lists what there is."}, 404)

    _add_reading(app, library)
    if library.allows_edits:
        _add_edits(app, library)
    return Guard(app, token, port, bounds)


def _add_reading(app: FastAPI, library: ServedLibrary) -> None:
    @app.get("/v1/search")
    def search(query: Query, limit: Limit = 20, cursor: Cursor = None) -> answers.MatchesModel:
        """Photos that fit a query of the search language, best first."""
        return library.search(query, limit, cursor)

    @app.get("/v1/similar")
    def similar(photo: Key, limit: Limit = 20, cursor: Cursor = None) -> answers.MatchesModel:
        """Photos that look like a photo of the library, which comes first itself."""
        return library.similar(photo, limit, cursor)

    @app.get("/v1/photo")
    def photo(photo: Key) -> answers.DescriptionModel:
        """What a photo shows and what is known of it."""
        return library.describe(photo)

    @app.get(
        "/v1/picture",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
    )
    def picture(photo: Key, side: Side = 1024) -> Response:
        """A photo as a JPEG without metadata."""
        return Response(library.picture(photo, side), media_type="image/jpeg")

    @app.get("/v1/duplicates")
    def duplicates(
        kind: Annotated[str | None, Field(max_length=20)] = None, limit: Limit = 20
    ) -> answers.DuplicatesModel:
        """Groups of duplicates, the most certain first."""
        return library.duplicates(kind, limit)

    @app.get("/v1/status")
    def status() -> answers.StatusModel:
        """What this server can see."""
        return library.status()

    @app.get("/v1/albums")
    def albums() -> list[answers.NamedModel]:
        """The albums."""
        return library.albums()

    @app.get("/v1/album")
    def album(name: Name) -> list[answers.DescriptionModel]:
        """The photos of an album, in its order."""
        return library.album(name)

    @app.get("/v1/tags")
    def tags() -> list[answers.NamedModel]:
        """The tags."""
        return library.tags()

    @app.get("/v1/searches")
    def searches() -> list[answers.SavedSearchModel]:
        """The saved searches."""
        return library.saved_searches()


def _add_edits(app: FastAPI, library: ServedLibrary) -> None:
    @app.post("/v1/tag")
    def tag(edit: TagEdit) -> answers.EditModel:
        """Add a tag to photos."""
        return library.tag(edit.photos, edit.tag)

    @app.post("/v1/untag")
    def untag(edit: TagEdit) -> answers.EditModel:
        """Remove a tag from photos."""
        return library.untag(edit.photos, edit.tag)

    @app.post("/v1/rate")
    def rate(edit: RatingEdit) -> answers.EditModel:
        """Rate photos."""
        return library.rate(edit.photos, edit.rating)

    @app.post("/v1/add-to-album")
    def add_to_album(edit: AlbumEdit) -> answers.EditModel:
        """Add photos to an album, which is created if there is none of that name."""
        return library.add_to_album(edit.photos, edit.album)

    @app.post("/v1/undo")
    def undo(step: Annotated[int, Body(embed=True)]) -> answers.UndoneModel:
        """Undo an edit that this server made."""
        return library.undo(step)


def serve(library: ServedLibrary, port: int, token_file: Path, show: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. ``port`` 0 takes a free one. The token is written to ``token_file``,
    which only this user can read, and removed at the end. ``show`` shows a line to the user.

    Raises SafelightError if the port is taken or the file cannot be written.
    """
    token = secrets.token_urlsafe(32)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(_CONNECTIONS)  # so that it accepts connections before the address is shown
        except OSError as error:
            raise SafelightError(
                "Port {port} cannot be used ({reason}); name another.", port=port, reason=error.strerror
            ) from error
        port = listener.getsockname()[1]
        _write_token(token_file, token)
        try:
            config = uvicorn.Config(
                application(library, token, port),
                log_config=None,
                log_level="error",  # a client that asks for something odd is no concern of the user
                access_log=False,  # it contains queries
                server_header=False,
                http=PunctualProtocol,
                ws="none",
                limit_concurrency=_CONNECTIONS,
                timeout_keep_alive=5,
                h11_max_incomplete_event_size=16 * 1024,
                timeout_graceful_shutdown=2,
            )
            show(f"Serving http://{HOST}:{port}; the token is in {token_file}. Ctrl+C ends it.")
            uvicorn.Server(config).run([listener])
        finally:
            token_file.unlink(missing_ok=True)


def _write_token(file: Path, token: str) -> None:
    try:
        file.unlink(missing_ok=True)  # of a server that was killed
        with os.fdopen(create_file(file), "w", encoding="ascii") as opened:
            opened.write(token + "\n")
    except OSError as error:
        raise SafelightError(
            "The token cannot be written to {path} ({reason}); name another file with --token-file.",
            path=file,
            reason=error.strerror,
        ) from error
