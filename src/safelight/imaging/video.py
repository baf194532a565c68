"""Reads videos through PyAV (FFmpeg), which the extra ``video`` installs.

Only decode processes call this: a container is as untrusted as a picture. FFmpeg reads from a file that is
already open, and the format is given to it, so that no container can make it open another file or an address.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.core.errors import FailureKind, ImageError
from safelight.core.photo import ImageMetadata
from safelight.imaging.colour import to_srgb
from safelight.imaging.faults import decoding, needs_decoder, too_many_pixels
from safelight.imaging.formats import PhotoFormat
from safelight.imaging.sniffing import HEAD_BYTES, format_of_file, sniff
from safelight.imaging.source import opened
from safelight.imaging.stated_colours import coded_profile
from safelight.imaging.video_metadata import read_video_metadata

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_POSTERS = (0.1, 0.3, 0.5, 0.0, 0.75)
"""Times at which a poster is tried, as shares of the duration. The beginning is often black or a title."""
_LEAST_LIGHT, _LEAST_CONTRAST = 20.0, 8.0
"""Mean and standard deviation of the luminance (0 to 255) from which a frame can be the poster."""

_LEAST_SAMPLES, _MOST_SAMPLES = 3, 40
_SAMPLE_SECONDS = 1.0
"""Sampled frames are this far apart, and further in a video longer than _MOST_SAMPLES of them."""
_ALIKE = 6.0
"""Mean difference of luminance (0 to 255) on a small grid up to which two frames are near-equal."""
_GRID = 16

_AHEAD = 1.5
"""Seconds of video up to which decoding on is preferred to a seek, which goes back to a keyframe."""
_MOST_DECODED = 240
"""Frames that are decoded at most to get from a keyframe to the time wanted."""
_SAMPLING_SECONDS = 20.0
"""Time after which only keyframes are decoded. A decode process is ended after a minute."""

_LONGEST = 60.0 * 60 * 24 * 7
_SIDE = 16_384
_HIGH_DEFINITION = 720
"""Lines from which a video without a stated colour space is taken for BT.709 rather than BT.601."""
_FLATTEST = 0.1
"""The least credible ratio of the sides of a pixel."""
_BEFORE_ALL = 10.0
"""Seconds before the beginning to which a search for the very first frame goes."""
_LONG_SHOWN = 0.25
"""Seconds. A frame that is shown for longer counts at every time until the next one; otherwise the frame that
follows a time counts. Programs that encode a video of uneven rate at a fixed one repeat such a frame."""
_SAME = 1e-3
"""Seconds by which two times of one frame may differ."""
_TURNS = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}
_BT709, _BT601, _UNSPECIFIED = 1, 5, 2
"""Values of FFmpeg's AVColorSpace."""
_HDR = (16, 18)
"""Values of FFmpeg's AVColorTransferCharacteristic: PQ and HLG. All others look like sRGB in players."""


