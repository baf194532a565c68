"""Random sequences of organising and undoing against a plain model of the library."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from safelight.core.errors import SafelightError
from safelight.core.operations import (
    AddTag,
    AddToAlbum,
    ArrangeAlbum,
    CreateAlbum,
    DeleteAlbum,
    DeleteTag,
    MoveAlbum,
    Operation,
    RemoveFromAlbum,
    RemoveTag,
    RenameAlbum,
    RenameTag,
    SetAlbumCover,
    SetCaption,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetTitle,
    Undo,
)
from safelight.core.organising_rules import LABELS
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums, photos, tags
from safelight.store.library import LibraryStore
from support.filled_library import FilledLibrary

PHOTOS = 5
MARKS = ("favourite", "rating", "hidden", "label", "title", "caption")
TAGS = ("a", "a/b", "a/b/c", "b", "b/c", "A/d")
NAMES = ("x", "y", "z")

some_photos = st.lists(st.integers(0, PHOTOS - 1), min_size=1, max_size=PHOTOS, unique=True)


@dataclass
class Album:
    name: str
    parent: int | None
    photos: list[int] = field(default_factory=list)
    cover: int | None = None


@dataclass
class Model:
    """Marks by photo, photos by tag, albums by id: all in terms of the numbers of photos."""

    marks: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {
            number: {
                "favourite": False,
                "rating": 0,
                "hidden": False,
                "label": "",
                "title": "",
                "caption": "",
            }
            for number in range(PHOTOS)
        }
    )
    tags: dict[str, set[int]] = field(default_factory=dict)
    albums: dict[int, Album] = field(default_factory=dict)

    def tag_named(self, name: str) -> str:
        return next((tag for tag in self.tags if tag.lower() == name.lower()), name)

    def family(self, tag: str) -> list[str]:
        return sorted(
            (each for each in self.tags if f"{each}/".lower().startswith(f"{tag}/".lower())), key=str.lower
        )

    def inside(self, album_id: int | None) -> set[int]:
        found = {album_id} if album_id is not None else set()
        for each, album in self.albums.items():
            if album.parent == album_id:
                found |= self.inside(each)
        return found


class Base(RuleBasedStateMachine):
    """Every step runs one operation in the library and in the model."""

    tagged: ClassVar[dict[str, list[int]]] = {}
    """Tags that photos have at the start."""
    made: ClassVar[tuple[str, ...]] = ()
    """Albums that there are at the start."""

    @initialize()
    def open(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        self.library = FilledLibrary(Path(self.place.name))
        self.ids = self.library.add(*((f"{n}.jpg", f"2024-01-0{n + 1}T00:00:00") for n in range(PHOTOS)))
        self.model = Model()
        self.history: list[Model] = []
        for name, chosen in self.tagged.items():
            OperationRunner(self.library.store).run(AddTag(self.photos(chosen), name))
            self.history.append(self.next())
            self.model.tags[name] = set(chosen)
        for name in self.made:
            outcome = OperationRunner(self.library.store).run(CreateAlbum(name, None, self.photos([3, 0, 2])))
            self.history.append(self.next())
            self.model.albums[int(outcome.created or 0)] = Album(name, None, [3, 0, 2])

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()
            self.place.cleanup()

    # --- running ----------------------------------------------------------------------------------

    def run_operation(self, operation: Operation[Any], wanted: Model) -> Any:
        """``wanted`` is the model after the operation."""
        outcome = OperationRunner(self.library.store).run(operation)
        assert (outcome.step is not None) == (wanted != self.model), operation
        if outcome.step is not None:
            self.history.append(self.model)
            self.model = wanted
        return outcome

    def refuse(self, operation: Operation[Any]) -> None:
        with pytest.raises(SafelightError):
            OperationRunner(self.library.store).run(operation)

    def photos(self, numbers: list[int]) -> tuple[int, ...]:
        return tuple(self.ids[number] for number in numbers)

    def next(self) -> Model:
        return copy.deepcopy(self.model)

    @rule()
    def undo(self) -> None:
        undone = OperationRunner(self.library.store).run(Undo())
        assert (undone.undone is not None) == bool(self.history)
        if self.history:
            self.model = self.history.pop()

    @rule()
    def restart(self) -> None:
        self.library.store.close()
        self.library.store = LibraryStore.create_or_open(self.library.directory)

    # --- comparing --------------------------------------------------------------------------------

    @invariant()
    def the_library_is_as_the_model(self) -> None:
        if not hasattr(self, "library"):
            return
        number_of = {photo_id: number for number, photo_id in enumerate(self.ids)}
        with self.library.store.read() as db:
            for photo in photos.get_many(db, self.ids):
                stored = {name: getattr(photo, name) for name in MARKS}
                assert stored == self.model.marks[number_of[photo.id]]
            stored_tags = {
                each.name: {number_of[photo] for photo in tags.photos_with(db, each.id)}
                for each in tags.all_tags(db)
            }
            assert stored_tags == self.model.tags
            stored_albums = {
                each.album.id: Album(
                    each.album.name,
                    each.album.parent_id,
                    [number_of[photo] for photo in albums.photo_ids(db, each.album.id)],
                    None if each.album.cover_id is None else number_of[each.album.cover_id],
                )
                for each in albums.all_albums(db)
            }
            assert stored_albums == self.model.albums
            # The words that searches find are those of the marks.
            found = db.execute("SELECT rowid FROM caption_text WHERE caption_text MATCH 'sea'")
            assert {number_of[photo] for (photo,) in found} == {
                number
                for number, marks in self.model.marks.items()
                if "sea" in marks["title"] or "sea" in marks["caption"]
            }
            tagged = set().union(*(self.model.tags[each] for each in self.model.family("b")), set())
            found = db.execute("SELECT rowid FROM photo_text WHERE tags MATCH 'b'")
            words = {
                number
                for name, given in self.model.tags.items()
                if "b" in name.split("/")
                for number in given
            }
            assert {number_of[photo] for (photo,) in found} == words
            assert tagged <= words
            shown = {number_of[photo] for photo in photos.ids(db)}
            assert shown == {n for n, marks in self.model.marks.items() if not marks["hidden"]}


class Marks(Base):
    def mark(self, operation: Operation[Any], chosen: list[int], name: str, value: Any) -> None:
        wanted = self.next()
        for number in chosen:
            wanted.marks[number][name] = value
        self.run_operation(operation, wanted)

    @rule(chosen=some_photos, rating=st.integers(-1, 5))
    def rate(self, chosen: list[int], rating: int) -> None:
        self.mark(SetRating(self.photos(chosen), rating), chosen, "rating", rating)

    @rule(chosen=some_photos, label=st.sampled_from(("", *LABELS)))
    def label(self, chosen: list[int], label: str) -> None:
        self.mark(SetLabel(self.photos(chosen), label), chosen, "label", label)

    @rule(chosen=some_photos, value=st.booleans())
    def favourite(self, chosen: list[int], value: bool) -> None:
        self.mark(SetFavourite(self.photos(chosen), value), chosen, "favourite", value)

    @rule(chosen=some_photos, value=st.booleans())
    def hide(self, chosen: list[int], value: bool) -> None:
        self.mark(SetHidden(self.photos(chosen), value), chosen, "hidden", value)

    @rule(chosen=some_photos, words=st.sampled_from(("", "sea", "sea and sky")))
    def title(self, chosen: list[int], words: str) -> None:
        self.mark(SetTitle(self.photos(chosen), words), chosen, "title", words)

    @rule(chosen=some_photos, words=st.sampled_from(("", "sea", "two\nlines")))
    def caption(self, chosen: list[int], words: str) -> None:
        self.mark(SetCaption(self.photos(chosen), words), chosen, "caption", words)


class Tags(Base):
    """By itself and with tags from the start, so that merged tags are undone often."""

    tagged: ClassVar[dict[str, list[int]]] = {"a": [0, 1], "a/b": [2], "b": [1, 3], "b/c": [4]}

    @rule(chosen=some_photos, name=st.sampled_from(TAGS))
    def add_tag(self, chosen: list[int], name: str) -> None:
        wanted = self.next()
        wanted.tags.setdefault(wanted.tag_named(name), set()).update(chosen)
        self.run_operation(AddTag(self.photos(chosen), name), wanted)

    @rule(chosen=some_photos, name=st.sampled_from(TAGS))
    def remove_tag(self, chosen: list[int], name: str) -> None:
        wanted = self.next()
        if wanted.tag_named(name) in wanted.tags:
            wanted.tags[wanted.tag_named(name)].difference_update(chosen)
        self.run_operation(RemoveTag(self.photos(chosen), name), wanted)

    @rule(name=st.sampled_from(TAGS), new=st.sampled_from(TAGS))
    def rename_tag(self, name: str, new: str) -> None:
        operation, wanted = RenameTag(name, new), self.next()
        family = wanted.family(name)
        into_itself = len(new) > len(name) and f"{new}/".lower().startswith(f"{name}/".lower())
        if not family or into_itself:
            self.refuse(operation)
            return
        for old in family:
            renamed = new + old[len(name) :]
            target = wanted.tag_named(renamed)
            if target not in wanted.tags or target == old:
                wanted.tags[renamed] = wanted.tags.pop(old)
            elif renamed != old:
                wanted.tags[target] |= wanted.tags.pop(old)
        self.run_operation(operation, wanted)

    @rule(name=st.sampled_from(TAGS))
    def delete_tag(self, name: str) -> None:
        wanted = self.next()
        family = wanted.family(name)
        if not family:
            self.refuse(DeleteTag(name))
            return
        for each in family:
            del wanted.tags[each]
        self.run_operation(DeleteTag(name), wanted)


class Albums(Base):
    made = ("x", "y")

    def album(self, which: int) -> int | None:
        known = sorted(self.model.albums)
        return known[which % len(known)] if known else None

    def taken(self, name: str, parent: int | None, own: int | None = None) -> bool:
        return any(
            each != own and album.name == name and album.parent == parent
            for each, album in self.model.albums.items()
        )

    @rule(name=st.sampled_from(NAMES), within=st.none() | st.integers(0, 9), chosen=some_photos)
    def create_album(self, name: str, within: int | None, chosen: list[int]) -> None:
        parent = None if within is None else self.album(within)
        operation = CreateAlbum(name, parent, self.photos(chosen))
        if self.taken(name, parent):
            self.refuse(operation)
            return
        outcome = OperationRunner(self.library.store).run(operation)
        self.history.append(self.model)
        self.model = self.next()
        self.model.albums[int(outcome.created or 0)] = Album(name, parent, list(chosen))

    @rule(which=st.integers(0, 9), name=st.sampled_from(NAMES))
    def rename_album(self, which: int, name: str) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        operation, wanted = RenameAlbum(album_id, name), self.next()
        if self.taken(name, wanted.albums[album_id].parent, album_id):
            self.refuse(operation)
            return
        wanted.albums[album_id].name = name
        self.run_operation(operation, wanted)

    @rule(which=st.integers(0, 9), within=st.none() | st.integers(0, 9))
    def move_album(self, which: int, within: int | None) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        parent = None if within is None else self.album(within)
        operation, wanted = MoveAlbum(album_id, parent), self.next()
        if parent in wanted.inside(album_id) or self.taken(wanted.albums[album_id].name, parent, album_id):
            self.refuse(operation)
            return
        wanted.albums[album_id].parent = parent
        self.run_operation(operation, wanted)

    @rule(which=st.integers(0, 9))
    def delete_album(self, which: int) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        wanted = self.next()
        for each in wanted.inside(album_id):
            del wanted.albums[each]
        self.run_operation(DeleteAlbum(album_id), wanted)

    @rule(which=st.integers(0, 9), chosen=some_photos)
    def add_to_album(self, which: int, chosen: list[int]) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        wanted = self.next()
        listed = wanted.albums[album_id].photos
        listed += [number for number in chosen if number not in listed]
        self.run_operation(AddToAlbum(album_id, self.photos(chosen)), wanted)

    @rule(which=st.integers(0, 9), chosen=some_photos)
    def remove_from_album(self, which: int, chosen: list[int]) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        wanted = self.next()
        album = wanted.albums[album_id]
        album.photos = [number for number in album.photos if number not in chosen]
        self.run_operation(RemoveFromAlbum(album_id, self.photos(chosen)), wanted)

    @rule(which=st.integers(0, 9), chosen=some_photos, before=st.none() | st.integers(0, PHOTOS - 1))
    def arrange_album(self, which: int, chosen: list[int], before: int | None) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        wanted = self.next()
        album = wanted.albums[album_id]
        moved = [number for number in chosen if number in album.photos]
        left = [number for number in album.photos if number not in moved]
        place = left.index(before) if before in left else len(left)
        album.photos = [*left[:place], *moved, *left[place:]]
        target = None if before is None else self.ids[before]
        self.run_operation(ArrangeAlbum(album_id, self.photos(chosen), target), wanted)

    @rule(which=st.integers(0, 9), number=st.integers(0, PHOTOS - 1))
    def set_cover(self, which: int, number: int) -> None:
        album_id = self.album(which)
        if album_id is None:
            return
        operation, wanted = SetAlbumCover(album_id, self.ids[number]), self.next()
        if number not in wanted.albums[album_id].photos:
            self.refuse(operation)
            return
        wanted.albums[album_id].cover = number
        self.run_operation(operation, wanted)


class Organising(Marks, Tags, Albums):
    """Everything together."""


def _limited(machine: type[Base], examples: int) -> Any:
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    return case


TestTags = pytest.mark.slow(_limited(Tags, 30))
TestAlbums = pytest.mark.slow(_limited(Albums, 30))
TestOrganising = pytest.mark.slow(_limited(Organising, 30))
