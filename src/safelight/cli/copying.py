"""``safelight copy``: copies of photos in another folder."""

from __future__ import annotations

from safelight.cli import console
from safelight.cli.choosing import ChosenPhotos, report_unknown
from safelight.cli.console import ProgressLine
from safelight.cli.declarations.copying import CopyPhotos
from safelight.core.errors import UsageError
from safelight.core.exporting import (
    SAFE_TO_SHARE,
    ExportFormat,
    ExportProgress,
    ExportRequest,
    ExportResult,
    PrivacySummary,
    PrivateInfo,
)
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.message import Message
from safelight.core.settings import MACHINE_SHARE, MAX_MEGAPIXELS
from safelight.core.user_paths import expanded
from safelight.services import settings
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import available_cores, shared_cores
from safelight.services.organising.exporting import Exporter, checked_template
from safelight.store import export_rows
from safelight.store.library import LibraryStore

_INFO_NAMES = {
    PrivateInfo.PLACE: "places",
    PrivateInfo.NAMES: "names of people",
    PrivateInfo.TEXTS: "titles, captions, tags or ratings",
    PrivateInfo.CAMERA: "cameras",
    PrivateInfo.AUTHOR: "authors",
    PrivateInfo.DATE: "dates",
}


def run(arguments: CopyPhotos) -> int:
    """Copy the photos, or say what the copies would reveal. Reads the library beside a writer."""
    LibraryStore.check_exists(arguments.library)
    withheld = _withheld(arguments)
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        chosen = ChosenPhotos(store, arguments, arguments.paths)
        request = ExportRequest(
            chosen.ids,
            str(expanded(arguments.to).absolute()),
            arguments.template,
            ExportFormat(arguments.format),
            arguments.size,
            withheld,
            arguments.sidecars,
            arguments.turned,
        )
        report_unknown(chosen.unknown)
        if chosen.unknown and not chosen.ids:
            return console.FAILED
        checked_template(request)
        with store.read() as db:
            disclosure = export_rows.privacy_summary(db, chosen.ids)
            share, megapixels = settings.read(db)[MACHINE_SHARE], settings.read(db)[MAX_MEGAPIXELS]
        if arguments.dry_run:
            return _print_disclosure(arguments, disclosure, withheld)
        decoders, _ = shared_cores(available_cores(), share)
        line = ProgressLine(quiet=arguments.json)
        with DecodePool(decoders, Limits(pixels=megapixels * 1_000_000)) as pool:
            result = Exporter(store, pool).run(
                request, JobControl(), lambda progress: line(_progress(progress))
            )
        line.finish()
    return _report(arguments, result, chosen.unknown)


def _withheld(arguments: CopyPhotos) -> frozenset[PrivateInfo]:
    found = set(SAFE_TO_SHARE if arguments.safe else ())
    for word in filter(None, (word.strip() for word in arguments.strip.split(","))):
        if word == "all":
            found.update(PrivateInfo)
        elif word in set(PrivateInfo):
            found.add(PrivateInfo(word))
        else:
            raise UsageError(
                "{word} cannot be left out; there are {known} and all.",
                word=word,
                known=", ".join(PrivateInfo),
            )
    return frozenset(found)


def _progress(progress: ExportProgress) -> Progress:
    return Progress(
        Phase.PROCESSING, progress.done, progress.total, progress.failed, activity=Message("Copying")
    )


def _print_disclosure(
    arguments: CopyPhotos, disclosure: PrivacySummary, withheld: frozenset[PrivateInfo]
) -> int:
    if arguments.json:
        counts = {each.value: disclosure.counts.get(each, 0) for each in PrivateInfo}
        console.emit_json(
            {
                "photos": disclosure.photos,
                "known": counts,
                "stripped": sorted(each.value for each in withheld),
            }
        )
        return console.DONE
    console.emit(f"{console.count(disclosure.photos, 'photo')} would be copied. As far as the library knows:")
    for each in PrivateInfo:
        count = disclosure.counts.get(each, 0)
        fate = "left out" if each in withheld else "given away"
        if count:
            console.emit(f"{count:>7,}  {_INFO_NAMES[each]}: {fate}")
    return console.DONE


def _report(arguments: CopyPhotos, result: ExportResult, unknown: list[str]) -> int:
    failed = bool(result.failed or result.stopped or unknown)
    if arguments.json:
        console.emit_json(
            {
                "copied": result.copied,
                "sidecars": result.sidecars,
                "converted": result.converted,
                "unturned": result.unturned,
                "bytes": result.bytes,
                "files": [{"original": original, "copy": copy} for original, copy in result.files],
                "failed": [{"path": path, "reason": reason} for path, reason in result.failed],
                "stopped": str(result.stopped or ""),
                "inside_library": bool(result.inside),
                "unknown": unknown,
            }
        )
        return console.FAILED if failed else console.DONE
    for path, reason in result.failed:
        console.error(f"{path} was not copied. {reason}")
    if result.stopped:
        console.error(f"{result.stopped} {result.copied:,} of {result.total:,} photos were copied.")
    said = f"{console.count(result.copied, 'photo')} copied to {result.folder}"
    if result.sidecars:
        said += f", with {console.count(result.sidecars, 'sidecar')}"
    console.emit(f"{said}.")
    if result.converted:
        console.emit(
            f"{console.count(result.converted, 'photo')} became JPEG: their own format cannot be written."
        )
    if result.unturned:
        console.emit(
            f"Not turned, since their format cannot store it: {console.count(result.unturned, 'photo')}. "
            "--format jpeg turns pictures."
        )
    if result.inside:
        console.emit("That folder belongs to the library, so the copies become photos of the library.")
    return console.FAILED if failed else console.DONE