@dataclass(frozen=True, slots=True)
class Video:
    """What indexing needs of a video."""

    poster: Image.Image
    """An upright frame that shows something."""
    width: int
    """Pixels, upright, with square pixels."""
    height: int
    duration: float
    """Seconds."""
    format: str
    metadata: ImageMetadata


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame of a video."""

    seconds: float
    """After the beginning."""
    image: Image.Image


def video_format(path: bytes | str) -> PhotoFormat | None:
    """The format of a file if it is a video by its content, else None. Raises ImageError for no file."""
    found = format_of_file(path)
    return found if found is not None and found.is_video else None


def read_video(path: bytes | str, max_pixels: int, side: int | None) -> Video:
    """Poster (its long side at most ``side``), size, duration and metadata. Raises ImageError."""
    with _Reader.open(path, max_pixels, side) as reader:
        best: tuple[float, Image.Image] | None = None
        for share in _POSTERS:
            moment = reader.at(share * reader.duration)
            if moment is None:
                continue
            light, contrast = _looks(moment.image)
            if light >= _LEAST_LIGHT and contrast >= _LEAST_CONTRAST:
                best = contrast, moment.image
                break
            if best is None or contrast > best[0]:
                best = contrast, moment.image
        if best is None:
            _nothing_shown()
        metadata = read_video_metadata(reader.container.metadata)
        return Video(best[1], *reader.size, reader.duration, reader.format.name, metadata)


def frame_at(path: bytes | str, seconds: float, max_pixels: int, side: int | None) -> Image.Image:
    """The upright frame at a time. Raises ImageError."""
    with _Reader.open(path, max_pixels, side) as reader:
        moment = reader.at(seconds, exact=True)
        return moment.image if moment is not None else _nothing_shown()


def frames_at(
    source: bytes | str | BytesIO, times: Callable[[float], Sequence[float]], max_pixels: int, side: int
) -> tuple[float, list[Moment]]:
    """The duration in seconds of a video (a path, or the content of a file), and the frames at
    ``times(duration)``, which ascend; the last ones are missing where reading took too long.

    Raises ImageError.
    """
    found: list[Moment] = []
    deadline = time.monotonic() + _SAMPLING_SECONDS
    with _Reader.open(source, max_pixels, side) as reader:
        for seconds in times(reader.duration):
            moment = reader.at(seconds, exact=True)
            if moment is None or time.monotonic() > deadline:
                break
            found.append(moment)
        return reader.duration, found


def moments(path: bytes | str, most: int, max_pixels: int, side: int) -> list[Moment]:
    """At most ``most`` frames that differ from each other, in their order. Raises ImageError."""
    with _Reader.open(path, max_pixels, side) as reader:
        count = min(_MOST_SAMPLES, max(_LEAST_SAMPLES, math.ceil(reader.duration / _SAMPLE_SECONDS)))
        deadline = time.monotonic() + _SAMPLING_SECONDS
        found: list[Moment] = []
        for number in range(count):
            exact = time.monotonic() < deadline
            moment = reader.at((number + 0.5) / count * reader.duration, exact=exact)
            if moment is not None:
                found.append(moment)
    if not found:
        _nothing_shown()
    kept = different([_grid(moment.image) for moment in found], most)
    return [found[number] for number in kept]


def different(grids: Sequence[npt.NDArray[np.float32]], most: int) -> list[int]:
    """Positions of at most ``most`` grids (n, n) that differ from each other: each of those kept differs from
    all before it. Of too many, the one nearest to its predecessor goes first.
    """
    kept: list[int] = []
    for number, grid in enumerate(grids):
        if all(np.abs(grid - grids[other]).mean() > _ALIKE for other in kept):
            kept.append(number)
    while len(kept) > most:
        gaps = [float(np.abs(grids[b] - grids[a]).mean()) for a, b in pairwise(kept)]
        del kept[gaps.index(min(gaps)) + 1]
    return kept


class _Reader:
    """An open video. Call :meth:`at` with ascending times: going back costs a seek."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        photo_format: PhotoFormat,
        max_pixels: int,
        side: int | None,
    ) -> None:
        self.container = container
        self.format = photo_format
        self._stream = stream
        self._max_pixels = max_pixels
        self._side = side
        self._unit = float(stream.time_base or 1.0)
        self._start = (stream.start_time or 0) * self._unit
        self._frames: Iterator[VideoFrame] | None = None
        self._position = 0.0
        """The time of :attr:`_last`."""
        self._follows = False
        """Whether the next frame to be decoded is shown just after :attr:`_last`."""
        self._moved = False
        """Whether reading began elsewhere than at the beginning."""
        self._last: VideoFrame | None = None
        self._next: VideoFrame | None = None
        """A frame that is shown long after the last one, and already decoded."""
        self.size = (0, 0)
        """Width and height, upright and with square pixels, once a frame was decoded."""
        self.duration = self._duration()

    @classmethod
    @contextmanager
    def open(cls, source: bytes | str | BytesIO, max_pixels: int, side: int | None) -> Iterator[_Reader]:
        with _opened(source) as file:
            photo_format = sniff(file.read(HEAD_BYTES))
            if not photo_format.is_video:
                raise ImageError(FailureKind.BROKEN, "This is not a video.")
            try:
                import av
            except ImportError as error:
                raise needs_decoder(photo_format) from error
            file.seek(0)
            with (
                decoding(photo_format.name, video=True),
                av.open(
                    file, "r", format=photo_format.plugin, io_open=_refuse, metadata_errors="replace"
                ) as container,
            ):
                stream = next((each for each in container.streams.video if not _is_cover(each)), None)
                if stream is None:
                    raise ImageError(FailureKind.BROKEN, "The file has sound but no picture.")
                width, height = stream.codec_context.width, stream.codec_context.height
                if width * height > max_pixels or max(width, height) > _SIDE:
                    raise too_many_pixels(width, height)
                stream.thread_type = "SLICE"
                yield cls(container, stream, photo_format, max_pixels, side)

    def _duration(self) -> float:
        stream, container = self._stream, self.container
        if stream.duration:
            seconds = stream.duration * self._unit
        elif container.duration:
            seconds = container.duration / 1_000_000
        else:
            seconds = 0.0
        return seconds if math.isfinite(seconds) and 0 < seconds <= _LONGEST else 0.0

    def at(self, seconds: float, *, exact: bool = False) -> Moment | None:
        """The frame at a time, or without ``exact`` the keyframe before it; None if there is none.

        The last frame counts as shown for ever.
        """
        sought = not self._position <= seconds <= self._position + _AHEAD
        if sought:
            self._seek(seconds)
        elif self._last is not None and (not exact or self._position >= seconds - _SAME):
            return self._moment(self._last)
        if not self._read_on(seconds, exact=exact) and (sought or self._last is None):
            # Some containers find no keyframe, and end.
            self._seek(-_BEFORE_ALL)
            self._read_on(seconds, exact=True)
        return None if self._last is None else self._moment(self._last)

    def _read_on(self, seconds: float, *, exact: bool) -> bool:
        """Decode until a time, or only one frame; whether there was any."""
        number = -1
        for number, frame in enumerate(self._rest()):
            time_of_frame = self._time(frame)
            is_later = time_of_frame > seconds + _SAME
            if exact and is_later and self._follows and time_of_frame - self._position > _LONG_SHOWN:
                self._next = frame
                break
            self._last, self._follows = frame, True
            self._position = time_of_frame
            if not exact or self._position >= seconds - _SAME or number >= _MOST_DECODED:
                break
        return number >= 0

    def _seek(self, seconds: float) -> None:
        if not self._moved and seconds <= 0:
            return
        self._frames = self._next = None
        self._follows = False
        self._moved = True
        offset = int((seconds + self._start) / self._unit)
        # FFmpeg refuses in many ways. Reading then goes on from where it is.
        with contextlib.suppress(Exception):
            self.container.seek(offset, stream=self._stream, backward=True)
        self._stream.codec_context.flush_buffers()

    def _rest(self) -> Iterator[VideoFrame]:
        if self._next is not None:
            held, self._next = self._next, None
            yield held
        if self._frames is None:
            self._frames = iter(self.container.decode(self._stream))
        while True:
            try:
                frame = next(self._frames)
            except (StopIteration, EOFError):
                self._frames = None
                return
            except Exception:
                # A damaged packet. Frames before it are worth showing; without any, the video is broken.
                self._frames = None
                if self._last is None:
                    raise
                return
            if frame.width * frame.height > self._max_pixels:
                raise too_many_pixels(frame.width, frame.height)
            yield frame

    def _time(self, frame: VideoFrame) -> float:
        seconds = (frame.time or 0.0) - self._start
        return max(0.0, seconds) if math.isfinite(seconds) else 0.0

    def _moment(self, frame: VideoFrame) -> Moment:
        image, self.size = _upright(frame, self._stream, self._side)
        return Moment(round(self._time(frame), 3), image)


