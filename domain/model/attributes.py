"""Attributes of a PaymentIntent that may change: one row each, from which all that is to be known of one is derived.

The API has checked values far more closely; but commands also come as signals typed by hand, and what is not of the
right type must be refused here instead of stopping the workflow, or a state that cannot be shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from domain.copies import replace
from domain.model import shapes
from domain.model.payment_methods import merged_options
from domain.model.statuses import Status
from domain.money import amounts
from domain.refusals import Refusal

OPEN_TO_CHANGE = frozenset({Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION})
"""Until money moves, everything may change."""

NAME_SHOWN_MAX = 100
"""How much of an unknown name a message repeats."""


class Sent(Enum):
    """How a request says it."""

    AS_IT_IS = auto()
    """By a parameter of that name, at creation and later."""
    CHANGED = auto()
    """The same; but a creation has more to do with it."""
    OTHERWISE = auto()
    """By parameters that the API makes it of."""


def _replaced(_: Any, value: Any) -> Any:
    return value


def _listed(_: Any, value: list[str] | tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _metadata(before: Mapping[str, str], value: Mapping[str, str | None] | None) -> dict[str, str]:
    """Key by key; None removes one, or all. docs.stripe.com/metadata."""
    merged = {} if value is None else {**before, **value}
    return {key: text for key, text in merged.items() if text is not None}


def _by_key(before: Mapping[str, Any] | None, value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Key by key; None removes one, and nothing is left of a hash without any."""
    if value is None:
        return None
    return {key: part for key, part in {**(before or {}), **value}.items() if part is not None} or None


def _anything(_: Any) -> bool:
    return True


def _each(kind: Any) -> Callable[[Any], bool]:
    return lambda value: all(isinstance(part, kind) for part in (value.values() if isinstance(value, dict) else value))


def _hash_at(name: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value.get(name), dict | None)


