"""``safelight undo``, ``protect`` and ``unprotect``."""

from __future__ import annotations

import os

from safelight.cli import console
from safelight.cli.declarations.duplicates import Protect, UndoStep, Unprotect
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import JudgeDuplicates, ProtectPath, UndoOutcome, describe
from safelight.core.user_paths import exists, expanded
from safelight.engine.editor import Editor
from safelight.services.operations.runner import params_of
from safelight.store import decisions, journal
from safelight.store.journal import FILE_ACTIONS, StepSummary
from safelight.store.library import LibraryStore


def undo(arguments: UndoStep) -> int:
    if arguments.steps:
        return _list_steps(arguments)
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        if arguments.step is not None and journal.step(db, arguments.step) is None:
            raise SafelightError(
                "There is no step {number}; see: safelight undo --list", number=arguments.step
            )
    undone = Editor(arguments.library).undo(arguments.step)
    failed = undone.failed
    if arguments.json:
        console.emit_json(
            {
                "step": undone.undone,
                "action": undone.code,
                "restored": undone.restored,
                "reverted": undone.reverted,
                "judgements": undone.reverted if undone.code == JudgeDuplicates.code else 0,
                "failed": [{"path": path, "reason": reason} for path, reason in failed],
            }
        )
    else:
        step = "" if undone.undone is None else f"Step {undone.undone}: "
        for path, reason in failed:
            console.error(f"{step}{path} could not be restored to its place: {reason}.")
        if message := _message(undone, has_failed=bool(failed)):
            console.emit(message)
    return console.FAILED if failed else console.DONE


def _message(undone: UndoOutcome, *, has_failed: bool) -> str:
    if undone.undone is None:
        return "There is nothing to undo."
    if undone.code == JudgeDuplicates.code and undone.reverted:
        return "Decision undone."
    if undone.reverted:
        return f"Undone: {describe(undone.code, undone.params)}."
    if undone.code not in FILE_ACTIONS:
        return f"Changed again since, so not undone: {describe(undone.code, undone.params)}."
    if undone.restored or not has_failed:
        return f"{console.count(undone.restored, 'file')} restored."
    return ""


def _list_steps(arguments: UndoStep) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = journal.steps(db)
    if arguments.json:
        console.emit_json(
            [
                {
                    "step": each.step.id,
                    "when": console.local_time(each.step.done_at),
                    "action": str(each.step.action),
                    "files": each.files,
                    "bytes": each.size,
                    "in_trash": each.in_trash,
                    "undone": each.step.undone_at is not None,
                }
                for each in known
            ]
        )
        return console.DONE
    for each in known:
        state = "" if each.step.undone_at is None else "  (undone)"
        console.emit(f"{each.step.id:>6}  {console.local_time(each.step.done_at)}  {_in_words(each)}{state}")
    if not known:
        console.emit("Nothing was moved or decided yet.")
    return console.DONE


def _in_words(summary: StepSummary) -> str:
    if summary.step.action not in FILE_ACTIONS:
        return str(describe(summary.step.action, params_of(summary.step)))
    left = summary.in_trash if summary.step.undone_at is not None else 0
    still = f", {left:,} still in the trash" if left else ""
    return f"{console.count(summary.files, 'file')} to the trash, {summary.size / 1e6:.1f} MB{still}"


def protect(arguments: Protect) -> int:
    if arguments.paths:
        return _set_protected(arguments, protected=True)
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        protected = [os.fsdecode(path) for path in decisions.protected_paths(db).paths]
    if arguments.json:
        console.emit_json(protected)
        return console.DONE
    for path in protected:
        console.emit(path)
    if not protected:
        console.emit("Nothing is protected.")
    return console.DONE


def unprotect(arguments: Unprotect) -> int:
    return _set_protected(arguments, protected=False)


def _set_protected(arguments: Protect | Unprotect, *, protected: bool) -> int:
    if not all(path.strip() for path in arguments.paths):
        raise UsageError("The name of a file or folder is empty; name what to protect.")
    real = [os.path.realpath(expanded(path)) for path in arguments.paths]
    for given, path in zip(arguments.paths, real, strict=True):
        if protected and not exists(path):
            raise SafelightError("There is no file or folder {path}. Check the name.", path=given)
    with LibraryStore.open_up_to_date_read_only(arguments.library):
        editor = Editor(arguments.library)  # which would create a library where there is none
    changed = [path for path in real if editor.run(ProtectPath(path, protected)) is not None]
    if arguments.json:
        console.emit_json(changed)
        return console.DONE
    for path in real:
        console.emit(f"{path} {_protection_text(protected, path in changed)}.")
    return console.DONE


def _protection_text(protected: bool, changed: bool) -> str:
    if protected:
        return "is protected" if changed else "was protected already"
    return "is no longer protected" if changed else "was not protected by itself"
