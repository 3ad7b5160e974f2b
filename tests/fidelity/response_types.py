"""Answers held to the types of Stripe's own libraries: no key missing, none unknown, none null that cannot be.

Types and words are the Python library's, which keys may be absent or null the Node library's (optional_keys.py).
"""

import inspect
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe
import typing_extensions
from stripe._error_object import ErrorObject

from tests.fidelity.optional_keys import KEYS

CLASSES: dict[str, type] = {
    "account": stripe.Account, "application_fee": stripe.ApplicationFee, "fee_refund": stripe.ApplicationFeeRefund,
    "transfer": stripe.Transfer, "transfer_reversal": stripe.TransferReversal,
    "dispute": stripe.Dispute, "cash_balance": stripe.CashBalance, "funding_instructions": stripe.FundingInstructions,
    "customer_cash_balance_transaction": stripe.CustomerCashBalanceTransaction,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction, "charge": stripe.Charge, "refund": stripe.Refund,
    "confirmation_token": stripe.ConfirmationToken, "customer": stripe.Customer,
    "event": stripe.Event, "file": stripe.File, "mandate": stripe.Mandate, "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payment_intent_amount_details_line_item": stripe.PaymentIntentAmountDetailsLineItem,
    "webhook_endpoint": stripe.WebhookEndpoint, "payment_method_configuration": stripe.PaymentMethodConfiguration,
    "ephemeral_key": stripe.EphemeralKey, "customer_session": stripe.CustomerSession,
    "token": stripe.Token, "card": stripe.Card, "bank_account": stripe.BankAccount,
    "payment_method_domain": stripe.PaymentMethodDomain, "setup_intent": stripe.SetupIntent,
    "setup_attempt": stripe.SetupAttempt,
}  # fmt: skip

OURS = frozenset({"elements_session", "listener", "stripecli_session", "webhook_delivery"})
"""Objects that Stripe's API has no word for; they are held to the OpenAPI document (test_fuzz.py)."""

LIST_KEYS = {"list": {"object", "data", "has_more", "url"}, "search_result": {"object", "data", "has_more", "url",
                                                                             "next_page"}}  # fmt: skip
IN_THE_REFERENCE = frozenset({"confirmation_token.payment_method", "ephemeral_key.associated_objects"})
"""Keys that Stripe's API reference shows, and its types forget."""

RECORDED = frozenset({
    "charge.destination", "charge.dispute", "charge.order", "dispute.balance_transaction",
    "payment_intent.shared_payment_granted_token", "payment_method.shared_payment_granted_token",
})  # fmt: skip
"""Keys that every recording of the live API of 2026 has (those of charges and disputes: since 2021), and no type."""

WORDS_THAT_GROW = frozenset({"decline_code", "code"})
"""Enumerations that Stripe calls open, and whose values are codes."""

WORDS_ELSEWHERE = frozenset({"funding_instructions.bank_transfer.type"})
"""Words of which Stripe's types list fewer here than the parameter that they repeat."""

_FLAGS: dict[str, dict[str, list[str]]] = json.loads(KEYS.read_text())


def faults(body: Any, *, partial: bool = False) -> list[str]:
    """What is wrong with an answer, one line each; nothing, for a good one.

    `partial` answers, to publishable keys, may leave keys out; what they show must still be right.
    """
    found = _faults(body)
    return [fault for fault in found if not fault.endswith(" is missing")] if partial else found


def _faults(body: Any) -> list[str]:
    if not isinstance(body, dict):
        return ["the answer is no object"]
    if "error" in body:
        return [] if set(body) != {"error"} else list(_error(body["error"]))
    return list(_object(body, str(body.get("object"))))


def _error(error: dict[str, Any]) -> Iterator[str]:
    names = _annotations(ErrorObject)
    for key, value in error.items():
        if key not in names:
            yield f"error.{key} is no key of an error"
        elif value is None:
            yield f"error.{key} is null"
        elif isinstance(value, dict):
            yield from _object(value, f"error.{key}")


def _object(body: dict[str, Any], where: str) -> Iterator[str]:
    kind = body.get("object")
    if kind in LIST_KEYS:
        yield from _list(body, where)
    elif kind in OURS:
        return
    elif kind not in CLASSES:
        yield f"{where} is a {kind}, which nobody has described"
    elif body.get("deleted") is True:
        if set(body) != {"id", "object", "deleted"}:
            yield f"{where} is deleted and still says {sorted(body)}"
    else:
        yield from _instance(body, CLASSES[kind], where)


def _list(body: dict[str, Any], where: str) -> Iterator[str]:
    keys = LIST_KEYS[body["object"]]
    if set(body) - {"total_count"} != keys:
        yield f"{where} has the keys {sorted(body)}"
        return
    for index, item in enumerate(body["data"]):
        yield from _object(item, f"{where}.data[{index}]")


