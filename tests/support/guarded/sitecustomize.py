"""Loaded by every Python that a test starts: the network is watched there too."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "no_network.py"))["install"]()
