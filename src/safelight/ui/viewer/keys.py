"""The keys of the viewer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from safelight.ui.viewer.viewer import Viewer


def keys_of(viewer: Viewer, *, shift: bool) -> Mapping[int, Callable[[], object]]:
    """The action of each key. ``shift``: whether Shift is held."""
    return {
        Qt.Key.Key_Escape: viewer.leave,
        Qt.Key.Key_R: lambda: viewer.turn(3 if shift else 1),
        Qt.Key.Key_F6: viewer.slideshow.toggle,
        Qt.Key.Key_P: viewer.play,
        Qt.Key.Key_Comma: lambda: viewer.step_frame(-1),
        Qt.Key.Key_Period: lambda: viewer.step_frame(1),
        Qt.Key.Key_O: viewer.show_other_half,
        Qt.Key.Key_Space: viewer.pause_or_close,
        Qt.Key.Key_Return: viewer.close_viewer,
        Qt.Key.Key_Enter: viewer.close_viewer,
        Qt.Key.Key_Left: lambda: viewer.go(-1),
        Qt.Key.Key_Right: lambda: viewer.go(1),
        Qt.Key.Key_PageUp: lambda: viewer.go(-1),
        Qt.Key.Key_PageDown: lambda: viewer.go(1),
        Qt.Key.Key_Home: lambda: viewer.go(-sys.maxsize),
        Qt.Key.Key_End: lambda: viewer.go(sys.maxsize),
        Qt.Key.Key_S: viewer.choose_part,
        Qt.Key.Key_T: viewer.toggle_film,
        Qt.Key.Key_I: viewer.toggle_info,
        Qt.Key.Key_W: viewer.why.toggle,
        Qt.Key.Key_H: viewer.why.toggle_light,
        Qt.Key.Key_0: viewer.view.fit,
        Qt.Key.Key_1: lambda: viewer.view.zoom_to(1.0),
        Qt.Key.Key_Z: viewer.toggle_actual_size,
        Qt.Key.Key_Plus: viewer.view.zoom_in,
        Qt.Key.Key_Equal: viewer.view.zoom_in,
        Qt.Key.Key_Minus: viewer.view.zoom_out,
    }
