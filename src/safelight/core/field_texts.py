"""What the details panel shows for a field of a photo."""

from __future__ import annotations

from safelight.core.message import Message
from safelight.core.multi_frame import shows_first_frame_only
from safelight.core.photo import Photo
from safelight.core.quantities import Number, Unit


def dimensions_text(photo: Photo) -> str:
    """The size with the user's turns: ``4032 × 3024 · 12 MP``. Below 0.1 megapixels, only the pixels."""
    width, height = photo.shown_size
    megapixels = width * height / 1e6
    size = f"{width} × {height}"
    if megapixels < 0.1:
        return size
    return f"{size} · {megapixels:.0f} MP" if megapixels >= 10 else f"{size} · {megapixels:.1f} MP"


def kind_text(photo: Photo) -> str | Message:
    """The format, and that not all of an animation is shown."""
    if shows_first_frame_only(photo.format, photo.frames):
        return Message("{format} animation, of which only the first frame is shown", format=photo.format)
    return photo.format


def position_text(photo: Photo) -> str | Message:
    """The position in degrees: ``35.5122° N, 24.0180° E``; empty for a photo without one."""
    latitude, longitude = photo.metadata.latitude, photo.metadata.longitude
    if latitude is None or longitude is None:
        return ""
    if latitude >= 0:
        north = Message("{degrees:.4f}° N", degrees=latitude)
    else:
        north = Message("{degrees:.4f}° S", degrees=-latitude)
    if longitude >= 0:
        east = Message("{degrees:.4f}° E", degrees=longitude)
    else:
        east = Message("{degrees:.4f}° W", degrees=-longitude)
    return Message("{latitude}, {longitude}", latitude=north, longitude=east)


def quantity_text(unit: Unit, value: Number | None) -> str | Message:
    """A number with its unit; empty where it is unknown or 0."""
    return unit.show(value) if value else ""
