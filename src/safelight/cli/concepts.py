"""``safelight concept``: teaching concepts by examples."""

from __future__ import annotations

from safelight.api import Library
from safelight.cli import console, words
from safelight.cli.choosing import ChosenPhotos, report_unknown
from safelight.cli.declarations.concepts import Concepts
from safelight.core.errors import UsageError
from safelight.core.operations import (
    DeleteConcept,
    MergeConcepts,
    Operation,
    Outcome,
    RenameConcept,
    TeachConcept,
)
from safelight.engine.editor import Editor
from safelight.store import concepts
from safelight.store.library import LibraryStore


def run(arguments: Concepts) -> int:
    """List concepts, change one, or propose photos to teach one with. Works beside an open window."""
    if arguments.action == "list":
        return _list(arguments)
    words.required(arguments.name, UsageError("Name the concept."))
    if arguments.action == "propose":
        return _propose(arguments)
    if arguments.action == "teach":
        return _teach(arguments)
    if arguments.query or arguments.without or arguments.forget or arguments.words is not None:
        raise UsageError("concept {action} takes no photos.", action=arguments.action)
    return _run_operation(arguments, _operation(arguments))


def _operation(arguments: Concepts) -> Operation[Outcome]:
    match arguments.action:
        case "rename":
            return RenameConcept(
                arguments.name, words.only(arguments.rest, UsageError("Name the new name, once."))
            )
        case "merge":
            return MergeConcepts(
                arguments.name,
                words.only(arguments.rest, UsageError("Name the concept to merge it into, once.")),
            )
        case _:
            words.none(arguments.rest)
            return DeleteConcept(arguments.name)


def _list(arguments: Concepts) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = [
            {
                "concept": each.name,
                "words": each.description,
                "shown": len(each.shown),
                "not_shown": len(each.not_shown),
            }
            for each in concepts.all_concepts(db)
        ]
    if arguments.json:
        console.emit_json(known)
        return console.DONE
    for each in known:
        console.emit(f"{each['shown']:>5} shown {each['not_shown']:>5} not  {each['concept']}")
    if not known:
        console.emit("There are no concepts yet. To teach one: safelight concept teach NAME PHOTO…")
    return console.DONE


def _teach(arguments: Concepts) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        may_be_empty = bool(arguments.without) or arguments.words is not None
        shown = ChosenPhotos(store, arguments, arguments.rest, may_be_empty=may_be_empty)
        against = ChosenPhotos(
            store, Concepts(library=arguments.library), arguments.without, may_be_empty=True
        )
    unknown = [*shown.unknown, *against.unknown]
    report_unknown(unknown)
    if unknown and not shown.ids and not against.ids:
        return console.FAILED
    if arguments.forget:
        operation = TeachConcept(
            arguments.name, forgotten=(*shown.ids, *against.ids), description=arguments.words
        )
    else:
        operation = TeachConcept(arguments.name, shown.ids, against.ids, description=arguments.words)
    return max(_run_operation(arguments, operation), console.FAILED if unknown else console.DONE)


def _propose(arguments: Concepts) -> int:
    words.none(arguments.rest)
    with Library.open(arguments.library, hidden=True, ask_engine=True) as library:
        found = library.doubtful(arguments.name, arguments.limit)
    if arguments.json:
        console.emit_json([{"path": each.path, "probability": each.probability} for each in found])
        return console.DONE
    for each in found:
        console.emit(f"{each.probability:>5.0%}  {each.path}")
    if not found:
        console.emit("There is no photo to ask about.")
    return console.DONE


def _run_operation(arguments: Concepts, operation: Operation[Outcome]) -> int:
    console.emit_step(Editor(arguments.library).run(operation), as_json=arguments.json)
    return console.DONE
