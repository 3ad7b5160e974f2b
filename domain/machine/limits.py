"""Limits on what may be said of a payment at all: what every store can keep, and how much of it.

A PaymentIntent travels whole: into Temporal's history with every answer, into PostgreSQL with every transition. So what
anybody says of it is bounded before anything happens, with room for what must still come: a capture, a cancel, the
hold's expiry, refunds. Those add ids and numbers, and are never refused for want of room.

Where the room goes, at most: 320 KiB for what was said (`SAID_BYTES_MAX`), 86 KiB for the ledger (880 ids of 45 bytes,
120 errors of 400), 37 KiB for a thousand refunds, 13 KiB for numbers, ids and what gateways say: 456 KiB.
That is less than the 512 KiB at which a Temporal server warns. It takes 2 MiB in one payload (state, command and effect
are sent to be recorded together: 970 KiB), and 4 MiB in one call, in which several callers may be answered
(`OPEN_BYTES_MAX`).
"""

import math
from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any

from domain.identifiers import ID_MAX
from domain.model.attributes import OPEN_TO_CHANGE
from domain.model.charges import Charge
from domain.model.commands import Command, ModificationResult
from domain.model.outcomes import Effect
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.refunds import ChargeRefund
from domain.model.resolutions import Resolve
from domain.model.shares import ReturnShare
from domain.refusals import Refusal

INTEGER_MAX = 2**63 - 1
"""PostgreSQL's bigint, and what every JSON reader of ours takes."""

DEPTH_MAX = 20
"""Deeper than any attribute, by far; the API's own limit for parameters is 12."""

LOOSELY_TYPED = "loosely_typed"
"""The code of a mistake that older releases passed over: `"400"`, or `true`, for a number."""

COMMAND_ID_MAX = ID_MAX
COMMAND_TEXT_MAX = 5_000
"""A word in a command that is no attribute: Stripe's limit for text, as in the API."""

NAMED_BY_OTHERS = frozenset({"command_id", "idempotency_key"})
IDS = NAMED_BY_OTHERS | {
    "authentication", "charge", "customer", "customer_account", "dispute", "duplicate_of", "mandate", "reference",
    "refund", "request_id", "returned",
}  # fmt: skip
"""What names something. The record has indexes on ids, and an index takes no longer ones; those that others think of
may have any letters."""

COMMAND_BYTES_MAX = 262_144
"""One command, as JSON. The largest that a merchant has a use for are 200 line items with long names: 235 KiB."""

SAID_BYTES_MAX = 327_680
"""All that was said of an intent, as JSON, with the copies that its next charge and its next decline will hold."""

OPEN_BYTES_MAX = 1_572_864
"""Commands of one intent that wait for their answers, with these answers, as JSON. Temporal's server ends a workflow
that answers with more than 4 MiB at once (measured). Ten updates may wait; only large intents are busy with fewer."""

SHOWN_BYTES_MAX = 65_536
"""A refusal shows the intent up to this size; ten may be answered at once. Beyond, its reader has the record."""

_HEAVY = (
    "description", "metadata", "receipt_email", "shipping", "transfer_data", "transfer_group", "amount_details",
    "payment_details", "hooks", "mandate_data", "radar_options", "payment_method_options", "payment_method_types",
    "allowed_payment_method_types", "excluded_payment_method_types", "on_behalf_of", "customer", "customer_account",
    "payment_method_configuration", "mandate", "return_url", "next_action", "pending", "dispute", "resolutions",
    "ended_modifications",
)  # fmt: skip
"""Attributes that may be long."""

_RULED = ("amount", "amount_to_capture")
"""Numbers in a command that its own rules bound more closely, and say so."""

_COPIED = ("description", "metadata", "receipt_email", "shipping", "transfer_data", "transfer_group", "on_behalf_of")
"""Those of them that a charge takes over."""


def unstorable(value: Any, depth: int = 0) -> str | None:
    """What some store of ours cannot keep of `value` (plain values, and dataclasses of them); None if all is well."""
    match value:
        case str():
            return _unstorable_text(value)
        case bool() | None:
            return None
        case int():
            return None if -INTEGER_MAX - 1 <= value <= INTEGER_MAX else "a number of more than 64 bits"
        case float():
            return None if math.isfinite(value) else "a number that is not finite"
    if depth >= DEPTH_MAX:
        return f"more than {DEPTH_MAX} levels"
    return next((found for inner in _parts(value) if (found := unstorable(inner, depth + 1))), None)


def _unstorable_text(value: str) -> str | None:
    if "\x00" in value:
        return "a null character"
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair"
    return None


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | tuple):
        return list(value)
    # `dataclasses.fields` takes longer than all the rest.
    return [getattr(value, name) for name in getattr(value, "__dataclass_fields__", ())]


def weight(value: Any) -> int:
    """How many bytes `value` takes as JSON; of a dataclass, nulls do not count."""
    if value is None:
        return 4
    if isinstance(value, str):
        plain = encode_basestring(value)
        return len(plain) if plain.isascii() else len(plain.encode(errors="replace"))
    if isinstance(value, int | float):
        return len(str(value)) if abs(value) <= INTEGER_MAX else 20
    if isinstance(value, dict):
        return 2 + sum(weight(str(key)) + weight(inner) + 2 for key, inner in value.items())
    if isinstance(value, list | tuple):
        return 2 + sum(weight(inner) + 1 for inner in value)
    names = value.__dataclass_fields__
    return 2 + sum(len(name) + 4 + weight(inner) for name in names if (inner := getattr(value, name)) is not None)


