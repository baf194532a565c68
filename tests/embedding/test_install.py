"""Downloads that break off, lie, or fill the disk; folders brought by hand."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.errors import CancelledError, ModelError, NoSpaceError
from safelight.core.jobs import JobControl
from safelight.embedding import catalogue, install
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.embedding.install import Transfer
from safelight.embedding.load import prove
from safelight.embedding.offers import OFFERS, Offer, find_offer
from support.stand_in_hub import COMMIT, StandInHub, stand_in_hub

REPO = "someone/small-clip"
OFFER = find_offer(f"hf-hub:{REPO}")
CONFIG = {
    "model_cfg": {"embed_dim": 24, "vision_cfg": {"image_size": 32}, "text_cfg": {}},
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}
WEIGHTS = random.Random(7).randbytes(3_000_000)


def believed(_: ModelSpec) -> None:
    """For tests of the way here; what arrives is loaded in the tests that say so."""


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInHub]:
    files = {
        CONFIG_NAME: json.dumps(CONFIG).encode(),
        WEIGHTS_NAME: WEIGHTS,
        "README.md": b"---\nlicense: mit\n---\nA model.\n",
    }
    with stand_in_hub(REPO, files) as standing:
        monkeypatch.setenv("HF_ENDPOINT", standing.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield standing


def test_a_download_is_verified_and_installed(hub: StandInHub, models_dir: Path) -> None:
    seen: list[Transfer] = []
    spec = install.download(OFFER, models_dir, believed, JobControl(), seen.append)
    assert (spec.name, spec.dim, spec.licence) == ("small-clip", 24, "mit")
    assert spec.weights.read_bytes() == WEIGHTS
    assert catalogue.find("small-clip", models_dir) == spec
    assert seen[-1] == Transfer(len(WEIGHTS), len(WEIGHTS))
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    assert (spec.source / f"{WEIGHTS_NAME}.sha256").read_text().split()[0] == hub.checksums[WEIGHTS_NAME]
    assert not list((models_dir / ".partial").iterdir())
    assert all(agent.startswith("safelight/") for agent in hub.agents)


def test_broken_off_at_ten_places_it_continues_from_each(hub: StandInHub, models_dir: Path) -> None:
    places = random.Random(3)
    for _ in range(10):
        hub.cut_after = places.randrange(1, 250_000)
        with pytest.raises(ModelError, match="Download again to resume"):
            install.download(OFFER, models_dir, believed, JobControl())
    spec = install.download(OFFER, models_dir, believed, JobControl())
    assert spec.weights.read_bytes() == WEIGHTS
    resumed = [int(each.removeprefix("bytes=").rstrip("-")) for each in hub.ranges[1:] if each]
    assert len(resumed) == 10
    assert resumed == sorted(resumed)
    assert resumed[0] > 0


_KILLED = """
import os, signal, sys
from pathlib import Path
from safelight.core.jobs import JobControl
from safelight.embedding import install
from safelight.embedding.offers import find_offer

def advanced(transfer):
    if transfer.done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

install.download(find_offer(sys.argv[1]), Path(sys.argv[2]), lambda _: None, JobControl(), advanced)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_download_continues_after_a_kill_at_any_byte(hub: StandInHub, models_dir: Path) -> None:
    for place in (1, 1_000_000, 2_900_000):
        command = [sys.executable, "-c", _KILLED, f"hf-hub:{REPO}", str(models_dir), str(place)]
        assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    assert not (models_dir / "small-clip").exists()
    spec = install.download(OFFER, models_dir, believed, JobControl())
    assert spec.weights.read_bytes() == WEIGHTS
    assert any(hub.ranges)


def test_a_pause_by_hand_keeps_what_came(hub: StandInHub, models_dir: Path) -> None:
    control = JobControl()

    def stop_half_way(transfer: Transfer) -> None:
        if transfer.done * 2 > transfer.total:
            control.cancel()

    with pytest.raises(CancelledError):
        install.download(OFFER, models_dir, believed, control, stop_half_way)
    assert catalogue.installed(models_dir)[1:] == []
    install.download(OFFER, models_dir, believed, JobControl())
    assert hub.ranges[0] is None
    assert hub.ranges[1] is not None
    install.discard_partial("small-clip", models_dir)


def test_a_server_that_cannot_continue_sends_all_of_it(hub: StandInHub, models_dir: Path) -> None:
    hub.cut_after, hub.ignore_ranges = 1_000_000, True
    with pytest.raises(ModelError, match="interrupted"):
        install.download(OFFER, models_dir, believed, JobControl())
    spec = install.download(OFFER, models_dir, believed, JobControl())
    assert spec.weights.read_bytes() == WEIGHTS


def test_altered_bytes_are_refused(hub: StandInHub, models_dir: Path) -> None:
    hub.files[WEIGHTS_NAME] = WEIGHTS[:1_500_000] + b"!" + WEIGHTS[1_500_001:]
    with pytest.raises(ModelError, match="checksum differs"):
        install.download(OFFER, models_dir, believed, JobControl())
    assert catalogue.installed(models_dir)[1:] == []
    hub.files[WEIGHTS_NAME] = WEIGHTS
    install.download(OFFER, models_dir, believed, JobControl())


