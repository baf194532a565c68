"""Adds, removes, renames, deletes and refuses tags."""

from __future__ import annotations

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import AddTag, DeleteTag, Json, RefuseTag, RemoveTag, RenameTag
from safelight.core.organising_rules import clean_tag, is_within
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import marks, photos, tag_words, tags
from safelight.store.library import Connection


def _add(db: Connection, operation: AddTag, _: float) -> Applied:
    name = clean_tag(operation.tag)
    created = tags.create(db, name)[1]
    changed = marks.add_tag(db, operation.photo_ids, name)
    if operation.photo_ids and not changed and created:
        tags.discard_unused(db, name)  # the photos are gone
        created = False
    if not changed and not created:
        return Applied()
    params = {"photos": len(changed), "tag": name}
    return Applied(_tagged(changed), {"tag": name, "photos": changed, "created": created}, params)


def _undo_add(db: Connection, undo: Json, _: float) -> Reverted:
    changed = marks.remove_tag(db, undo["photos"], undo["tag"])
    discarded = undo.get("created", False) and tags.discard_unused(db, undo["tag"])
    return _reverted(changed, len(changed) or int(discarded))


def _remove(db: Connection, operation: RemoveTag, _: float) -> Applied:
    name = clean_tag(operation.tag)
    changed = marks.remove_tag(db, operation.photo_ids, name)
    if not changed:
        return Applied()
    return Applied(_tagged(changed), {"tag": name, "photos": changed}, {"photos": len(changed), "tag": name})


def _undo_remove(db: Connection, undo: Json, _: float) -> Reverted:
    changed = marks.add_tag(db, undo["photos"], undo["tag"])
    return _reverted(changed, len(changed))


def _rename(db: Connection, operation: RenameTag, _: float) -> Applied:
    """Rename a tag and the tags below it. Each is merged into the tag that has its new name, if there is
    one."""
    before, after = clean_tag(operation.tag), clean_tag(operation.name)
    family = tags.with_descendants(db, before)
    if not family:
        raise SafelightError("There is no tag “{name}”.", name=before)
    if len(after) > len(before) and is_within(after, before):
        raise UsageError("The tag “{name}” cannot be moved into itself.", name=before)
    steps: list[Json] = []
    changed: set[int] = set()
    for tag_id, old in family:
        new = clean_tag(after + old[len(before) :])
        if new == old:
            continue
        existing = tags.find(db, new)
        if existing is None or existing == tag_id:
            changed.update(tags.rename(db, tag_id, new))
            steps.append({"id": tag_id, "old": old, "new": new})
        else:
            photos, gained = tags.merge(db, tag_id, existing)
            changed.update(photos)
            steps.append({"id": tag_id, "old": old, "new": new, "photos": photos, "gained": gained})
    if not steps:
        return Applied()
    return Applied(_tagged(changed), steps, {"before": before, "name": after, "photos": len(changed)})


def _undo_rename(db: Connection, undo: Json, _: float) -> Reverted:
    """Revert the names, except of tags that were renamed or deleted again since. Photos that have lost a
    merged tag since do not get the old one."""
    changed: set[int] = set()
    count = 0
    for step in reversed(undo):
        if "photos" in step:
            target = tags.find(db, step["new"])
            if target is None:
                continue
            having = set(tags.photos_with(db, target))
            tags.restore(db, step["id"], step["old"])
            changed.update(
                marks.add_tag(db, [photo for photo in step["photos"] if photo in having], step["old"])
            )
            changed.update(marks.remove_tag(db, step["gained"], step["new"]))
            count += 1
        elif tags.name_of(db, step["id"]) == step["new"]:
            taken = tags.find(db, step["old"])
            if taken is None or taken == step["id"]:
                changed.update(tags.rename(db, step["id"], step["old"]))
            else:
                changed.update(tags.merge(db, step["id"], taken)[0])
            count += 1
    return _reverted(changed, count)


def _delete(db: Connection, operation: DeleteTag, _: float) -> Applied:
    name = clean_tag(operation.tag)
    family = tags.with_descendants(db, name)
    if not family:
        raise SafelightError("There is no tag “{name}”.", name=name)
    deleted: list[Json] = [
        {"id": tag_id, "name": each, "photos": tags.delete(db, tag_id)} for tag_id, each in family
    ]
    changed = {photo_id for each in deleted for photo_id in each["photos"]}
    return Applied(_tagged(changed), deleted, {"tag": name, "photos": len(changed)})


def _undo_delete(db: Connection, undo: Json, _: float) -> Reverted:
    changed: set[int] = set()
    for each in undo:
        tags.restore(db, each["id"], each["name"])
        changed.update(marks.add_tag(db, each["photos"], each["name"]))
    return _reverted(changed, len(undo))


def _refuse(db: Connection, operation: RefuseTag, now: float) -> Applied:
    name = clean_tag(operation.tag)
    contents = photos.content_hashes(db, operation.photo_ids).values()
    changed = tag_words.set_refused(db, contents, name, now if operation.refused else None)
    if not changed:
        return Applied()
    undo = {"tag": name, "refused": operation.refused, "contents": [content.hex() for content in changed]}
    return Applied(LibraryChanged(ChangeKind.CONCEPTS), undo, {"photos": len(changed), "tag": name})


def _undo_refuse(db: Connection, undo: Json, now: float) -> Reverted:
    contents = [bytes.fromhex(content) for content in undo["contents"]]
    changed = tag_words.set_refused(db, contents, undo["tag"], None if undo["refused"] else now)
    return Reverted(LibraryChanged(ChangeKind.CONCEPTS), len(changed)) if changed else Reverted()


def _tagged(photo_ids: list[int] | set[int]) -> LibraryChanged:
    return LibraryChanged(ChangeKind.TAGS, updated=tuple(sorted(photo_ids)))


def _reverted(photo_ids: list[int] | set[int], count: int) -> Reverted:
    return Reverted(_tagged(photo_ids), count) if count else Reverted()


HANDLERS = (
    Handler(AddTag, _add, _undo_add),
    Handler(RemoveTag, _remove, _undo_remove),
    Handler(RenameTag, _rename, _undo_rename),
    Handler(DeleteTag, _delete, _undo_delete),
    Handler(RefuseTag, _refuse, _undo_refuse),
)