@contextmanager
def _opened(source: bytes | str | BytesIO) -> Iterator[BinaryIO]:
    if isinstance(source, BytesIO):
        yield source
        return
    with opened(source) as (file, _):
        yield file


def _upright(frame: VideoFrame, stream: VideoStream, side: int | None) -> tuple[Image.Image, tuple[int, int]]:
    """A frame as sRGB with square pixels, and its size. The image is reduced to ``side``."""
    width, height = frame.width, frame.height
    ratio = float(stream.sample_aspect_ratio or 1)
    if _FLATTEST <= ratio <= 1 / _FLATTEST and ratio != 1:
        width = max(1, round(width * ratio))
    longest = max(width, height)
    scale = 1.0 if side is None or longest <= side else side / longest
    space = int(frame.colorspace)
    if space in (_UNSPECIFIED, 0):
        space = _BT709 if frame.height >= _HIGH_DEFINITION else _BT601
    converted = frame.reformat(
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        format="rgb24",
        src_colorspace=space,
        interpolation="AREA",
        threads=1,
    )
    image = Image.fromarray(np.ascontiguousarray(converted.to_ndarray()))
    coding = stream.codec_context
    transfer = coding.color_trc if coding.color_trc in _HDR else _UNSPECIFIED
    profile = coded_profile(coding.color_primaries, transfer)
    if profile is not None:
        image = to_srgb(image, profile)
    turns = round(frame.rotation / 90) % 4  # counter-clockwise, like Pillow's
    size = (height, width) if turns % 2 else (width, height)
    return (image.transpose(_TURNS[turns]) if turns else image), size


def _looks(image: Image.Image) -> tuple[float, float]:
    """Mean and standard deviation of the luminance."""
    grey = np.asarray(image.convert("L").resize((_GRID, _GRID), Image.Resampling.BOX), np.float32)
    return float(grey.mean()), float(grey.std())


def _grid(image: Image.Image) -> npt.NDArray[np.float32]:
    return np.asarray(image.convert("L").resize((_GRID, _GRID), Image.Resampling.BOX), np.float32)


def _refuse(*_: object) -> NoReturn:
    raise PermissionError("a video must not open other files")


def _is_cover(stream: Any) -> bool:
    """Whether a stream is an attached picture, such as the cover of a song."""
    return bool(int(stream.disposition) & int(type(stream.disposition).attached_pic))


def _nothing_shown() -> NoReturn:
    raise ImageError(FailureKind.BROKEN, "No frame of the video can be decoded; it is damaged or cut short.")