def test_a_pinned_checksum_counts_whatever_the_hub_says(hub: StandInHub, models_dir: Path) -> None:
    pinned = Offer("pinned", "Pinned", REPO, COMMIT, sha256="0" * 64)
    with pytest.raises(ModelError, match="checksum differs"):
        install.download(pinned, models_dir, believed, JobControl())


def test_a_damaged_beginning_on_the_disk_costs_one_more_attempt(hub: StandInHub, models_dir: Path) -> None:
    hub.cut_after = 1_000_000
    with pytest.raises(ModelError, match="interrupted"):
        install.download(OFFER, models_dir, believed, JobControl())
    partial = models_dir / ".partial" / "small-clip" / WEIGHTS_NAME
    partial.write_bytes(b"\0" * partial.stat().st_size)
    spec = install.download(OFFER, models_dir, believed, JobControl())
    assert spec.weights.read_bytes() == WEIGHTS


def test_another_version_is_not_mixed_with_what_came_before(hub: StandInHub, models_dir: Path) -> None:
    hub.cut_after = 1_000_000
    with pytest.raises(ModelError, match="interrupted"):
        install.download(OFFER, models_dir, believed, JobControl())
    newer = WEIGHTS[::-1]
    hub.files[WEIGHTS_NAME] = newer
    hub.checksums[WEIGHTS_NAME] = hashlib.sha256(newer).hexdigest()
    spec = install.download(OFFER, models_dir, believed, JobControl())
    assert spec.weights.read_bytes() == newer
    assert hub.ranges == [None, None]


@pytest.mark.parametrize(
    ("status", "words"), [(401, "an account"), (403, "an account"), (500, r"error \(500\)"), (404, "has no")]
)
def test_refusals_are_one_line(hub: StandInHub, models_dir: Path, status: int, words: str) -> None:
    hub.status = status
    with pytest.raises(ModelError, match=words) as caught:
        install.download(OFFER, models_dir, believed, JobControl())
    assert "\n" not in str(caught.value)


def test_without_a_network_one_line_says_what_to_do(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand_in_hub(REPO, {}) as gone:
        url = gone.url
    monkeypatch.setenv("HF_ENDPOINT", url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(ModelError, match=r"cannot be reached.*import a folder") as caught:
        install.download(OFFER, models_dir, believed, JobControl())
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="switched off"):
        install.download(OFFER, models_dir, believed, JobControl())
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(ModelError, match="not a web address"):
        install.download(OFFER, models_dir, believed, JobControl())


def test_a_disk_too_small_is_reported_before(
    hub: StandInHub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_RESERVED_BYTES", 1 << 60)
    with pytest.raises(NoSpaceError, match="MB free"):
        install.download(OFFER, models_dir, believed, JobControl())
    assert hub.ranges == []


def test_what_does_not_work_is_not_installed(hub: StandInHub, models_dir: Path) -> None:
    # The bytes are as published, but they are no weights.
    with pytest.raises(ModelError, match="damaged or incomplete"):
        install.download(OFFER, models_dir, prove, JobControl())
    assert catalogue.installed(models_dir)[1:] == []


def test_an_imported_model_is_verified_and_used(models_dir: Path) -> None:
    source = catalogue.default(models_dir).source
    seen: list[Transfer] = []
    spec = install.import_folder(source, models_dir, prove, JobControl(), name="mine", advanced=seen.append)
    assert spec.name == "mine"
    assert spec.source == models_dir / "mine"
    assert seen[-1].done == seen[-1].total == spec.size_bytes
    assert install.delete("mine", models_dir) > spec.size_bytes
    with pytest.raises(ModelError, match="No model called"):
        catalogue.find("mine", models_dir)


def test_folders_that_hold_no_model_are_refused(tmp_path: Path, models_dir: Path) -> None:
    with pytest.raises(ModelError, match="is not a folder"):
        install.import_folder(tmp_path / "nowhere", models_dir, believed, JobControl())
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ModelError, match="cannot be read"):
        install.import_folder(empty, models_dir, believed, JobControl())
    (empty / CONFIG_NAME).write_text(json.dumps(CONFIG))
    (empty / "open_clip_pytorch_model.bin").write_bytes(b"code")
    with pytest.raises(ModelError, match="can contain code"):
        install.import_folder(empty, models_dir, believed, JobControl())
    (empty / WEIGHTS_NAME).write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="damaged or incomplete"):
        install.import_folder(empty, models_dir, prove, JobControl())
    assert not (models_dir / "empty").exists()


@pytest.mark.parametrize("name", ["starter", "../up", ".hidden"])
def test_some_names_are_not_to_be_had(models_dir: Path, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be used for a model"):
        install.delete(name, models_dir)


def test_offers_are_known_by_name_or_by_their_place() -> None:
    assert find_offer("vit-b-32-256").licence == "MIT"
    assert find_offer("hf-hub:a/B-c@v1") == Offer("b-c", "a/B-c", "a/B-c", "v1")
    for wrong in ("hf-hub:a", "hf-hub:../../etc/passwd", "nonsense", "hf-hub:a/b@../x y"):
        with pytest.raises(ModelError):
            find_offer(wrong)
    assert len({offer.name for offer in OFFERS}) == len(OFFERS)
