"""Measures videos: how fast clips are indexed, and whether words find the moment that shows what they say.

    python packaging/bench/clips.py PHOTOS [--clips 100] [--seed 1]

PHOTOS is a folder of pictures whose names say what they show, such as ``goldfish.jpg`` or
``n01443537_goldfish.jpg``. Clips of four seconds are made from them in several codecs and containers. Each
second shows another picture, and a fifth of the clips is damaged. The picture of the third second is
searched for by its name. Needs the extra ``video``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import av
import numpy as np
from PIL import Image, ImageOps

from safelight import Library

_SIZE = 320, 240
_RATE = 12
_KINDS = (
    ("libx264", "yuv420p", "mp4", "mp4"),
    ("libx265", "yuv420p", "mp4", "mp4"),
    ("mpeg4", "yuv420p", "mov", "mov"),
    ("libx264", "yuv420p", "matroska", "mkv"),
    ("libvpx", "yuv420p", "webm", "webm"),
    ("libvpx-vp9", "yuv420p", "webm", "webm"),
    ("mjpeg", "yuvj420p", "avi", "avi"),
    ("libx264", "yuv420p", "mpegts", "mts"),
    ("wmv2", "yuv420p", "asf", "wmv"),
    ("flv", "yuv420p", "flv", "flv"),
)
"""Codec, pixel format, container and extension."""
_SOUGHT = 2
"""The second that is searched for, from 0."""
_FIRST = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    pictures = sorted(
        path for path in given.photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png")
    )
    if len(pictures) < max(4, given.clips):
        parser.error(
            f"{given.photos} has {len(pictures)} pictures; at least {max(4, given.clips)} are needed"
        )
    with tempfile.TemporaryDirectory() as place:
        folder, library = Path(place, "Clips"), Path(place, "Library")
        folder.mkdir()
        words = make(folder, pictures, given.clips, random.Random(given.seed))
        figures = index(folder, library, given.clips) | search(library, words)
    print(json.dumps(figures, indent=2))
    return 0


def make(folder: Path, pictures: Sequence[Path], count: int, rng: random.Random) -> dict[str, str]:
    """Write the clips. Returns what the undamaged ones show in the second that counts, by file name."""
    words: dict[str, str] = {}
    for number, sought in enumerate(rng.sample(list(pictures), count)):
        shown = rng.sample([each for each in pictures if each != sought], 3)
        shown.insert(_SOUGHT, sought)
        codec, pixels, container, extension = _KINDS[number % len(_KINDS)]
        path = folder / f"clip{number:03}.{extension}"
        write(path, shown, codec, pixels, container)
        if number % 5 == 4:
            damage(path, number // 5 % 4, rng)
        else:
            words[path.name] = re.sub(r"^n\d+_", "", sought.stem).replace("_", " ")
    return words


def write(path: Path, shown: Sequence[Path], codec: str, pixels: str, container: str) -> None:
    with av.open(str(path), "w", format=container) as out:
        stream = cast(av.VideoStream, out.add_stream(codec, rate=_RATE))
        stream.width, stream.height = _SIZE
        stream.pix_fmt = pixels
        for each in shown:
            with Image.open(each) as image:
                pixels_shown = np.asarray(ImageOps.fit(image.convert("RGB"), _SIZE))
                frame = av.VideoFrame.from_ndarray(pixels_shown, format="rgb24")
            for _ in range(_RATE):
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def damage(path: Path, kind: int, rng: random.Random) -> None:
    """Cut a file in half or to a tenth, change a twentieth of its bytes, or clear its beginning."""
    data = bytearray(path.read_bytes())
    match kind:
        case 0:
            del data[len(data) // 2 :]
        case 1:
            del data[len(data) // 10 :]
        case 2:
            for _ in range(len(data) // 20):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case _:
            data[:64] = bytes(64)
    path.write_bytes(data)


def index(folder: Path, library: Path, count: int) -> dict[str, float]:
    """Index the clips with the command line."""
    command = [sys.executable, "-m", "safelight", "index", str(folder), "--library", str(library), "--json"]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    # A clip that cannot be read makes the exit status 1.
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout)
    return {
        "clips": count,
        "indexed": report["photos"],
        "failed": report["failed"],
        "seconds with start": round(seconds, 1),
        "seconds": round(report["seconds"], 1),
        "clips per second": round(count / report["seconds"], 1),
        "processor seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
    }


def search(library: Path, words: dict[str, str]) -> dict[str, float]:
    first = among = moments = 0
    with Library.open(str(library)) as opened:
        for name, word in words.items():
            matches = opened.search(f"a photo of a {word}", limit=_FIRST).matches
            place = next((at for at, each in enumerate(matches) if Path(each.path or "").name == name), None)
            if place is None:
                continue
            among += 1
            first += place == 0
            unit = matches[place].unit
            seconds = None if unit is None else unit.seconds
            moments += seconds is not None and _SOUGHT <= seconds < _SOUGHT + 1
    return {
        "searched for": len(words),
        "first": first,
        f"among the first {_FIRST}": among,
        "at the moment": moments,
    }


if __name__ == "__main__":
    sys.exit(main())
