"""Locations: the library, installed models, and the resources packed with the program."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from safelight.core.user_paths import expanded

APP_NAME = "safelight"


def default_library() -> Path:
    """The library used when none is named: ``SAFELIGHT_LIBRARY``, else the platform's data folder."""
    named = os.environ.get("SAFELIGHT_LIBRARY")
    if named:
        return expanded(named).absolute()
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / "library"


def models_dir() -> Path:
    """The folder of installed models, which all libraries share."""
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / "models"


def resources_dir() -> Path:
    """The packed resources: beside the package in a wheel or frozen build, at the top of a checkout.

    Raises FileNotFoundError where an installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "resources", package.parents[1] / "resources"):
        if (candidate / "icons").is_dir():
            return candidate
    raise FileNotFoundError(f"Safelight's resources are missing beside {package}; install it again.")
