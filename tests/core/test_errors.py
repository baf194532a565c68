"""Errors keep their reason on the way between processes."""

from __future__ import annotations

import pickle

import pytest

from safelight.core.errors import FailureKind, ImageError


@pytest.mark.parametrize("kind", list(FailureKind))
def test_an_image_error_survives_the_trip_between_processes(kind: FailureKind) -> None:
    back = pickle.loads(pickle.dumps(ImageError(kind, "It is damaged.")))
    assert (back.kind, str(back)) == (kind, "It is damaged.")


def test_only_conditions_of_the_moment_pass() -> None:
    assert {kind for kind in FailureKind if kind.passing} == {
        FailureKind.UNREADABLE,
        FailureKind.OUT_OF_MEMORY,
    }
