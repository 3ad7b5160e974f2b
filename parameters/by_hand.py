"""Commands typed by hand, checked by the very tables that requests are checked by."""

from dataclasses import fields, replace
from typing import Any

from domain.machine.limits import LOOSELY_TYPED
from domain.model.commands import Command
from domain.model.hashes import JsonObject
from domain.refusals import Refusal
from parameters import disputes, payment_intents, refunds, shares
from parameters.hashes import Parameters
from parameters.others import NoParameters
from parameters.validation import Unacceptable, check

MODELS: dict[str, type[Parameters]] = {
    "update": payment_intents.UpdateParameters,
    "confirm": payment_intents.ConfirmParameters,
    "capture": payment_intents.CaptureParameters,
    "cancel": payment_intents.CancelParameters,
    "increment_authorization": payment_intents.IncrementParameters,
    "verify_microdeposits": payment_intents.VerifyMicrodepositsParameters,
    "apply_customer_balance": payment_intents.ApplyCustomerBalanceParameters,
    "refund": refunds.RefundCreateParameters,
    "update_dispute": disputes.DisputeUpdateParameters,
    "close_dispute": NoParameters,
    "return_share": shares.ReturnShareParameters,
}
"""What a request of this name may say. What only gateways say is no request: its types are checked when it is read."""

OF_NO_REQUEST = frozenset(
    {
        "command_id", "request_id", "idempotency_key", "seen_version", "not_after", "mistake", "name", "changes",
        "dispute",
    }
)  # fmt: skip
"""Fields of commands that no parameter of a request is. `changes` are parameters themselves."""

OURS = ("refund", "payment_method", "publishable", "duplicate_of", "refuse_duplicate", "route", "routing", "limit",
        "returned")  # fmt: skip
"""What the API itself puts into a command: an id that it has minted, of a refund or what comes back, a payment method
that it has looked up, who asks, a payment that it has found to be alike, where it is tried, why its card is not."""


def refusal(command: Command) -> Refusal | None:
    """What a request that says the same would be refused with."""
    model = MODELS.get(command.name)
    if command.mistake:
        return replace(command.mistake, code=None) if command.mistake.code == LOOSELY_TYPED else command.mistake
    if model is None:
        return None
    mine = next((name for name in OURS if getattr(command, name, None)), None)
    if mine is not None:
        text = f"Received unknown parameter: {mine}. It cannot be typed: leave it out, or use the API."
        return Refusal(code="parameter_unknown", message=text, param=mine)
    try:
        check(model, _said(command))
    except Unacceptable as error:
        return error.refusal
    return None


def _said(command: Command) -> JsonObject:
    """As a request says it: only what was said, and an empty string for what is to be cleared."""
    said = {
        field.name: getattr(command, field.name)
        for field in fields(command)
        if field.name not in OF_NO_REQUEST and getattr(command, field.name) != field.default
    }
    changes: JsonObject = getattr(command, "changes", {})
    plain: JsonObject = _plain({**said, **changes})
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return "" if value is None else value
