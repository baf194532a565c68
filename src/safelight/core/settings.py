"""Everything the user can set, each setting declared once.

From a declaration follow ``safelight settings``, a row of the settings page and a row of
``docs/settings.md``. To add a setting, declare a :class:`Setting` here, add it to :data:`SETTINGS`, and read
its value where it takes effect: ``settings[IDLE_MINUTES]`` (docs/how-to/add-a-setting.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Generic, Protocol, TypeVar, cast

from safelight.core.errors import UsageError
from safelight.core.keeper import DEFAULT_RULES, KeeperRule, rules_in_order
from safelight.core.message import Message

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_Word = TypeVar("_Word", bound=str)


class MachineShare(StrEnum):
    """Kept in libraries: never rename a value."""

    GENTLE = "gentle"
    BALANCED = "balanced"
    FULL = "full"


class ColourScheme(StrEnum):
    """Kept in libraries: never rename a value."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class StartView(StrEnum):
    """Kept in libraries: never rename a value."""

    LIBRARY = "library"
    LAST = "last"


class Sidecars(StrEnum):
    """Kept in libraries: never rename a value."""

    OFF = "off"
    READ = "read"
    READ_WRITE = "read-write"


class Section(Enum):
    """The sections of the settings page, with their titles."""

    GENERAL = Message("General")
    FOLDERS = Message("Folders")
    SEARCH = Message("Search and models")
    DUPLICATES = Message("Duplicates")
    STORAGE = Message("Storage")


class Effect(Enum):
    """When a change takes effect, for people."""

    AT_ONCE = Message("at once")
    NEXT_START = Message("when Safelight starts next")
    RESTART = Message("after a moment, in which the engine restarts")


class SettingForm(Protocol[T_co]):
    """How the values of a setting are written and read."""

    @property
    def expected(self) -> Message:
        """What can be written, for messages and documentation: "a number from 1 to 4000"."""
        ...

    def read(self, text: str) -> T_co | None:
        """The value that a text means, which is stripped and in lower case; None for other texts."""
        ...


@dataclass(frozen=True, slots=True)
class ChoiceForm(Generic[_Word]):
    """One of several words."""

    make: Callable[[str], _Word]
    labels: Mapping[str, Message]
    """What the settings page calls each word."""

    @property
    def expected(self) -> Message:
        return Message("one of: {words}", words=", ".join(self.labels))

    def read(self, text: str) -> _Word | None:
        return self.make(text) if text in self.labels else None


_SWITCH = {
    **dict.fromkeys(("on", "yes", "true", "1"), True),
    **dict.fromkeys(("off", "no", "false", "0"), False),
}


@dataclass(frozen=True, slots=True)
class SwitchForm:
    """On or off."""

    @property
    def expected(self) -> Message:
        return Message("on or off")

    def read(self, text: str) -> bool | None:
        return _SWITCH.get(text)


@dataclass(frozen=True, slots=True)
class NumberForm:
    """A whole number."""

    lowest: int
    highest: int
    unit: Message | None = None
    zero: Message | None = None
    """What 0 means, where it is no amount: "never"."""

    @property
    def expected(self) -> Message:
        if self.unit is None:
            numbers = Message("a number from {lowest} to {highest}", lowest=self.lowest, highest=self.highest)
        else:
            numbers = Message(
                "a number of {unit} from {lowest} to {highest}",
                unit=self.unit,
                lowest=self.lowest,
                highest=self.highest,
            )
        if self.zero is None:
            return numbers
        return Message("{numbers}; 0 means {zero}", numbers=numbers, zero=self.zero)

    def read(self, text: str) -> int | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        return number if self.lowest <= number <= self.highest else None


@dataclass(frozen=True, slots=True)
class RankingForm:
    """Rules in an order, the most important first."""

    labels: Mapping[KeeperRule, Message]

    @property
    def expected(self) -> Message:
        return Message(
            "some of these, the most important first, with commas between: {names}",
            names=", ".join(DEFAULT_RULES),
        )

    def read(self, text: str) -> tuple[KeeperRule, ...] | None:
        names = [part.strip() for part in text.split(",")]
        return rules_in_order(names) if set(names) <= set(KeeperRule) else None


