"""Duplicates asked of an engine in a process of its own, while photos come to its folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.duplicates import DuplicateKind, Verdict
from safelight.core.operations import AddFolder, AddTag, JudgeDuplicates, RemoveTag, TurnPhotos
from safelight.engine.client import EngineClient
from safelight.engine.events import DuplicatesFound
from safelight.engine.requests import ChangeSetting, FindDuplicates, RunOperation
from safelight.engine.server import EngineOptions
from support.fake_engine import open_with_fake_model
from support.likenesses import photograph

pytestmark = pytest.mark.slow


def hear(client: EngineClient, where: Callable[[DuplicatesFound], bool]) -> DuplicatesFound:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        event = client.receive(0.5)
        if isinstance(event, DuplicatesFound) and event.complete and where(event):
            return event
    raise AssertionError("not heard")


def resaved(found: DuplicatesFound) -> list[set[str]]:
    return [
        {Path(member.path).name for member in group.members}
        for group in found.groups
        if group.kind is DuplicateKind.RESAVED
    ]


def kept(found: DuplicatesFound) -> list[str]:
    return [Path(member.path).name for group in found.groups for member in group.members if member.keep]


def test_groups_follow_the_folder_and_what_is_decided(tmp_path: Path) -> None:
    root = tmp_path / "Pictures"
    root.mkdir()
    photograph(1).save(root / "a.jpg", quality=90)
    photograph(1).save(root / "b.jpg", quality=40)
    os.utime(root / "b.jpg", (1.2e9, 1.2e9))
    client = EngineClient(EngineOptions(tmp_path / "library", tmp_path / "models"), open_with_fake_model)
    client.start()
    try:
        client.send(RunOperation(901, AddFolder(str(root))))
        client.send(FindDuplicates(5))
        found = hear(client, lambda event: resaved(event) == [{"a.jpg", "b.jpg"}])
        assert found.generation == 5
        photograph(1).transpose(Image.Transpose.ROTATE_90).save(root / "c.jpg", quality=70)
        found = hear(client, lambda event: resaved(event) == [{"a.jpg", "b.jpg", "c.jpg"}])
        assert kept(found) == ["a.jpg"]
        (third,) = (each for each in found.groups[0].members if each.path.endswith("c.jpg"))
        client.send(RunOperation(902, TurnPhotos((third.photo_id,), 1)))
        hear(client, lambda event: sorted(kept(event)) == ["a.jpg", "c.jpg"])
        client.send(RunOperation(903, TurnPhotos((third.photo_id,), 3)))
        hear(client, lambda event: kept(event) == ["a.jpg"])
        client.send(RunOperation(904, AddTag((third.photo_id,), "sea")))
        hear(client, lambda event: sorted(kept(event)) == ["a.jpg", "c.jpg"])
        client.send(RunOperation(905, RemoveTag((third.photo_id,), "sea")))
        hear(client, lambda event: kept(event) == ["a.jpg"])
        client.send(ChangeSetting(7, "keeper-rules", "age"))
        found = hear(client, lambda event: kept(event) == ["b.jpg"])
        ids = tuple(member.photo_id for member in found.groups[0].members)
        client.send(RunOperation(6, JudgeDuplicates(ids, Verdict.NOT_DUPLICATES)))
        hear(client, lambda event: resaved(event) == [])
    finally:
        client.close()
