"""The flags of the search language, such as ``is:favourite`` and ``has:gps``, each declared once.

A declaration produces the filter, the text of its chip, the completions of the search box and a row of
``docs/search-language.md`` (docs/how-to/add-a-field.md). A flag that needs SQL of its own names no columns
and has an entry in :mod:`safelight.store.filter_sql`.
"""

from __future__ import annotations

from safelight.core.field_types import Flag
from safelight.core.message import Message

FLAG_KEYS = {
    "is": (Message("favourites, screenshots, landscape …"), "heart"),
    "has": (Message("photos that have a position, a camera …"), "check"),
}
"""What the search box says about the keys of flags, and their icons."""

FLAGS: tuple[Flag, ...] = (
    Flag("is", "favourite", "heart", Message("Favourites"), "marked as a favourite", aliases=("favorite",)),
    Flag("is", "video", "film", Message("Videos"), "a video", columns=("duration",)),
    Flag("is", "landscape", "image", Message("Landscape format"), "wider than high, as it is shown"),
    Flag("is", "portrait", "image", Message("Portrait format"), "higher than wide, as it is shown"),
    Flag("is", "square", "image", Message("Square"), "as wide as high"),
    Flag(
        *("is", "panorama", "image", Message("Panoramas")),
        "a picture of a camera, at least twice as wide as high or twice as high as wide; without a camera in "
        "its metadata, at least 4,000 pixels wide",
    ),
    Flag(
        *("is", "screenshot", "image", Message("Screenshots")),
        "without a camera, and its name or folder says that it is a picture of the screen",
    ),
    Flag(
        *("is", "duplicate", "duplicates", Message("In more than one file")),
        "with the same bytes in more than one file of the library",
    ),
    Flag(
        "is",
        "offline",
        "folder-offline",
        Message("Offline"),
        "with every file on a drive that is not connected",
    ),
    Flag("is", "untagged", "tag", Message("Without tags"), "without any tag"),
    Flag("is", "unseen", "eye", Message("Never looked at"), "never opened in the viewer"),
    Flag(
        *("is", "blurred", "image", Message("Blurred")),
        "out of focus as a whole, as far as its sharpness has been measured; the window does that while idle",
    ),
    Flag("is", "dark", "image", Message("Dark"), "dark as a whole, by its mean colour"),
    Flag("is", "rejected", "close", Message("Rejected"), "rejected"),
    Flag(
        *("is", "half", "duplicates", Message("Second halves")),
        "the JPEG of a RAW, the video of a Live Photo, or a photo in a stack that is not its top; a search "
        "that does not ask for them leaves them out",
    ),
    Flag(
        "is",
        "hidden",
        "eye-off",
        Message("Hidden"),
        "hidden; a search that does not ask for them leaves them out",
    ),
    Flag("has", "tags", "tag", Message("With tags"), "with at least one tag"),
    Flag(
        *("has", "gps", "place", Message("With a position")),
        "with a position in its metadata",
        columns=("latitude", "longitude"),
    ),
    Flag(
        "has",
        "camera",
        "camera",
        Message("With a camera"),
        "with a camera in its metadata",
        columns=("camera",),
    ),
    Flag("has", "lens", "camera", Message("With a lens"), "with a lens in its metadata", columns=("lens",)),
)

FLAGS_BY_NAME = {f"{flag.key}:{word}": flag for flag in FLAGS for word in (flag.value, *flag.aliases)}
"""By ``key:value``, also with an alias as the value."""
