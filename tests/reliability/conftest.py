from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The large figures take their time."""
    if config.getoption("--nightly"):
        for item in items:
            if "reliability" in item.path.parts:
                item.add_marker(pytest.mark.timeout(4 * 3600))
