"""Parameters of tokens and of payment method domains."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator

from domain.money.currencies import currency_refusal
from parameters.bank_data import RoutingNumber, account_number
from parameters.common import Country
from parameters.fields import Boolean, Id, Integer, OneOf, Text, invalid
from parameters.hashes import Hash, ListParameters, Parameters
from parameters.method_data import CardNumber, SecurityCode


def _currency(value: str) -> str:
    code = value.lower()
    refusal = currency_refusal(code)
    if refusal is not None:
        raise invalid(refusal.message)
    return code


AccountNumber: Any = account_number(4, 17)
CurrencyCode = Annotated[Text, AfterValidator(_currency)]


class TokenCardHash(Hash):
    """A card, and who has it."""

    number: CardNumber
    exp_month: Integer
    exp_year: Integer
    cvc: SecurityCode | None = None
    address_city: Text | None = None
    address_country: Country | None = None
    address_line1: Text | None = None
    address_line2: Text | None = None
    address_state: Text | None = None
    address_zip: Text | None = None
    currency: CurrencyCode | None = None
    name: Text | None = None


class TokenAccountHash(Hash):
    """A bank account of the United States, which is all that can be debited by such a token's data."""

    country: Annotated[str, OneOf("US")]
    account_number: AccountNumber
    account_holder_name: Text | None = None
    account_holder_type: Annotated[str, OneOf("company", "individual")] | None = None
    account_type: Annotated[str, OneOf("checking", "savings")] | None = None
    currency: Annotated[str, OneOf("usd")] = "usd"
    routing_number: RoutingNumber


class TokenCreateParameters(Parameters):
    """Create a token, of a card or of a bank account."""

    bank_account: TokenAccountHash | None = None
    card: TokenCardHash | None = None


_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*{_LABEL}")


def _domain_name(value: str) -> str:
    name = value.lower()
    if _NAME.fullmatch(name) is None:
        raise invalid(f"Invalid domain name: {value[:100]}")
    return name


DomainName = Annotated[Text, AfterValidator(_domain_name)]


class MethodDomainCreateParameters(Parameters):
    """Say where a page is that shows wallets."""

    domain_name: DomainName
    enabled: Boolean = True


class MethodDomainUpdateParameters(Parameters):
    """Show wallets there, or not."""

    enabled: Boolean | None = None


class MethodDomainsListParameters(ListParameters):
    """List payment method domains."""

    domain_name: Text | None = None
    enabled: Boolean | None = None


class EphemeralKeyCreateParameters(Parameters):
    """Create an ephemeral key, of a customer: nobody here has cards to issue, or identities to verify."""

    customer: Id


class RetryParameters(Parameters):
    """Deliver an event again, as Stripe's CLI asks for it: its own listeners are endpoints like any other here.

    `account` is one's own, or one that is connected to it.
    """

    account: Id | None = None
    for_stripecli: Boolean = False
    webhook_endpoint: Id | None = None
