"""Setting a payment method up: who sends commands to SetupIntents, with which method, and what a refusal looks like.

As method_use.py and commands.py have it for PaymentIntents. A method that is nobody's is claimed while it is set up:
nobody pays with it at the same moment.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from api.dialect import errors
from api.dialect.call import Call
from api.dialect.errors import StripeError, missing
from api.dialect.publishable import check_owner, customer_gone, without_the_merchants
from api.usecases.changes import mandate_acceptance
from api.usecases.consent import BY_THE_PAYER
from contracts.setup_messages import SetupResult
from domain.machine.setups.confirming import needs_consent
from domain.machine.setups.decisions import decide
from domain.model.commands import Command, Confirm
from domain.model.hashes import JsonObject
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent, remembered
from domain.refusals import Refusal
from records import methods_in_use, payment_methods
from records import setup_intents as records
from records.base import RecordsUnavailable
from records.methods_in_use import MethodStanding
from rendering.payment_intent import error as render_error
from rendering.setup_intent import for_publishable, render
from temporal.engine import EngineUnavailable
from temporal.refusals import CommandRefused

NAME = "setup_intent"
"""What an error calls the intent that it carries."""


def body_of(call: Call, intent: SetupIntent) -> JsonObject:
    """The intent as this caller may see it, with its latest attempt, should they want to see that as well."""
    if intent.attempt is not None:
        call.attempts[intent.attempt.id] = intent.attempt
    rendered = render(intent)
    return without_the_merchants(for_publishable(rendered)) if call.publishable else rendered


async def start_with(call: Call, intent: SetupIntent, command: Command) -> JsonObject:
    """Start a new intent, which is recorded, with its first command.

    Raises:
        StripeError: the domain refused, by now, or a bank said no; the intent is inside.
    """
    try:
        result = await call.services.setups.start_with(intent, command)
    except EngineUnavailable:
        call.turn.sent = True
        raise
    except CommandRefused as refused:
        raise errors.refused(refused.refusal, body_of(call, refused.intent), NAME) from None
    return await _answer(call, result)


async def send(call: Call, intent: SetupIntent, command: Command) -> JsonObject:
    """Carry out a command on the intent as it was last recorded.

    Raises:
        StripeError: the domain refused, or a bank said no; the intent is inside.
    """

    async def reload() -> SetupIntent:
        return await records.load(call.services.database, call.scope, intent.id) or intent

    try:
        result = await call.services.setups.send(intent, replace(command, seen_version=intent.version), reload)
    except EngineUnavailable:
        call.turn.sent = True
        raise
    except CommandRefused as refused:
        raise errors.refused(refused.refusal, body_of(call, refused.intent), NAME) from None
    return await _answer(call, result)


async def _answer(call: Call, result: SetupResult) -> JsonObject:
    """The answer; of a repeated command, its error with the payment method that the intent has forgotten since."""
    call.turn.sent, call.turn.unknown = True, result.intent.pending is not None
    call.turn.asked_seconds += result.asked_ms / 1_000
    rendered, error = body_of(call, result.intent), result.error
    if error is None:
        return rendered
    if error.payment_method_id is not None:
        method = await payment_methods.load(call.services.database, call.scope, error.payment_method_id)
        error = replace(error, payment_method=method, payment_method_id=None)
    told = render_error(error)
    raise errors.declined(error, without_the_merchants(told) if call.publishable else told, rendered, NAME)


@asynccontextmanager
async def set_up_with(
    call: Call, intent: SetupIntent, command: Command, *, new: bool = False
) -> AsyncIterator[Command]:
    """The command with its method as that is now. While this is open, nobody pays with what is nobody's.

    `new` if the method is this request's own, so that nobody else can have it.

    Raises:
        StripeError: there is no such customer any more, or the method is kept for somebody else.
    """
    method = _method(call, intent, command)
    if method is None or not isinstance(command, Confirm):
        yield command
        return
    customer = command.changes.get("customer", intent.customer)
    database, id_ = call.services.database, intent.id
    found = await methods_in_use.look(database, call.scope, id_, method.id, customer, call.now)
    if call.publishable:
        check_owner(intent, found.method)
    if customer is not None and not found.owned:
        if call.publishable:
            raise customer_gone("SetupIntent")
        raise missing("customer", customer, "customer", in_path=False)
    now = found.method
    changed = now is not None and now != method and not new
    try:
        yield replace(command, payment_method=now) if changed else command
    except StripeError:
        await _end_claim(call, id_, found)
        raise
    await _end_claim(call, id_, found)


async def _end_claim(call: Call, intent: str, found: MethodStanding) -> None:
    """It was answered, and that stands. Where nobody knows what became of it, the claim is left to lapse."""
    if found.claimed and found.method is not None:
        with contextlib.suppress(RecordsUnavailable):
            await methods_in_use.answered(call.services.database, intent, found.method.id)


def _method(call: Call, intent: SetupIntent, command: Command) -> PaymentMethod | None:
    """The method that is about to be set up; None if none is, or if the command was carried out before."""
    if not isinstance(command, Confirm) or remembered(intent, command.command_id):
        return None
    if isinstance(decide(intent, command, call.now), Refusal):
        return None
    return command.payment_method or intent.payment_method


def consent(call: Call, method: PaymentMethod | None, changes: JsonObject) -> JsonObject:
    """What to change besides, so that the intent can be confirmed: a browser of the payer's own is their consent."""
    if method is None or not call.publishable or changes.get("mandate_data") or not needs_consent(method.type):
        return {}
    return {"mandate_data": mandate_acceptance(call, BY_THE_PAYER)}
