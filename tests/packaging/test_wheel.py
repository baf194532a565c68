"""The wheel is whole: installed alone, with the network cut off, it indexes and searches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from support.pictures import encoded

CHECKOUT = Path(__file__).resolve().parents[2]
DESKTOP_ID = "io.github.safelight_photos.Safelight"

pytestmark = pytest.mark.slow

# Python that refuses every connection: a model that is not in the wheel would have to be fetched.
NO_NETWORK = """
import socket

def refuse(*_, **__):
    raise AssertionError("the network was used")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, built from the checkout."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"),
            *("--no-cache-dir", "--disable-pip-version-check", "-w", str(place), str(CHECKOUT)),
        ],
        check=True,
    )
    (wheel,) = place.glob("safelight-*.whl")
    zipfile.ZipFile(wheel).extractall(place / "site")
    (place / "site" / "sitecustomize.py").write_text(NO_NETWORK)
    return place / "site"


def test_it_carries_its_resources_and_nothing_else(installed: Path) -> None:
    package = installed / "safelight"
    assert (package / "py.typed").is_file()
    assert (package / "resources" / "icons" / "safelight.svg").is_file()
    starter = package / "resources" / "models" / "starter"
    assert (starter / "open_clip_config.json").is_file()
    assert (starter / "text_vectors.safetensors").is_file()
    assert (starter / "word_classifiers.safetensors").is_file()
    assert (starter / "open_clip_model.safetensors").stat().st_size > 10_000_000
    assert {entry.name for entry in installed.iterdir() if entry.suffix not in (".dist-info", ".data")} == {
        "safelight",
        "sitecustomize.py",
    }


def test_the_network_is_refused(installed: Path) -> None:
    """Python only prints a line when sitecustomize fails, and the test below would prove nothing."""
    call = "import socket; socket.create_connection(('127.0.0.1', 9))"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        "PYTHONPATH": str(installed),
    }
    done = subprocess.run(
        [sys.executable, "-c", call], env=environment, capture_output=True, text=True, check=False
    )
    assert "the network was used" in done.stderr


def test_desktops_can_start_it(installed: Path) -> None:
    (share,) = installed.glob("safelight-*.data/data/share")
    (metadata,) = installed.glob("safelight-*.dist-info")
    entry = ConfigParser(interpolation=None)
    entry.read_string((share / "applications" / f"{DESKTOP_ID}.desktop").read_text(encoding="utf-8"))
    wanted = entry["Desktop Entry"]
    scripts = ConfigParser()
    scripts.read_string((metadata / "entry_points.txt").read_text(encoding="utf-8"))
    assert wanted["Exec"].split()[0] in scripts["console_scripts"]
    assert (share / "icons" / "hicolor" / "scalable" / "apps" / f"{wanted['Icon']}.svg").is_file()
    about = ET.parse(share / "metainfo" / f"{DESKTOP_ID}.metainfo.xml").getroot()
    assert about.findtext("launchable") == f"{DESKTOP_ID}.desktop"
    assert about.findtext("name") == wanted["Name"]


@pytest.mark.model
@pytest.mark.timeout(1800)  # the model encodes thousands of descriptions, on whatever the machine has left
def test_it_indexes_and_searches_without_a_network(installed: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "Pictures"
    pictures.mkdir()
    for name, colour in {"red": (220, 20, 20), "blue": (20, 40, 220)}.items():
        (pictures / f"{name}.jpg").write_bytes(encoded(Image.new("RGB", (300, 200), colour), "JPEG"))
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PYTHON"))},
        "PYTHONPATH": str(installed),
        "SAFELIGHT_LIBRARY": str(tmp_path / "library"),
        "HF_HUB_OFFLINE": "1",
    }

    def safelight(*words: str) -> object:
        done = subprocess.run(
            [sys.executable, "-m", "safelight", *words, "--json"],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    report = safelight("index", str(pictures))
    assert isinstance(report, dict)
    assert (report["added"], report["failed"], report["model"]) == (2, 0, "starter")

    def scores(query: str) -> dict[str, float]:
        rows = safelight("search", query)
        assert isinstance(rows, list)
        return {Path(row["path"]).stem: row["score"] for row in rows}

    # A small model leans to one colour whatever it is asked; what the words change must be right.
    red, blue = scores("a red square"), scores("a blue square")
    assert red["red"] - red["blue"] > blue["red"] - blue["blue"]
