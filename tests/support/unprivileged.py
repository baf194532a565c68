"""Running as somebody whom permissions hold back, where the tests run as root."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def nobodys_place() -> Iterator[Path]:
    """A temporary folder that an ordinary user owns, and can reach."""
    place = Path(tempfile.mkdtemp(prefix="safelight-")).resolve()
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
    try:
        yield place
    finally:
        if os.geteuid() != 0:
            for folder, _, _ in os.walk(place):
                Path(folder).chmod(0o700)  # as the tests may have left it
        shutil.rmtree(place)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run the block as an ordinary user. Where root lent the interpreter, nothing can be imported inside."""
    if os.geteuid() != 0:
        yield
        return
    become_nobody()
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def become_nobody() -> None:
    """For the rest of the process, where it runs as root."""
    if os.geteuid() == 0:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)


@contextmanager
def as_before() -> Iterator[None]:
    """Inside of :func:`as_nobody`, run the block as who was before, as to start a program."""
    if os.getuid() == os.geteuid():
        yield
        return
    os.seteuid(os.getuid())
    os.setegid(os.getgid())
    try:
        yield
    finally:
        become_nobody()
