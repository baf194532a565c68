"""Every key does one thing: Qt does nothing for a key that two commands share."""

from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence

from safelight.ui.commands.actions import COMMANDS


def test_no_two_commands_share_a_key() -> None:
    keys = Counter(QKeySequence(keys).toString() for command in COMMANDS for keys in command.keys)
    assert [keys for keys, count in keys.items() if count > 1] == []
