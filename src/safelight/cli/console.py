"""Output to a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TextIO

from safelight.core.errors import SafelightError
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message

DONE, FAILED, USAGE = 0, 1, 2


class ReaderGoneError(Exception):
    """The reader of standard output closed it (… | head)."""


class OutputError(SafelightError):
    """Standard output cannot be written, as on a full disk."""


def open_missing_streams() -> None:
    """Replace standard streams that the parent closed (``>&-``) by the null device."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for good


def error(message: str) -> None:
    """One line on standard error."""
    write_message(f"safelight: {printable(message)}")


def report(failure: SafelightError | Message) -> None:
    """The text of a known error or a notice, as one line on standard error."""
    error(str(failure))


def write_message(text: str, end: str = "\n") -> None:
    """Write to standard error. Never fails: no work should stop because a message cannot be written."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except OSError:
        _discard_buffer(sys.stderr)


def emit_json(value: Any) -> None:
    """Write JSON in ASCII, because file names may contain what the terminal's encoding cannot write; JSON
    readers restore the names in ``os.fsdecode`` form. Raises as :func:`flush`."""
    with _output():
        print(json.dumps(value, default=_plain, indent=None if _piped() else 2))


def emit_step(step: int | None, *, as_json: bool) -> None:
    """Print the step of the journal that undoes a change; None if nothing changed."""
    if as_json:
        emit_json({"step": step})
    elif step is None:
        emit("Nothing changed.")
    else:
        emit(f"Done; to undo: safelight undo {step}")


def emit(line: str) -> None:
    """One line on standard output. Raises as :func:`flush`."""
    with _output():
        print(printable(line))


def flush() -> None:
    """Write out buffered output. Raises ReaderGoneError, OutputError."""
    with _output():
        sys.stdout.flush()


def flush_at_exit(status: int) -> int:
    """The exit status once the output of a command with ``status`` is written: when Python exits, it is too
    late to report that it cannot be."""
    try:
        flush()
    except ReaderGoneError:
        return status
    except OutputError as fault:
        report(fault)
        return status or FAILED
    return status


@contextlib.contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        _discard_buffer(sys.stdout)
        if isinstance(fault, BrokenPipeError):
            raise ReaderGoneError from fault
        raise OutputError("The output could not be written ({reason}).", reason=fault.strerror) from fault


def _discard_buffer(stream: TextIO) -> None:
    """Discard what ``stream`` has buffered, so that Python does not complain when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError):  # a stream without a descriptor
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def count(number: int, singular: str) -> str:
    """``1 file``, ``12,480 files``."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def local_time(seconds: float) -> str:
    """``YYYY-MM-DDTHH:MM:SS`` by this computer's clock, from seconds since the epoch."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))


def printable(text: str) -> str:
    """Text that is safe for any terminal: control characters are escaped, and bytes of a file name that are
    not UTF-8 appear as ``\\udcXX``."""
    safe = "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in text)
    encoding = sys.stdout.encoding or "utf-8"
    return safe.encode(encoding, "backslashreplace").decode(encoding)


def _piped() -> bool:
    return not sys.stdout.isatty()


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        # Not asdict, which turns messages inside it into dictionaries.
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


class ProgressLine:
    """Progress on standard error: one line that is updated on a terminal, a line now and then in a log."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._terminal = sys.stderr.isatty()
        self._quiet = quiet
        self._next = 0.0
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._quiet or now < self._next:
            return
        self._next = now + (0.1 if self._terminal else 5.0)
        text = describe(progress)
        if self._terminal:
            columns = os.get_terminal_size(sys.stderr.fileno()).columns
            text = text[: columns - 1]
            write_message(f"\r{text:<{self._width}}", end="")
            self._width = len(text)
        elif text:
            write_message(text)

    def finish(self) -> None:
        """Clear the line of the terminal."""
        if self._terminal and self._width:
            write_message("\r" + " " * self._width + "\r", end="")


def describe(progress: Progress) -> str:
    """``1,200 of 48,000 · 35/s · about 22 min``; only what is done where the total is not known, and only the
    activity where nothing is counted."""
    if progress.phase is Phase.SCANNING:
        return "Looking through the folders…"
    if progress.phase not in (Phase.INDEXING, Phase.PROCESSING):
        return ""
    parts = [str(progress.activity)] if progress.activity is not None else []
    if progress.total:
        parts.append(f"{progress.done:,} of {progress.total:,}")
    elif progress.done or progress.activity is None:
        parts.append(f"{progress.done:,}")
    if progress.rate > 0:
        parts.append(f"{progress.rate:.0f}/s" if progress.rate >= 1 else f"{progress.rate:.1f}/s")
    left = progress.seconds_left
    if left is not None:
        parts.append(f"about {left:.0f} s" if left < 90 else f"about {left / 60:.0f} min")
    if progress.failed:
        parts.append(f"{progress.failed:,} could not be read")
    return " · ".join(parts)