def setting_text(value: object) -> str:
    """A value as text, which its form reads as the same value."""
    match value:
        case bool():
            return "on" if value else "off"
        case tuple():
            return ",".join(str(each) for each in value)
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class Setting(Generic[T_co]):
    """One thing to set."""

    name: str
    """As in ``safelight settings NAME=VALUE``. Kept in libraries: never rename one."""
    default: T_co
    form: SettingForm[T_co]
    section: Section
    title: Message
    help: Message
    """One or two sentences for the settings page and the documentation."""
    effect: Effect = Effect.AT_ONCE

    def parse(self, text: str) -> T_co:
        """The value that a text means. Raises UsageError, which says what can be written."""
        value = self.form.read(text.strip().lower())
        if value is None:
            raise UsageError("{name} is {expected}.", name=self.name, expected=self.form.expected)
        return value


RULE_LABELS = {
    KeeperRule.MARKS: Message("Your marks: a favourite, a higher rating"),
    KeeperRule.PIXELS: Message("More pixels"),
    KeeperRule.ORIGINAL: Message("Closest to the camera original"),
    KeeperRule.COMPRESSION: Message("Less compressed"),
    KeeperRule.DETAILS: Message("Has more camera information"),
    KeeperRule.SHARPNESS: Message("Sharper"),
    KeeperRule.FOLDER: Message("Not in a folder that collects files, such as Downloads"),
    KeeperRule.NAME: Message("Not named like a copy, or by a messenger"),
    KeeperRule.SIZE: Message("The larger file"),
    KeeperRule.AGE: Message("The older file"),
}


THEME = Setting(
    *("theme", ColourScheme.SYSTEM),
    ChoiceForm(
        ColourScheme,
        {"system": Message("Same as the system"), "light": Message("Light"), "dark": Message("Dark")},
    ),
    *(Section.GENERAL, Message("Theme")),
    Message("Light or dark colours."),
)
START_VIEW = Setting(
    *("start-view", StartView.LIBRARY),
    ChoiceForm(
        StartView,
        {"library": Message("Show the whole library"), "last": Message("Continue where I left off")},
    ),
    *(Section.GENERAL, Message("At the start")),
    Message("What the window shows when it opens."),
    Effect.NEXT_START,
)
COMPACT = Setting(
    *("compact", False),
    SwitchForm(),
    *(Section.GENERAL, Message("Compact spacing")),
    Message("Leave less space between photos."),
)
LARGE_THUMBNAILS = Setting(
    *("large-thumbnails", 500),
    NumberForm(0, 1_000_000, Message("megabytes"), zero=Message("none")),
    *(Section.STORAGE, Message("Space for sharp thumbnails")),
    Message(
        "Large cells and high-resolution screens show larger thumbnails, which are made when they are "
        "needed. When this space is full, those that were not used for longest are deleted."
    ),
)
MACHINE_SHARE = Setting(
    *("machine-share", MachineShare.BALANCED),
    ChoiceForm(
        MachineShare,
        {
            "gentle": Message("Gentle: half of the processor, after all other programs"),
            "balanced": Message("Balanced: full speed when the computer is idle"),
            "full": Message("Full: always as fast as possible"),
        },
    ),
    *(Section.FOLDERS, Message("Indexing speed")),
    Message("How much of the processor is used to read new photos."),
    Effect.RESTART,
)
PAUSE_ON_BATTERY = Setting(
    *("pause-on-battery", False),
    SwitchForm(),
    *(Section.FOLDERS, Message("Pause indexing on battery")),
    Message("Continue when the computer is plugged in again."),
)
MAX_MEGAPIXELS = Setting(
    *("max-megapixels", 300),
    NumberForm(1, 4000, Message("megapixels")),
    *(Section.FOLDERS, Message("Largest picture to open")),
    Message(
        "Larger pictures are listed under Problems. A picture of 300 megapixels takes about 1 GB of memory "
        "while it is read."
    ),
    Effect.RESTART,
)
VERIFY_PERCENT = Setting(
    *("verify-percent", 1),
    NumberForm(0, 100, Message("percent"), zero=Message("never")),
    *(Section.FOLDERS, Message("Check photos for silent damage")),
    Message(
        "This share of the library is read again each day, to find files that the disk damaged silently."
    ),
)
FORGET_DAYS = Setting(
    *("forget-days", 30),
    NumberForm(0, 3650, Message("days"), zero=Message("never")),
    *(Section.STORAGE, Message("Forget deleted photos")),
    Message(
        "Thumbnails, places and vectors of photos whose files are gone are removed after this time. Photos "
        "with marks, tags or albums stay."
    ),
)
IDLE_MINUTES = Setting(
    *("idle-minutes", 20),
    NumberForm(0, 24 * 60, Message("minutes"), zero=Message("never")),
    *(Section.SEARCH, Message("Unload idle model")),
    Message(
        "A model that has not been used for this long is unloaded. It is loaded again when it is needed."
    ),
)
SUGGEST_TAGS = Setting(
    *("suggest-tags", False),
    SwitchForm(),
    *(Section.SEARCH, Message("Suggest tags")),
    Message(
        "The details panel suggests tags for the selected photo by what it shows, and the viewer's details "
        "(I) show them as words to search for. Nothing is added by itself."
    ),
)
HALF_PRECISION = Setting(
    *("half-precision", True),
    SwitchForm(),
    *(Section.SEARCH, Message("Read photos in half precision")),
    Message("Used on processors that compute it natively, if a trial finds it faster and the results agree."),
    Effect.RESTART,
)
KEEPER_RULES = Setting(
    *("keeper-rules", DEFAULT_RULES),
    RankingForm(RULE_LABELS),
    *(Section.DUPLICATES, Message("Choose what to keep first")),
    Message(
        "Of several copies, the one that is better by the first rule is kept; the next rule decides a tie."
    ),
)

