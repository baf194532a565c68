"""Random changes in the library and by another program end with library = sidecar = model."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.core.description import EMPTY_DESCRIPTION, SINGLE_FIELDS, Description, description_of
from safelight.core.jobs import JobControl
from safelight.core.operations import (
    AddTag,
    CompositeOperation,
    Operation,
    Outcome,
    RemoveTag,
    RenameTag,
    SetCaption,
    SetLabel,
    SetRating,
    SetTitle,
    Undo,
)
from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata import with_sidecars
from safelight.imaging.metadata.xmp_edit import edit_sidecar
from safelight.services import settings as preferences
from safelight.services.operations.runner import OperationRunner
from safelight.services.organising.sidecars import SidecarWriter
from safelight.store import file_metadata
from services.conftest import Bench
from support.waiting import wait_until

TAGS = ("a", "b/c", "b/d", "É")
NEW_NAME = "new/name"

SIDE = st.sampled_from(("here", "outside"))
TEXTS = st.sampled_from(("", "one", "two words", "❤ & <>", "a\nb"))

step = st.one_of(
    st.tuples(SIDE, st.just("add"), st.sampled_from(TAGS)),
    st.tuples(SIDE, st.just("remove"), st.sampled_from(TAGS)),
    st.tuples(SIDE, st.just("rename"), st.sampled_from(TAGS)),
    st.tuples(SIDE, st.just("rating"), st.integers(-1, 5)),
    st.tuples(SIDE, st.just("label"), st.sampled_from(("", "red", "purple"))),
    st.tuples(SIDE, st.just("title"), TEXTS.map(lambda text: text.replace("\n", " "))),
    st.tuples(SIDE, st.just("caption"), TEXTS),
    st.tuples(SIDE, st.just("several"), st.integers(1, 5)),
    st.just(("here", "undo", "")),
    st.just(("both", "sync", "")),
)


def changed(before: Description, what: str, value: str | int) -> Description:
    tags = {tag.casefold(): tag for tag in before.tags}
    match what:
        case "add":
            tags.setdefault(str(value).casefold(), str(value))
        case "remove":
            tags.pop(str(value).casefold(), None)
        case "rename":
            if tags.pop(str(value).casefold(), None):
                tags[NEW_NAME] = NEW_NAME
        case "several":
            return changed(changed(before, "rating", value), "add", "a")
        case _:
            return replace(before, **{what: value})  # type: ignore[arg-type]
    return replace(before, tags=tuple(tags.values()))


@dataclass
class World:
    bench: Bench
    number: int
    base: Description = EMPTY_DESCRIPTION
    here: Description = EMPTY_DESCRIPTION
    outside: Description = EMPTY_DESCRIPTION
    undoable: list[Description] = field(default_factory=list)
    """What the library said before each step, since both sides were compared."""
    here_at: float = 0.0
    outside_at: float = 0.0

    def __post_init__(self) -> None:
        self.path = self.bench.draw(f"{self.number}.jpg", self.number)
        self.sidecar = self.bench.root / f"{self.number}.jpg.xmp"
        self.bench.index()
        self.photo = self.bench.photo_at(self.path).id

    def said(self) -> Description:
        with self.bench.store.read() as db:
            return file_metadata.of_photos(db, [self.photo])[self.photo]

    def stated(self) -> Description:
        if not self.sidecar.exists():
            return EMPTY_DESCRIPTION
        return description_of(with_sidecars(ImageMetadata(), [self.sidecar.read_bytes()]))

    def let_clock_advance(self) -> None:
        """The library keeps times in milliseconds."""
        last = max(self.here_at, self.outside_at)
        wait_until(lambda: time.time() > last + 0.003, "the next milliseconds")

    def act_here(self, what: str, value: str | int) -> None:
        self.let_clock_advance()
        runner = OperationRunner(self.bench.store)
        one = (self.photo,)
        operations: dict[str, Operation[Outcome]] = {
            "add": AddTag(one, str(value)),
            "remove": RemoveTag(one, str(value)),
            "rename": RenameTag(str(value) or "x", NEW_NAME),
            "rating": SetRating(one, int(value) if what == "rating" else 0),
            "label": SetLabel(one, str(value) if what == "label" else ""),
            "title": SetTitle(one, str(value)),
            "caption": SetCaption(one, str(value)),
            "several": CompositeOperation(
                (SetRating(one, int(value) if what == "several" else 0), AddTag(one, "a"))
            ),
            "undo": Undo(),
        }
        # The name of a tag belongs to all photos, so only a tag that this one has is renamed.
        if what == "rename" and str(value).casefold() not in {tag.casefold() for tag in self.here.tags}:
            return
        outcome = runner.run(operations[what])
        now = self.said()
        if what == "undo":
            if self.undoable:
                assert now.is_same(self.undoable.pop()), (self, now)
            if not now.is_same(self.here):
                self.here_at = time.time()
            self.here = now
        else:
            if outcome.step is not None:
                self.undoable.append(self.here)
            if not changed(self.here, what, value).is_same(self.here):
                self.here, self.here_at = changed(self.here, what, value), time.time()
        assert now.is_same(self.here), (what, value, now, self.here)

    def act_outside(self, what: str, value: str | int) -> None:
        self.let_clock_advance()
        after = changed(self.outside, what, value)
        if after.is_same(self.outside):
            return
        old = self.sidecar.read_bytes() if self.sidecar.exists() else None
        self.sidecar.write_bytes(edit_sidecar(old, self.outside, after))
        self.outside, self.outside_at = after, time.time()
        os.utime(self.sidecar, (self.outside_at, self.outside_at))

    def synchronise(self) -> None:
        newer = self.outside_at > self.here_at
        singles = {name: self._single(name, newer) for name in SINGLE_FIELDS}
        merged = Description(**singles, tags=tuple(t for t in (*TAGS, NEW_NAME) if self._has(t)))  # type: ignore[arg-type]
        self.bench.index()
        for _ in range(2):
            SidecarWriter(self.bench.store).run(JobControl())
            self.bench.index()
        assert self.said().is_same(merged), (self, self.said(), merged)
        assert self.stated().is_same(merged), (self, self.stated(), merged)
        self.base = self.here = self.outside = merged
        self.undoable.clear()

    def _single(self, name: str, newer: bool) -> int | str:
        before, here, there = (getattr(each, name) for each in (self.base, self.here, self.outside))
        if there in (before, here):
            return here  # type: ignore[no-any-return]
        if here == before or not here or (newer and there):
            return there  # type: ignore[no-any-return]
        return here  # type: ignore[no-any-return]

    def _has(self, tag: str) -> bool:
        before, here, there = (tag in each.tags for each in (self.base, self.here, self.outside))
        return here if there == before else there


def test_library_and_sidecar_and_model_agree(bench: Bench, nightly: bool) -> None:
    preferences.change(bench.store, "sidecars", "read-write")
    numbers = iter(range(100_000))

    @settings(
        max_examples=500 if nightly else 12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.lists(step, min_size=2, max_size=12))
    def play(steps: list[tuple[str, str, str | int]]) -> None:
        world = World(bench, next(numbers))
        with bench.store.write() as db:
            db.execute("DELETE FROM journal")  # undo stays within this sequence
        for side, what, value in (*steps, ("both", "sync", "")):
            if side == "both":
                world.synchronise()
            elif side == "here":
                world.act_here(what, value)
            else:
                world.act_outside(what, value)
        for each in (world.path, world.sidecar):
            each.unlink(missing_ok=True)
        bench.index()

    play()
