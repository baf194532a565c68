"""Each piece of work shared among threads is done once, and errors are raised."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from safelight.services.searching.helper_pool import HelperPool


@pytest.fixture(params=[1, 2, 4])
def helper_pool(request: pytest.FixtureRequest) -> Iterator[HelperPool]:
    made = HelperPool(request.param)
    yield made
    made.close()
    made.close()


def test_every_number_is_worked_once(helper_pool: HelperPool) -> None:
    done: list[int] = []
    for _ in range(20):
        done.clear()
        assert list(helper_pool(done.append, range(50))) == []
        assert sorted(done) == list(range(50))


def test_nothing_to_do(helper_pool: HelperPool) -> None:
    assert list(helper_pool(lambda _: pytest.fail("called"), [])) == []


def test_an_error_is_raised(helper_pool: HelperPool) -> None:
    def work(number: int) -> None:
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        helper_pool(work, range(8))


def test_the_caller_does_not_wait_for_helpers_that_are_held_up() -> None:
    helper_pool = HelperPool(2)
    held, let_go = threading.Event(), threading.Event()

    def hold(_: int) -> None:
        if threading.current_thread() is not blocked:
            held.set()
        let_go.wait(60)

    blocked = threading.Thread(target=lambda: helper_pool(hold, [1, 2]))
    blocked.start()
    held.wait(60)
    done: list[int] = []
    helper_pool(done.append, range(10))  # the helper is still held
    assert sorted(done) == list(range(10))
    let_go.set()
    blocked.join()
    helper_pool.close()
