"""Whether a gateway is heard: a line when it falls silent, and one when it is back. One lost answer is no silence."""

import time
from typing import Any, Protocol

from domain.model.gateways import FIRST
from observability import metrics

SILENT_AFTER = 3
"""Questions in a row without any answer. An answer is one whatever it says: a gateway that declines is not silent."""


class Say(Protocol):
    """A logger's method."""

    def __call__(self, event: str, **about: Any) -> Any:
        """Write a line."""
        ...


def say_nothing(event: str, **about: Any) -> None:
    """For whoever keeps no log."""


class Hearing:
    """What one process hears of one gateway."""

    def __init__(self, say: Say, gateway: str = FIRST) -> None:
        """Say by `say`, a warning as it is something that passes; `gateway` is whom it is about."""
        self._say = say
        self._gateway = gateway
        self._unheard = 0
        self._since = 0.0

    def heard(self) -> None:
        """It has answered."""
        if self._unheard >= SILENT_AFTER:
            metrics.GATEWAY_SILENT.labels(self._gateway).set(0)
            self._say("gateway back", gateway=self._gateway, silent_seconds=round(time.monotonic() - self._since, 1))
        self._unheard = 0

    def unheard(self, why: str) -> None:
        """It has not."""
        if self._unheard == 0:
            self._since = time.monotonic()
        self._unheard += 1
        if self._unheard == SILENT_AFTER:
            metrics.GATEWAY_SILENT.labels(self._gateway).set(1)
            self._say("gateway silent", gateway=self._gateway, why=why)
