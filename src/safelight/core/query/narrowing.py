"""A query that is limited to a part of the library."""

from __future__ import annotations

from safelight.core.query.model import Query
from safelight.core.query.parser import parse


def narrowed(text: str, restriction: str) -> str:
    """The query ``text`` among the photos that ``restriction``, a query of filters, matches.

    Returns ``text`` itself where there is no restriction.
    """
    if not restriction:
        return text
    return Query((*parse(text).parts, *parse(restriction).parts)).text()
