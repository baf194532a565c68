"""Motion photos in the forms of different phones."""

from __future__ import annotations

import struct

_SAMSUNG_NAME = b"MotionPhoto_Data"


def container_xmp(length: object, *, after: object = 0, motion: int = 1) -> bytes:
    """The XMP packet of a Pixel. The film has ``length`` bytes, and an item of ``after`` bytes follows it."""
    further = (
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="Other" '
        f'Item:Length="{after}" Item:Padding="0"/></rdf:li>'
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" '
        'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
        'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
        f'GCamera:MotionPhoto="{motion}" GCamera:MotionPhotoVersion="1"><Container:Directory><rdf:Seq>'
        '<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary" '
        'Item:Length="0" Item:Padding="0"/></rdf:li>'
        '<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" '
        f'Item:Length="{length}" Item:Padding="0"/></rdf:li>{further if after else ""}'
        "</rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def with_xmp(jpeg: bytes, xmp: bytes) -> bytes:
    content = b"http://ns.adobe.com/xap/1.0/\0" + xmp
    return jpeg[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2) + content + jpeg[2:]


def google(jpeg: bytes, film: bytes) -> bytes:
    return with_xmp(jpeg, container_xmp(len(film))) + film


def micro_video(jpeg: bytes, film: bytes) -> bytes:
    """The older form of Google."""
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/">'
        f"<GCamera:MicroVideo>1</GCamera:MicroVideo><GCamera:MicroVideoOffset>{len(film)}"
        "</GCamera:MicroVideoOffset></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return with_xmp(jpeg, xmp.encode()) + film


def samsung(picture: bytes, film: bytes) -> bytes:
    """A trailer with a directory, of which the film is the first entry."""
    block = struct.pack("<HHI", 0, 0x0A30, len(_SAMSUNG_NAME)) + _SAMSUNG_NAME + film
    other = struct.pack("<HHI", 0, 0x0A01, 14) + b"Image_UTC_Data" + b"1575000000000"
    entries = struct.pack("<HHII", 0, 0x0A30, len(block) + len(other), len(block))
    entries += struct.pack("<HHII", 0, 0x0A01, len(other), len(other))
    directory = b"SEFH" + struct.pack("<II", 106, 2) + entries
    return picture + block + other + directory + struct.pack("<I", len(directory)) + b"SEFT"


def in_heic(picture: bytes, film: bytes, boxed: bool) -> bytes:
    """The film in a box ``mpvd``, as Google's specification requires, or just behind the picture."""
    return picture + (struct.pack(">I4s", len(film) + 8, b"mpvd") if boxed else b"") + film
