"""Pictures of what ``safelight bench --json FILE`` measured, for docs/benchmarks.md.

    python packaging/bench/plots.py FILE… --to docs/images

Needs the extra ``bench``. Figures of several files are put together, the last one winning.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

Values = Mapping[tuple[str, str], float]
Lines = dict[str, dict[int, float]]

_COLOURS = ("#2563c9", "#c2571a", "#3f8f4f", "#8a5bb5")


def read(files: Iterable[Path]) -> Values:
    """Figures by section and name."""
    found: dict[tuple[str, str], float] = {}
    for file in files:
        for figure in json.loads(file.read_text(encoding="utf-8"))["figures"]:
            found[figure["section"], figure["name"]] = figure["value"]
    return found


def by_size(values: Values, section: str, names: Mapping[str, str]) -> Lines:
    """Lines of figures called "SIZE: name" or "SIZE rows: name", as what each is called in the picture."""
    lines: Lines = defaultdict(dict)
    for (where, name), value in values.items():
        size, _, what = name.partition(": ")
        count = size.removesuffix(" rows").removesuffix(" photos").replace(",", "")
        if where == section and what in names and count.isdigit():
            lines[names[what]][int(count)] = value
    return lines


def draw(
    file: Path, title: str, across: str, lines: Lines, limits: Mapping[str, float] | None = None
) -> None:
    """One picture of milliseconds by size, both in powers of ten."""
    figure, axes = plt.subplots(figsize=(7, 4.2), dpi=130)
    for (name, points), colour in zip(lines.items(), _COLOURS, strict=False):
        sizes = sorted(points)
        axes.plot(sizes, [points[size] for size in sizes], "o-", color=colour, label=name)
    for name, limit in (limits or {}).items():
        axes.axhline(limit, color="#999999", linestyle="--", linewidth=1)
        axes.text(min(next(iter(lines.values()))), limit * 1.06, name, color="#666666", fontsize=8)
    axes.set(xscale="log", yscale="log", title=title, xlabel=across, ylabel="milliseconds")
    axes.grid(visible=True, which="major", color="#e5e5e5")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.14), ncols=3, fontsize=8)
    _save(figure, file)


def draw_rates(file: Path, values: Values) -> None:
    """Images a second, of the pipeline and of its parts alone, for each kind of picture."""
    names = {"indexed": "indexing", "decoding alone": "decoding alone", "the model alone": "the model alone"}
    kinds = [name.removesuffix(": indexed") for (_, name) in values if name.endswith(": indexed")]
    figure, axes = plt.subplots(figsize=(7, 4.2), dpi=130)
    width = 0.8 / len(names)
    for number, (what, label) in enumerate(names.items()):
        heights = [values["index", f"{kind}: {what}"] for kind in kinds]
        places = [place + (number - 1) * width for place in range(len(kinds))]
        bars = axes.bar(places, heights, width * 0.92, color=_COLOURS[number], label=label)
        axes.bar_label(bars, fmt="%.3g", fontsize=8)
    axes.set(title="Indexing on this machine", ylabel="images a second")
    axes.set_xticks(range(len(kinds)), kinds)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    _save(figure, file)


def _save(figure: Any, file: Path) -> None:
    figure.tight_layout()
    figure.savefig(file, metadata={"Software": None})
    plt.close(figure)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, default=Path())
    given = parser.parse_args()
    values = read(given.files)
    searches = {
        "search alone, p50": "Safelight",
        "one float32 product and its top, p50": "one float32 product in memory",
        "sqlite-vec as it comes, p50": "sqlite-vec as it comes",
    }
    draw(
        given.to / "bench-search.png",
        "From a query's vector to its 100 nearest (512 dimensions, median)",
        "photos",
        by_size(values, "search", searches),
    )
    grid = {
        "frame p50": "frame, median",
        "frame p99, the thread's own time": "frame, 99th percentile (thread's own time)",
        "append": "64 photos appended",
    }
    draw(
        given.to / "bench-grid.png",
        "The window's thread while the grid is flung",
        "photos",
        by_size(values, "grid", grid),
        {"one frame in thirty a second": 33},
    )
    draw_rates(given.to / "bench-index.png", values)
    return 0


if __name__ == "__main__":
    sys.exit(main())
