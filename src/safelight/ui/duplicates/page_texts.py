"""Texts of the page of duplicates: its summary, and the message in place of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.duplicates import DuplicateKind
from safelight.ui import wording
from safelight.ui.duplicates.choice import Totals, tab_of
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.ui.duplicates.session import DuplicatesSession


def summary_text(total: Totals, session: DuplicatesSession) -> str:
    """How many groups there are, what they would free, and how far the comparison has come."""
    parts = [wording.count_of(total.groups, "group")] if total.groups else []
    if total.freed:
        parts.append(
            translate("DuplicatesPage", "saves {file_size}").format(file_size=wording.file_size(total.freed))
        )
    if not session.complete:
        done, photos = session.progress
        parts.append(
            translate("DuplicatesPage", "comparing photos, {done:,} of {total:,}").format(
                done=done, total=photos
            )
            if photos
            else translate("DuplicatesPage", "comparing photos")
        )
    return " · ".join(parts)


def empty_texts(session: DuplicatesSession, kind: DuplicateKind) -> tuple[str, str]:
    """The title and the text that are shown in place of groups while the tab of ``kind`` has none."""
    if not session.complete:
        return (
            translate("DuplicatesPage", "Comparing photos …"),
            translate("DuplicatesPage", "Groups appear here as they are found."),
        )
    if session.groups:
        title = (
            translate("DuplicatesPage", "All done here")
            if session.has_decided
            else translate("DuplicatesPage", "Nothing here")
        )
        return title, tab_of(kind).none
    if session.has_decided:
        return (
            translate("DuplicatesPage", "All duplicates are reviewed"),
            translate("DuplicatesPage", "New ones appear here as photos are added."),
        )
    return translate("DuplicatesPage", "No duplicates"), tab_of(kind).none
