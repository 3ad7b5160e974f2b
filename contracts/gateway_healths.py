"""What travels through Temporal for the breakers of gateways (workflows/gateway.py). Its rules: messages.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayStart:
    """Start input: a gateway, and how it stood when the run before rolled over (`GatewayStanding`).

    `silences` is how often it fell silent again soon after it was back at `back_at` (Unix seconds).
    """

    name: str
    silent: bool = False
    mode: str = ""
    why: str = ""
    since: int = 0
    told: str = ""
    releasing: bool = False
    silences: int = 0
    back_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTripped:
    """A worker has not heard the gateway: why."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayStanding:
    """How a gateway is, and since when (Unix seconds): closed, half_open, open, draining or paused; and why."""

    name: str
    health: str
    since: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """How many payments were told that their gateway may be asked again, up to which id."""

    count: int = 0
    last: str = ""
