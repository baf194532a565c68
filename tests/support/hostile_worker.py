"""A decode process in which some files crash or hang the decoder, as real ones do."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from safelight.imaging import multi_frame, read, source
from safelight.services.indexing import decode_worker
from safelight.services.indexing.decode_worker import Limits


def run(connection: Connection, limits: Limits) -> None:
    """As :func:`decode_worker.run`, but a file whose name begins so crashes, hangs, crashes once, or hangs
    while its further frames are read (``stuck``).
    """
    ordinary = source.read_file

    def hostile(path: bytes | str, *args: int) -> bytes:
        name = Path(os.fsdecode(path)).name
        if name.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("hang"):
            threading.Event().wait()
        if name.startswith("once"):
            seen = Path(os.fsdecode(path) + ".seen")
            if not seen.exists():
                seen.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return ordinary(path, *args)

    vars(read)["read_file"] = hostile

    def hostile_frames(path: bytes | str, *args: int) -> bytes:
        if Path(os.fsdecode(path)).name.startswith("stuck"):
            threading.Event().wait()
        return hostile(path, *args)

    vars(multi_frame)["read_file"] = hostile_frames
    decode_worker.run(connection, limits)
