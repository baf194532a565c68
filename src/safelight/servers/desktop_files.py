"""The files by which GNOME Shell, KRunner and D-Bus find the search provider."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from safelight.core.errors import SafelightError

APPLICATION = "io.github.safelight_photos.Safelight"
_GNOME = f"gnome-shell/search-providers/{APPLICATION}.search-provider.ini"


def install(directory: Path, bus_name: str, object_path: str) -> list[str]:
    """Write the files of this user. Returns what to tell the user, a line each.

    ``directory``: the library to search. Raises SafelightError if a file cannot be written.
    """
    written = []
    for name, text in _files(directory, bus_name, object_path).items():
        file = _data_folder() / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SafelightError(
                "{path} cannot be written ({reason}).", path=file, reason=error.strerror
            ) from error
        written.append(f"Written: {file}")
    copy = ["sudo", "install", "-Dm644", str(_data_folder() / _GNOME), f"/usr/local/share/{_GNOME}"]
    return [
        *written,
        "KRunner finds photos from its next start on.",
        f"GNOME reads search providers of the system only. For GNOME, also run: {shlex.join(copy)}",
    ]


def remove(bus_name: str) -> list[str]:
    """Remove the files of this user. Returns what to tell the user. Raises SafelightError."""
    removed = []
    for name in _files(Path(), bus_name, ""):
        file = _data_folder() / name
        try:
            file.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SafelightError(
                "{path} cannot be removed ({reason}).", path=file, reason=error.strerror
            ) from error
        removed.append(f"Removed: {file}")
    return removed or ["There was nothing to remove."]


def _data_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _files(directory: Path, bus_name: str, object_path: str) -> dict[str, str]:
    program = [sys.executable, "-m", "safelight", "--library", str(directory), "desktop-search"]
    return {
        f"dbus-1/services/{bus_name}.service": "\n".join(
            ["[D-BUS Service]", f"Name={bus_name}", f"Exec={shlex.join(program)}", ""]
        ),
        f"krunner/dbusplugins/{APPLICATION}.desktop": "\n".join(
            [
                "[Desktop Entry]",
                "Type=Service",
                "Name=Safelight",
                "Comment=Photos found by what they show",
                "Icon=safelight",
                "X-KDE-ServiceTypes=Plasma/Runner",
                "X-KDE-PluginInfo-Name=safelight",
                "X-KDE-PluginInfo-EnabledByDefault=true",
                "X-Plasma-API=DBus",
                f"X-Plasma-DBusRunner-Service={bus_name}",
                f"X-Plasma-DBusRunner-Path={object_path}",
                "X-Plasma-Runner-Min-Letter-Count=3",
                "",
            ]
        ),
        _GNOME: "\n".join(
            [
                "[Shell Search Provider]",
                f"DesktopId={APPLICATION}.desktop",
                f"BusName={bus_name}",
                f"ObjectPath={object_path}",
                "Version=2",
                "",
            ]
        ),
    }
