"""Whether a measurement holds: what is asked of each figure, and one line that says so."""

import math
from dataclasses import dataclass, field

P99_MS_MAX, WELL_SECONDS_MAX = 2_000.0, 2.0
"""Under any load: the slowest hundredth of those that were taken, and how soon after it all is well again."""


@dataclass
class Verdict:
    """Whether a part holds: each thing that is to hold, with its figure, by whether it does."""

    part: str
    held: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def hold(self, what: str, figure: float, *, least: float = 0.0, most: float = math.inf) -> None:
        """One of them."""
        bound = f"at least {least:g}" if math.isinf(most) else f"at most {most:g}"
        (self.held if least <= figure <= most else self.failed).append(f"{what} {figure:.2f} ({bound})")

    def common(self, p99_ms: float, unsaid: int, again: float) -> None:
        """What is to hold in each of them."""
        self.hold("p99 of the taken, ms", p99_ms, most=P99_MS_MAX)
        self.hold("charged and told otherwise", unsaid, most=0)
        self.hold("well again after, s", again, most=WELL_SECONDS_MAX)

    def said(self) -> str:
        """In one line."""
        if self.failed:
            return f"FAIL {self.part}: {'; '.join(self.failed)}"
        return f"PASS {self.part}: {'; '.join(self.held)}"
