"""The fifth schema.

Reasons of failures are messages, so that they can be translated. ``file.failure_reason``, ``unlisted.reason``
and ``file_check.fault`` held English sentences. Now they hold JSON: the template of a message and its values,
as ``["{name} is cut short.", {"name": "JPEG"}]``.
"""

# ruff: noqa: S608 (statements are put together from names of this module; values are bound)

from __future__ import annotations

import json
import re
from functools import lru_cache

import apsw

FACES: tuple[str, ...] = (
    # Where faces are is stored together with the orientation of the picture. Version 4 did not store that, so
    # the metadata of these photos are read again.
    """
    DELETE FROM stage_state WHERE stage_id IN (SELECT id FROM stage WHERE name = 'metadata')
        AND photo_id IN (SELECT photo_id FROM photo_metadata WHERE details ->> 'regions' IS NOT NULL)
    """,
)

IMPORTED_FACES: tuple[str, ...] = (
    # Faces from the catalogues of other programs, as a JSON list of regions: see imported_faces.py.
    """
    CREATE TABLE imported_faces (
        photo_id INTEGER NOT NULL REFERENCES photo (id),
        program TEXT NOT NULL,
        faces TEXT NOT NULL CHECK (json_valid(faces)),
        PRIMARY KEY (photo_id, program)
    ) WITHOUT ROWID
    """,
)

STATEMENTS: tuple[str, ...] = (*FACES, *IMPORTED_FACES)

_REASONS = (
    ("file", "id", "failure_reason", "state = 'failed' AND failure_reason IS NOT NULL"),
    ("unlisted", "id", "reason", "reason IS NOT NULL"),
    ("file_check", "file_id", "fault", "fault IS NOT NULL"),
)
"""(table, its key, column, condition) of all reasons."""

_TEMPLATES = (
    "This picture exceeds the size limit ({width} × {height} pixels). Raise it in Settings (max-megapixels).",
    "This picture exceeds the size limit. Raise it in Settings (max-megapixels).",
    "The file is too large to open ({megabytes:,.0f} MB).",
    "There is not enough memory to open this file.",
    "There was not enough memory to read it.",
    "{name} videos need the extra “video”: pip install 'safelight[video]'",
    "{name} pictures need a missing package: pip install {decoder}",
    "This TIFF picture needs a missing package: pip install imagecodecs.",
    "The {name} video is cut short: the file ends before the video does.",
    "The {name} video is damaged, or of a variant that Safelight cannot read.",
    "The {name} picture is cut short: the file ends before the picture does.",
    "The {name} picture is damaged, or of a variant that Safelight cannot read.",
    "The JPEG picture has more than {most} scans, which would take too long to decode.",
    "This is not a picture of a kind that Safelight knows.",
    "No frame of the video can be decoded; it is damaged or cut short.",
    "This is not a video.",
    "The file has sound but no picture.",
    "The file is empty.",
    "The file was being written while it was read.",
    "This is not a file but a folder, a pipe or a device.",
    "The file could not be read ({reason}).",
    "The file is no longer there.",
    "Safelight is not permitted to read this file.",
    "No file can have this name.",
    "It could not be read ({error}).",
    "Reading it took longer than {seconds:.0f} seconds.",
    "Reading it crashed the decoder, twice.",
    "Reading it was interrupted by an error in Safelight. Try again.",
    "The disk it is on does not answer.",
    "The system could not start a process to read it. Close other programs or try again later.",
    "This folder could not be listed ({reason}).",
    "The drive that was here is not connected. Its photos are kept until it is back.",
    "The bytes of this file changed although its size and date did not: the disk damaged it.",
    "The size of this file changed although its date did not: it was cut short.",
    "The picture was damaged before it was indexed: {damage}.",
)
"""The sentences that version 4 wrote."""

_PHRASES = ("the end of the picture is missing", "a part of the picture was overwritten with zeros")
"""Values that are translated themselves."""

_NUMBERS = ("megabytes", "seconds")

_FIELD = re.compile(r"\{(\w+)[^}]*\}")


def convert_reasons(db: apsw.Connection) -> None:
    """Replace sentences by messages. One that version 4 did not write becomes the value of a message."""
    for table, key, column, condition in _REASONS:
        rows = db.execute(f"SELECT {key}, {column} FROM {table} WHERE {condition}").fetchall()
        db.executemany(
            f"UPDATE {table} SET {column} = ? WHERE {key} = ?", [(_message(old), row) for row, old in rows]
        )


@lru_cache(maxsize=1000)
def _message(sentence: str) -> str:
    """The message that gives a sentence, as JSON."""
    for template, pattern in _patterns():
        match = pattern.fullmatch(sentence)
        if match is not None:
            values = {name: _value(text, name in _NUMBERS) for name, text in match.groupdict().items()}
            if _formatted(template, values) == sentence:
                said = {name: [text, {}] if text in _PHRASES else text for name, text in values.items()}
                return json.dumps([template, said], ensure_ascii=False)
    return json.dumps(["{text}", {"text": sentence}], ensure_ascii=False)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each template with a pattern of the sentences that it makes."""
    found = []
    for template in _TEMPLATES:
        pattern = re.escape(_FIELD.sub("\0\\1\0", template))
        found.append((template, re.compile(re.sub(r"\0(\w+)\0", r"(?P<\1>.+)", pattern), re.DOTALL)))
    return found


def _value(text: str, is_number: bool) -> str | float:
    try:
        return float(text.replace(",", "")) if is_number else text
    except ValueError:
        return text


def _formatted(template: str, values: dict[str, str | float]) -> str | None:
    try:
        return template.format_map(values)
    except ValueError:  # a text where a number belongs
        return None
