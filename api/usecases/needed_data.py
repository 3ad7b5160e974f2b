"""What a payment method cannot be made without: its own hash, its fields that go together, and who its buyer is."""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from domain.model.hashes import JsonObject
from parameters.bank_data import OUTSIDE_EEA, TAX_ID_INVALID, is_test_tax_id
from parameters.method_data import NEEDED, MethodData
from rendering.versions.changes.sepa_payers_address import lines_needed

BUYER: dict[str, tuple[str, ...]] = {
    "acss_debit": ("name", "email"),
    "au_becs_debit": ("name", "email"),
    "bacs_debit": ("name", "email"),
    "boleto": ("name", "email"),
    "konbini": ("name", "email"),
    "multibanco": ("email",),
    "nz_bank_account": ("name", "email"),
    "oxxo": ("name", "email"),
    "p24": ("email",),
    "promptpay": ("email",),
    "sepa_debit": ("name", "email"),
    "us_bank_account": ("name",),
}
"""Billing details that a method of each type needs: a debit's account holder, and where what is owed to the buyer by
law (a mandate's notice, a voucher, a way to be refunded) is sent. docs.stripe.com/payments, a page per type."""

TOGETHER: dict[str, tuple[str, ...]] = {
    "bacs_debit": ("sort_code", "account_number"),
    "us_bank_account": ("routing_number", "account_number"),
}
"""What says whose account it is, where Stripe's types leave each part optional."""


def check_complete(call: Call, data: MethodData, param: str) -> None:
    """Whether all is there that methods of this type need. `param` is the hash that `data` came in, or empty.

    Raises:
        StripeError: something is missing; the first of it is named.
    """
    own, found = _within(param, data.type), data.details()
    needed = data.type in NEEDED or data.type in TOGETHER or data.type == "card"
    if found is None and needed:
        raise _missing(own)
    if data.type == "card":
        return
    details = found or {}
    for name in _account_parts(data.type, details):
        if details.get(name) is None:
            raise _missing(f"{own}[{name}]")
    for path in _of_the_buyer(call, data, details):
        if _found(data.billing_details, path) is None:
            raise _missing(_within(param, "billing_details") + "".join(f"[{name}]" for name in path))
    if data.type == "boleto" and call.key.livemode and is_test_tax_id(details["tax_id"]):
        raise invalid_request("This tax ID can only be used in test mode.", code=TAX_ID_INVALID, param=f"{own}[tax_id]")


def _account_parts(type_: str, details: JsonObject) -> tuple[str, ...]:
    if type_ == "payto" and (details.get("account_number") or details.get("bsb_number")):
        return ("bsb_number", "account_number")
    # An account that its buyer has linked is known without its number.
    return () if details.get("financial_connections_account") else TOGETHER.get(type_, ())


def _of_the_buyer(call: Call, data: MethodData, details: JsonObject) -> list[tuple[str, ...]]:
    needed: list[tuple[str, ...]] = [(name,) for name in BUYER.get(data.type, ())]
    if data.type == "sepa_debit" and details["iban"][:2] in OUTSIDE_EEA:
        needed += [("address", line) for line in lines_needed(call.version)]
    return needed


def _found(holder: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        holder = getattr(holder, name, None)
    return holder


def _within(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def _missing(name: str) -> StripeError:
    return invalid_request(f"Missing required param: {name}.", code="parameter_missing", param=name)