SIDECARS = Setting(
    *("sidecars", Sidecars.READ),
    ChoiceForm(
        Sidecars, {"off": Message("Ignore"), "read": Message("Read"), "read-write": Message("Read and write")}
    ),
    *(Section.FOLDERS, Message("Sidecars (XMP files)")),
    Message(
        "Other programs keep ratings, labels, titles, captions and keywords in files beside the pictures. "
        "Reading takes them over; writing keeps them up to date with the library. Pictures are never changed."
    ),
)

SETTINGS: tuple[Setting[object], ...] = (
    *(THEME, START_VIEW, COMPACT, LARGE_THUMBNAILS),
    *(MACHINE_SHARE, PAUSE_ON_BATTERY, MAX_MEGAPIXELS, VERIFY_PERCENT, FORGET_DAYS, SIDECARS),
    *(IDLE_MINUTES, SUGGEST_TAGS, HALF_PRECISION, KEEPER_RULES),
)
"""All of them, in the order in which they are shown."""

SETTINGS_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user set; where nothing is set, the default. ``settings[IDLE_MINUTES]`` is the value."""

    values: Mapping[str, object] = field(default_factory=dict)
    """Values by name, without those that are the default."""

    def __getitem__(self, setting: Setting[T]) -> T:
        return cast("T", self.values.get(setting.name, setting.default))

    def with_value(self, setting: Setting[T], value: T) -> Settings:
        others = {name: each for name, each in self.values.items() if name != setting.name}
        return Settings(others if value == setting.default else {**others, setting.name: value})

    def with_text(self, name: str, text: str) -> Settings:
        """The settings with one of them changed. Raises UsageError for an unknown name or an invalid text."""
        setting = setting_named(name)
        return self.with_value(setting, setting.parse(text))

    def texts(self) -> dict[str, str]:
        """Every setting as text, by name."""
        return {setting.name: setting_text(self[setting]) for setting in SETTINGS}


def setting_named(name: str) -> Setting[object]:
    """The setting of this name. Raises UsageError if there is none."""
    if name not in SETTINGS_BY_NAME:
        raise UsageError(
            "There is no setting “{name}”. There are: {names}.", name=name, names=", ".join(SETTINGS_BY_NAME)
        )
    return SETTINGS_BY_NAME[name]
