"""How many pixels a use needs, and therefore how far decoding may reduce a picture."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.encoder import InputSpec


@dataclass(frozen=True, slots=True)
class Detail:
    """Minimum lengths, in pixels, of a picture's long and short side."""

    long: int
    short: int = 1

    def reduction(self, width: int, height: int) -> int:
        """The largest whole factor by which a picture of this size may be reduced (at least 1)."""
        long, short = max(width, height), min(width, height)
        return max(1, min(long // self.long, short // self.short))

    def met_by(self, width: int, height: int) -> bool:
        return max(width, height) >= self.long and min(width, height) >= self.short

    def joined(self, other: Detail) -> Detail:
        """Sufficient for both."""
        return Detail(max(self.long, other.long), max(self.short, other.short))


def detail_of_input(spec: InputSpec) -> Detail:
    """Twice a model's input size, so that the last scaling step is smooth."""
    double = 2 * spec.size
    return Detail(long=double) if spec.resize == "longest" else Detail(long=double, short=double)
