"""Measures how well parts of longer videos are found, and whether other videos are taken for parts.

The clips are generated: places with several takes each, from a fixed or a moving camera; cuts of them that
are encoded again; and videos that have something in common without being a part, such as a title, slides,
fades, black frames or an animated banner. For example:

    python packaging/bench/video_parts.py --places 12 --seed 1
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from safelight.imaging.film import read_film
from safelight.imaging.film_parts import SearchedFilm, find_part
from safelight.imaging.opening import MAX_PIXELS

Frame = npt.NDArray[np.float32]
"""(height, width, 3), 0 to 255."""

WIDTH, HEIGHT, RATE = 128, 96, 20
CODECS = (("libx264", "mp4"), ("libvpx-vp9", "webm"), ("mpeg4", "avi"), ("libx265", "mp4"))
FAST = {
    "libx264": {"preset": "veryfast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=error"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
}
CAMERAS = {"fixed": (0, 0), "seated": (0, 0), "hand": (8, 5), "pan": (60, 40)}
"""How far the camera moves, in pixels across and down."""


@dataclass(frozen=True)
class Clip:
    seconds: float
    at: Callable[[float], Frame]


def picture(seed: int, width: int = 2 * WIDTH, height: int = 2 * HEIGHT) -> Frame:
    """Rectangles and ellipses on a gradient, with noise."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    made = rng.uniform(40, 200, 3) + rng.uniform(-60, 60, 3) * (down / height)[..., None]
    for _ in range(rng.integers(8, 30)):
        x, y, wide, high = rng.uniform(0, width), rng.uniform(0, height), *rng.uniform(6, 66, 2)
        if rng.random() < 0.5:
            inside = (abs(across - x) < wide / 2) & (abs(down - y) < high / 2)
        else:
            inside = ((across - x) / wide * 2) ** 2 + ((down - y) / high * 2) ** 2 < 1
        made[inside] = rng.uniform(0, 255, 3)
    made += rng.normal(0, 8, (height, width, 1))
    found: Frame = np.clip(made, 0, 255).astype(np.float32)
    return found


def path(rng: np.random.Generator, count: int, extent: float, smooth: int) -> npt.NDArray[np.float64]:
    """A smooth random walk within ``extent`` of 0."""
    steps = np.pad(np.cumsum(rng.normal(0, 1, count)), smooth, "edge")
    walk = np.convolve(steps, np.ones(smooth) / smooth, "same")[smooth:-smooth]
    walk -= walk.mean()
    found: npt.NDArray[np.float64] = walk / (abs(walk).max() or 1) * extent
    return found


def take(place: int, number: int, camera: str, seconds: float, light: float = 1.0) -> Clip:
    """One to three discs move in front of the picture of a place."""
    background, rng = picture(place), np.random.default_rng((place, number))
    count, far = int(seconds * RATE) + 2, CAMERAS[camera]
    across, down = (path(rng, count, extent, 15) for extent in far)
    seated = camera == "seated"
    discs = [
        (
            rng.uniform(0, 255, 3),
            rng.uniform(18, 27) if seated else rng.uniform(7, 21),
            rng.uniform(-20, 20) if seated else 0.0,
            path(rng, count, 5 if seated else 54, 20),
            path(rng, count, 4 if seated else 38, 20),
        )
        for _ in range(rng.integers(1, 4))
    ]
    gain = light * (1 + path(rng, count, 0.06, 60))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)

    def at(seconds: float) -> Frame:
        n = min(int(seconds * RATE + 1e-6), count - 1)
        top, left = int(HEIGHT / 2 + down[n]), int(WIDTH / 2 + across[n])
        made = background[top : top + HEIGHT, left : left + WIDTH].copy()
        for colour, radius, aside, x, y in discs:
            inside = (columns - WIDTH / 2 - x[n] - aside) ** 2 + (rows - HEIGHT / 2 - y[n]) ** 2 < radius**2
            made[inside] = colour
        found: Frame = np.clip(made * gain[n], 0, 255)
        return found

    return Clip(seconds, at)


def slides(numbers: list[int], each: float = 2.5, fade: float = 0.4) -> Clip:
    shown = [picture(number, WIDTH, HEIGHT) for number in numbers]

    def at(seconds: float) -> Frame:
        n = min(int(seconds / each), len(shown) - 1)
        share = (seconds - n * each) / fade
        return shown[n] if n == 0 or share >= 1 else shown[n] * share + shown[n - 1] * (1 - share)

    return Clip(each * len(numbers), at)


def joined(*clips: Clip) -> Clip:
    def at(seconds: float) -> Frame:
        for clip in clips[:-1]:
            if seconds < clip.seconds:
                return clip.at(seconds)
            seconds -= clip.seconds
        return clips[-1].at(seconds)

    return Clip(sum(clip.seconds for clip in clips), at)


def cut(clip: Clip, start: float, seconds: float) -> Clip:
    return Clip(seconds, lambda at: clip.at(start + at))


def faded(clip: Clip) -> Clip:
    return Clip(clip.seconds, lambda at: clip.at(at) * min(1.0, at, max(0.0, clip.seconds - at)))


