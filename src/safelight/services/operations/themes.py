"""Renames, merges and hides themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import HideThemes, Json, MergeThemes, RenameTheme
from safelight.core.themes import Theme, clean_theme_name
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import theme_choices, themes
from safelight.store.library import Connection
from safelight.store.theme_choices import ThemeChoice

_CHANGED = LibraryChanged(ChangeKind.THEMES)


def _rename(db: Connection, operation: RenameTheme, _: float) -> Applied:
    known = themes.all_themes(db)
    (theme,) = _themes(known, [operation.theme_id])
    name = clean_theme_name(operation.name)
    for other in known:
        is_beside = other.parent_id == theme.parent_id and other.id != theme.id
        if is_beside and name and other.name.casefold() == name.casefold():
            raise UsageError(
                "There is a theme called {name} already; merge them, or choose another name.", name=other.name
            )
    before = theme_choices.of_themes(db, [theme.id])
    choice = replace(_choice(db, theme, before), name=name)
    return _put(db, before, [choice], {"before": theme.name, "name": name or "its own name"})


def _merge(db: Connection, operation: MergeThemes, _: float) -> Applied:
    known = themes.all_themes(db)
    wanted = dict.fromkeys([operation.into, *operation.theme_ids])
    into, *others = _themes(known, list(wanted))
    if not others:
        raise UsageError("Name the theme to merge and the one to merge it into.")
    if any(other.parent_id != into.parent_id for other in others):
        raise UsageError("Only themes beside each other can be merged: at the top, or inside one theme.")
    before = theme_choices.of_themes(db, list(wanted))
    choice = _choice(db, into, before)
    parts = list(choice.parts)
    for other in others:
        parts += _choice(db, other, before).parts
    merged = replace(choice, name=choice.name or into.name, parts=tuple(parts))
    return _put(db, before, [merged], {"themes": len(wanted), "name": merged.name})


def _hide(db: Connection, operation: HideThemes, _: float) -> Applied:
    found = _themes(themes.all_themes(db), list(dict.fromkeys(operation.theme_ids)))
    changing = [theme for theme in found if theme.hidden != operation.hidden]
    before = theme_choices.of_themes(db, [theme.id for theme in changing])
    after: list[ThemeChoice] = []
    for theme in changing:
        choice = _choice(db, theme, before)
        # Several new choices at once each need an id of their own.
        number = max([choice.id, *(each.id + 1 for each in after)]) if choice not in before else choice.id
        after.append(replace(choice, id=number, hidden=operation.hidden))
    return _put(db, before, after, {"themes": len(changing)})


def _themes(known: Sequence[Theme], ids: Sequence[int]) -> list[Theme]:
    """The themes with these ids. Raises SafelightError if one does not exist."""
    by_id = {theme.id: theme for theme in known}
    if missing := [each for each in ids if each not in by_id]:
        raise SafelightError(
            "There is no theme with the number {number} any more; the themes were found again meanwhile.",
            number=missing[0],
        )
    return [by_id[each] for each in ids]


def _choice(db: Connection, theme: Theme, known: Sequence[ThemeChoice]) -> ThemeChoice:
    """The user's choice about a theme, or a new one that changes nothing yet."""
    own = {each.id for each in theme_choices.of_themes(db, [theme.id])}
    return next((each for each in known if each.id in own), None) or theme_choices.new(db, theme.id)


def _put(
    db: Connection, before: Sequence[ThemeChoice], after: Sequence[ThemeChoice], params: dict[str, Json]
) -> Applied:
    # A choice that neither names, hides nor merges is none.
    after = [each for each in after if each.name or each.hidden or len(each.parts) > 1]
    if list(before) == list(after):
        return Applied()
    theme_choices.put(db, [each.id for each in before], after)
    undo = {
        "before": [theme_choices.as_json(each) for each in before],
        "after": [theme_choices.as_json(each) for each in after],
    }
    return Applied(_CHANGED, undo, params)


def _undo(db: Connection, undo: Json, _: float) -> Reverted:
    before = [theme_choices.from_json(each) for each in undo["before"]]
    after = [theme_choices.from_json(each) for each in undo["after"]]
    stored = {each.id: each for each in theme_choices.all_choices(db)}
    gone = {each.id for each in before} - {each.id for each in after}
    if any(stored.get(each.id) != each for each in after) or any(each in stored for each in gone):
        return Reverted()  # changed since
    theme_choices.put(db, [each.id for each in after], before)
    return Reverted(_CHANGED, max(len(before), len(after)))


HANDLERS = (
    Handler(RenameTheme, _rename, _undo),
    Handler(MergeThemes, _merge, _undo),
    Handler(HideThemes, _hide, _undo),
)
