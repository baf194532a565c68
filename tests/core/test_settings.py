"""Declared settings: what can be written reads as the same value, and nonsense is refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.errors import UsageError
from safelight.core.keeper import DEFAULT_RULES, KeeperRule
from safelight.core.settings import (
    IDLE_MINUTES,
    KEEPER_RULES,
    MACHINE_SHARE,
    PAUSE_ON_BATTERY,
    SETTINGS,
    THEME,
    ColourScheme,
    MachineShare,
    Section,
    Settings,
    setting_text,
)


def test_values_are_read_back() -> None:
    settings = Settings()
    for name, text in (
        ("machine-share", " Gentle "),
        ("pause-on-battery", "YES"),
        ("idle-minutes", "0"),
        ("theme", "dark"),
        ("keeper-rules", "age, Folder"),
    ):
        settings = settings.with_text(name, text)
    assert settings[MACHINE_SHARE] is MachineShare.GENTLE
    assert settings[PAUSE_ON_BATTERY] is True
    assert settings[IDLE_MINUTES] == 0
    assert settings[THEME] is ColourScheme.DARK
    assert settings[KEEPER_RULES][:3] == (KeeperRule.AGE, KeeperRule.FOLDER, KeeperRule.MARKS)
    assert len(settings[KEEPER_RULES]) == len(DEFAULT_RULES)
    again = Settings()
    for name, text in settings.texts().items():
        again = again.with_text(name, text)
    assert again == settings


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_can_be_written_and_is_no_value_that_is_set(setting: object) -> None:
    each = next(known for known in SETTINGS if known is setting)
    assert each.parse(setting_text(each.default)) == each.default
    assert Settings().with_value(each, each.default) == Settings()
    assert str(each.title)
    assert str(each.help).endswith(".")
    assert each.section in Section


@given(st.text(max_size=12))
def test_a_text_that_is_read_is_written_so_that_it_reads_the_same(text: str) -> None:
    for setting in SETTINGS:
        value = setting.form.read(text)
        if value is not None:
            assert setting.parse(setting_text(value)) == value


def test_an_error_names_the_setting_and_what_can_be_written() -> None:
    for setting in SETTINGS:
        with pytest.raises(UsageError, match=f"^{setting.name} is .*"):
            setting.parse("nonsense")
    with pytest.raises(UsageError, match=r"no setting “speed”.*theme"):
        Settings().with_text("speed", "1")
