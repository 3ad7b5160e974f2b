"""The duplicate guard, where requests come in: looks for the first before a confirmation is sent, if the account wants.

Costs nothing for accounts that have it off. What a duplicate is: domain/machine/duplicates.py.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import StripeError
from api.usecases.routing import refusal_of
from domain.machine import duplicates
from domain.machine.duplicates import Choice
from domain.model.commands import Command, Confirm
from domain.model.payment_intent import PaymentIntent
from observability import metrics
from observability.logs import logger
from records import recent_payments
from records.base import RecordsUnavailable


@asynccontextmanager
async def guard_duplicate(call: Call, intent: PaymentIntent, command: Command) -> AsyncIterator[Command]:
    """The command as it is to be sent: it says which payment it is a duplicate of, if it is one.

    Only confirmations can be. While this is open, one counts as under way; if it ends without an answer, its claim
    lapses.
    """
    guard, alike = call.key.duplicates, None
    if guard and isinstance(command, Confirm) and refusal_of(call, intent, command) is None:
        alike = duplicates.likeness(intent, command)
    if guard is None or alike is None or not isinstance(command, Confirm):
        yield command
        return
    first = await recent_payments.claim(call.services.database, call.scope, intent.id, alike, guard, call.now)
    refuse = guard.choice is Choice.REFUSE
    if first is not None:
        what = "refused" if refuse else "flagged"
        metrics.DUPLICATES.labels(what).inc()
        logger().warning("duplicate payment", what=what, payment_intent=intent.id, duplicate_of=first)
        command = replace(command, duplicate_of=first, refuse_duplicate=refuse)
    try:
        yield command
    except StripeError:
        await _end_claim(call, intent)
        raise
    await _end_claim(call, intent)


async def _end_claim(call: Call, intent: PaymentIntent) -> None:
    """It was answered, and that stands: a claim that cannot be ended lapses."""
    with contextlib.suppress(RecordsUnavailable):
        await recent_payments.ended(call.services.database, intent.id)
