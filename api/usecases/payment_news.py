"""What a gateway tells of a payment, handed to its workflow; and what it means when the workflow has no use for it.

A gateway tells something once, until it is acknowledged. So nothing is acknowledged that may still come to make sense.
"""

from dataclasses import replace
from typing import Literal

from api.dialect.errors import LOCK_TIMEOUT
from api.services import Services
from domain.machine import dispute_reports
from domain.machine.decisions import Decision, decide
from domain.machine.modifications import already_so
from domain.model.commands import ModificationResult, RefundResult, ReportDispute
from domain.model.gateways import FIRST
from domain.model.payment_intent import RULES, PaymentIntent
from domain.model.statuses import TERMINAL, Status
from observability import metrics
from observability.logs import logger
from temporal.engine import EngineUnavailable
from temporal.refusals import CommandRefused

News = RefundResult | ReportDispute | ModificationResult


async def send(services: Services, intent: PaymentIntent, command: News) -> bool:
    """To a payment that has probably ended, and is revived for it. False if there is no use for it.

    Raises:
        EngineUnavailable, PaymentStopped, RecordsUnavailable: not now; it is to be told again.
    """

    async def reload() -> PaymentIntent:
        return await services.projection.latest(intent.id) or intent

    try:
        done = await services.engine.send(intent, replace(command, seen_version=intent.version), reload)
    except CommandRefused as error:
        if error.refusal.code == LOCK_TIMEOUT or await _is_under_way(services, error.intent):
            raise EngineUnavailable("not yet") from error
        return _of_refused(error.intent, command, services.clock())
    if isinstance(command, ReportDispute) and not dispute_reports.agrees(done.intent.dispute, command):
        _contradicts(done.intent, command)
    return True


async def _is_under_way(services: Services, intent: PaymentIntent) -> bool:
    """Whether something was begun on the intent that refused: what was told may be about just that, and come too early.

    The record has what a gateway is asked for before it is asked; the workflow may not know of it, or not yet: its
    worker, or Temporal, was killed before the answer.
    """
    recorded = await services.projection.recorded(intent.id)
    return recorded is not None and recorded.is_begun(intent)


def _of_refused(intent: PaymentIntent, command: News, now: int) -> bool:
    """What was told and made no sense to the intent, on which nothing is under way: whether it is so already.

    Raises:
        EngineUnavailable: it may still come to make sense.
    """
    if isinstance(command, ReportDispute):
        return _of_dispute(intent, command, now)
    known = already_so(intent, command) if isinstance(command, ModificationResult) else None
    if known:
        return True
    if _is_for_newer_rules(intent, command, now):
        raise EngineUnavailable("not yet")
    if known is not None:
        return _contradicts(intent, command)
    if intent.status not in TERMINAL:
        # It does not know yet what this is about: the notification has overtaken the answer.
        raise EngineUnavailable("not yet")
    return False


def _is_for_newer_rules(intent: PaymentIntent, command: News, now: int) -> bool:
    """Whether what was refused makes sense by today's rules: a run of before may end, and the next goes by these."""
    return isinstance(decide(replace(intent, rules=max(RULES, intent.rules)), command, now), Decision)


def _of_dispute(intent: PaymentIntent, command: ReportDispute, now: int) -> bool:
    """What a gateway tells of a dispute, and was refused: late news, or too early ones, or what nobody here knows of.

    Raises:
        EngineUnavailable: they may still come to make sense, be it by newer rules.
    """
    if dispute_reports.already_so(intent, command, now):
        return True
    if _is_for_newer_rules(intent, command, now) or not _is_known_whole(intent):
        raise EngineUnavailable("not yet")
    return _contradicts(intent, command)


def _is_known_whole(intent: PaymentIntent) -> bool:
    """Whether nothing to come could make sense of a dispute: it has ended, or has the only one that it can have."""
    disputed = intent.charge is not None and intent.charge.dispute is not None
    return intent.status in TERMINAL or (disputed and intent.status == Status.REQUIRES_CAPTURE)


def _contradicts(intent: PaymentIntent, command: News) -> Literal[False]:
    """A gateway has done what we know not to be so: nothing is concluded from that but that a person has to look."""
    operation, reference = getattr(command, "operation", command.name), getattr(command, "reference", "")
    gateway = getattr(command, "gateway", "") or FIRST
    metrics.GATEWAY_MISMATCHES.labels(operation, gateway).inc()
    what = f"{gateway} tells of {operation} {reference}, which is not so here"
    logger().error("news that contradict the record", payment_intent=intent.id, why=f"GatewayMismatch: {what}")
    return False
