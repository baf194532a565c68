"""Exports as files: XMP sidecars, Picasa, immich, Apple Photos and PhotoPrism."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import yaml
from PIL import ExifTags, Image

from safelight.core.errors import UsageError
from safelight.core.migration import ImportKind, LeftOut, MatchMethod
from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.services.migration.migration import source_for
from safelight.services.migration.source import Reading
from safelight.services.migration.sources.apple_faces import photos_face
from safelight.services.migration.sources.apple_photos import ApplePhotos
from safelight.services.migration.sources.photoprism import PhotoPrism
from safelight.services.migration.sources.picasa import Picasa
from safelight.store import file_metadata
from support.catalogue_attacks import refusal
from support.migration_world import MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

# --- XMP ------------------------------------------------------------------------------------------------

RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" '
)


def xmp(each: Original, more: str = "") -> str:
    taken = f'exif:DateTimeOriginal="{each.taken:%Y-%m-%dT%H:%M:%S}"' if each.taken else ""
    label = f'xmp:Label="{each.label.title()}"' if each.label else ""
    rating = f'xmp:Rating="{each.rating}"' if each.rating else ""

    def alternative(name: str, text: str) -> str:
        item = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'
        return f"<dc:{name}>{item}</dc:{name}>" if text else ""

    tags = "".join(f"<rdf:li>{escape(tag.replace('/', '|'))}</rdf:li>" for tag in sorted(each.tags))
    subject = f"<lr:hierarchicalSubject><rdf:Bag>{tags}</rdf:Bag></lr:hierarchicalSubject>" if tags else ""
    return (
        f"{RDF}{taken} {label} {rating} {more}>{alternative('title', each.title)}"
        f"{alternative('description', each.caption)}{subject}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def put(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_folder_of_sidecars(make_world: MakeWorld, tmp_path: Path) -> None:
    """The names of both kinds; what was renamed is found only if its sidecar was renamed too."""
    world = make_world(300)
    root = tmp_path / "Backup"
    for each in world.originals:
        name = each.new if each.moved else each.old  # sidecars moved with their pictures
        stem, _, extension = name.rpartition(".")
        match each.number % 3:
            case 0:
                put(root / f"{name}.xmp", xmp(each))
            case 1:
                put(root / f"{stem}.xmp", xmp(each, f'photoshop:SidecarForExtension="{extension}"'))
            case _:
                file = name.rpartition("/")[2]
                put(root / f"{stem}.xmp", xmp(each, f'crs:RawFileName="{file}"'))
    check_import(world, root, ("rating", "label", "title", "caption", "tags"))


def test_sidecars_that_do_not_tell_the_extension(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(30)
    for each in world.originals:
        put(tmp_path / "x" / f"{each.new.rpartition('.')[0]}.xmp", xmp(each))
    put(tmp_path / "x" / "bad.xmp", "<x:xmpmeta")
    put(tmp_path / "x" / "bomb.xmp", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    found = world.plan(tmp_path / "x")
    assert found.preview.recognised == 30
    assert len(found.preview.problems) == 2


def test_values_of_sidecars_that_are_impossible_are_reported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    place = tmp_path / "x" / f"{world.originals[0].new}.xmp"
    put(place, f'{RDF} xmp:Rating="17" exif:DateTimeOriginal="0000-99-01"/></rdf:RDF></x:xmpmeta>')
    preview = world.plan(tmp_path / "x").preview
    assert preview.left_out == {LeftOut.VALUE: 2}
    assert [str(each) for each in preview.problems] == [
        f"{place}: what is not valid is left out (rating, taken_at)."
    ]


@pytest.mark.parametrize(("orientation", "sides"), [(1, (0.2, 0.3, 0.2, 0.4)), (6, (0.3, 0.2, 0.4, 0.2))])
def test_faces_of_sidecars_are_in_the_stored_picture(
    make_world: MakeWorld, tmp_path: Path, orientation: int, sides: tuple[float, ...]
) -> None:
    world = make_world(3)
    for each, stated in zip(world.originals, (f'tiff:Orientation="{orientation}"', "", ""), strict=True):
        put(
            tmp_path / "x" / f"{each.new}.xmp",
            f'{RDF} xmlns:tiff="http://ns.adobe.com/tiff/1.0/" {stated}>{REGIONS}'
            "</rdf:Description></rdf:RDF></x:xmpmeta>",
        )
    found = world.plan(tmp_path / "x", "xmp")
    [(photo, (face,))] = found.operation().faces
    assert photo == world.ids[0]
    assert face.name == "Ada Lovelace"
    assert (face.left, face.top, face.width, face.height) == pytest.approx(sides)
    assert found.preview.left_out == {LeftOut.FACE_REGION: 2}, "without an orientation the place is not known"


REGIONS = """<mwg-rs:Regions xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ada Lovelace</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
<mwg-rs:Area stArea:x="0.3" stArea:y="0.5" stArea:w="0.2" stArea:h="0.4" stArea:unit="normalized"/></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg-rs:Type>Focus</mwg-rs:Type>
<mwg-rs:Area stArea:x="0.3" stArea:y="0.5" stArea:w="0.2" stArea:h="0.4"/></rdf:li>
</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"""

# --- Picasa ---------------------------------------------------------------------------------------------


def test_picasa(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(300)
    folders: defaultdict[str, list[Original]] = defaultdict(list)
    for each in world.originals:
        folder, _, _ = each.new.rpartition("/")
        folders[folder].append(each)
    albums = {name: f"{number:032x}" for number, name in enumerate(("Trips/Italy", "Best of", "Trips"))}
    first = next(iter(folders))
    for folder, inside in folders.items():
        lines = ["[Picasa]", "name=A folder", "category=Folders on Disk"]
        if folder == first:
            lines += ["[Contacts2]", "d10a8325c557b085=Ada Lovelace;ada@example.org;", "ffffffffffffffff=;;"]
            for name, key in albums.items():
                lines += [f"[.album:{key}]", f"name={name}", f"token={key}", "date=2010-01-01"]
        for each in inside:
            lines.append(f"[{each.new.rpartition('/')[2]}]")
            lines += ["star=yes"] * each.favourite + ["hidden=yes"] * each.hidden
            lines += [f"caption={each.caption.splitlines()[0]}"] if each.caption else []
            lines += [f"keywords={','.join(sorted(tag.replace('/', '-') for tag in each.tags))}"] * bool(
                each.tags
            )
            lines += [f"albums={','.join(albums[name] for name in each.albums)}"] * bool(each.albums)
            if each.people:
                lines.append("faces=rect64(3f845bcb59418507),d10a8325c557b085;rect64(1),ffffffffffffffff")
            lines.append("rotate=rotate(1)")
        put(world.folder / folder / ".picasa.ini", "\r\n".join(lines))

    def adjust(each: Original) -> Original:
        return replace(
            each,
            caption=each.caption.partition("\n")[0],
            tags=frozenset(tag.replace("/", "-") for tag in each.tags),
            albums=tuple(album.replace("/", "-") for album in each.albums),
        )

    known = ("caption", "tags", "people", "albums", "favourite", "hidden")
    found = check_import(world, world.folder, known, adjust=adjust)
    assert found.preview.matched == {MatchMethod.PATH: 300}
    raw = [each.new.lower().endswith("nef") for each in world.originals if each.people]
    # Those of JPEG files that cannot be read, and rectangles without an extent.
    assert found.preview.left_out == {LeftOut.FACE_REGION: sum(1 if each else 2 for each in raw)}
    assert [len(each) for _, each in found.operation().faces] == [1] * sum(raw)


@pytest.mark.parametrize(
    ("name", "sides"), [("upright.jpg", (0.2, 0.4, 0.3, 0.1)), ("turned.jpg", (0.5, 0.2, 0.1, 0.3))]
)
def test_faces_of_picasa_are_in_the_stored_picture(
    make_world: MakeWorld, name: str, sides: tuple[float, ...]
) -> None:
    world = make_world(1)
    exif = Image.Exif()
    if name == "turned.jpg":
        exif[ExifTags.Base.Orientation] = 6
    world.folder.mkdir(exist_ok=True)
    Image.effect_noise((640, 480), 100).convert("RGB").save(world.folder / name, exif=exif, quality=98)
    corners = "".join(f"{round(side * 65_535):04x}" for side in (0.2, 0.4, 0.5, 0.5))
    put(
        world.folder / ".picasa.ini",
        f"[Contacts2]\nab=Ada Lovelace;;\n[{name}]\nfaces=rect64({corners}),ab\n"
        f"[gone.jpg]\nfaces=rect64({corners}),ab\n[bad.jpg]\nfaces=rect64({corners}),ab\n",
    )
    put(world.folder / "bad.jpg", b"no picture")
    found, *others = Picasa().read(world.folder, Reading())
    (face,) = found.faces
    assert face.name == "Ada Lovelace"
    assert (face.left, face.top, face.width, face.height) == pytest.approx(sides, abs=1e-4)
    assert [each.faces for each in others] == [(), ()]
    assert [each.left_out for each in others] == [(LeftOut.FACE_REGION,)] * 2


def test_people_of_picasa_whom_only_the_contacts_name(make_world: MakeWorld) -> None:
    world = make_world(1)
    folder = world.folder / "pics"
    put(
        world.folder / "contacts" / "contacts.xml",
        '<contacts><contact id="0d04ca592f8868c2" name="José" email="j@example.org"/>'
        '<contact id="ffffffffffffffff" name="Nobody"/></contacts>',
    )
    put(world.folder / "broken" / "contacts.xml", '<!DOCTYPE a [<!ENTITY b "c">]><contacts/>')
    put(
        folder / ".picasa.ini",
        # Picasa writes contacts without zeros at their beginning, and old versions write no UTF-8.
        "[Contacts]\nb8e4117cf1d6615b=Jörg;\n[Jäger.jpg]\nstar=yes\n"
        "faces=rect64(1),d04ca592f8868c2;rect64(2),ffffffffffffffff;rect64(3),b8e4117cf1d6615b;\n"
        "caption=für Dich\n".encode("cp1252"),
    )
    put(folder / ".picasaoriginals" / ".picasa.ini", "[Jäger.jpg]\nstar=yes\n")
    reading = Reading()
    [record] = Picasa().read(world.folder, reading)
    assert record.path == str(folder / "Jäger.jpg")
    assert (record.people, record.caption) == (("José", "Jörg"), "für Dich")
    assert [problem.params["path"] for problem in reading.problems] == [
        str(world.folder / "broken" / "contacts.xml")
    ]


def test_a_hostile_picasa_file(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    put(
        tmp_path / "p" / ".picasa.ini",
        b"[../../etc/passwd.jpg]\nstar=yes\n[a.jpg\n=\n[]\n[.]\n\x00\xff[b.jpg]\nstar=yes",
    )
    put(tmp_path / "p" / "c" / ".picasa.ini", b"x" * 1000 + b"\n" * 10)
    assert refusal(world, tmp_path / "p") == ""
    assert world.plan(tmp_path / "p").preview.records == 0


# --- immich ---------------------------------------------------------------------------------------------


def asset(each: Original, *, full: bool = True) -> dict[str, Any]:
    """``AssetResponseDto``; albums list their photos without EXIF and people."""
    name = each.old.rpartition("/")[2]
    found: dict[str, Any] = {
        "id": f"uuid-{each.number}",
        "originalFileName": name,
        "originalPath": f"/data/library/admin/2019/{each.number}.jpg",
        "localDateTime": each.taken.strftime("%Y-%m-%dT%H:%M:%S.000Z") if each.taken else None,
        "checksum": base64.b64encode(hashlib.sha1(each.content).digest()).decode(),
        "isFavorite": each.favourite,
        "isArchived": False,
        "isTrashed": False,
        "visibility": "archive" if each.hidden else "timeline",
    }
    if full:
        found["exifInfo"] = {
            "fileSizeInByte": each.size,
            "exifImageWidth": each.width,
            "exifImageHeight": each.height,
            "description": each.caption,
            "rating": each.rating or None,
        }
        box = {"boundingBoxX1": 10, "boundingBoxY1": 20, "boundingBoxX2": 60, "boundingBoxY2": 40}
        box |= {"imageWidth": 100, "imageHeight": 80}
        found["people"] = [{"name": name, "faces": [{"id": "f"}, box]} for name in each.people] + [
            {"name": "", "faces": []}
        ]
        found["tags"] = [{"id": "t", "name": tag.rpartition("/")[2], "value": tag} for tag in each.tags]
    return found


def test_immich(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(300)
    root = tmp_path / "immich"
    for page in range(3):
        items = [asset(each) for each in world.originals[page * 100 : page * 100 + 100]]
        put(
            root / f"assets-{page}.json",
            json.dumps({"albums": {}, "assets": {"items": items, "nextPage": None}}),
        )
    for name in ("Best of", "Trips"):
        inside = [asset(each, full=False) for each in reversed(world.originals) if name in each.albums]
        put(root / "albums" / f"{name}.json", json.dumps({"id": "a", "albumName": name, "assets": inside}))
    put(root / "trash.json", json.dumps([{**asset(world.originals[0]), "id": "x", "isTrashed": True}]))
    known = ("rating", "caption", "tags", "people", "albums", "favourite", "hidden")

    def adjust(each: Original) -> Original:
        return replace(each, albums=tuple(album for album in each.albums if "/" not in album))

    found = check_import(world, root, known, adjust=adjust)
    assert found.preview.recognised == 300
    assert found.preview.left_out == {
        LeftOut.FACE_REGION: sum(len(each.people) for each in world.originals),
        LeftOut.TRASHED: 1,
    }
    world.run(world.plan(root).operation())
    order = world.album_order("Best of")
    assert order == sorted(order, reverse=True)
    faces = world.faces()
    assert set(faces) == {each.number for each in world.originals if each.people}
    assert set(faces.values()) == {(FaceRegion("Ada Lovelace", "Face", 0.1, 0.25, 0.5, 0.25),)}


def test_albums_of_immich_3_list_no_photos(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(30)
    root = tmp_path / "immich"
    album = "9d1c6f0e-52b7-4a53-8c6e-0d4f0c3a1b2c"
    put(
        root / "albums.json",
        json.dumps([{"id": album, "albumName": "Best of"}, {"id": "", "albumName": "x"}]),
    )
    for page in (1, 2, 10):
        items = [asset(each) for each in world.originals[page : page + 1]]
        put(root / f"{album}-{page}.json", json.dumps({"assets": {"items": items}}))
    items = [asset(each) for each in world.originals]
    put(root / "photos-1.json", json.dumps({"assets": {"items": items}}))
    world.run(world.plan(root).operation())
    assert world.album_order("Best of") == [1, 2, 10]


def test_values_of_immich_that_are_impossible_are_reported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    first, second = (asset(each) for each in world.originals)
    first["localDateTime"] = "2200-01-01T00:00:00.000Z"
    first["exifInfo"] |= {"rating": 7, "latitude": 48.2, "longitude": -200}
    second["localDateTime"] = "0001-01-01T00:00:00.000Z"
    second["exifInfo"] |= {"rating": -1, "latitude": 0, "longitude": 0}
    put(tmp_path / "immich" / "photos-1.json", json.dumps({"assets": {"items": [first, second]}}))
    found = world.plan(tmp_path / "immich")
    assert found.preview.left_out[LeftOut.VALUE] == 3
    assert [(each.field, each.value) for _, each in found.refused] == [
        ("rating", "7"),
        ("date", "2200-01-01T00:00:00.000Z"),
        ("place", "48.2, -200"),
    ]


def test_stacks_of_immich(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(5)
    stack = {"id": "s", "primaryAssetId": "uuid-3", "assetCount": 2}
    items = [{**asset(each), "stack": stack if each.number in (1, 3) else None} for each in world.originals]
    put(tmp_path / "photos.json", json.dumps({"assets": {"items": items}}))
    world.run(world.plan(tmp_path / "photos.json").operation())
    assert world.stacks() == {(3, 1)}


# --- Apple Photos ---------------------------------------------------------------------------------------


def test_apple_photos(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(300)
    photos = [
        {
            "uuid": f"U{each.number}",
            "filename": f"U{each.number}.jpeg",
            "original_filename": each.old.rpartition("/")[2],
            "path": f"/Users/ada/Pictures/Photos Library.photoslibrary/originals/U/U{each.number}.jpeg",
            "date": f"{each.taken:%Y-%m-%dT%H:%M:%S}.250000+02:00" if each.taken else None,
            "original_filesize": each.size,
            "original_width": each.width,
            "original_height": each.height,
            "title": each.title or None,
            "description": each.caption or None,
            "keywords": sorted(tag.replace("/", "-") for tag in each.tags),
            "persons": [*each.people, "_UNKNOWN_"],
            "width": each.width,
            "height": each.height,
            "hasadjustments": each.number % 2 == 1,
            "face_info": [
                {"name": name, "center_x": 0.5, "center_y": 0.25, "size": 0.25} for name in each.people
            ],
            "albums": [album.rpartition("/")[2] for album in each.albums],
            "folders": {"Italy": ["Trips"], "Best of": []},
            "favorite": each.favourite,
            "hidden": each.hidden,
            "intrash": False,
        }
        for each in world.originals
    ]
    photos.append({**photos[0], "uuid": "gone", "intrash": True})
    put(tmp_path / "photos.json", json.dumps(photos))
    known = ("title", "caption", "tags", "people", "albums", "favourite", "hidden")

    def adjust(each: Original) -> Original:
        return replace(each, tags=frozenset(tag.replace("/", "-") for tag in each.tags))

    found = check_import(world, tmp_path / "photos.json", known, adjust=adjust)
    with_faces = [each for each in world.originals if each.people]
    edited = sum(each.number % 2 for each in with_faces)
    assert found.preview.left_out == {LeftOut.FACE_REGION: edited, LeftOut.TRASHED: 1}
    faces = [each for _, each in found.operation().faces]
    assert len(faces) == len(with_faces) - edited
    for (face,) in faces:
        assert (face.name, face.left, face.width) == ("Ada Lovelace", 0.375, 0.25)
        assert face.top + face.height / 2 == pytest.approx(0.75, abs=1e-5), "Photos counts from the bottom"


def test_a_face_at_the_edge_of_a_picture_in_apple_photos() -> None:
    """The square around it is cut at the edge."""
    face = photos_face("Ada", (0.0, 0.0, 0.5), (400, 200), edited=False)
    assert face == FaceRegion("Ada", "Face", 0.0, 0.5, 0.25, 0.5)
    assert photos_face("Ada", (1.5, 0.5, 0.1), (400, 200), edited=False) is None


def test_albums_of_apple_photos_with_the_same_title(tmp_path: Path) -> None:
    album = {"title": "Best", "folder_names": ["2024", "Trips"], "owner": None}
    photo: dict[str, Any] = {
        "uuid": "U1",
        "original_filename": "a.jpg",
        "path": None,
        "rating": 4,
        "albums": ["Best", "Best"],
        "album_info": [album, {**album, "folder_names": []}],
        "folders": {"Best": []},
    }
    put(tmp_path / "photos.json", json.dumps([photo]))
    [record] = ApplePhotos().read(tmp_path / "photos.json", Reading())
    assert [each.path for each in record.albums] == [("2024", "Trips", "Best"), ("Best",)]
    assert record.rating == 4


# --- PhotoPrism -----------------------------------------------------------------------------------------


def test_photoprism(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(200)
    root = tmp_path / "storage"
    for each in world.originals:
        own = each.number % 2 == 0
        content = {
            "TakenAt": each.taken,
            "TakenAtLocal": each.taken.replace() if each.taken and each.number % 3 else None,
            "TakenSrc": "meta",
            "UID": f"p{each.number}",
            "Type": "image",
            "Title": each.title or "Beach / Rome / 2019",
            "TitleSrc": "manual" if each.title else "location",
            ("Caption" if own else "Description"): each.caption,
            ("CaptionSrc" if own else "DescriptionSrc"): "meta",
            "Favorite": each.favourite,
            "Private": each.hidden,
            "Details": {
                "Keywords": ", ".join(sorted(tag.replace("/", "-") for tag in each.tags))
                if own
                else "sea, blue",
                **({"KeywordsSrc": "meta"} if own else {}),
            },
        }
        place = each.new if each.moved else each.old
        put(root / "sidecar" / f"{place.rpartition('.')[0]}.yml", yaml.safe_dump(content, allow_unicode=True))
    for name in ("Best of", "Trips"):
        inside = [{"UID": f"p{each.number}"} for each in world.originals if name in each.albums]
        album = {"UID": "a1", "Type": "album", "Title": name, "Photos": inside}
        put(root / "albums" / "album" / f"{name}.yml", yaml.safe_dump(album))
    moment = {"UID": "a2", "Type": "moment", "Title": "Made up", "Photos": [{"UID": "p0"}]}
    put(root / "albums" / "moment" / "x.yml", yaml.safe_dump(moment))

    def adjust(each: Original) -> Original:
        own = each.number % 2 == 0
        return replace(
            each,
            tags=frozenset(tag.replace("/", "-") for tag in each.tags) if own else frozenset(),
            albums=tuple(album for album in each.albums if "/" not in album),
        )

    known = ("title", "caption", "tags", "albums", "favourite", "hidden")
    check_import(world, root, known, adjust=adjust)


@pytest.mark.parametrize(
    ("source", "new"),
    [
        *(("meta", 1), ("manual", 1), ("xmp", 1), ("batch", 1)),
        *(("name", 0), ("estimate", 0), ("", 0), (None, 0)),
    ],
)
def test_dates_that_photoprism_guessed_are_not_taken_over(
    make_world: MakeWorld, tmp_path: Path, source: str | None, new: int
) -> None:
    world = make_world(1)
    with world.store.write() as db:
        file_metadata.merge_metadata(db, [(world.ids[0], ImageMetadata())])  # no date in the file
    content = {"UID": "p1", "TakenAt": datetime(2019, 5, 12, 8, 15, tzinfo=UTC), "Favorite": True}
    content["TakenAtLocal"] = datetime(2019, 5, 12, 10, 15, tzinfo=UTC)
    if source is not None:
        content["TakenSrc"] = source
    put(
        tmp_path / "storage" / "sidecar" / f"{world.originals[0].new.rpartition('.')[0]}.yml",
        yaml.safe_dump(content),
    )
    found = world.plan(tmp_path / "storage")
    assert found.preview.recognised == 1
    counts = {each.kind: (each.found, each.new) for each in found.preview.counts}
    assert counts == {ImportKind.FAVOURITE: (1, 1), **({ImportKind.DATE: (1, 1)} if new else {})}
    assert list(found.dates.values()) == ["2019-05-12T10:15:00"] * new


@pytest.mark.parametrize(("source", "recognised"), [("name", 1), ("estimate", 0)])
def test_a_date_from_the_name_helps_to_recognise_a_photo(
    make_world: MakeWorld, tmp_path: Path, source: str, recognised: int
) -> None:
    world = make_world(1000)  # names repeat after 900
    each = world.originals[950]
    assert each.taken is not None
    name = each.old.rpartition("/")[2].rpartition(".")[0]
    # YAML would write one object that occurs twice as an alias.
    times = {"TakenAt": each.taken, "TakenAtLocal": each.taken.replace()}
    content = {"UID": "p1", "TakenSrc": source, **times}
    put(tmp_path / "storage" / "sidecar" / "elsewhere" / f"{name}.yml", yaml.safe_dump(content))
    found = world.plan(tmp_path / "storage")
    assert found.preview.recognised == recognised
    assert found.preview.counts == ()


def test_hostile_yaml(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    root = tmp_path / "storage"
    put(
        root / "sidecar" / "a.yml",
        "UID: p1\nTakenAt: 2019-01-01T00:00:00Z\nTitle: [1, 2]\nDetails: x\nFavorite: 7",
    )
    put(root / "sidecar" / "b.yml", "a: &a [1]\nb: [*a, *a]")
    put(root / "sidecar" / "c.yml", "[" * 100_000)
    put(root / "sidecar" / "d.yml", "!!python/object/apply:os.system ['true']")
    put(root / "sidecar" / "e.yml", b"\xff\xfe\x00")
    put(root / "sidecar" / "f.yml", "UID: p2\nTakenAt: 99999-01-01")
    found = world.plan(root)
    assert len(found.preview.problems) == 4
    assert found.preview.records == 2


# --- all ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b""),
        ("a.json", b"[1, 2"),
        ("a.json", b'{"assets": 7, "uuid": "original_filename"}'),
        ("a.json", b"[" * 100_000),
        ("a.json", b'[{"id": 7, "originalFileName": null}]'),
        ("a.json", b'[{"uuid": 1, "original_filename": 2}, "uuid"]'),
        ("a.yml", b"UID: x"),
        ("a.lrcat", b"SQLite format 3\0" + b"\0" * 5000),
        ("digikam4.db", b"SQLite format 3\0" + b"\x7f" * 20_000),
    ],
)
def test_other_files_are_refused_in_one_line(
    make_world: MakeWorld, tmp_path: Path, name: str, content: bytes
) -> None:
    world = make_world(1)
    put(tmp_path / "x" / name, content)
    for path in (tmp_path / "x", tmp_path / "x" / name):
        message = refusal(world, path)
        assert message or world.plan(path).preview.recognised == 0
        for source in (
            "apple-photos",
            "immich",
            "photoprism",
            "picasa",
            "xmp",
            "lightroom",
            "digikam",
            "csv",
        ):
            message = refusal(world, path, source)
            assert message or world.plan(path, source).preview.recognised == 0


def test_an_empty_folder_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(UsageError, match="not a catalogue or export"):
        source_for(tmp_path / "x")


def test_positions_that_photoprism_estimated_are_left_out(tmp_path: Path) -> None:
    for name, source in (("a", "estimate"), ("b", "meta")):
        said = {
            "UID": f"ps{name}",
            "TakenAt": "2020-01-02T03:04:05Z",
            "Lat": 48.2,
            "Lng": 16.37,
            "PlaceSrc": source,
        }
        put(tmp_path / "sidecar" / f"{name}.yml", yaml.safe_dump(said))
    records = sorted(PhotoPrism().read(tmp_path, Reading()), key=lambda each: each.path)
    assert [(each.path, each.latitude) for each in records] == [("a", None), ("b", 48.2)]
