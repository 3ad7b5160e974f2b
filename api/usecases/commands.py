"""Commands from the API to the engine: who sends them, and what a refusal of one looks like to the caller."""

from dataclasses import replace

from api.dialect import errors
from api.dialect.call import Call
from api.dialect.publishable import without_the_merchants
from contracts.messages import CommandResult
from domain.model.commands import Command
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from records import payment_intents as records
from records import payment_methods
from records.scope import Scope
from rendering.payment_intent import for_publishable, render
from temporal.engine import EngineUnavailable
from temporal.refusals import CommandRefused


def identity(call: Call) -> JsonObject:
    """What makes a repeated command the same command, and whose request it came from."""
    return {
        "command_id": call.mint.command,
        "request_id": call.request_id,
        "idempotency_key": call.idempotency_key,
    }


def body_of(call: Call, intent: PaymentIntent) -> JsonObject:
    """The intent as this caller may see it."""
    rendered = render(intent)
    return without_the_merchants(for_publishable(rendered)) if call.publishable else rendered


async def start_with(call: Call, intent: PaymentIntent, command: Command) -> CommandResult:
    """Start a new intent, which is recorded, with its first command.

    Raises:
        StripeError: the domain refused, by now; the intent is inside, unchanged.
    """
    try:
        return _take_time(call, await call.services.engine.start_with(intent, command))
    except EngineUnavailable:
        call.turn.sent = True
        raise
    except CommandRefused as refused:
        raise errors.refused(refused.refusal, body_of(call, refused.intent)) from None


async def send(call: Call, intent: PaymentIntent, command: Command) -> CommandResult:
    """Carry out a command on the intent as it was last recorded.

    Raises:
        StripeError: the domain refused; the intent is inside, unchanged.
    """

    async def reload() -> PaymentIntent:
        whose = Scope(intent.account, intent.livemode)
        return await records.load(call.services.database, whose, intent.id) or intent

    try:
        result = await call.services.engine.send(intent, replace(command, seen_version=intent.version), reload)
    except EngineUnavailable:
        call.turn.sent = True
        raise
    except CommandRefused as refused:
        raise errors.refused(refused.refusal, body_of(call, refused.intent)) from None
    return await _as_told(call, _take_time(call, result))


def _take_time(call: Call, result: CommandResult) -> CommandResult:
    """Answered, and what it took is known: whose time it was."""
    call.turn.sent, call.turn.unknown = True, result.intent.pending is not None
    call.turn.asked_seconds += result.asked_ms / 1_000
    return result


async def _as_told(call: Call, result: CommandResult) -> CommandResult:
    """The answer to a repeated command, its error with the payment method that the intent has forgotten since."""
    error = result.error
    if error is None or error.payment_method_id is None:
        return result
    method = await payment_methods.load(call.services.database, call.scope, error.payment_method_id)
    return replace(result, error=replace(error, payment_method=method, payment_method_id=None))
