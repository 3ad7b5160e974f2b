"""What was asked of a gateway, and what it told, as it is kept where a gateway cannot be asked by key. Facts only."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked of `gateway` for the effect of `key`.

    `body` is what was sent, byte by byte, to `url` and `path`, `under` the gateway's idempotency key; `asked` is the
    question, as gateways/questions.py has it.
    `reference` is the gateway's own, `outcome` its answer as an outcome (JSON), once there is one. `silent`: there has
    been an answer under the key that says nothing, and there will be no other. `asked_at` is Unix seconds.
    """

    gateway: str
    key: str
    operation: str
    intent: str
    url: str
    path: str
    body: str = field(repr=False)
    asked_at: int
    charge: str = ""
    refund: str = ""
    under: str = field(default="", repr=False)
    asked: dict[str, Any] = field(default_factory=dict)
    reference: str = ""
    outcome: dict[str, Any] | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a gateway has told: an event of its own name, about its `reference`, in the engine's minor units.

    `original` is the payment's reference where `reference` is that of a modification; `ours` what we called it when we
    asked. `reason` and `unsigned` are not under the gateway's signature. `received_at` is Unix seconds.
    """

    gateway: str
    event: str
    succeeded: bool
    reference: str
    original: str = ""
    ours: str = ""
    amount: int = 0
    currency: str = ""
    reason: str = ""
    unsigned: dict[str, str] = field(default_factory=dict)
    received_at: int = 0

    @property
    def payment(self) -> str:
        """The gateway's reference of the payment that it is about."""
        return self.original or self.reference
