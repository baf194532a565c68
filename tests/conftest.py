"""Fixtures for all tests: a test fails if it logs, starts or leaves anything that it did not intend to."""

from __future__ import annotations

import gc
import itertools
import logging
import multiprocessing
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support import no_network
from support.originals import differences, taken_stock
from support.waiting import PATIENCE

# OpenMP reads this once, when torch is loaded. Threads that wait by spinning starve those of other workers.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded, which chooses then

# pytest-qt ends the whole run where Qt cannot be loaded, as on a bare server without libEGL. So addopts keeps
# it from being loaded automatically, and it is loaded here if it can work; tests/ui reports what is missing.
try:
    from PySide6 import QtSvg, QtTest, QtWidgets  # noqa: F401
except ImportError:
    if os.environ.get("SAFELIGHT_REQUIRE_QT") == "1":
        raise

    _HAS_QT = False
else:
    _HAS_QT = True
    pytest_plugins = ["pytestqt.plugin"]


# A test must not fail because the machine is busy. The same commit gives the same examples, so that a failure
# can be repeated; nightly runs look for new ones.
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("nightly", settings.get_profile("repeatable"), derandomize=False)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="run tests that have two sizes at the large one")
    if not _HAS_QT:
        # The settings of the missing plugin, so that pyproject.toml may still contain them.
        for setting in ("qt_api", "qt_log_ignore", "qt_log_level_fail"):
            parser.addini(setting, "unused without Qt")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--nightly"):
        settings.load_profile("nightly")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that load the real model are slow: importing torch alone takes seconds."""
    for item in items:
        if item.get_closest_marker("model") is not None:
            item.add_marker(pytest.mark.slow)


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def _no_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no Python process that a test starts, connects to another machine."""
    record = tmp_path_factory.mktemp("network") / "attempts"
    guard = str(Path(no_network.__file__).parent / "guarded")
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([guard, known] if known else [guard])
    os.environ[no_network.RECORD] = str(record)
    no_network.install()
    yield
    assert not record.exists(), record.read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def _originals_stay_as_they_are() -> Iterator[None]:
    """The tests change no content, time or permission of the sample photos."""
    places = [SHARED / name for name in ("photos", "formats", "broken")]
    before = taken_stock(*places)
    yield
    assert differences(before, taken_stock(*places)) == []


@pytest.fixture(scope="session")
def _data_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new folder for each test. ``mktemp`` with a number lists all folders of the session for each one."""
    place = tmp_path_factory.mktemp("data")
    return (place / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _own_data_folder(_data_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or changes the library, models and trash of the user who runs it."""
    data = next(_data_folders)
    data.mkdir()
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(variable, str(data))
    monkeypatch.delenv("SAFELIGHT_LIBRARY", raising=False)
    # It determines the place of the trash when it is imported, so each test imports it again.
    for name in [name for name in sys.modules if name.split(".")[0] == "send2trash"]:
        monkeypatch.delitem(sys.modules, name)


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """A record at WARNING or above fails the test, unless it was announced by ``expected_log``."""
    expected = [marker.args[0] for marker in request.node.iter_markers("expected_log")]
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    unexpected = [m for m in handler.messages if not any(re.search(p, m) for p in expected)]
    assert not unexpected, f"unexpected log records: {unexpected}"


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Threads and processes that a test started must end with it."""
    before = set(threading.enumerate())
    children = set(multiprocessing.active_children())
    yield
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        threads = [t for t in threading.enumerate() if t not in before and t.is_alive()]
        processes = [p for p in multiprocessing.active_children() if p not in children]
        if not threads and not processes:
            return
        for thread in threads:
            thread.join(0.1)
        for process in processes:
            process.join(0.1)
    pytest.fail(f"left running: {[t.name for t in threads]} {[p.name for p in processes]}")


@pytest.fixture(scope="session", autouse=True)
def _no_collector_on_other_threads() -> Iterator[None]:
    """The collector would destroy Qt objects on whichever thread allocates, which crashes.

    It is off, as while the window is open (``safelight.ui.window.gui_gc``), and runs between tests on this
    thread.
    """
    if _HAS_QT:
        gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _garbage_is_collected_between_tests() -> Iterator[None]:
    yield
    if _HAS_QT:
        from safelight.ui.window.gui_gc import collect_if_due  # needs Qt, which may be missing

        collect_if_due()


@pytest.fixture(scope="session")
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether tests run at full size."""
    return bool(request.config.getoption("--nightly"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The sample photos beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the sample photos (../shared) are not here")
    return SHARED
