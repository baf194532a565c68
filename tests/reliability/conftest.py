from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The whole suite is slow, and at full size it takes hours."""
    for item in items:
        if "reliability" in item.path.parts:
            item.add_marker(pytest.mark.slow)
            if config.getoption("--nightly"):
                item.add_marker(pytest.mark.timeout(4 * 3600))