def _instance(body: dict[str, Any], class_: type, where: str) -> Iterator[str]:
    # Node has one type for each type of event, and a base with what they share; and a shorter name for fees' refunds.
    name = class_.__qualname__
    flags = _FLAGS.get({"Event": "EventBase", "ApplicationFeeRefund": "FeeRefund"}.get(name, name))
    annotations = _annotations(class_)
    for key in body:
        if key not in annotations and f"{body.get('object')}.{key}" not in IN_THE_REFERENCE | RECORDED:
            yield f"{where}.{key} is no key of {class_.__qualname__}"
    for key, type_ in annotations.items():
        if key not in body:
            if flags is None or key not in flags["absent"]:
                yield f"{where}.{key} is missing"
        elif body[key] is None:
            nullable = type(None) in get_args(type_) and (flags is None or key in flags["null"])
            if not nullable:
                yield f"{where}.{key} is null"
        else:
            yield from _value(body[key], type_, f"{where}.{key}")


def _value(value: Any, type_: Any, where: str) -> Iterator[str]:
    origin = get_origin(type_)
    if origin is Union or type(type_).__name__ == "UnionType":
        yield from _any_of(value, [option for option in get_args(type_) if option is not type(None)], where)
    elif origin in (Literal, typing_extensions.Literal):
        grows = where.rpartition(".")[2] in WORDS_THAT_GROW or where in WORDS_ELSEWHERE
        if value not in get_args(type_) and not grows:
            yield f"{where} is {value!r}, not one of {get_args(type_)}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for index, item in enumerate(value):
            yield from _value(item, get_args(type_)[0], f"{where}[{index}]")
    elif "Any]" in str(type_):
        # An event's object may be any; its `previous_attributes` are parts of one.
        if isinstance(value, dict) and "object" in value:
            yield from _object(value, where)
    elif origin is dict or "UntypedStripeObject" in str(type_):
        item_type = int if "[int]" in str(type_) else str
        if not isinstance(value, dict) or not all(isinstance(item, item_type) for item in value.values()):
            yield f"{where} is no map of {item_type.__name__}"
    elif origin is not None:
        yield from _object(value, where)
    elif isinstance(type_, type) and issubclass(type_, stripe.StripeObject):
        yield from _nested(value, type_, where)
    elif isinstance(type_, type) and (not isinstance(value, type_) or (type_ is int and isinstance(value, bool))):
        yield f"{where} is {value!r}, not {type_.__name__}"


def _nested(value: Any, class_: type, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, not a hash"
    elif "object" in value and "." not in class_.__qualname__:
        yield from _object(value, where)
    elif not _annotations(class_):
        return
    else:
        yield from _instance(value, class_, where)


def _any_of(value: Any, options: list[Any], where: str) -> Iterator[str]:
    """`Literal[…] | str` means its words, today; otherwise the first type that fits will do."""
    words = [option for option in options if get_origin(option) in (Literal, typing_extensions.Literal)]
    tried = [list(_value(value, option, where)) for option in words or options]
    if all(tried):
        yield from min(tried, key=len)


@cache
def _annotations(class_: type) -> dict[str, Any]:
    """The keys of one of the library's classes, with their types resolved."""
    names = _names(class_)
    return {
        key: _resolved(text, names)
        for base in reversed(class_.__mro__)
        if base.__module__.startswith("stripe.") and not base.__module__.endswith("_stripe_object")
        for key, text in inspect.get_annotations(base).items()
        if not key.startswith("_") and key != "OBJECT_NAME"
    }


def _names(class_: type) -> dict[str, Any]:
    module = inspect.getmodule(class_)
    known: dict[str, Any] = {**vars(typing_extensions), **vars(stripe), **vars(module)}
    known["ExpandableField"] = _Expandable
    outer: Any = module
    for part in class_.__qualname__.split("."):
        outer = getattr(outer, part)
        known |= {name: value for name, value in vars(outer).items() if isinstance(value, type)}
    return known


class _Expandable:
    """Stands for Stripe's ExpandableField[T]: an id, or the object."""

    def __class_getitem__(cls, item: Any) -> Any:
        return Union[str, item]  # noqa: UP007


def _resolved(annotation: Any, names: dict[str, Any]) -> Any:
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        # The annotations of an installed library, not anybody's input.
        annotation = eval(annotation, _Lenient(names))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is ClassVar or not arguments or origin in (Literal, typing_extensions.Literal):
        return annotation
    if origin in (Union, list) or type(annotation).__name__ == "UnionType":
        inner = tuple(_resolved(one, names) for one in arguments)
        return list[inner[0]] if origin is list else Union[inner]  # type: ignore[valid-type]  # noqa: UP007
    return annotation


class _Lenient(dict[str, Any]):
    """Names of Stripe's that we have no object of (Application, Review, …) stand for any object."""

    def __missing__(self, name: str) -> Any:
        if name in ("Any", "Dict", "List"):
            return getattr(typing_extensions, name)
        return stripe.StripeObject
