"""The request parameters of Stripe's own Python library, read from its types: what the contract tests hold us to."""

import importlib
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import typing_extensions

TRANSPORT = frozenset(
    {"api_key", "stripe_version", "stripe_account", "stripe_context", "idempotency_key", "max_network_retries",
     "headers", "content_type"}
)  # fmt: skip
"""Keys of every params type that are about the request and no parameters."""


@dataclass
class Parameter:
    """One parameter: a hash has `fields`, a list has `element`, an enumeration has `values`."""

    kind: str
    fields: dict[str, "Parameter"] = field(default_factory=dict)
    element: "Parameter | None" = None
    values: tuple[Any, ...] = ()
    required: bool = False
    clearable: bool = False


def parameters_of(class_name: str) -> Parameter:
    """The parameters of `PaymentIntentCreateParams` and its like, as one hash."""
    return _read(getattr(importlib.import_module("stripe.params"), class_name), {})


def _read(type_: Any, names: dict[str, Any]) -> Parameter:
    if isinstance(type_, ForwardRef):
        type_ = type_.__forward_arg__
    if isinstance(type_, str):
        # The annotations of an installed library, not anybody's input.
        return _read(eval(type_, names), names)
    origin = get_origin(type_)
    if origin in (typing.NotRequired, typing_extensions.NotRequired):
        return _read(get_args(type_)[0], names)
    if typing_extensions.is_typeddict(type_):
        return _read_hash(type_)
    if origin is Literal:
        values = tuple(value for value in get_args(type_) if value != "")
        return Parameter("enum", values=values, clearable="" in get_args(type_))
    if origin in (list, typing.List):  # noqa: UP006
        return Parameter("list", element=_read(get_args(type_)[0], names))
    if origin is Union or type(type_).__name__ == "UnionType":
        return _merge([_read(option, names) for option in get_args(type_)])
    if origin is dict or "UntypedStripeObject" in str(type_):
        return Parameter("map")
    return Parameter(type_.__name__)


def _read_hash(type_: Any) -> Parameter:
    names = {**vars(typing), **vars(typing_extensions), **vars(importlib.import_module(type_.__module__))}
    fields = {}
    for name, annotation in type_.__annotations__.items():
        if name not in TRANSPORT:
            fields[name] = _read(annotation, names)
            fields[name].required = name in type_.__required_keys__
    return Parameter("hash", fields=fields)


def _merge(options: list[Parameter]) -> Parameter:
    """`Literal['a'] | str` is an enumeration that may grow; `Literal[''] | X` is an X that clears."""
    clearable = any(option.clearable for option in options)
    full = [option for option in options if not (option.kind == "enum" and not option.values)]
    chosen = next((option for option in full if option.kind in ("hash", "list", "enum", "map", "bool")), full[0])
    return Parameter(chosen.kind, chosen.fields, chosen.element, chosen.values, clearable=clearable)


Path = tuple[str, ...]
"""Names from the outside in; `0` is the first element of a list."""

BY_NAME: dict[str, Any] = {
    "payment_method_redisplay_limit": 5,
    "statement_descriptor": "SHOP 23", "statement_descriptor_suffix": "23 TEST", "requestor_challenge_indicator": "02",
    "ip_address": "203.0.113.7", "email": "jenny@example.com", "receipt_email": "jenny@example.com",
    "return_url": "https://shop.example/return", "image_url": "https://shop.example/a.png", "currency": "usd",
    "product_url": "https://shop.example/p", "custom_mandate_url": "https://shop.example/m", "country": "DE",
    "interval": "month", "month": 7, "expires_after_seconds": 600, "sort_code": "108800", "bsb_number": "000000",
    "transit_number": "11000", "institution_number": "000", "routing_number": "110000000", "bank_code": "11",
    "branch_code": "0000", "suffix": "000", "account_number": "000123456789", "iban": "DE89370400440532013000",
    "tax_id": "000.000.000-00", "target_date": "2030-01-02", "end_date": "2030-01-02", "start_date": "2030-01-02",
    "support_url": "https://shop.example/s", "specified_commercial_transactions_act_url": "https://shop.example/a",
    "url": "https://shop.example", "support_email": "help@example.com", "default_currency": "usd",
    "date": "2030-01-02", "code": "123456", "year": 1990, "confirmation_number": "22222222220",
}  # fmt: skip
"""Values for text and numbers that must look like something."""


OF_TYPE: dict[tuple[str, str], str] = {
    ("au_becs_debit", "account_number"): "000123456", ("bacs_debit", "account_number"): "00012345",
    ("nz_bank_account", "account_number"): "0000000", ("payto", "account_number"): "000123456",
}  # fmt: skip
"""The same, where it looks like something else in a hash of this name."""


def sample(parameter: Parameter, *path: str) -> Any:
    """A value that Stripe would take: as little as is required of a hash. `path` ends with its name."""
    name = path[-1]
    if path[-2:] in OF_TYPE:
        return OF_TYPE[path[-2], name]
    if parameter.kind == "hash":
        return {key: sample(inner, name, key) for key, inner in parameter.fields.items() if inner.required}
    if parameter.kind == "list" and parameter.element is not None:
        return [sample(parameter.element, name)]
    if parameter.kind == "enum":
        return parameter.values[0]
    if parameter.kind == "bool":
        return True
    if parameter.kind == "int":
        value = BY_NAME.get(name, 23)
        return value if isinstance(value, int) else 1_893_542_400
    return {"color": "red"} if parameter.kind == "map" else BY_NAME.get(name, f"x{len(name)}")


def leaves(parameter: Parameter, path: Path = ()) -> Iterator[tuple[Path, Parameter]]:
    """Every parameter that has a value of its own, with the way to it."""
    if parameter.kind == "hash" and parameter.fields:
        for name, inner in parameter.fields.items():
            yield from leaves(inner, (*path, name))
    elif parameter.kind == "list" and parameter.element is not None:
        yield from leaves(parameter.element, (*path, "0"))
    else:
        yield path, parameter


def request_with(parameter: Parameter, path: Path, value: Any, name: str = "") -> Any:
    """The smallest request that has `value` at `path`."""
    if not path:
        return value
    if path[0] == "0" and parameter.element is not None:
        return [request_with(parameter.element, path[1:], value, name)]
    given = {key: sample(inner, name, key) for key, inner in parameter.fields.items() if inner.required}
    return given | {path[0]: request_with(parameter.fields[path[0]], path[1:], value, path[0])}


def find(body: Any, path: Path) -> Any:
    """What is at `path`; None where the way ends early."""
    for name in path:
        if isinstance(body, list):
            body = body[int(name)] if body else None
        else:
            body = body.get(name) if isinstance(body, dict) else None
    return body
