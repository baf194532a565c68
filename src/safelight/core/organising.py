"""Operations that organise photos: marks, titles, tags and albums.

Each applies to any number of photos at once. :mod:`safelight.core.operations` re-exports them.
"""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.description import SingleField
from safelight.core.message import Template
from safelight.core.operation import Operation, Outcome

# --- marks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetFavourite(Operation[Outcome]):
    photo_ids: tuple[int, ...]
    favourite: bool

    code = "set_favourite"
    summary = Template("changed the favourite mark of {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetRating(Operation[Outcome]):
    photo_ids: tuple[int, ...]
    rating: int
    """0 (none) to 5, or :data:`REJECTED`."""

    code = "set_rating"
    summary = Template("rated {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetLabel(Operation[Outcome]):
    photo_ids: tuple[int, ...]
    label: str
    """One of :data:`LABELS`; empty removes the label."""

    code = "set_label"
    summary = Template("changed the colour label of {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class TurnPhotos(Operation[Outcome]):
    """Show photos turned. Their files are not changed."""

    photo_ids: tuple[int, ...]
    by: int
    """Clockwise quarter turns, added to those that a photo has; 3 is a quarter to the left."""

    code = "turn"
    summary = Template("turned {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetHidden(Operation[Outcome]):
    """Hide photos from every view and search that does not ask for ``is:hidden``, or show them again."""

    photo_ids: tuple[int, ...]
    hidden: bool

    code = "set_hidden"
    summary = Template("hid or showed {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetTitle(Operation[Outcome]):
    photo_ids: tuple[int, ...]
    title: str

    code = "set_title"
    summary = Template("changed the title of {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetCaption(Operation[Outcome]):
    photo_ids: tuple[int, ...]
    caption: str

    code = "set_caption"
    summary = Template("changed the caption of {photos}")
    for_commands = True


# --- tags -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddTag(Operation[Outcome]):
    """Tag photos. Without photos, the tag is only created."""

    photo_ids: tuple[int, ...]
    tag: str
    """``/`` separates levels: ``animals/dog``."""

    code = "add_tag"
    summary = Template("added the tag “{tag}” to {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class RemoveTag(Operation[Outcome]):
    """Remove a tag from photos, but not the tags below it."""

    photo_ids: tuple[int, ...]
    tag: str

    code = "remove_tag"
    summary = Template("removed the tag “{tag}” from {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class RenameTag(Operation[Outcome]):
    """Rename or move a tag with all tags below it. Where a tag of the new name exists, they are merged."""

    tag: str
    name: str
    """The whole new name, ``pets/dog``."""

    code = "rename_tag"
    summary = Template("renamed the tag “{before}” to “{name}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class DeleteTag(Operation[Outcome]):
    """Delete a tag and all tags below it."""

    tag: str

    code = "delete_tag"
    summary = Template("deleted the tag “{tag}”")
    for_commands = True


# --- stacks ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StackPhotos(Operation[Outcome]):
    """Group photos into one stack, with the photos of stacks whose tops are among them."""

    photo_ids: tuple[int, ...]
    top_id: int | None = None
    """None for the first."""

    code = "stack"
    summary = Template("stacked {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class UnstackPhotos(Operation[Outcome]):
    """End the stacks that have one of these photos at the top, and take the other photos out of theirs."""

    photo_ids: tuple[int, ...]

    code = "unstack"
    summary = Template("unstacked {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetStackTop(Operation[Outcome]):
    photo_id: int
    """A photo below the top of a stack."""

    code = "set_stack_top"
    summary = Template("changed the top of a stack")
    for_commands = True


@dataclass(frozen=True, slots=True)
class RefuseTag(Operation[Outcome]):
    """Never suggest a tag for these photos again, or (not ``refused``) allow it."""

    photo_ids: tuple[int, ...]
    tag: str
    refused: bool = True

    code = "refuse_tag"
    summary = Template("refused the suggested tag “{tag}” for {photos}")
    for_commands = True


# --- albums ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreateAlbum(Operation[Outcome]):
    """``Outcome.created`` is the album's id."""

    name: str
    parent_id: int | None = None
    """The album that it is in; None for the top level."""
    photo_ids: tuple[int, ...] = ()
    """The first photos of the album, in this order."""
    inside: tuple[str, ...] = ()
    """Names of further albums around it, the outermost first. Those that do not exist are created too."""

    code = "create_album"
    summary = Template("created the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class RenameAlbum(Operation[Outcome]):
    album_id: int
    name: str

    code = "rename_album"
    summary = Template("renamed the album “{before}” to “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class MoveAlbum(Operation[Outcome]):
    """Put an album into another one; None makes it a top-level album."""

    album_id: int
    parent_id: int | None

    code = "move_album"
    summary = Template("moved the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class DeleteAlbum(Operation[Outcome]):
    """Delete an album and the albums in it. The photos stay in the library."""

    album_id: int

    code = "delete_album"
    summary = Template("deleted the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class AddToAlbum(Operation[Outcome]):
    """Append photos to an album in this order; those that it has stay where they are."""

    album_id: int
    photo_ids: tuple[int, ...]

    code = "add_to_album"
    summary = Template("added {photos} to the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class RemoveFromAlbum(Operation[Outcome]):
    album_id: int
    photo_ids: tuple[int, ...]

    code = "remove_from_album"
    summary = Template("removed {photos} from the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class ArrangeAlbum(Operation[Outcome]):
    """Move photos of an album, in this order, in front of another of its photos."""

    album_id: int
    photo_ids: tuple[int, ...]
    before: int | None = None
    """A photo that is not moved; None moves them to the end."""

    code = "arrange_album"
    summary = Template("arranged {photos} in the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class OrderAlbum(Operation[Outcome]):
    """Put an album in front of another one of the same parent."""

    album_id: int
    before: int | None = None
    """None puts it last."""

    code = "order_album"
    summary = Template("changed the place of the album “{album}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class SetAlbumCover(Operation[Outcome]):
    album_id: int
    photo_id: int | None
    """None lets the first photo be the cover."""

    code = "set_album_cover"
    summary = Template("changed the cover of the album “{album}”")
    for_commands = True


# --- files --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResolveConflicts(Operation[Outcome]):
    """Decide which value a photo has that was changed both here and in its file.

    Reading files journals this operation with the values that were kept; undoing it takes the others.
    """

    values: tuple[tuple[int, SingleField, int | str], ...]
    """(photo, field, value)."""

    code = "settle_conflicts"
    summary = Template("resolved conflicts with the files of {photos}")
