"""Faults on request: how the simulator misbehaves, and for how long. In memory; a restart heals everything."""

import random  # noqa: TID251
import re
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

OPERATIONS = (
    "tokenize", "verify", "authorize", "capture", "increment", "void", "refund", "settlement", "retrieve", "standing",
    "funding_instructions", "bank_transfers", "authentications", "vouchers", "payouts", "set_up", "answer_dispute",
)  # fmt: skip
"""What `operations` may name: what the engine asks for, and what buyers do."""

LATENCY_MS_MAX = 600_000
PAYMENTS_MAX = 100
PLANS_MAX = 10_000
"""Payments that are spoiled at once: more than there are tests in a run."""

_PAYMENT = re.compile(r"(?:pi|seti)_[A-Za-z0-9]+")


class Faults(BaseModel):
    """What goes wrong from now on. `POST /_faults` replaces it, `DELETE /_faults` heals it."""

    model_config = ConfigDict(extra="forbid")

    latency_ms: int = Field(0, ge=0, le=LATENCY_MS_MAX, description="Wait this long before every answer.")
    answer_latency_ms: int = Field(
        0,
        ge=0,
        le=LATENCY_MS_MAX,
        description="Wait this long after the effect: notifications overtake the answer.",
    )
    error_rate: float = Field(0.0, ge=0, le=1, description="Share of requests answered with 500, nothing done.")
    outage: bool = Field(False, description="Answer everything with 503, nothing done.")
    drop: Literal["before", "after"] | None = Field(
        None, description="Break the connection instead of answering: before, or after, the effect was committed."
    )
    drop_rate: float = Field(1.0, ge=0, le=1, description="Share of requests that `drop` applies to.")
    news: list[Literal["late", "twice", "shuffled", "early", "lost"]] = Field(
        default_factory=list,
        description="How notifications arrive: seconds late, each twice, in any order, at once as well as when they "
        "are due, or only at the second try, seconds after the first was lost.",
    )
    operations: list[str] = Field(
        default_factory=list, description="Only these: tokenize, authorize, capture, void, …; empty means all."
    )
    payments: list[str] = Field(
        default_factory=list, max_length=PAYMENTS_MAX,
        description="Only towards these PaymentIntents, beside what goes for all; empty means all.",
    )  # fmt: skip
    count: int | None = Field(None, ge=1, description="Heal after this many faults; None means never.")
    seed: int | None = Field(None, description="Seed of the dice, for a run that can be repeated.")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        # By hand, and not by pydantic's `forbid`, which names no field that there is.
        for name in given if isinstance(given, dict) else ():
            if name not in cls.model_fields:
                raise ValueError(f"there is no fault {name!r}: {_meant(str(name), tuple(cls.model_fields))}")
        return given

    @field_validator("operations")
    @classmethod
    def _known_operations(cls, given: list[str]) -> list[str]:
        for name in given:
            if name not in OPERATIONS:
                raise ValueError(f"there is no operation {name!r}: {_meant(name, OPERATIONS)}")
        return given


def _meant(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


class FaultPlan:
    """Rolls the dice for each request."""

    def __init__(self) -> None:
        """Start healthy."""
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        """Misbehave like this from now on."""
        self.faults = faults
        self._left = faults.count
        self._dice = random.Random(faults.seed)  # noqa: S311

    def applies(self, operation: str) -> bool:
        """Whether faults are on for this operation; spends one of `count`."""
        faults = self.faults
        active = faults.outage or faults.error_rate or faults.drop or faults.latency_ms or faults.answer_latency_ms
        if not active or (faults.operations and operation not in faults.operations):
            return False
        if self._left is not None:
            if self._left == 0:
                return False
            self._left -= 1
        return True

    def shuffle(self, news: list[tuple[int, str]]) -> None:
        """Put notifications into any order."""
        self._dice.shuffle(news)

    def roll(self, rate: float) -> bool:
        """True with the given probability."""
        return rate > 0 and self._dice.random() < rate


class FaultPlans:
    """What goes for everybody, and what goes for one payment alone."""

    def __init__(self) -> None:
        """Start healthy."""
        self.general = FaultPlan()
        self.by_payment: dict[str, FaultPlan] = {}

    def set(self, faults: Faults) -> None:
        """Misbehave like this from now on: towards all, or towards the payments it names, each by dice of its own."""
        if not faults.payments:
            self.general.set(faults)
        for payment in faults.payments:
            if len(self.by_payment) >= PLANS_MAX:
                self.by_payment.clear()
            self.by_payment[payment] = plan = FaultPlan()
            plan.set(faults)

    def heal(self, payment: str | None) -> None:
        """Towards one payment; or altogether."""
        if payment is not None:
            self.by_payment.pop(payment, None)
            return
        self.general.set(Faults())
        self.by_payment.clear()

    def of(self, asked: str) -> FaultPlan:
        """The plan for a request: that of a payment which it names, or else the general one."""
        named = (self.by_payment.get(found) for found in _PAYMENT.findall(asked))
        return next((plan for plan in named if plan is not None), self.general)
