"""Helpers for tests of payments: time travel. Of no use with a live key."""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.dialect.operation import Resource
from api.parameters.others import FastForwardParameters
from api.usecases.commands import shown
from records import payment_intents as records
from temporal.engine import ClockFixed

SECONDS_MAX = 366 * 86_400


async def fast_forward(call: Call, given: FastForwardParameters) -> dict[str, Any]:
    """Move one payment's clock by `seconds`, or `to` a time; every timer that comes due fires, in order."""
    id_ = call.path_id("payment_intent", "intent")
    if await records.load(call.services.database, call.scope, id_) is None:
        raise missing("payment_intent", id_, "intent", in_path=True)
    try:
        await call.services.engine.fast_forward(id_, await _seconds(call, given, id_))
    except ClockFixed as error:
        raise StripeError(str(error), code="payment_intent_unexpected_state") from None
    intent = await call.services.engine.retrieve(id_)
    recorded = await records.load(call.services.database, call.scope, id_)
    if recorded is not None and (intent is None or recorded.version > intent.version):
        intent = recorded
    if intent is None:
        raise missing("payment_intent", id_, "intent", in_path=True)
    return shown(call, intent)


async def _seconds(call: Call, given: FastForwardParameters, id_: str) -> int:
    """How far; exactly one way of saying it."""
    if (given.seconds is None) == (given.to is None):
        if given.to is not None:
            text = "You may only specify one of these parameters: seconds, to."
            raise invalid_request(text, code="parameters_exclusive", param="seconds")
        text = "Missing required param: seconds (or to)."
        raise invalid_request(text, code="parameter_missing", param="seconds")
    param = "seconds" if given.to is None else "to"
    seconds = given.seconds or 0
    if given.to is not None:
        seconds = given.to - await call.services.engine.time_of(id_, call.now)
    if not 1 <= seconds <= SECONDS_MAX:
        text = f"The clock moves forward only, by 1 to {SECONDS_MAX} seconds at once; this would be {seconds}."
        raise invalid_request(text, code="parameter_invalid_integer", param=param)
    return seconds


RESOURCE = Resource(
    path="/v1/test_helpers/payment_intents", name="test_helpers.payment_intents", returns="payment_intent"
)

OPERATIONS = (
    RESOURCE.operation(
        "POST",
        "/{id}/fast_forward",
        "fast_forward",
        "Move a PaymentIntent's clock",
        FastForwardParameters,
        fast_forward,
        test_only=True,
    ),
)
