"""``safelight duplicates``: list photos that the library has more than once, and keep the best of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from safelight.cli import console
from safelight.cli.declarations.duplicates import Duplicates
from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, GroupAction
from safelight.core.errors import LibraryInUseError, LibraryUnavailableError, SafelightError, UsageError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.operations import TrashDuplicates, TrashOutcome
from safelight.core.settings import MACHINE_SHARE, MAX_MEGAPIXELS
from safelight.services import settings
from safelight.services.duplicates.comparing import Comparer, model_for_comparing
from safelight.services.duplicates.grouping import find_groups, identical_files
from safelight.services.duplicates.qualities import Qualities
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import available_cores, shared_cores
from safelight.services.operations.runner import OperationRunner
from safelight.services.stages.declarations import COMPARISON
from safelight.services.stages.film import FineFilmStage
from safelight.services.stages.runner import StageRunner
from safelight.store.library import LibraryStore

Plan = tuple[DuplicateGroup, tuple[DuplicateMember, ...]]
"""A group, and the members to move to the trash."""


def run(arguments: Duplicates) -> int:
    if arguments.apply:
        return _apply(arguments)
    if arguments.act or arguments.paths:
        raise UsageError("To act on duplicates, use: safelight duplicates --apply keep-best --kind KIND")
    return _list(arguments)


def _list(arguments: Duplicates) -> int:
    with _opened(arguments.library, read_videos=arguments.video_parts) as store:
        groups = _groups(store, arguments.kind)
    if arguments.json:
        console.emit_json([_group_json(group) for group in groups])
        return console.DONE
    for group in groups:
        console.emit(str(group.reason))
        for member in group.members:
            console.emit(f"  {'keep' if member.keep else '    '}  {member.path}  {member.why or ''}")
    if not groups:
        console.emit(
            "No duplicates were found." if arguments.kind is None else "None of that kind were found."
        )
    return console.DONE


@contextmanager
def _opened(directory: Path, *, read_videos: bool = False) -> Iterator[LibraryStore]:
    """The library with every photo compared; as it is if it cannot be written.

    ``read_videos`` first makes the fingerprints by which parts of longer videos are found.
    """
    LibraryStore.check_exists(directory)
    try:
        store = LibraryStore.create_or_open(directory)
    except (LibraryInUseError, LibraryUnavailableError):
        console.error("The library cannot be written now, so new photos are not compared.")
        store = LibraryStore.open_up_to_date_read_only(directory)
        writable = False
    else:
        writable = True
    with store:
        if writable:
            if read_videos:
                _read_videos(store)
            _compare(store)
        yield store


def _read_videos(store: LibraryStore) -> None:
    with store.read() as db:
        values = settings.read(db)
    decoders, _ = shared_cores(available_cores(), values[MACHINE_SHARE])
    line = console.ProgressLine()
    with DecodePool(decoders, Limits(pixels=values[MAX_MEGAPIXELS] * 1_000_000)) as pool:
        runner = StageRunner(store, pool, [FineFilmStage()], model_key="")
        try:
            runner.run(JobControl(), {FineFilmStage.declaration.cost}, report=line)
        finally:
            line.finish()


def _compare(store: LibraryStore) -> None:
    with store.read() as db:
        model_id = model_for_comparing(db)
        share = settings.read(db)[MACHINE_SHARE]
    processes, _ = shared_cores(available_cores(), share)
    line = console.ProgressLine()
    try:
        for comparison in Comparer(store, processes=processes).run(model_id, JobControl()):
            line(Progress(Phase.PROCESSING, comparison.done, comparison.total, activity=COMPARISON.activity))
    finally:
        line.finish()


def _groups(store: LibraryStore, kind: str | None) -> list[DuplicateGroup]:
    with store.read() as db:
        groups = identical_files(db) if kind == DuplicateKind.IDENTICAL else find_groups(db, Qualities())
    return [group for group in groups if kind is None or group.kind == kind]


# --- acting -----------------------------------------------------------------------------------------


def _apply(arguments: Duplicates) -> int:
    kind = _kind_to_act_on(arguments)
    named = [os.path.realpath(path) for path in arguments.paths]
    # A dry run only reads, so it also works while another process writes the library.
    with (
        LibraryStore.create_or_open(arguments.library)
        if arguments.act and LibraryStore.exists(arguments.library)
        else _opened(arguments.library)
    ) as store:
        if arguments.act:
            _recover(store)
            _compare(store)
        plan = plan_groups(_groups(store, kind), named)
        # A dry run reads and compares the files as the real one does, so that both report the same.
        operation, runner = TrashDuplicates(tuple(_actions(plan))), OperationRunner(store)
        outcome = runner.run(operation) if arguments.act else runner.preview(operation)
    if arguments.json:
        console.emit_json(_as_json(plan, outcome, dry=not arguments.act))
    else:
        _print_outcome(plan, outcome, arguments)
    return console.FAILED if outcome.spared and not outcome.trashed else console.DONE


def _kind_to_act_on(arguments: Duplicates) -> DuplicateKind:
    if arguments.kind is None:
        raise UsageError("Name the duplicates to act on: --kind identical, same-picture or resaved.")
    kind = DuplicateKind(arguments.kind)
    if not kind.safe and not arguments.paths:
        raise UsageError(
            "Review photos of the kind {kind} one by one: name the files to move, or use the window.",
            kind=kind,
        )
    return kind


def _recover(store: LibraryStore) -> None:
    for path, reason in OperationRunner(store).recover().failed:
        console.error(f"{path} could not be restored to its place: {reason}.")


def plan_groups(groups: Sequence[DuplicateGroup], named: Sequence[str]) -> list[Plan]:
    """What to move of each group: what is proposed, or only the files in ``named`` if there are any.

    Raises SafelightError if a named file is in no group or protected, or if a whole group is named.
    """
    if not named:
        plan = [(group, tuple(member for member in group.members if not member.keep)) for group in groups]
        return [(group, going) for group, going in plan if going]
    plan = []
    wanted = set(named)
    for group in groups:
        going = tuple(member for member in group.members if member.path in wanted)
        if not going:
            continue
        wanted.difference_update(member.path for member in going)
        locked = next((member.path for member in going if member.protected), None)
        if locked is not None:
            raise SafelightError("{path} is protected; to move it: safelight unprotect FILE", path=locked)
        if len(going) == len(group.members):
            raise SafelightError(
                "{path} and all its duplicates are named; one of them must stay.", path=going[0].path
            )
        plan.append((group, going))
    if wanted:
        missing = next(path for path in named if path in wanted)
        raise SafelightError(
            "{path} is in no group of this kind; see: safelight duplicates --kind KIND", path=missing
        )
    return plan


def _actions(plan: Sequence[Plan]) -> list[GroupAction]:
    return [
        GroupAction(
            group.key,
            tuple(member.file_id for member in group.members if member not in going),
            tuple(member.file_id for member in going),
        )
        for group, going in plan
    ]


def _group_json(group: DuplicateGroup) -> dict[str, object]:
    members = [{**asdict(member), "why": str(member.why or "")} for member in group.members]
    return {**asdict(group), "reason": str(group.reason), "members": members}


def _as_json(plan: Sequence[Plan], outcome: TrashOutcome, *, dry: bool) -> dict[str, object]:
    return {
        "dry_run": dry,
        "groups": [
            {
                "kind": str(group.kind),
                "reason": str(group.reason),
                "keep": [member.path for member in group.members if member not in going],
                "trash": [member.path for member in going],
            }
            for group, going in plan
        ],
        "files": outcome.trashed,
        "moved": list(outcome.moved),
        "bytes": outcome.freed,
        "spared": [{"path": path, "reason": reason} for path, reason in outcome.spared],
        "step": outcome.step,
    }


def _print_outcome(plan: Sequence[Plan], outcome: TrashOutcome, arguments: Duplicates) -> None:
    if not arguments.act:
        _print_plan(plan, outcome)
    for path, reason in outcome.spared:
        stays = "was left alone" if arguments.act else "would be left alone"
        console.error(f"{path} {stays}: {reason}.")
    files, megabytes = console.count(outcome.trashed, "file"), f"{outcome.freed / 1e6:.1f} MB"
    if not outcome.moved:
        console.emit("There is nothing to move." if not outcome.spared else "Nothing can be moved.")
    elif not arguments.act:
        console.emit(
            f"{files} of {console.count(len(plan), 'group')} would go to the trash. Emptying the trash then "
            f"frees {megabytes}. Nothing was moved; --yes moves them."
        )
    else:
        console.emit(
            f"{files} moved to the trash. Emptying the trash frees {megabytes}. "
            "safelight undo puts them back."
        )


def _print_plan(plan: Sequence[Plan], outcome: TrashOutcome) -> None:
    going = set(outcome.moved)
    for group, _ in plan:
        console.emit(str(group.reason))
        for member in group.members:
            console.emit(
                f"  {'trash' if member.path in going else 'keep '}  {member.path}  {member.why or ''}"
            )
            for companion in member.companions:
                if companion in going:
                    console.emit(f"  trash  {companion}  belongs to {Path(member.path).name}")