def black(seconds: float) -> Clip:
    return Clip(seconds, lambda _: np.full((HEIGHT, WIDTH, 3), 16, np.float32))


def with_banner(clip: Clip) -> Clip:
    def at(seconds: float) -> Frame:
        made, x = clip.at(seconds).copy(), int(seconds * 27) % WIDTH
        made[-19:-5] = 30
        made[-19:-5, max(0, x - 19) : x + 19] = 240
        return made

    return Clip(clip.seconds, at)


def cases(place: int, rng: random.Random) -> Iterator[tuple[str, Clip, Clip, float | None]]:
    """A name, a longer and a shorter clip, where the shorter one begins in the longer if it is a part."""
    names = list(CAMERAS)
    camera, other = names[place % 4], names[(place + 1) % 4]
    wholes = [take(place, number, camera, rng.uniform(15, 40)) for number in range(3)]
    others = [take(place, 10 + n, camera, rng.uniform(4, 12), rng.uniform(0.8, 1.2)) for n in range(4)]
    others.append(take(place, 20, other, rng.uniform(4, 12)))
    far, title = take(place + 5000, 0, "hand", 12.0), take(place + 6000, 0, "pan", 4.0)
    for whole in wholes:
        for each in others:
            yield f"another take ({camera})", whole, each, None
        yield f"another place ({camera})", whole, far, None
        for _ in range(3):
            seconds = rng.uniform(0.25, 0.85) * whole.seconds
            start = rng.uniform(0, whole.seconds - seconds)
            yield f"a part ({camera})", whole, cut(whole, start, seconds), start
    for whole in wholes[:2]:
        titled = joined(title, whole)
        yield "a part (after a title)", titled, cut(whole, 2.2, whole.seconds / 2), title.seconds + 2.2
        for each in (*others[:3], far):
            yield "the same title", titled, joined(title, each), None
            yield (
                "the same fades and black frames",
                faded(joined(black(1.5), whole, black(2))),
                faded(joined(black(1), each, black(1))),
                None,
            )
            yield "the same banner", with_banner(whole), with_banner(each), None
        yield "black frames only", joined(whole, black(9)), black(8), None
        still = Clip(12.0, lambda _, whole=whole: whole.at(3.0))  # type: ignore[misc]
        yield "a still frame of it", whole, still, None
        for share in (0.25, 0.15):
            length = 0.4 * whole.seconds
            rest = take(place, 77, camera, share * length)
            yield (
                f"a part whose last {share:.0%} differ",
                whole,
                joined(cut(whole, 3, (1 - share) * length), rest),
                None,
            )
    numbers = [rng.randrange(10**6) for _ in range(14)]
    show, some = slides(numbers), numbers[2:10]
    yield "a part (slides)", show, cut(show, 5.3, 14.0), 5.3
    for shared in (3, 5, 7):
        fresh = [rng.randrange(10**6) for _ in range(10 - shared)]
        yield f"{shared} of 10 slides in common", show, slides(some[:shared] + fresh), None
    for changed in (0, 3, 7):
        yield (
            "1 of 8 slides differs",
            show,
            slides([rng.randrange(10**6) if n == changed else number for n, number in enumerate(some)]),
            None,
        )
    yield "slides in another order", show, slides(some[::-1]), None


def encode(clip: Clip, codec: str, file: Path, rate: int, size: tuple[int, int]) -> Path:
    with av.open(str(file), "w") as out:
        stream = out.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 300_000
        stream.options = dict(FAST.get(codec, {}))
        for number in range(int(clip.seconds * rate)):
            pixels = np.ascontiguousarray(clip.at(number / rate).astype(np.uint8))
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(*size, "yuv420p")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        films: dict[int, tuple[Clip, SearchedFilm]] = {}

        def film_of(clip: Clip, codec: tuple[str, str], rate: int, size: tuple[int, int]) -> SearchedFilm:
            if id(clip) not in films:
                file = encode(clip, codec[0], Path(folder, f"clip.{codec[1]}"), rate, size)
                films[id(clip)] = (
                    clip,
                    SearchedFilm.of(read_film(str(file), MAX_PIXELS, fine=True), clip.seconds),
                )
            return films[id(clip)][1]

        for place in range(options.seed * 1000, options.seed * 1000 + options.places):
            films.clear()
            for name, longer, shorter, start in cases(place, rng):
                whole = film_of(longer, CODECS[0], RATE, (WIDTH, HEIGHT))
                part = film_of(
                    shorter, rng.choice(CODECS), rng.choice((15, 20, 24)), rng.choice(((128, 96), (96, 72)))
                )
                place_found = find_part(whole, part)
                error = 0.0 if place_found is None or start is None else abs(place_found.start - start)
                found[name].append((0.0 if place_found is None else place_found.likeness, error))
            print(f"place {place}", flush=True)
    for name, values in sorted(found.items()):
        hits = [each for each in values if each[0]]
        error = max((each[1] for each in hits), default=0.0)
        print(f"{name:40} {len(hits):4} of {len(values):4} found; start wrong by up to {error:.2f} s")


if __name__ == "__main__":
    main()
