"""What a worker tells of what it has asked and recorded: metrics, and lines. Ids and codes; nothing that anybody said.

Counted when it is recorded. What is recorded once more, because a worker died before it could say so, counts again.
"""

import logging
from dataclasses import dataclass
from typing import Any

from contracts.gateway_healths import GatewayStanding
from domain.machine.intents import Step
from domain.machine.transitions import Transition
from domain.model.charges import Charge
from domain.model.events import ChargeFailed, ChargeSucceeded, PaymentError, ResolutionContradicted
from domain.model.gateways import FIRST
from domain.model.hashes import JsonObject
from domain.model.outcomes import Declined, Outcome
from domain.money.declines import DECLINES
from domain.routing.candidates import Health
from observability import metrics
from records.base import Attempt

LOG = logging.getLogger("perdure.activities")
"""The standard library's: what is said here is written where a process is put together (observability/logs.py)."""

SLOW_MS = 2_000
"""A gateway that takes longer is worth a line that everybody sees."""

OTHER = "other"
"""A decline code that is none of Stripe's: gateways may have any number of their own."""


def count_transition(transition: Step[Any]) -> None:
    """A batch of facts was recorded."""
    for announcement in transition.announcements:
        metrics.EVENTS.labels(announcement.type).inc()
    if transition.after.status != transition.before.status:
        kind = "payment_intent" if isinstance(transition, Transition) else "setup_intent"
        metrics.STATUSES.labels(kind, transition.after.status).inc()
    for event in transition.events if isinstance(transition, Transition) else ():
        if isinstance(event, ChargeSucceeded):
            _count("succeeded", event.charge, "")
        elif isinstance(event, ChargeFailed):
            _count("failed", event.charge, _decline(event.error))
        elif isinstance(event, ResolutionContradicted):
            _contradicted(transition.after.id, event)


def _contradicted(intent: str, event: ResolutionContradicted) -> None:
    """An operator was wrong, or their gateway is: what they have done since on that word is for a person to look at."""
    metrics.GATEWAY_MISMATCHES.labels(event.operation, event.gateway).inc()
    what = f"{event.gateway} tells the opposite of what was resolved of {event.key} ({event.reference})"
    about = {"payment_intent": intent, "key": event.key, "why": f"GatewayMismatch: {what}"}
    LOG.error("news that contradict an operator", extra={"about": about})


def _count(result: str, charge: Charge | None, decline: str) -> None:
    method, gateway = (charge.payment_method.type, charge.gateway or FIRST) if charge else ("", "")
    metrics.CHARGES.labels(result, method, gateway, decline).inc()


def _decline(error: PaymentError) -> str:
    code = error.decline_code or error.code
    return code if code in DECLINES or error.decline_code is None else OTHER


@dataclass(frozen=True, slots=True)
class Question:
    """What a gateway, or the keeper of the cash balances, is asked: for metrics and lines."""

    operation: str
    key: str
    gateway: str

    def said(self) -> JsonObject:
        """As lines have it."""
        return {"operation": self.operation, "key": self.key, "gateway": self.gateway}


def question_of(effect: Any) -> Question:
    """What an effect asks. What the keeper of the cash balances does is asked of no other than the first."""
    return Question(str(effect.operation), str(effect.key), getattr(effect, "gateway", "") or FIRST)


def log_breaker(standing: GatewayStanding) -> None:
    """How a gateway is has changed, and is written down."""
    said = {"gateway": standing.name, "health": standing.health, "why": standing.why, "since": standing.since}
    level = logging.INFO if standing.health == Health.CLOSED else logging.WARNING
    LOG.log(level, "gateway breaker", extra={"about": said})


def count_answer(question: Question, outcome: Outcome, seconds: float) -> None:
    """A gateway has said what became of what it was asked."""
    metrics.GATEWAY_OUTCOMES.labels(question.operation, outcome.type, question.gateway).inc()
    metrics.GATEWAY_SECONDS.labels(question.operation, question.gateway).observe(seconds)
    ms = round(seconds * 1_000)
    said = {**question.said(), "outcome": outcome.type, "ms": ms}
    if isinstance(outcome, Declined):
        said["decline"] = outcome.decline_code
    if ms >= SLOW_MS:
        LOG.info("gateway slow", extra={"about": said})
    else:
        LOG.debug("gateway answered", extra={"about": said})


def count_silence(question: Question, error: Exception) -> None:
    """A gateway has not; it will be asked again, under the same key."""
    kind = type(error).__name__
    metrics.GATEWAY_SILENCES.labels(question.operation, kind, question.gateway).inc()
    said = {**question.said(), "kind": kind, "why": str(error)}
    LOG.info("gateway gave no outcome", extra={"about": said})


def count_delivery(event: str, endpoint: str, attempt: Attempt, state: str) -> None:
    """A webhook's delivery was tried, and stands so."""
    result = (
        "taken" if state == "delivered" else "unreachable" if attempt.status is None else f"{attempt.status // 100}xx"
    )
    metrics.WEBHOOK_TRIES.labels(result).inc()
    metrics.WEBHOOK_SECONDS.observe(attempt.latency_ms / 1_000)
    about = {
        "delivery": f"{event}/{endpoint}",
        "try": attempt.number,
        "status": attempt.status,
        "ms": attempt.latency_ms,
    }
    if state == "failed":
        LOG.warning("webhook given up", extra={"about": {**about, "why": attempt.error}})
    else:
        LOG.debug("webhook tried", extra={"about": {**about, "result": result}})
