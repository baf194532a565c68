"""Clusters of unit vectors: the same vectors give the same clusters, in whatever order they come.

Ward's method (Ward 1963, with the nearest-neighbour chain of Murtagh 1983) groups a sample, which the caller
draws by content. Spherical k-means (Dhillon and Modha 2001) then carries the clusters over to all vectors.
Nothing is drawn at random, so that there is no seed.

SciPy and scikit-learn have both methods. They are not used because they would add 150 MB to the installation
for the 100 lines below, and because k-means++ with a fixed seed still depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors

Labels = npt.NDArray[np.int64]

_ROUNDS = 12
"""Rounds of k-means at most. Ward's clusters are near a fixed point: later rounds move few vectors."""

_STILL = 0.002
"""Share of vectors that may move in the last round."""

_LEAST_WEIGHT = 1e-9
"""Stands for a weight of 0: the cost of merging two rows without weight would be 0 / 0."""

_AT_ONCE = 8192
"""Vectors that are compared with the centres at once, for the size of the products."""


def ward(vectors: Vectors, weights: npt.NDArray[np.float64], clusters: int) -> Labels:
    """Cut Ward's tree of the vectors (n, dim) into this many clusters: labels (n,), numbered by first member.

    ``weights`` (n,) says how many vectors each row represents; 0 for none, as a row without a cluster. Takes
    n² numbers of memory.
    """
    count = len(vectors)
    merges = _merges(vectors, weights)
    parents = np.arange(count)

    def root(row: int) -> int:
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = int(parents[row])
        return row

    for _, first, second in sorted(merges)[: max(0, count - clusters)]:
        parents[root(second)] = root(first)
    roots = np.array([root(row) for row in range(count)], np.int64)
    _, first_seen, labels = np.unique(roots, return_index=True, return_inverse=True)
    ranks = np.argsort(np.argsort(first_seen))
    return np.asarray(ranks[labels], np.int64)


def _merges(vectors: Vectors, weights: npt.NDArray[np.float64]) -> list[tuple[float, int, int]]:
    """Each merge as (cost, a row of one side, a row of the other).

    The chain follows nearest neighbours, with ever smaller costs, until two rows are each other's nearest. It
    ends because a union is never nearer to a third row than both of its sides were, and no cost is NaN.
    """
    count = len(vectors)
    weights = np.maximum(weights, _LEAST_WEIGHT)
    squares = np.sum(vectors * vectors, axis=1)
    costs = np.maximum(squares[:, None] + squares - 2.0 * (vectors @ vectors.T), 0.0).astype(np.float64)
    costs *= weights[:, None] * weights / (weights[:, None] + weights)
    np.fill_diagonal(costs, np.inf)
    sizes = weights.astype(np.float64)
    alive = np.ones(count, bool)
    merges: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(merges) < count - 1:
        if not chain:
            chain.append(int(np.argmax(alive)))
        while True:
            top = chain[-1]
            nearest = int(np.argmin(costs[top]))
            # Equal costs must not let the chain run in a circle.
            if len(chain) > 1 and costs[top, chain[-2]] <= costs[top, nearest]:
                break
            chain.append(nearest)
        first, second = sorted((chain.pop(), chain.pop()))
        cost = costs[first, second]
        merges.append((float(cost), first, second))
        # The cost of merging with the union, by Lance and Williams.
        total = sizes[first] + sizes[second] + sizes
        union = (
            (sizes[first] + sizes) * costs[first] + (sizes[second] + sizes) * costs[second] - sizes * cost
        ) / total
        # Rounding must not make the union nearer than both: the chain could then return to where it was.
        union = np.maximum(union, np.minimum(costs[first], costs[second]))
        sizes[first] += sizes[second]
        alive[second] = False
        union[~alive] = np.inf
        union[first] = np.inf
        costs[first] = costs[:, first] = union
        costs[second] = costs[:, second] = np.inf
    return merges


def centres(vectors: Vectors, labels: Labels, clusters: int) -> Vectors:
    """The mean direction of each cluster, as unit rows; zero where a cluster is empty."""
    sums = np.zeros((clusters, vectors.shape[1]), np.float64)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(clusters + 1))
    for cluster in range(clusters):
        members = order[bounds[cluster] : bounds[cluster + 1]]
        if len(members):
            sums[cluster] = vectors[members].sum(0, dtype=np.float64)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(lengths, 1e-12), np.float32)


def nearest(vectors: Vectors, to: Vectors) -> Labels:
    """For each vector (n, dim) the row of the centre (k, dim) that is most similar; the first of equals."""
    found = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found[part] = np.argmax(vectors[part] @ to.T, axis=1)
    return found


def spherical_k_means(
    vectors: Vectors, start: Vectors, smallest: int, each_round: Callable[[int, int], None]
) -> tuple[Vectors, Labels]:
    """Refine the centres ``start`` (k, dim) on all vectors: centres (k', dim) and labels (n,).

    Clusters with fewer than ``smallest`` members are dissolved, the smallest first, and their members join
    others. ``each_round`` gets the round and how many there are at most; it may raise to stop.
    """
    middle = start
    labels = nearest(vectors, middle)
    for turn in range(_ROUNDS):
        each_round(turn, _ROUNDS)
        middle = centres(vectors, labels, len(middle))
        moved_to = nearest(vectors, middle)
        sizes = np.bincount(moved_to, minlength=len(middle))
        moved = np.count_nonzero(moved_to != labels)
        labels = moved_to
        if sizes.min() < smallest and len(middle) > 1:
            middle = np.delete(middle, _smallest(sizes, smallest), axis=0)
            labels = nearest(vectors, middle)
        elif moved <= _STILL * len(vectors):
            break
    return centres(vectors, labels, len(middle)), labels


def _smallest(sizes: npt.NDArray[np.int64], smallest: int) -> Sequence[int]:
    """Clusters to give up in one round: at most half of those that are too small, the smallest first, since
    their members can fill up the others."""
    order = np.argsort(sizes, kind="stable")
    small = int(np.count_nonzero(sizes < smallest))
    return [int(each) for each in order[: min(max(1, small // 2), len(sizes) - 1)]]
