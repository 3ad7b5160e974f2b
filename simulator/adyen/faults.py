"""How this Adyen misbehaves on request: `POST /_faults`. In memory; a restart heals everything."""

import math
import random  # noqa: TID251
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

LATENCY_MS_MAX = 600_000
Z99 = 2.326
"""The 99th percentile of the normal distribution, in standard deviations."""

Trouble = Literal["no_connection", "io_exception", "busy", "busy_for_good", "unavailable", "drop_before", "drop_after"]


class Faults(BaseModel):
    """What goes wrong from now on."""

    model_config = ConfigDict(extra="forbid")

    p50_ms: float = Field(0, ge=0, le=LATENCY_MS_MAX, description="Half of the answers take at most so long.")
    p99_ms: float = Field(0, ge=0, le=LATENCY_MS_MAX, description="All but one of a hundred take at most so long.")
    trouble: Trouble | None = Field(
        None,
        description="no_connection: 500, transient, nothing done. io_exception: done, and 500 for ever. busy, "
        "busy_for_good: 422 with 704, with and without transient-error, nothing done. unavailable: 503. drop_before, "
        "drop_after: the connection breaks, before or after it was done.",
    )
    rate: float = Field(1.0, ge=0, le=1, description="Share of requests that `trouble` comes to.")
    paths: list[str] = Field(default_factory=list, description="Last words of paths it comes to; empty is all.")
    count: int | None = Field(None, ge=1, description="Heal after this many troubles.")
    news: list[Literal["late", "twice", "shuffled", "lost"]] = Field(
        default_factory=list, description="How notifications arrive."
    )
    seed: int | None = None


class Mischief:
    """Rolls the dice."""

    def __init__(self) -> None:
        """Start healthy."""
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        """Misbehave like this from now on."""
        self.faults, self._left = faults, faults.count
        self._dice = random.Random(faults.seed)  # noqa: S311

    def trouble(self, path: str) -> Trouble | None:
        """What comes to a request for this path; spends one of `count`."""
        faults = self.faults
        if faults.trouble is None or self._left == 0 or self._dice.random() >= faults.rate:
            return None
        if faults.paths and path.rsplit("/", 1)[-1] not in faults.paths:
            return None
        self._left = None if self._left is None else self._left - 1
        return faults.trouble

    def latency(self) -> float:
        """Seconds until the answer: log-normal, as acquirers are."""
        p50, p99 = self.faults.p50_ms / 1_000, self.faults.p99_ms / 1_000
        if not p50:
            return 0.0
        sigma = math.log(max(p99, p50) / p50) / Z99
        return float(self._dice.lognormvariate(math.log(p50), sigma)) if sigma else p50

    def shuffle(self, news: list[tuple[int, dict[str, object]]]) -> None:
        """Put news into any order."""
        self._dice.shuffle(news)