def _shaped(shape: shapes.Shape) -> Callable[[Any], bool]:
    return lambda value: shapes.has(value, shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What is to be known of one attribute.

    `always`: it moves no money, so it may change in every status. `held`: a capture or an increment may bring it along.
    `clearable`: None takes it away. `chooses`: it decides whether the intent can be paid with its method; `shares`: who
    gets how much. `merge(before, value)` is the value after a change. A value is of `kind`, and `readable`; by today's
    rules also `showable`.
    """

    kind: type
    always: bool = False
    held: bool = False
    clearable: bool = True
    chooses: bool = False
    shares: bool = False
    merge: Callable[[Any, Any], Any] = _replaced
    readable: Callable[[Any], bool] = _anything
    showable: Callable[[Any], bool] = _anything
    sent: Sent = Sent.AS_IT_IS

    def takes(self, value: Any) -> bool:
        """Whether it is of the right kind; a truth value is no number."""
        kind = (list, tuple) if self.kind is list else self.kind
        return not isinstance(value, bool) and isinstance(value, kind)


_TYPES = Attribute(kind=list, merge=_listed, readable=_each(str), sent=Sent.OTHERWISE)

# In the order in which requests are looked at: whoever has made two mistakes hears of the first.
ATTRIBUTES: dict[str, Attribute] = {
    "application_fee_amount": Attribute(kind=int, held=True, shares=True),
    "customer_account": Attribute(kind=str),
    "description": Attribute(kind=str, always=True, held=True),
    "payment_method_configuration": Attribute(kind=str, sent=Sent.OTHERWISE),
    "configuration_parent": Attribute(kind=str, sent=Sent.OTHERWISE),
    "offered_types": _TYPES,
    "receipt_email": Attribute(kind=str, always=True),
    "setup_future_usage": Attribute(kind=str, showable=lambda word: word in ("on_session", "off_session")),
    "shipping": Attribute(
        kind=dict, always=True, readable=_hash_at("address"), showable=_shaped(shapes.SHIPPING)
    ),
    "statement_descriptor": Attribute(kind=str, always=True, held=True),
    "statement_descriptor_suffix": Attribute(kind=str, always=True, held=True),
    "transfer_data": Attribute(
        kind=dict, held=True, shares=True, merge=_by_key, showable=_shaped(shapes.TRANSFER_DATA)
    ),
    "transfer_group": Attribute(kind=str, always=True),
    "hooks": Attribute(kind=dict, always=True, held=True, merge=_by_key, showable=_shaped(shapes.HOOKS)),
    "payment_details": Attribute(
        kind=dict, always=True, held=True, merge=_by_key, showable=_shaped(shapes.PAYMENT_DETAILS)
    ),
    "mandate": Attribute(kind=str),
    "mandate_data": Attribute(
        kind=dict, readable=_hash_at("customer_acceptance"), showable=_shaped(shapes.MANDATE_DATA)
    ),
    "radar_options": Attribute(kind=dict, showable=_shaped(shapes.RADAR_OPTIONS)),
    "payment_method_options": Attribute(
        kind=dict, merge=merged_options, readable=_each(dict | None), showable=shapes.are_options
    ),
    "amount_details": Attribute(
        kind=dict, held=True, merge=_by_key, readable=amounts.well_formed, showable=shapes.are_amount_details
    ),
    "amount": Attribute(kind=int, clearable=False, shares=True, sent=Sent.CHANGED),
    "capture_method": Attribute(
        kind=str, clearable=False, showable=lambda word: word in ("automatic", "automatic_async", "manual"),
        sent=Sent.CHANGED,
    ),
    "customer": Attribute(kind=str, chooses=True, sent=Sent.CHANGED),
    "metadata": Attribute(
        kind=dict, always=True, held=True, merge=_metadata, readable=_each(str | None), sent=Sent.CHANGED
    ),
    "currency": Attribute(kind=str, clearable=False, sent=Sent.OTHERWISE),
    "payment_method_types": replace(_TYPES, clearable=False, chooses=True),
    "allowed_payment_method_types": _TYPES,
    "excluded_payment_method_types": replace(_TYPES, chooses=True),
}  # fmt: skip
"""By name. What is in no row does not change."""

ALWAYS_UPDATABLE = frozenset(name for name, attribute in ATTRIBUTES.items() if attribute.always)
WITH_MONEY_HELD = frozenset(name for name, attribute in ATTRIBUTES.items() if attribute.held)
CHOOSING = frozenset(name for name, attribute in ATTRIBUTES.items() if attribute.chooses)
SHARING = frozenset(name for name, attribute in ATTRIBUTES.items() if attribute.shares)
AS_SENT = tuple(name for name, attribute in ATTRIBUTES.items() if attribute.sent is Sent.AS_IT_IS)
SENT_IN_CHANGES = tuple(name for name, attribute in ATTRIBUTES.items() if attribute.sent is not Sent.OTHERWISE)


def attribute_refusal(name: str, value: Any, *, rules: int) -> Refusal | None:
    """Refuse an attribute that nobody knows, that cannot be cleared, or that is not made of what it should be.

    By today's rules, what could not be shown is not, either.
    """
    attribute = ATTRIBUTES.get(name)
    if attribute is None:
        return unknown_attribute(name)
    if value is None:
        text = f"{name} cannot be unset."
        return None if attribute.clearable else Refusal(code="parameter_invalid_empty", message=text, param=name)
    if not attribute.takes(value):
        return Refusal(message=f"Invalid {name}: it must be of type {attribute.kind.__name__}.", param=name)
    if not attribute.readable(value) or (rules and not attribute.showable(value)):
        return Refusal(message=f"Invalid {name}: what it holds is not of the right type.", param=name)
    return None


def unknown_attribute(name: str) -> Refusal:
    """Nobody knows this attribute, or it cannot be changed by such a command."""
    shown = name[:NAME_SHOWN_MAX]
    return Refusal(code="parameter_unknown", message=f"Received unknown parameter: {shown}", param=shown)
