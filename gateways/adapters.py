"""The kinds of gateways that there are, and how one of each is made from its setting.

A new kind is a module with an adapter, a line in `KINDS`, and its options in contracts/gateways.py.
"""

from collections.abc import Callable, Iterable, Mapping

from contracts.gateways import SIMULATOR, GatewaySetting
from gateways.base import Gateway
from gateways.hearing import Say, say_nothing
from gateways.registry import Gateways
from gateways.simulator import SimulatorGateway

Builder = Callable[[GatewaySetting, Say, float | None], Gateway]


def _simulator(setting: GatewaySetting, say: Say, call_seconds: float | None) -> Gateway:
    return SimulatorGateway(setting.url, call_seconds, say, setting.profile)


KINDS: Mapping[str, Builder] = {SIMULATOR: _simulator}
"""How a gateway of each kind is made."""


def build(settings: Iterable[GatewaySetting], say: Say = say_nothing, call_seconds: float | None = None) -> Gateways:
    """The gateways of the settings; `say` when one falls silent, and when it is back.

    One call is given up after `call_seconds`, where that is said, and not when its profile says so.
    """
    return Gateways({each.name: KINDS[each.kind](each, say, call_seconds) for each in settings})
