"""``safelight suggest``: tags that suit photos."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from safelight.api import Library
from safelight.api.values import SuggestedTag
from safelight.cli import console
from safelight.cli.choosing import ChosenPhotos, report_unknown
from safelight.cli.declarations.concepts import SuggestTags
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import AddTag, CompositeOperation, RefuseTag
from safelight.core.organising_rules import clean_tag
from safelight.core.private_files import create_file
from safelight.core.user_paths import exists
from safelight.engine.editor import Editor
from safelight.store import photos, tag_words
from safelight.store.library import LibraryStore


def run(arguments: SuggestTags) -> int:
    """List, accept or refuse the suggestions for photos, or write the list of words for editing."""
    LibraryStore.check_exists(arguments.library)
    if arguments.action == "words":
        return _write_words(arguments)
    if arguments.tag and arguments.action == "list":
        raise UsageError("suggest list shows all suggestions and takes no --tag.")
    tag = clean_tag(arguments.tag) if arguments.tag else ""
    if arguments.action == "refuse" and not tag:
        raise UsageError("Name the tag to refuse with --tag.")
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        chosen = ChosenPhotos(store, arguments, arguments.paths)
        with store.read() as db:
            keys = photos.content_hashes(db, chosen.ids)
            paths = {
                photo.id: photo.files[0].path for photo in photos.get_many(db, chosen.ids) if photo.files
            }
    report_unknown(chosen.unknown)
    ids = [photo for photo in chosen.ids if photo in paths]
    status = console.FAILED if chosen.unknown else console.DONE
    if arguments.action == "refuse":
        step = Editor(arguments.library).run(RefuseTag(tuple(ids), tag)) if ids else None
        return max(status, _report(arguments, step))
    with Library.open(arguments.library, hidden=True, ask_engine=True) as library:
        found = dict(zip(ids, library.suggest([keys[photo].hex() for photo in ids]), strict=True))
    if arguments.action == "accept":
        return max(status, _report(arguments, _accept(arguments, found, tag)))
    _list(arguments, {paths[photo]: suggested for photo, suggested in found.items()})
    return status


def _accept(arguments: SuggestTags, found: Mapping[int, Sequence[SuggestedTag]], tag: str) -> int | None:
    """Add the suggested tags, or only the one that is named; returns the step that undoes all of them."""
    wanted: dict[str, list[int]] = {}
    for photo, suggested in found.items():
        for each in suggested:
            if not tag or each.tag.lower() == tag.lower():
                wanted.setdefault(each.tag, []).append(photo)
    added = tuple(AddTag(tuple(photo_ids), name) for name, photo_ids in wanted.items())
    return Editor(arguments.library).run(CompositeOperation(added)) if added else None


def _list(arguments: SuggestTags, found: Mapping[str, Sequence[SuggestedTag]]) -> None:
    if arguments.json:
        console.emit_json(
            [
                {
                    "path": path,
                    "tags": [{"tag": each.tag, "probability": each.probability} for each in suggested],
                }
                for path, suggested in found.items()
            ]
        )
        return
    for path, suggested in found.items():
        console.emit(path)
        for each in suggested:
            console.emit(f"    {each.probability:>4.0%}  {each.tag}")


def _write_words(arguments: SuggestTags) -> int:
    """Write the built-in list into the library's folder, unless there is one of the user's own."""
    place = tag_words.own_list(arguments.library)
    if not exists(place):
        try:
            with os.fdopen(create_file(place), "w", encoding="utf-8") as file:
                file.write(tag_words.built_in())
        except OSError as error:
            raise SafelightError(
                "{path} cannot be written ({reason}).", path=place, reason=error.strerror
            ) from error
    if arguments.json:
        console.emit_json({"file": str(place)})
    else:
        console.emit(f"{place}: edit this list of words, or delete it to use the built-in one again.")
    return console.DONE


def _report(arguments: SuggestTags, step: int | None) -> int:
    if arguments.json:
        console.emit_json({"steps": [] if step is None else [step]})
    else:
        console.emit_step(step, as_json=False)
    return console.DONE
