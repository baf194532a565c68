"""Teaches, renames, merges and deletes concepts."""

from __future__ import annotations

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.concepts import MAX_CONCEPT_LENGTH, Concept, clean_concept_name
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import DeleteConcept, Json, MergeConcepts, RenameConcept, TeachConcept
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import concepts, photos
from safelight.store.library import Connection

_CHANGED = LibraryChanged(ChangeKind.CONCEPTS)


def _teach(db: Connection, operation: TeachConcept, now: float) -> Applied:
    name = clean_concept_name(operation.name)
    known = concepts.find(db, name)
    wanted: dict[bytes, bool | None] = dict.fromkeys(photos.content_hashes(db, operation.forgotten).values())
    wanted |= dict.fromkeys(photos.content_hashes(db, operation.not_shown).values(), False)
    wanted |= dict.fromkeys(photos.content_hashes(db, operation.shown).values(), True)
    description = None if operation.description is None else _clean_description(operation.description)
    if known is None:
        if True not in wanted.values():
            raise UsageError("Choose photos that show “{name}”.", name=name)
        concept_id = concepts.create(db, name, description or "", now)
        before: dict[bytes, bool] = {}
        former = described = None
    else:
        concept_id, before = known.id, concepts.examples(db, known.id)
        former, described = known.description, known.description if description is None else description
        concepts.set_name_and_description(db, known.id, known.name, described)
    changed = {content: shows for content, shows in wanted.items() if before.get(content) is not shows}
    for content, shows in changed.items():
        concepts.set_example(db, concept_id, content, shows)
    if known is not None and not changed and former == described:
        return Applied()
    undo = {
        "id": concept_id,
        "created": known is None,
        "examples": [[content.hex(), before.get(content), shows] for content, shows in changed.items()],
        "description": [former, described],
    }
    params = {"name": name if known is None else known.name, "photos": len(changed)}
    return Applied(_CHANGED, undo, params, created=concept_id if known is None else None)


def _undo_teach(db: Connection, undo: Json, _: float) -> Reverted:
    concept = concepts.get(db, undo["id"])
    if concept is None:
        return Reverted()
    count = _put_back(db, concept.id, undo["examples"])
    former, described = undo["description"]
    if former is not None and concept.description == described != former:
        concepts.set_name_and_description(db, concept.id, concept.name, former)
        count += 1
    if undo["created"] and not concepts.examples(db, concept.id):
        concepts.delete(db, concept.id)
        count += 1
    return Reverted(_CHANGED, count) if count else Reverted()


def _put_back(db: Connection, concept_id: int, steps: Json) -> int:
    """Revert the examples that are still as the operation left them. Returns how many."""
    now = concepts.examples(db, concept_id)
    count = 0
    for content, before, after in steps:
        if now.get(bytes.fromhex(content)) is after:
            concepts.set_example(db, concept_id, bytes.fromhex(content), before)
            count += 1
    return count


def _rename(db: Connection, operation: RenameConcept, _: float) -> Applied:
    known, name = _find(db, operation.concept), clean_concept_name(operation.name)
    other = concepts.find(db, name)
    if other is not None and other.id != known.id:
        raise SafelightError(
            "There is a concept “{name}” already. Choose another name, or merge the two.", name=other.name
        )
    if known.name == name:
        return Applied()
    concepts.set_name_and_description(db, known.id, name, known.description)
    return Applied(
        _CHANGED, {"id": known.id, "before": known.name, "after": name}, {"before": known.name, "name": name}
    )


def _undo_rename(db: Connection, undo: Json, _: float) -> Reverted:
    concept = concepts.get(db, undo["id"])
    taken = concepts.find(db, undo["before"])
    if concept is None or concept.name != undo["after"] or (taken is not None and taken.id != concept.id):
        return Reverted()  # renamed or deleted again, or another concept has the name by now
    concepts.set_name_and_description(db, concept.id, undo["before"], concept.description)
    return Reverted(_CHANGED, 1)


def _merge(db: Connection, operation: MergeConcepts, _: float) -> Applied:
    known, into = _find(db, operation.concept), _find(db, operation.into)
    if known.id == into.id:
        raise UsageError("Choose two different concepts to merge.")
    theirs, own = concepts.examples(db, known.id), concepts.examples(db, into.id)
    gained = {content: shows for content, shows in theirs.items() if content not in own}
    for content, shows in gained.items():
        concepts.set_example(db, into.id, content, shows)
    undo = {
        "deleted": _delete_and_record(db, known),
        "into": into.id,
        "examples": [[content.hex(), None, shows] for content, shows in gained.items()],
    }
    return Applied(_CHANGED, undo, {"before": known.name, "name": into.name})


def _undo_merge(db: Connection, undo: Json, _: float) -> Reverted:
    if not _restore_deleted(db, undo["deleted"]):
        return Reverted()
    _put_back(db, undo["into"], undo["examples"])
    return Reverted(_CHANGED, 1)


def _delete(db: Connection, operation: DeleteConcept, _: float) -> Applied:
    known = _find(db, operation.concept)
    return Applied(_CHANGED, _delete_and_record(db, known), {"name": known.name})


def _undo_delete(db: Connection, undo: Json, _: float) -> Reverted:
    return Reverted(_CHANGED, 1) if _restore_deleted(db, undo) else Reverted()


def _delete_and_record(db: Connection, concept: Concept) -> Json:
    """Delete a concept, and return what :func:`_restore_deleted` needs."""
    given = concepts.examples(db, concept.id)
    created_at = concepts.delete(db, concept.id)
    return {
        "id": concept.id,
        "name": concept.name,
        "description": concept.description,
        "created_at": created_at,
        "examples": [[content.hex(), shows] for content, shows in given.items()],
    }


def _restore_deleted(db: Connection, deleted: Json) -> bool:
    """Create a deleted concept again, unless another one has its name now. Returns whether it was created."""
    if concepts.find(db, deleted["name"]) is not None:
        return False
    free = None if concepts.get(db, deleted["id"]) is not None else deleted["id"]
    concept_id = concepts.create(db, deleted["name"], deleted["description"], deleted["created_at"], free)
    for content, shows in deleted["examples"]:
        concepts.set_example(db, concept_id, bytes.fromhex(content), shows)
    return True


def _find(db: Connection, name: str) -> Concept:
    found = concepts.find(db, name)
    if found is None:
        raise SafelightError("There is no concept “{name}”.", name=" ".join(name.split()))
    return found


def _clean_description(description: str) -> str:
    text = " ".join(description.split())
    if len(text) > MAX_CONCEPT_LENGTH:
        raise UsageError(
            "The description of a concept has at most {limit} characters.", limit=MAX_CONCEPT_LENGTH
        )
    return text


HANDLERS = (
    Handler(TeachConcept, _teach, _undo_teach),
    Handler(RenameConcept, _rename, _undo_rename),
    Handler(MergeConcepts, _merge, _undo_merge),
    Handler(DeleteConcept, _delete, _undo_delete),
)
