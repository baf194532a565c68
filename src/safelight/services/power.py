"""Detects whether the machine runs on battery."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

_LINUX = Path("/sys/class/power_supply")
_COMMAND_TIMEOUT_S = 5.0


def on_battery() -> bool:
    """Whether the computer runs on battery. False if unknown, as on machines without a battery."""
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _mac()
        return linux(_LINUX)
    except (OSError, subprocess.SubprocessError, ValueError):
        return False


def linux(supplies: Path) -> bool:
    """Reads the kernel's ``/sys/class/power_supply``: the machine's own battery is discharging and no mains
    supply is connected (kernel.org, ABI/testing/sysfs-class-power).
    """
    discharging = False
    for supply in sorted(supplies.iterdir()):
        kind = _line(supply / "type")
        if kind in ("Mains", "USB") and _line(supply / "online") == "1":
            return False
        # A mouse or headset has its own battery, with the scope "Device".
        own = kind == "Battery" and _line(supply / "scope") != "Device"
        discharging = discharging or (own and _line(supply / "status") == "Discharging")
    return discharging


def _line(path: Path) -> str:
    """Empty if it cannot be read."""
    try:
        return path.read_text("ascii", errors="replace").strip()
    except OSError:
        return ""


def _mac() -> bool:
    output = subprocess.run(
        ["pmset", "-g", "batt"], capture_output=True, text=True, timeout=_COMMAND_TIMEOUT_S, check=True
    )
    return "Battery Power" in output.stdout


def _windows() -> bool:
    """``SYSTEM_POWER_STATUS.ACLineStatus`` of GetSystemPowerStatus: 0 is battery, 1 mains, 255 unknown."""
    status = (ctypes.c_ubyte * 12)()
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - there only on Windows
    return bool(kernel.GetSystemPowerStatus(ctypes.byref(status))) and status[0] == 0