def said(state: PaymentIntent) -> int:
    """How many bytes what was said of the intent takes, as JSON, or will take once it has been tried to be paid."""
    own = sum(weight(value) for name in _HEAVY if (value := getattr(state, name)))
    method, failure = _method(state.payment_method), state.last_payment_error
    repeated = _charged(state.charge) + (_method(failure.payment_method) if failure else 0)
    if state.status in OPEN_TO_CHANGE:
        repeated = max(repeated, sum(weight(value) for name in _COPIED if (value := getattr(state, name))) + 2 * method)
    return own + method + repeated


def _method(method: PaymentMethod | None) -> int:
    return weight(method) if method else 0


def _charged(charge: Charge | None) -> int:
    if charge is None:
        return 0
    return _method(charge.payment_method) + sum(weight(value) for name in _COPIED if (value := getattr(charge, name)))


def unreadable(command: Command, rules: int = 2) -> Refusal | None:
    """Why nothing can be made of a command that was typed.

    One that is only of other types is refused where what is typed is checked: a run of before has carried it out, and
    does so again when it is replayed. Nobody else checks an operator's word, shares, or what a gateway tells of what it
    has taken on. By the `rules` before the second, the last was taken as it came if its id looked like one of ours.
    """
    mistake = command.mistake
    if isinstance(command, ModificationResult) and mistake and rules < 2:
        return None if mistake.code == LOOSELY_TYPED or "/" in command.command_id else mistake
    checked_here = isinstance(command, Resolve | ModificationResult | ReturnShare)
    loose = mistake is not None and mistake.code == LOOSELY_TYPED and not checked_here
    return None if loose else mistake


def command_refusal(command: Command) -> Refusal | None:
    """Refuse a command that some store of ours could not keep, or that is larger than any has to be."""
    for name in command.__dataclass_fields__:
        value = getattr(command, name)
        found = _changes_refusal(value) if name == "changes" else _field_refusal(name, value)
        if found is not None:
            return found
    if says_something(command) and weight(command) > COMMAND_BYTES_MAX:
        text = f"The parameters are too large: together they can have at most {COMMAND_BYTES_MAX} bytes."
        return Refusal(message=text)
    return None


def _changes_refusal(changes: dict[str, Any]) -> Refusal | None:
    for name, value in changes.items():
        wrong = unstorable(name)
        if wrong is not None:
            return Refusal(message=f"Invalid parameter name: it contains {wrong}.")
        found = _field_refusal(name, value, COMMAND_BYTES_MAX)
        if found is not None:
            return found
    return None


def _field_refusal(name: str, value: Any, text_max: int = COMMAND_TEXT_MAX) -> Refusal | None:
    if value is None or name in _RULED:
        return None
    param = name[:COMMAND_ID_MAX]
    wrong = unstorable(value)
    if wrong is not None:
        return Refusal(message=f"Invalid {param}: it contains {wrong}.", param=param)
    most = COMMAND_ID_MAX if name in IDS else text_max
    if isinstance(value, str) and len(value) > most:
        return Refusal(message=f"Invalid {param}: it must be at most {most} characters.", param=param)
    if name in IDS - NAMED_BY_OTHERS and isinstance(value, str) and not _is_id(value):
        return Refusal(message=f"Invalid {param}: there is no such id.", param=param)
    inner = _id_within(value)
    return Refusal(message=f"Invalid {param}: {inner} is no id.", param=param) if inner else None


def _is_id(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _id_within(value: Any) -> str | None:
    """The name of what should be an id, and is none, in a method or a refund that comes with a command."""
    if isinstance(value, PaymentMethod | ChargeRefund):
        given = [(name, getattr(value, name, None)) for name in ("id", "customer", "charge", "payment_intent")]
        return next((name for name, id_ in given if id_ and not (len(id_) <= ID_MAX and _is_id(id_))), None)
    return None


def says_something(command: Command) -> bool:
    """Whether a command adds to what is said of the intent; what a confirm makes it repeat is counted before."""
    return any(getattr(command, name, None) for name in ("changes", "metadata", "payment_method"))


def too_much_said(before: PaymentIntent, after: PaymentIntent, effect: Effect | None = None) -> Refusal | None:
    """Refuse to take an intent from `before` to `after` if too much is said of it then, and more than now.

    `effect` is kept with the intent while its outcome is unknown.
    """
    total = said(after) + (weight(effect) if effect else 0)
    if total <= SAID_BYTES_MAX or (effect is None and total <= said(before)):
        return None
    return _too_large(total)


def intent_refusal(intent: PaymentIntent) -> Refusal | None:
    """Refuse a new intent of which too much is said."""
    total = said(intent)
    return _too_large(total) if total > SAID_BYTES_MAX else None


def _too_large(total: int) -> Refusal:
    return Refusal(
        message=f"This PaymentIntent would be too large: its parameters and its payment method together take {total} "
        f"bytes, with what its charges repeat of them, and can take at most {SAID_BYTES_MAX}."
    )


def too_many_open(state: PaymentIntent, waiting: Sequence[Command], command: Command) -> bool:
    """Whether `command` had better come again: with those `waiting` there would be more to answer than fits."""
    if not waiting:
        return False
    answer = said(state) + sum(entry.weight for entry in state.ledger)
    return sum(answer + weight(one) for one in (*waiting, command)) > OPEN_BYTES_MAX
