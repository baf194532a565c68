"""What a program that may not see everything learns of the rest: nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.conftest import Shelf
from safelight.api import Access, Library
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import (
    AddTag,
    RefuseTag,
    SaveSearch,
    SetCaption,
    SetLabel,
    SetRating,
    SetTitle,
    StackPhotos,
)
from safelight.core.query import Filter, ValueCondition
from safelight.services.operations.runner import OperationRunner
from safelight.store import given as given_values
from safelight.store import labels, orphans, themes, vectors
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit


def paths_in(library: Library, query: str = "width:>0") -> set[str]:
    return {Path(match.path).name for match in library.search(query, 100)}


@pytest.mark.slow
def test_a_folder_limits_photos_and_their_other_files(colours: Shelf) -> None:
    (colours.root / "elsewhere.jpg").write_bytes((colours.root / "noise" / "1.jpg").read_bytes())
    colours.index()
    with colours.open(only=str(colours.root / "noise")) as library:
        assert paths_in(library) == {f"{number}.jpg" for number in range(20)}
        assert library.photo(colours.root / "noise" / "1.jpg").paths == (str(colours.root / "noise/1.jpg"),)
        assert library.duplicates("identical") == []
        assert library.status().files == 20
    with colours.open(only=str(colours.root / "noi")) as library:
        assert paths_in(library) == set()


def test_an_album_and_a_query_limit_photos(colours: Shelf) -> None:
    colours.put_in_album("Walls", colours.root / "red.png", colours.root / "green.png")
    with colours.open(only="walls") as library:
        assert paths_in(library, "red") == {"red.png", "green.png"}
    with colours.open(only="type:png -name:white") as library:
        assert paths_in(library) == {"red.png", "green.png", "blue.png"}
        assert len(library.vectors().keys) == 3
    for only in ("a dog", "dog type:png", " "):
        with pytest.raises(UsageError, match="neither a folder"):
            colours.open(only=only)


def test_hidden_photos_do_not_exist_unless_asked_for(colours: Shelf) -> None:
    red = colours.root / "red.png"
    with colours.open() as library:
        library.warm_up()
        key = library.photo(red).key
        assert paths_in(library, "red") >= {"red.png"}
        colours.hide(red)
        assert "red.png" not in paths_in(library, "red")
        assert paths_in(library, "red is:hidden") == set()
        for name in (key, red):
            with pytest.raises(SafelightError, match="no photo"):
                library.photo(name)
    with colours.open(hidden=True) as library:
        assert paths_in(library, "red is:hidden") == {"red.png"}


def test_what_leaves_the_limit_leaves_at_once(colours: Shelf) -> None:
    colours.tag("open", *(colours.root / f"{name}.png" for name in ("red", "green", "blue")))
    with colours.open(only="tag:open") as library:
        library.warm_up()
        assert paths_in(library, "red") == {"red.png", "green.png", "blue.png"}
        with colours.open(read_only=False) as window:
            window.untag([colours.root / "red.png"], "open")
        assert paths_in(library, "red") == {"green.png", "blue.png"}
        assert library.tags()[0].photos == 2


@pytest.mark.slow
def test_searches_measure_again_only_where_photos_left_or_came_back(colours: Shelf) -> None:
    """A library that grows is not measured again at each commit of the indexer."""
    red, private = colours.root / "red.png", colours.root / "noise/1.jpg"
    colours.tag("private", private)
    with colours.open(only="-tag:private") as library:
        library.warm_up()

        def found() -> set[str]:
            return paths_in(library, "noise") | paths_in(library, "red")

        assert "1.jpg" not in found()
        view = library._finder._view
        colours.draw("noise/new.jpg", 77)
        colours.index()
        assert {"new.jpg", "red.png"} <= found()
        assert library._finder._view is view
        colours.hide(red)
        assert "red.png" not in found()
        assert library._finder._view is not view
        view = library._finder._view
        with colours.open(read_only=False, hidden=True) as window:
            window.untag([private], "private")
        assert {"1.jpg", "new.jpg"} <= found()
        assert library._finder._view is not view


def test_places_are_withheld_with_the_fields_that_find_them(colours: Shelf) -> None:
    colours.write(lambda db: db.execute("UPDATE photo SET latitude = 48.86, longitude = 2.29"))
    with colours.open() as library:
        assert library.photo(colours.root / "red.png").latitude == 48.86
        assert len(library.search("near:48.86,2.29,1km", 5)) == 5
    with colours.confined() as library:
        assert library.photo(colours.root / "red.png").latitude is None
        for query in ("near:48.86,2.29,1km", "red -near:1,1,1km", "(red OR has:gps)", "place:Paris"):
            with pytest.raises(UsageError, match="withheld"):
                library.search(query)
            with pytest.raises(UsageError, match="withheld"):
                library.count(query)


def test_titles_and_captions_are_withheld_with_places_and_people(colours: Shelf) -> None:
    red = colours.root / "red.png"
    with LibraryStore.create_or_open(colours.directory) as store:
        run = OperationRunner(store).run
        for operation in (SetTitle, SetCaption, SetLabel):
            run(operation((colours.id_of(red),), "red"))
    for places, people in ((True, True), (True, False), (False, True)):
        access = Access(places=places, people=people)
        with Library.open(colours.directory, access=access) as library:
            photo = library.photo(red)
            expected = ("red", "red") if places and people else ("", "")
            assert (photo.title, photo.caption, photo.label) == (*expected, "red")


def test_files_outside_are_not_read_when_confined(colours: Shelf) -> None:
    with colours.confined(f"{colours.root}/noise") as library:
        for place in (colours.root / "red.png", colours.root / "gone.png", Path("/etc/passwd")):
            refusals = set()
            for ask in (
                lambda place=place: library.similar(place),
                lambda place=place: library.search("red", like=place),
                lambda place=place: library.search(f"like:{place}"),
                lambda place=place: library.photo(place),
                lambda place=place: library.picture(place),
                lambda place=place: library.describe(place),
                lambda place=place: library.explain(place, "red"),
            ):
                with pytest.raises(SafelightError) as refused:
                    ask()
                refusals.add(str(refused.value).replace(str(place), "X"))
            assert refusals == {"There is no photo X in this library. Check the key or path."}


# --- the property: with other photos or without them, everything answers the same ----------------------


@pytest.fixture(scope="module")
def secret_names() -> list[str]:
    return [f"{number}.jpg" for number in range(10, 20)]


@contextmanager
def twins(
    colours: Shelf, secrets: list[str], place: Path, *, hidden: bool = False
) -> Iterator[tuple[Library, Library]]:
    """One library in which photos are out of the limit (or hidden), and one in which they never were."""
    whole = colours.directory
    bare = place / "bare"
    secret = [colours.root / "noise" / name for name in secrets]
    organise(colours, secret)
    colours.put_in_album("Walls", colours.root / "red.png", secret[0])
    if hidden:
        colours.hide(*secret)
    else:
        colours.tag("private", *secret)
        colours.put_in_album("Secret album", *secret)
    shutil.copytree(whole, bare)
    ids = [colours.id_of(path) for path in secret]
    with LibraryStore.create_or_open(bare) as store, store.write() as db:
        for photo_id in ids:
            db.execute("DELETE FROM file WHERE photo_id = ?", (photo_id,))
        assert orphans.prune(db, math.inf, marked=True) == len(ids)
        db.execute("DELETE FROM album WHERE name = 'Secret album'")
        db.execute("DELETE FROM tag WHERE id NOT IN (SELECT tag_id FROM photo_tag)")
    only = "" if hidden else "-tag:private"
    with (
        colours.confined(only, people=False) as limited,
        Shelf(bare, colours.root).confined(only, people=False) as free,
    ):
        yield limited, free


def organise(colours: Shelf, secret: list[Path]) -> None:
    """All that the user can do with photos, each thing with one that stays secret and one that does not."""
    first, second, third = (colours.id_of(path) for path in secret[:3])
    red, blue, one, two = (
        colours.id_of(colours.root / name) for name in ("red.png", "blue.png", "noise/1.jpg", "noise/2.jpg")
    )
    with LibraryStore.create_or_open(colours.directory) as store:
        run = OperationRunner(store).run
        run(StackPhotos((first, red), top_id=first))
        run(StackPhotos((blue, second, one), top_id=blue))
        run(SetTitle((first, two), "A title of blorp"))
        run(SetCaption((second, one), "A caption of zorp"))
        run(SetRating((first, two), 4))
        run(AddTag((third, two), "both"))
        run(AddTag((third,), "only/there"))
        run(RefuseTag((third, two), "red"))
        with store.write() as db:
            given_values.put(
                db, {each: given_values.Override("2001-01-01T00:00:00", 1.0, 2.0) for each in (third, one)}
            )
            model = int(db.execute("SELECT id FROM model").get)
            members, rows = vectors.of_visible(db, model, [first, second, red, blue])
            middle = rows.mean(axis=0)
            parts = [
                themes.NewPart(
                    "part", middle / np.linalg.norm(middle), members, np.ones(len(members), np.float32)
                )
            ]
            themes.replace_all(
                db, [themes.NewTheme("Theme", tuple(parts))], themes.ThemesState("model", 4, 0.0)
            )


Ask = Callable[[Library], object]


def answer(library: Library, ask: Ask) -> object:
    """What a call gives, or how it refuses."""
    try:
        given = ask(library)
    except SafelightError as error:
        return type(error).__name__, str(error)
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        return dataclasses.asdict(given)
    return [dataclasses.asdict(each) for each in given]  # type: ignore[attr-defined]


WORDS = [
    *("red", "blue", "7", "15", "noise", "private", "Secret album", "12.jpg", "width:>0", "tag:private"),
    *("blorp", "zorp", "both", "there", "tag:only", "looks:both", "theme:theme", "is:hidden"),
]
FILTERS = [
    *("", "-red", "type:jpeg", "album:Walls", 'album:"Secret album"', "is:duplicate", "is:untagged"),
    *("date:2001", "rating:>3", "title:blorp", "has:tags", "-tag:both"),
]

queries = st.builds(
    lambda words, filters: " ".join([*words, *filters]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2),
    st.lists(st.sampled_from(FILTERS), max_size=2),
)


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [False, True], ids=["outside", "hidden"])
def test_no_call_tells_whether_other_photos_exist(
    colours: Shelf, secret_names: list[str], tmp_path: Path, *, hidden: bool
) -> None:
    names = [*secret_names[:3], "1.jpg", "2.jpg"]
    with twins(colours, secret_names, tmp_path, hidden=hidden) as (limited, free):
        keys = {name: _key(colours, name) for name in names}
        selections = st.sampled_from(
            [str(colours.root / "noise" / name) for name in names] + [*keys.values()]
        )

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
        @given(queries, selections, st.integers(1, 30))
        def check(query: str, selection: str, limit: int) -> None:
            asks: list[Ask] = [
                lambda library: library.search(query, limit),
                lambda library: library.search(query, limit, like=selection),
                lambda library: library.search(f"{query} like:{selection}", limit),
                lambda library: library.similar(selection, limit),
                lambda library: library.count(query),
                lambda library: library.explain(selection, query),
                lambda library: library.describe(selection),
                lambda library: library.photo(selection),
            ]
            for ask in asks:
                assert answer(limited, ask) == answer(free, ask)

        check()
        asks: list[Ask] = [
            lambda library: library.albums(),
            lambda library: library.tags(),
            lambda library: library.album("Walls"),
            lambda library: library.album("Secret album"),
            lambda library: library.saved_searches(),
            lambda library: library.duplicates(),
            lambda library: library.status(),
            lambda library: library.themes(),
            lambda library: library.concepts(),
            lambda library: library.photos([colours.root / name for name in ("red.png", "blue.png")]),
        ]
        for ask in asks:
            assert answer(limited, ask) == answer(free, ask)
        assert bool(limited.themes()) is hidden
        assert limited.vectors().keys == free.vectors().keys
        everything = json.dumps(answer(limited, lambda library: library.search("width:>0", 100)))
        assert not any(name in everything for name in secret_names)


def _key(colours: Shelf, name: str) -> str:
    with colours.open(hidden=True) as library:
        return library.photo(colours.root / "noise" / name).key


def test_a_table_without_a_decision_is_empty(colours: Shelf) -> None:
    colours.tag("open", colours.root / "red.png")
    with LibraryStore.create_or_open(colours.directory) as store, store.write() as db:
        db.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, note TEXT)")
        db.execute("INSERT INTO later (note) VALUES ('a name')")
        db.execute("CREATE TABLE later_photo (photo_id INTEGER, note TEXT)")
        db.execute("INSERT INTO later_photo SELECT id, 'note' FROM photo")
    limit = Limit((Filter(ValueCondition("tag", "open")),))
    store = LibraryStore(colours.directory, limit=limit)
    with store, store.read() as db:
        assert db.execute("SELECT count(*) FROM later").get == 0
        assert db.execute("SELECT count(*) FROM later_photo").get == 1
        assert labels.tags(db) == [("open", 1)]


def test_concepts_are_withheld_from_programs_that_may_not_see_everything(colours: Shelf) -> None:
    """What is outside of a limit taught the concept, so neither its name nor what it finds may show."""
    with colours.open(hidden=True, read_only=False) as library:
        step = library.teach("bruno", [colours.root / "red.png"], [colours.root / "blue.png"])
        assert step is not None
        assert [each.name for each in library.concepts()] == ["bruno"]
        assert "red.png" in paths_in(library, "my:bruno")
        assert library.doubtful("bruno", 3)
    with colours.open(only=str(colours.root), read_only=False) as library:
        assert library.concepts() == []
        found, unknown = library.search("my:bruno"), library.search("my:nothing")
        assert (list(found), found.notice.replace("bruno", "nothing")) == (list(unknown), unknown.notice)
        for teach in (lambda: library.teach("bruno", [colours.root / "red.png"]), library.concepts):
            with contextlib.suppress(SafelightError):
                assert teach() == []
        with pytest.raises(SafelightError, match="no concept"):
            library.doubtful("bruno")
    with pytest.raises(UsageError, match="neither a folder"):
        colours.open(only="my:bruno")
    with colours.open(access=Access(people=False)) as library:
        assert library.concepts() == []
        with pytest.raises(UsageError, match="People are withheld"):
            library.search("my:bruno")
    with colours.open() as library:
        colours.hide(colours.root / "red.png")
        assert "red.png" not in paths_in(library, "my:bruno")


def test_words_for_tags_do_not_tell_of_tags_outside_of_a_limit(colours: Shelf) -> None:
    colours.tag("Secret/Blorp", colours.root / "red.png")
    with colours.open(only=str(colours.root / "noise")) as library:
        found, unknown = library.search("looks:blorp"), library.search("looks:blarp")
        assert (list(found), found.notice.replace("blorp", "blarp")) == (list(unknown), unknown.notice)
        assert "not among the words" in found.notice
    with colours.open() as library:
        assert "not among the words" not in library.search("looks:blorp").notice


@pytest.mark.parametrize(
    ("withheld", "prefix", "words"),
    [
        ({"people": False}, "People", "People are withheld"),
        ({"people": False}, "faces", "withheld"),
        ({"places": False}, "Places/Italy", "withheld"),
    ],
)
def test_tags_of_people_and_places_are_withheld_with_them(
    colours: Shelf, withheld: dict[str, Any], prefix: str, words: str
) -> None:
    """An import from another program keeps people and places as such tags."""
    secret = f"{prefix}/Blorp Zörp"
    colours.tag(secret, colours.root / "red.png", colours.root / "noise/1.jpg")
    colours.tag("Zorp", colours.root / "noise/1.jpg")
    with LibraryStore.create_or_open(colours.directory) as store:
        OperationRunner(store).run(SaveSearch("s", f'tag:"{secret}"'))
        OperationRunner(store).run(SaveSearch("t", "tag:Zorp"))

    def given_by(library: Library) -> str:
        asks: list[Ask] = [
            lambda library: library.tags(),
            lambda library: library.saved_searches(),
            lambda library: library.photo(colours.root / "red.png"),
            lambda library: library.describe(colours.root / "red.png"),
            lambda library: library.search("blorp", 50),
            lambda library: library.search("zorp", 50),
            lambda library: library.search(f"tag:{prefix}", 50),
            lambda library: library.search(f"tag:{prefix} zorp", 50),
        ]
        return json.dumps([answer(library, ask) for ask in asks], default=str, ensure_ascii=False)

    with colours.open(hidden=True) as library:
        assert "Blorp" in given_by(library)
        assert len(library.search("zorp", 50)) > 2
    access = Access(hidden=True, **withheld)
    with colours.open(access=access, read_only=False) as library:
        given = given_by(library)
        assert "Blorp" not in given
        assert "Zorp" in given
        reasons = {Path(each.path).name: each.reasons for each in library.search("zorp", 50)}
        assert reasons["1.jpg"]
        assert not reasons.get("red.png")
        for edit in (library.tag, library.untag):
            with pytest.raises(UsageError, match="withheld"):
                edit([colours.root / "red.png"], secret)
        assert [each.name for each in library.tags()] == ["Zorp"]
