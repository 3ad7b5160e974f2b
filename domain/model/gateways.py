"""What a gateway declares of itself: what it can, how soon it answers, for how long a question may be asked again.

Values only. The adapters (gateways/) declare, the settings may narrow it, and who chooses between several reads it. A
gateway's name is what charges, effects and tokens say; the empty name is `FIRST`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

FIRST = "simulator"
"""The gateway that an empty name means: the one there was before they had names. No other is ever called nothing."""

CALL_SECONDS_MAX = 60.0
"""No gateway is waited for longer by one call. Most acquirers give up themselves after 60 to 70 s."""

PATIENCE_SECONDS = 30
"""How long a caller waits for a patient gateway: what payment pages are advised to wait before they say that a payment
is being processed (20 to 30 s; payzen.io, managing-the-timeout)."""


class Latency(StrEnum):
    """How soon a healthy gateway answers, which decides how it is asked."""

    PROMPT = "prompt"
    """In milliseconds. The call holds the workflow's task."""
    PATIENT = "patient"
    """In seconds. The call has a queue of the gateway's own, and holds nothing else."""


class Later(StrEnum):
    """What a gateway may take on at once, and answer by a notification."""

    CAPTURE = "capture"
    VOID = "void"
    INCREMENT = "increment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One gateway of a route, as commands and states carry it.

    `patience` is how many seconds a caller waits for its answer; 0 is a prompt gateway. It is said here, and not read
    from the settings of the day, so that a payment's history is replayed as it was.
    """

    gateway: str = ""
    patience: int = 0


AT_FIRST = Hop()

Route = tuple[Hop, ...]
"""The gateways that a payment may be tried at, in order; none said is `FIRST`."""


def first_hop(route: Route) -> Hop:
    """Where the next attempt is made."""
    return route[0] if route else AT_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a payment asks of a gateway. `amount` is minor units; None and False ask for nothing."""

    method: str = "card"
    currency: str = ""
    brand: str | None = None
    amount: int = 0
    manual_capture: bool = False
    multicapture: bool = False
    incremental: bool = False
    overcapture: bool = False
    setups: bool = False
    authenticated_elsewhere: bool = False


FEATURES = (
    "manual_capture", "multicapture", "incremental", "overcapture", "setups", "authenticated_elsewhere",
)  # fmt: skip
"""What a gateway has or has not, by its name in `Need` and `Capabilities`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a gateway takes. None is everything; `amount_max` is minor units of whatever currency."""

    methods: frozenset[str] | None = None
    currencies: frozenset[str] | None = None
    brands: frozenset[str] | None = None
    amount_max: int | None = None
    manual_capture: bool = True
    multicapture: bool = True
    incremental: bool = True
    overcapture: bool = True
    setups: bool = True
    authenticated_elsewhere: bool = True

    def lacks(self, need: Need) -> str | None:
        """The first thing asked for that the gateway has not, in a few words; None if it has everything."""
        if self.methods is not None and need.method not in self.methods:
            return f"payment method type {need.method}"
        if self.currencies is not None and need.currency not in self.currencies:
            return f"currency {need.currency}"
        if self.brands is not None and need.brand is not None and need.brand not in self.brands:
            return f"card brand {need.brand}"
        if self.amount_max is not None and need.amount > self.amount_max:
            return f"amounts above {self.amount_max}"
        return next((name for name in FEATURES if getattr(need, name) and not getattr(self, name)), None)


EVERYTHING = Capabilities()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProfile:
    """What a gateway declares.

    One call is given up after `call_seconds`; a caller waits for at most `patience_seconds` and is then told
    `processing` (0 where it is prompt). A key is good for `keeps_keys_seconds`, None is for ever; after that the same
    question may be a new payment. `answers_by_key`: what became of an effect can be asked; without, repeating it under
    its key is the only question there is. `tells_standing`: what is held and was taken can be asked. `later` are the
    operations that are taken on, and answered by a notification. `rate_limit` is calls a second of all workers
    together, 0 is none; `concurrency` is calls under way at once in one of them.
    """

    name: str = FIRST
    latency: Latency = Latency.PROMPT
    call_seconds: float = 1.5
    patience_seconds: int = 0
    keeps_keys_seconds: int | None = None
    answers_by_key: bool = True
    tells_standing: bool = True
    later: frozenset[str] = frozenset()
    rate_limit: float = 0.0
    concurrency: int = 100
    capabilities: Capabilities = EVERYTHING

    @property
    def hop(self) -> Hop:
        """It as one gateway of a route."""
        name = "" if self.name == FIRST else self.name
        return Hop(gateway=name, patience=self.patience_seconds if self.latency is Latency.PATIENT else 0)


THE_FIRST = (GatewayProfile(),)
"""All the gateways there are, where nobody has said which."""


def default_route(profiles: Sequence[GatewayProfile]) -> Route:
    """Where payments go that nobody routes: to the first; nothing need be said where that is `FIRST`, and prompt."""
    hop = profiles[0].hop
    return () if hop == AT_FIRST else (hop,)


class AtGateway(Protocol):
    """What was begun, or is held, at a gateway: a charge, what a buyer is asked to do, an effect."""

    @property
    def gateway(self) -> str: ...

    @property
    def patience(self) -> int: ...


def hop_to(begun: AtGateway) -> Hop:
    """The way to where something was begun: what follows it is asked there."""
    return Hop(gateway=begun.gateway, patience=begun.patience)
