"""``safelight models``: list, download, import, use, compare and delete models."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from safelight import paths
from safelight.cli import comparing_models, console
from safelight.cli.declarations.models import Models
from safelight.core.errors import SafelightError, UsageError
from safelight.core.jobs import JobControl
from safelight.core.models import ModelRow
from safelight.core.user_paths import expanded
from safelight.embedding import catalogue, install, model_references
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.install import Transfer
from safelight.embedding.load import prove
from safelight.embedding.offers import Offer
from safelight.services.models import installed as models
from safelight.store.library import LibraryStore


def run(arguments: Models) -> int:
    if arguments.action == "list":
        return _list(arguments)
    if not arguments.target:
        raise UsageError("Name the model: safelight models {action} MODEL", action=arguments.action)
    actions = {
        "download": _download,
        "import": _import,
        "use": _use,
        "delete": _delete,
        "compare": comparing_models.run,
    }
    return actions[arguments.action](arguments)


def _list(arguments: Models) -> int:
    if LibraryStore.exists(arguments.library):
        with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
            rows = models.model_rows(db, paths.models_dir())
    else:
        rows = models.model_rows(None, paths.models_dir())
    if arguments.json:
        console.emit_json([_as_json(row) for row in rows])
        return console.DONE
    for row in rows:
        mark = "*" if row.active else " "
        state = _coverage(row) if row.installed else "not installed"
        badge = "  (recommended)" if row.recommended else ""
        console.emit(f"{mark} {row.name:18} {row.size_bytes / 1e6:7,.0f} MB  {state}{badge}")
        console.emit(f"    {row.title}. {row.note}{_licence(row)}{_speed(row)}")
    console.emit("")
    console.emit("To change the model: safelight models download NAME, then: safelight models use NAME")
    return console.DONE


def _as_json(row: ModelRow) -> dict[str, object]:
    return {
        "name": row.name,
        "licence": row.licence,
        "size_mb": round(row.size_bytes / 1e6, 1),
        "dim": row.dim,
        "installed": row.installed,
        "active": row.active,
        "covered": row.covered,
        "title": row.title,
        "languages": row.languages,
        "research_only": row.research_only,
        "imagenet": row.imagenet,
        "coco": row.coco,
        "images_per_second": row.images_per_second,
        "estimated": row.estimated,
        "method": row.method,
        "recommended": row.recommended,
    }


def _coverage(row: ModelRow) -> str:
    if not row.photos:
        return "installed"
    return f"installed, covers {row.covered:,} of {row.photos:,} photos"


def _speed(row: ModelRow) -> str:
    if row.images_per_second is None:
        return ""
    method = f" in {row.method}" if row.method else ""
    return f" {'About ' if row.estimated else ''}{row.images_per_second:.1f} photos/s here{method}."


def _licence(row: ModelRow) -> str:
    if row.research_only:
        return f" Licence {row.licence}: for research only."
    return f" Licence {row.licence}." if row.licence else ""


def _download(arguments: Models) -> int:
    offer = model_references.named(arguments.target)
    _ask_for_licence(offer, accepted=arguments.accept_licence)
    return _installing(
        arguments,
        lambda advanced: install.download(offer, paths.models_dir(), prove, JobControl(), advanced),
    )


def _ask_for_licence(offer: Offer, *, accepted: bool) -> None:
    if not offer.research_only or accepted:
        return
    raise SafelightError(
        "{title} may be used for research only (licence {licence}; {page}). If that is what you use it "
        "for, add --accept-licence",
        title=offer.title,
        licence=offer.licence,
        page=offer.page,
    )


def _import(arguments: Models) -> int:
    source = expanded(arguments.target)
    return _installing(
        arguments,
        lambda advanced: install.import_folder(
            source, paths.models_dir(), prove, JobControl(), name=arguments.name, advanced=advanced
        ),
    )


def _installing(arguments: Models, action: Callable[[Callable[[Transfer], None]], ModelSpec]) -> int:
    line = _TransferLine()
    try:
        spec = action(line)
    finally:
        line.finish()
    if arguments.json:
        console.emit_json({"name": spec.name, "dim": spec.dim, "size_mb": round(spec.size_bytes / 1e6, 1)})
    else:
        console.emit(f"{spec.name} is installed. To use it: safelight models use {spec.name}")
    return console.DONE


def _use(arguments: Models) -> int:
    catalogue.find(arguments.target, paths.models_dir())
    with LibraryStore.create_or_open(arguments.library) as store:
        spec = models.choose(store, arguments.target, paths.models_dir())
        with store.read() as db:
            row = next(each for each in models.model_rows(db, paths.models_dir()) if each.name == spec.name)
    if arguments.json:
        console.emit_json({"name": row.name, "covered": row.covered, "photos": row.photos})
        return console.DONE
    missing = row.photos - row.covered
    console.emit(f"{spec.name} is now in use.")
    if missing > 0:
        console.emit(
            f"{missing:,} of {row.photos:,} photos must still be read with it: safelight index. "
            "Until then the previous model answers searches."
        )
    return console.DONE


def _delete(arguments: Models) -> int:
    name = arguments.target
    spec = catalogue.find(name, paths.models_dir())
    covered = 0
    exists = LibraryStore.exists(arguments.library)
    if exists:
        with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
            covered = next(
                row.covered for row in models.model_rows(db, paths.models_dir()) if row.name == name
            )
    if not arguments.yes:
        raise SafelightError(
            "Deleting {name} frees {megabytes:,.0f} MB. {photos:,} photos would have to be read again if "
            "you install it later. To delete it, add --yes",
            name=name,
            megabytes=spec.size_bytes / 1e6,
            photos=covered,
        )
    if not exists:
        freed, lost = install.delete(name, paths.models_dir()), 0
    else:
        with LibraryStore.create_or_open(arguments.library) as store:
            freed, lost = models.delete_model(store, name, paths.models_dir())
    if arguments.json:
        console.emit_json({"name": name, "freed_mb": round(freed / 1e6, 1), "covered": lost})
    else:
        console.emit(f"{name} is deleted, which freed {freed / 1e6:,.0f} MB.")
    return console.DONE


class _TransferLine:
    """Progress of a download: one line on a terminal, or one line for every tenth in a log."""

    def __init__(self) -> None:
        self._shown = -1.0
        self._begun = time.monotonic()
        self._start: int | None = None

    def __call__(self, transfer: Transfer) -> None:
        if self._start is None:
            self._start = transfer.done
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        share = transfer.done / max(1, transfer.total)
        due = now - self._shown > 0.2 if terminal else share - self._shown >= 0.1
        if not due and transfer.done < transfer.total:
            return
        self._shown = now if terminal else share
        rate = (transfer.done - self._start) / 1e6 / max(0.001, now - self._begun)
        text = f"{transfer.done / 1e6:,.0f} of {transfer.total / 1e6:,.0f} MB · {rate:.1f} MB/s"
        shown, end = (f"\r{text}\x1b[K", "") if terminal else (text, "\n")
        console.write_message(shown, end)

    def finish(self) -> None:
        if self._start is not None and sys.stderr.isatty():
            console.write_message("")
