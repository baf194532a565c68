"""Google Photos as exported by Google Takeout."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from safelight.core.errors import UsageError
from safelight.core.migration import MatchMethod
from safelight.services.migration.migration import source_for
from support.migration_world import MigrationWorld, Original

MakeWorld = Callable[[int], MigrationWorld]


def sidecar(title: str, taken: float, **more: Any) -> str:
    """A sidecar with the keys of a real one; what is false is left out, as Google does."""
    return json.dumps(
        {
            "title": title,
            "description": more.pop("description", ""),
            "imageViews": "9",
            "creationTime": {"timestamp": "1600598769", "formatted": "Sep 20, 2020, 10:46:09 AM UTC"},
            "photoTakenTime": {"timestamp": str(int(taken)), "formatted": "?"},
            "geoData": {"latitude": 55.2, "longitude": 37.6, "altitude": 0.0},
            "url": "https://photos.google.com/photo/x",
            **{key: value for key, value in more.items() if value},
        }
    )


def put(folder: Path, name: str, content: bytes | str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def exported(world: MigrationWorld, root: Path, *, media: bool = True) -> Path:
    """All photos by year, and again in the folders of their albums. Names that repeat get a number."""
    for each in world.originals:
        taken = each.taken.timestamp() - 7200 if each.taken else 1_500_000_000.0
        said = sidecar(
            each.old.rpartition("/")[2],
            taken,
            description=each.caption,
            people=[{"name": name} for name in each.people],
            favorited=each.favourite,
            archived=each.hidden,
        )
        year = f"Photos from {each.taken.year if each.taken else 2012} {each.number % 7}"
        for folder in (year, *(album.replace("/", "_") for album in each.albums)):
            place = root / "Takeout" / "Google Photos" / folder
            stem, dot, extension = each.old.rpartition("/")[2].rpartition(".")
            number = 0
            while (place / f"{stem}{f'({number})' if number else ''}.{extension}.taken").exists():
                number += 1
            counted = f"({number})" if number else ""
            put(place, f"{stem}{counted}.{extension}.taken", b"")
            if media:
                put(place, f"{stem}{counted}.{extension}", each.content)
            put(place, f"{stem}{dot}{extension}.supplemental-metadata"[:46] + f"{counted}.json", said)
            if folder != year:
                title = next(album for album in each.albums if album.replace("/", "_") == folder)
                put(
                    place,
                    "metadata.json",
                    json.dumps({"title": title, "description": "", "access": "protected"}),
                )
    return root


def wanted(each: Original) -> Original:
    return replace(
        each,
        rating=0,
        label="",
        title="",
        tags=frozenset(),
        albums=tuple(sorted(album.replace("/", "-") for album in each.albums)),
    )


@pytest.mark.slow
def test_2000_photos_with_their_files_are_found_by_content(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2000)
    root = exported(world, tmp_path / "export")
    before = world.state()
    found = world.plan(root)
    preview = found.preview
    assert preview.records == 2000 + sum(len(each.albums) for each in world.originals)
    assert preview.recognised == preview.records
    assert preview.matched[MatchMethod.CONTENT] >= 1000  # all that were renamed
    world.run(found.operation())
    for number, received in world.described().items():
        assert replace(received, albums=tuple(sorted(received.albums))) == wanted(world.originals[number])
    assert world.plan(root).preview.photos == 0
    world.undo()
    assert world.state() == before


def test_sidecars_without_pictures_are_found_by_name_and_time(make_world: MakeWorld, tmp_path: Path) -> None:
    """The pictures are in another archive. A renamed photo cannot be found then."""
    world = make_world(200)
    found = world.plan(exported(world, tmp_path / "export", media=False))
    unmoved = [each for each in world.originals if not each.moved and each.taken]
    assert MatchMethod.CONTENT not in found.preview.matched
    assert found.preview.recognised >= 0.995 * (len(unmoved) + sum(len(each.albums) for each in unmoved))
    world.run(found.operation())
    received = world.described()
    for each in unmoved:
        assert received[each.number].caption == each.caption
        assert received[each.number].people == each.people


@pytest.mark.parametrize(
    ("media", "json_name"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1(2).jpg", "IMG_1.jpg(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg(2).supplemental-metadata.json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("IMG_1-ha editado.jpg", "IMG_1.jpg.json"),
        ("IMG_1-bearbeitet(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1-edited.jpg", "IMG_1.HEIC.supplemental-metadata.json"),
        ("IMG_1.MP4", "IMG_1.HEIC.json"),
        ("IMG_1~2.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("Screenshot_2017-07-05-10-05-26.png", "Screenshot_2017-07-05-10-05-26.png.supplementa.json"),
        ("Screenshot_20241227_105539_Edge.jpg", "Screenshot_20241227_105539_Edge.jpg.supplement.json"),
        (
            "Screenshot_20220207_102421_com.snapchat.androi.jpg",
            "Screenshot_20220207_102421_com.snapchat.androi.json",
        ),
        ("D7157814-D2D5-4A62-AFCE-9CF465CB7D66.jpeg", "D7157814-D2D5-4A62-AFCE-9CF465CB7D66.jpeg.supp.json"),
        (
            "Urlaub in Knaufspesch in der Schneifel (38).JPG",
            "Urlaub in Knaufspesch in der Schneifel (38).JP.json",
        ),
        (
            "Screenshot_2024-01-14-14-13-33-16_948cd9899890c.jpg",
            "Screenshot_2024-01-14-14-13-33-16_948cd9899890.json",
        ),
        ("IMG_20200920_131207.jpg", "IMG_20200920_131207.jpg.suppl.json"),
        ("IMG_20200920_131207.jpg", "IMG_20200920_131207.jpg..json"),
    ],
)
def test_pictures_and_sidecars_are_paired(
    make_world: MakeWorld, tmp_path: Path, media: str, json_name: str
) -> None:
    world = make_world(3)
    folder = tmp_path / "Takeout" / "Photos from 2020"
    put(folder, media, world.originals[1].content)
    put(folder, json_name, sidecar("IMG.jpg", 0, description="mine"))
    put(folder, "other.jpg", world.originals[0].content)
    put(folder, "other.jpg.json", sidecar("other.jpg", 0, description="not mine"))
    found = world.plan(tmp_path / "Takeout")
    assert found.preview.records == 2
    world.run(found.operation())
    assert [world.described()[number].caption for number in range(3)] == ["not mine", "mine", ""]


def test_numbered_copies_keep_their_own_sidecars(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(3)
    for number, counted in enumerate(("", "(1)", "(2)")):
        put(tmp_path / "T", f"a{counted}.jpg", world.originals[number].content)
        put(
            tmp_path / "T",
            f"a.jpg.supplemental-metadata{counted}.json",
            sidecar("a.jpg", 0, description=f"{number}"),
        )
    world.run(world.plan(tmp_path / "T").operation())
    assert [world.described()[number].caption for number in range(3)] == ["0", "1", "2"]


def test_albums_of_older_exports_and_copies_without_sidecar(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    put(tmp_path / "T" / "2019", "a.jpg", world.originals[0].content)
    put(tmp_path / "T" / "2019", "a.jpg.json", sidecar("a.jpg", 0))
    put(tmp_path / "T" / "x", "a.jpg", world.originals[0].content)
    put(tmp_path / "T" / "x", "Metadaten.json", json.dumps({"albumData": {"title": "Meer / Strand"}}))
    world.run(world.plan(tmp_path / "T").operation())
    assert world.album_order("Meer - Strand") == [0]


def test_what_was_in_the_trash_is_not_imported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    put(tmp_path / "T", "a.jpg", world.originals[0].content)
    put(tmp_path / "T", "a.jpg.json", sidecar("a.jpg", 0, description="x", trashed=True))
    assert world.plan(tmp_path / "T", "google-takeout").preview.records == 0


def test_damaged_and_hostile_sidecars_are_reported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(3)
    folder = tmp_path / "T"
    put(folder, "a.jpg", world.originals[0].content)
    put(folder, "a.jpg.json", sidecar("a.jpg", 0, description="fine"))
    put(folder, "b.jpg.json", sidecar("b.jpg", 0)[:40])
    put(folder, "c.jpg.json", "[" * 200_000)
    put(folder, "d.jpg.json", json.dumps({"photoTakenTime": 7, "title": ["x"], "people": {"a": 1}}))
    put(folder, "e.jpg.json", b" " * 3_000_000)
    put(folder, "f.jpg.json", json.dumps({"photoTakenTime": {"timestamp": "1e999"}, "description": {"a": 1}}))
    put(folder, "g.jpg.json", json.dumps({"photoTakenTime": {}, "title": "../../etc/passwd\0"}))
    (folder / "link.jpg").symlink_to("/etc/passwd")
    found = world.plan(folder)
    assert len(found.preview.problems) == 4
    assert found.preview.problems[-1].params["value"] == "1e999"
    assert all("\n" not in str(line) for line in found.preview.problems)
    assert found.preview.recognised == 1
    world.run(found.operation())
    assert world.described()[0].caption == "fine"


def test_a_folder_without_sidecars_is_no_takeout(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    put(tmp_path / "x", "a.json", "{}")
    with pytest.raises(UsageError, match="not a catalogue or export"):
        source_for(tmp_path / "x")
    with pytest.raises(UsageError, match="There is no file"):
        source_for(tmp_path / "y")
