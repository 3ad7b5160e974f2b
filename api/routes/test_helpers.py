"""Helpers for tests of payments and setups: time travel. Of no use with a live key."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.dialect.operation import Resource
from api.usecases.commands import body_of
from api.usecases.setup_commands import body_of as shown_setup
from domain.machine.intents import S
from domain.model.hashes import JsonObject
from parameters.others import FastForwardParameters
from records import payment_intents as records
from records import setup_intents as setup_records
from temporal.engine import ClockFixed
from temporal.port import IntentEngine

Body = JsonObject

SECONDS_MAX = 366 * 86_400


async def fast_forward(call: Call, given: FastForwardParameters) -> Body:
    """Move one payment's clock by `seconds`, or `to` a time; every timer that comes due fires, in order."""
    id_ = call.path_id("payment_intent", "intent")
    load = partial(records.load, call.services.database, call.scope)
    return body_of(call, await _forwarded(call, given, id_, "payment_intent", call.services.engine, load))


async def fast_forward_setup(call: Call, given: FastForwardParameters) -> Body:
    """The same of a SetupIntent: buyers are given up who do not come back, and deposits that nobody tells of."""
    id_ = call.path_id("setupintent", "intent")
    load = partial(setup_records.load, call.services.database, call.scope)
    return shown_setup(call, await _forwarded(call, given, id_, "setup_intent", call.services.setups, load))


async def _forwarded(
    call: Call,
    given: FastForwardParameters,
    id_: str,
    kind: str,
    engine: IntentEngine[S, Any],
    load: Callable[[str], Awaitable[S | None]],
) -> S:
    """The intent once its clock was moved: of its workflow, or its record, whichever knows more."""
    unknown = missing(kind if kind == "payment_intent" else "setupintent", id_, "intent", in_path=True)
    if await load(id_) is None:
        raise unknown
    try:
        await engine.fast_forward(id_, await _seconds(call, given, id_, engine))
    except ClockFixed as error:
        raise StripeError(str(error), code=f"{kind}_unexpected_state") from None
    intent, recorded = await engine.retrieve(id_), await load(id_)
    if recorded is not None and (intent is None or recorded.version > intent.version):
        intent = recorded
    if intent is None:
        raise unknown
    return intent


async def _seconds(call: Call, given: FastForwardParameters, id_: str, engine: IntentEngine[Any, Any]) -> int:
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
        seconds = given.to - await engine.time_of(id_, call.now)
    if not 1 <= seconds <= SECONDS_MAX:
        text = f"The clock moves forward only, by 1 to {SECONDS_MAX} seconds at once; this would be {seconds}."
        raise invalid_request(text, code="parameter_invalid_integer", param=param)
    return seconds


RESOURCE = Resource(
    path="/v1/test_helpers/payment_intents", name="test_helpers.payment_intents", returns="payment_intent"
)
SETUPS = Resource(path="/v1/test_helpers/setup_intents", name="test_helpers.setup_intents", returns="setup_intent")

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
    SETUPS.operation(
        "POST",
        "/{id}/fast_forward",
        "fast_forward",
        "Move a SetupIntent's clock",
        FastForwardParameters,
        fast_forward_setup,
        test_only=True,
    ),
)
