"""The commands ``status`` and ``failures``."""

from __future__ import annotations

from dataclasses import asdict

from safelight import __version__
from safelight.cli import console
from safelight.cli.declarations.library import Failures, Status
from safelight.core.photo import FolderState
from safelight.services.stages.registry import coverage
from safelight.store import files, folders, photos, unlisted, vectors
from safelight.store.library import LibraryStore


def status(arguments: Status) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = vectors.models(db)
        counts = photos.counts(db, None)
        models = [
            {"name": model.name, "key": model.key, "photos": photos.counts(db, model.id).embedded}
            for model in known
        ]
        stages = [asdict(each) for each in coverage(db)]
        roots_known = folders.all_folders(db)
        not_listed = unlisted.count(db)
    found = {
        "version": __version__,
        "library": str(arguments.library),
        "photos": counts.photos,
        "files": counts.files,
        "pending": counts.pending,
        "failed": counts.failures - not_listed,
        "unlisted_folders": not_listed,
        "skipped_videos": counts.skipped_videos,
        "favourites": counts.favourites,
        "folders": len(roots_known),
        "offline": sum(folder.state is FolderState.OFFLINE for folder in roots_known),
        "models": models,
        "stages": stages,
    }
    if arguments.json:
        console.emit_json(found)
        return console.DONE
    console.emit(f"Safelight {__version__}, library at {arguments.library}")
    console.emit(
        f"{counts.photos:,} photos in {counts.files:,} files and {len(roots_known)} folders; "
        f"{counts.pending:,} waiting, {counts.failures - not_listed:,} could not be read"
    )
    if not_listed:
        console.emit(f"{not_listed:,} folders could not be listed (see: safelight failures)")
    if counts.skipped_videos:
        console.emit(f"{counts.skipped_videos:,} videos skipped (to add them, install the extra “video”)")
    for model in models:
        console.emit(f"{model['name']}: {model['photos']:,} photos can be found by words")
    for stage in stages:
        failed = f", {stage['failed']:,} failed" if stage["failed"] else ""
        console.emit(f"{stage['name']}: {stage['done']:,} of {stage['photos']:,} photos{failed}")
    return console.DONE


def failures(arguments: Failures) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        failed = files.failures(db)
    if arguments.json:
        console.emit_json(
            [
                {
                    "path": f.path,
                    "reason": str(f.reason),
                    "when": console.local_time(f.when),
                    "kind": str(f.kind),
                }
                for f in failed
            ]
        )
        return console.DONE
    for failure in failed:
        console.emit(f"{failure.path}: {failure.reason}")
    return console.DONE
