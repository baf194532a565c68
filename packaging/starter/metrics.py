"""How well texts find pictures: recall at k, precision at k, and tables of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors

RECALL_AT = (1, 5, 10)


def recall(
    queries: Vectors, pictures: Vectors, wanted: npt.NDArray[np.integer], at: Sequence[int] = RECALL_AT
) -> list[float]:
    """Share of ``queries`` whose own picture (row ``wanted``) is among the best k, for each k."""
    scores = queries @ pictures.T
    own = scores[np.arange(len(wanted)), wanted]
    rank = (scores > own[:, None]).sum(1)
    return [float((rank < k).mean()) for k in at]


def precision(
    queries: Vectors, pictures: Vectors, right: Sequence[Collection[int]], at: int = 10
) -> list[float]:
    """Of each query's best ``at`` pictures, the share that is right.

    A query with fewer than ``at`` right pictures is measured against what could be reached, so that
    1 is always the best value.
    """
    shares = []
    for query, rows in zip(queries, right, strict=True):
        best = np.argsort(-(pictures @ query), kind="stable")[:at]
        found = sum(int(row) in rows for row in best)
        shares.append(found / min(at, len(rows)))
    return shares


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """A Markdown table: one row for each measure, one column for each model."""
    columns = list(dict.fromkeys(column for values in rows.values() for column in values))
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for name, values in rows.items():
        cells = (f"{values[column]:.3f}" if column in values else "" for column in columns)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
