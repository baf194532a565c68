"""What a person may set: how much of the machine Safelight may use, and which of several files is better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safelight.core.keeper import KeeperRule


class MachineShare(StrEnum):
    """Kept in libraries: never rename a value."""

    GENTLE = "gentle"
    BALANCED = "balanced"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the person set; the defaults hold until then."""

    machine_share: MachineShare = MachineShare.BALANCED
    pause_on_battery: bool = False
    idle_minutes: int = 20
    """After so many minutes unused a model leaves memory, and is loaded again when it is needed; 0: never."""
    max_megapixels: int = 300
    """Pictures that state more are listed as problems rather than unpacked."""
    keeper_rules: tuple[KeeperRule, ...] = ()
    """All of them, the most important first; empty for the usual order."""
