from __future__ import annotations

import pytest

from safelight.core.message import Message
from safelight.core.stages import CostClass, Coverage, Input, StageDeclaration, in_order


def stage(name: str, cost: CostClass = CostClass.BACKGROUND, after: tuple[str, ...] = ()) -> StageDeclaration:
    return StageDeclaration(
        name, Message("Title"), Message("Activity"), 1, frozenset({Input.THUMBNAIL}), cost, after=after
    )


def test_stages_run_by_cost_class_and_after_those_they_name() -> None:
    declared = [
        stage("idle", CostClass.IDLE),
        stage("last", after=("first", "second")),
        stage("second", after=("first",)),
        stage("first"),
        stage("immediate", CostClass.IMMEDIATE),
        stage("asked", CostClass.ON_REQUEST),
    ]
    names = [each.name for each in in_order(declared)]
    assert names == ["immediate", "first", "second", "last", "idle", "asked"]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ([stage("a"), stage("a")], "same name"),
        ([stage("a", after=("b",))], "do not exist: b"),
        ([stage("a", after=("b",)), stage("b", after=("a",))], "wait for each other"),
    ],
)
def test_impossible_declarations_are_refused(declared: list[StageDeclaration], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        in_order(declared)


def test_coverage_counts_what_waits() -> None:
    assert Coverage("a", 1, CostClass.IDLE, photos=10, done=6, failed=1).waiting == 3
    assert Coverage("a", 1, CostClass.IDLE, photos=5, done=6, failed=0).waiting == 0
