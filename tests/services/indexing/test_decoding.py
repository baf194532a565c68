"""Decode processes: whatever a file does to its decoder, it costs that file and no other."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.core.photo import DecodedPhoto
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from support import hostile_worker
from support.pictures import encoded, scene
from support.processes import stopped
from support.waiting import wait_until

SPEC = InputSpec(size=32)


def picture(folder: Path, name: str, seed: int = 0) -> str:
    (folder / name).write_bytes(encoded(scene(seed=seed), "JPEG"))
    return str(folder / name)


def reason(future: Future[DecodedPhoto]) -> FailureKind:
    error = future.exception(timeout=60)
    assert isinstance(error, ImageError)
    return error.kind


def decode_processes() -> set[int]:
    """The decode processes of this process, including those of pools that tests share."""
    found = [child for child in multiprocessing.active_children() if child.name == "safelight-decode"]
    return {child.pid for child in found if child.pid is not None}


@pytest.mark.slow
def test_a_picture_becomes_thumbnail_input_and_hashes(tmp_path: Path) -> None:
    with DecodePool() as pool:
        decoded = pool.decode(picture(tmp_path, "a.jpg"), SPEC).result(60)
    assert (decoded.width, decoded.height) == (320, 240)
    assert decoded.model_input is not None
    assert decoded.model_input.shape == (32, 32, 3)
    assert decoded.thumbnail.startswith(b"\xff\xd8")


@pytest.mark.slow
def test_a_crashing_file_is_blamed_and_its_neighbours_are_read(tmp_path: Path) -> None:
    with DecodePool(2, serve=hostile_worker.run) as pool:
        good = [pool.decode(picture(tmp_path, f"good{n}.jpg", n), SPEC) for n in range(4)]
        bad = pool.decode(picture(tmp_path, "crash.jpg"), SPEC)
        later = [pool.decode(picture(tmp_path, f"later{n}.jpg", n), SPEC) for n in range(4)]
        assert reason(bad) is FailureKind.CRASHED
        assert len({future.result(60).content_hash for future in good + later}) == 4


@pytest.mark.slow
def test_a_hanging_file_is_given_up_after_its_time(tmp_path: Path) -> None:
    # Ample for the sound files, however busy the machine is.
    with DecodePool(1, Limits(seconds=5.0), serve=hostile_worker.run) as pool:
        pool.decode(picture(tmp_path, "first.jpg"), SPEC).result(60)
        hanging = pool.decode(picture(tmp_path, "hang.jpg"), SPEC)
        behind = pool.decode(picture(tmp_path, "behind.jpg"), SPEC)
        assert reason(hanging) is FailureKind.TIMED_OUT
        assert behind.result(60).width == 320


@pytest.mark.slow
def test_a_file_that_crashes_only_once_is_not_blamed(tmp_path: Path) -> None:
    with DecodePool(1, serve=hostile_worker.run) as pool:
        assert pool.decode(picture(tmp_path, "once.jpg"), SPEC).result(60).width == 320


@pytest.mark.slow
def test_a_broken_file_says_why(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(encoded(scene(), "JPEG")[:400])
    (tmp_path / "empty.jpg").touch()
    with DecodePool() as pool:
        assert reason(pool.decode(str(tmp_path / "broken.jpg"), SPEC)) is FailureKind.BROKEN
        assert reason(pool.decode(str(tmp_path / "empty.jpg"), SPEC)) is FailureKind.EMPTY


@pytest.mark.slow
def test_pasted_bytes_larger_than_a_pipe_go_through_a_busy_pool(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    from PIL import Image

    data = encoded(Image.fromarray(noise), "PNG")
    assert len(data) > 1_000_000
    with DecodePool() as pool:
        others = [pool.load(picture(tmp_path, f"{n}.jpg", n)) for n in range(6)]
        pixels, _ = pool.load(data).result(60)
        assert pixels.shape == (700, 700, 3)
        assert pool.prepare(data, SPEC).result(60).shape == (32, 32, 3)
        assert all(future.result(60)[0].shape == (240, 320, 3) for future in others)


def test_closing_ends_the_processes_and_cancels_what_waits(tmp_path: Path) -> None:
    others = decode_processes()
    pool = DecodePool(1, serve=hostile_worker.run)
    stuck = pool.decode(picture(tmp_path, "hang.jpg"), SPEC)

    def own() -> set[int]:
        return decode_processes() - others

    wait_until(lambda: bool(own()), "a decode process")
    pool.close()
    pool.close()
    with pytest.raises(CancelledError):
        stuck.result(0)
    assert own() == set()
    with pytest.raises(RuntimeError):
        pool.decode("x", SPEC)


@pytest.mark.slow
def test_a_cancelled_costly_task_ends_when_others_wait(tmp_path: Path) -> None:
    hanging, ordinary = picture(tmp_path, "hang.jpg"), picture(tmp_path, "b.jpg")
    with DecodePool(1, Limits(seconds=600.0), serve=hostile_worker.run) as pool:
        pool.load(ordinary).result(60)  # the process is ready
        developed = pool.load(hanging, developed=True)
        behind = pool.load(ordinary)
        assert developed.cancel()
        ahead = pool.load(ordinary)
        assert behind.result(60)[0].shape == ahead.result(60)[0].shape == (240, 320, 3)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="stops a process by POSIX signals")
def test_urgent_tasks_precede_others_in_the_order_in_which_they_were_submitted(tmp_path: Path) -> None:
    done: list[str] = []
    others = decode_processes()
    with DecodePool(1) as pool:
        pool.load(picture(tmp_path, "first.jpg")).result(60)
        (process,) = decode_processes() - others
        futures: list[Future[Any]] = []
        with stopped(process):  # so that it finishes no task while others are still being submitted
            for number in range(6):
                path = picture(tmp_path, f"{number}.jpg", number)
                futures.append(pool.load(path) if number % 2 else pool.decode(path, None))
                futures[-1].add_done_callback(lambda _, name=str(number): done.append(name))  # type: ignore[misc]
        for future in futures:
            future.result(60)
    # The process may have been given up to two tasks before the others were submitted.
    assert done[2:] == sorted(done[2:], key=lambda number: (int(number) % 2 == 0, number))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="the platform has no niceness")
@pytest.mark.parametrize("niceness", [0, 3])
def test_processes_have_the_priority_that_was_asked_for(tmp_path: Path, niceness: int) -> None:
    others = decode_processes()
    with DecodePool(1, Limits(niceness=niceness)) as pool:
        pool.decode(picture(tmp_path, "first.jpg"), SPEC).result(60)
        (process,) = decode_processes() - others
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process) == min(own + niceness, 19)


@pytest.mark.slow
def test_a_draft_of_a_file_that_is_no_progressive_jpeg_is_complete(tmp_path: Path) -> None:
    with DecodePool(1) as pool:
        pixels, is_complete = pool.draft(picture(tmp_path, "first.jpg"), 100).result(60)
        assert is_complete
        assert pixels.shape == (75, 100, 3)
