"""``safelight models``: what is there, what can be had, and how one comes to be used."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Run
from safelight import paths
from safelight.embedding import catalogue
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from support.stand_in_hub import StandInHub, stand_in_hub

pytestmark = pytest.mark.model
REPO = "someone/starter-again"


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "models_dir", lambda: tmp_path / "models")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandInHub]:
    source = catalogue.default(tmp_path).source
    files = {name: (source / name).read_bytes() for name in (CONFIG_NAME, WEIGHTS_NAME)}
    with stand_in_hub(REPO, files) as standing:
        monkeypatch.setenv("HF_ENDPOINT", standing.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield standing


def test_the_list_tells_what_can_be_had(run: Run) -> None:
    rows = {row["name"]: row for row in run("models", "--json").json}
    assert rows["starter"]["installed"]
    assert rows["starter"]["active"]
    assert not rows["vit-b-32-256"]["installed"]
    assert (rows["vit-b-32-256"]["licence"], rows["vit-b-32-256"]["dim"]) == ("MIT", 512)
    assert rows["siglip2-b-16-256"]["languages"] == "more than a hundred languages"
    assert run("models", "list", "--json").json == list(rows.values())
    assert "not installed" in run("models").out


@pytest.mark.slow
def test_download_use_and_delete(run: Run, hub: StandInHub, pictures: Path) -> None:
    run("index", str(pictures))
    done = run("models", "download", f"hf-hub:{REPO}", "--json")
    assert done.status == 0, done.err
    assert done.json["name"] == "starter-again"
    used = run("models", "use", "starter-again", "--json")
    assert (used.json["name"], used.json["covered"]) == ("starter-again", 0)
    (active,) = [row["name"] for row in run("models", "--json").json if row["active"]]
    assert active == "starter-again"
    refused = run("models", "delete", "starter-again", "--yes")
    assert refused.status == 1
    assert "in use" in refused.error
    run("models", "use", "starter")
    assert "add --yes" in run("models", "delete", "starter-again").error
    assert run("models", "delete", "starter-again", "--yes").status == 0
    assert "starter-again" not in {row["name"] for row in run("models", "--json").json}


def test_without_the_hub_one_line_and_the_starter_continues(
    run: Run, pictures: Path, hub: StandInHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.status = 503
    failed = run("models", "download", "vit-b-32-256")
    assert failed.status == 1
    assert "try again later" in failed.error
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "switched off" in run("models", "download", "vit-b-32-256").error
    run("index", str(pictures))
    assert run("search", "red", "--json").json


@pytest.mark.slow
def test_importing_a_folder(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "usb" / "Mine"
    shutil.copytree(catalogue.default(tmp_path).source, source)
    assert run("models", "import", str(source), "--json").json["name"] == "mine"
    assert run("models", "import", str(source), "--name", "yours", "--json").json["name"] == "yours"
    assert "is not a folder" in run("models", "import", str(tmp_path / "nowhere")).error


def test_licences_for_research_only_are_asked_for(run: Run, hub: StandInHub) -> None:
    refused = run("models", "download", "mobileclip2-s2")
    assert refused.status == 1
    assert "--accept-licence" in refused.error
    assert hub.agents == set()


def test_what_makes_no_sense_is_refused(run: Run) -> None:
    assert run("models", "use").status == 2
    assert run("models", "frobnicate").status == 2
    assert "No model called" in run("models", "use", "nonsense").error
    assert "There are: " in run("models", "download", "nonsense").error


def test_two_models_are_compared_over_the_users_photos(run: Run, pictures: Path, tmp_path: Path) -> None:
    shutil.copytree(catalogue.default(tmp_path).source, tmp_path / "models" / "mine")
    assert run("index", str(pictures)).status == 0
    (row,) = run("models", "compare", "starter", "mine", "something red", "-n", "2", "--json").json
    assert row["query"] == "something red"
    assert len(row["starter"]) == len(row["mine"]) == 2
    shown = run("models", "compare", "starter", "mine", "red", "blue").out
    assert shown.count("· mine") == 2
    assert "Name two models" in run("models", "compare", "starter", "mine").error
    assert "two different" in run("models", "compare", "starter", "starter", "red").error
    assert "nothing" in run("models", "compare", "starter", "nothing", "red").error


def test_how_much_of_the_machine_to_use_is_set(run: Run) -> None:
    first = run("settings", "--json").json
    assert first["machine-share"] == "balanced"
    assert first["pause-on-battery"] == "off"
    assert first["idle-minutes"] == "20"
    assert "machine-share=gentle" in run("settings", "machine-share=gentle").out
    assert run("settings", "--json").json["machine-share"] == "gentle"
    assert run("settings", "machine-share=all").status == 2
    assert run("settings", "machine-share").status == 2
