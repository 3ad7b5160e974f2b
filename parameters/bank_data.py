"""Numbers of bank accounts and of taxpayers, as people type them: form, check digits, spaces and case.

Nothing here knows whether there is such an account; only a bank does. A number never appears in a message.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from stdnum import iban
from stdnum.br import cnpj, cpf
from stdnum.exceptions import ValidationError
from stdnum.us import rtn

from parameters.fields import invalid

TYPED_MAX = 64
"""What is typed is at most an IBAN's 34 characters with a separator here and there."""

_SEPARATORS = re.compile(r"[\s./-]")

IBAN_INVALID = "invalid_bank_account_iban"
ROUTING_INVALID = "routing_number_invalid"
ACCOUNT_INVALID = "account_number_invalid"
TAX_ID_INVALID = "tax_id_invalid"
"""docs.stripe.com/error-codes; the first is what Stripe's mobile libraries have a text for."""

SEPA_COUNTRIES = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE "
    "SI SK SM VA".split()
)
"""Where accounts can be debited in euros: the scheme's countries, by what their IBANs begin with.
europeanpaymentscouncil.eu, EPC409-09 (2025)."""

OUTSIDE_EEA = frozenset("AD AL CH GB GI MC MD ME MK RS SM VA".split())
"""Of these, where the payer's address is needed for every debit."""

TEST_TAX_IDS = frozenset({"00000000000", "00000000000000"})
"""docs.stripe.com/payments/boleto/accept-a-payment: what is typed in test mode. No taxpayer has such a number."""


def _typed(value: Any, message: str, code: str) -> str:
    """What was typed, without spaces and the like."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid(message, code)
    text = str(value)
    if len(text) > TYPED_MAX:
        raise invalid(message, code)
    return _SEPARATORS.sub("", text)


def _iban(value: Any) -> str:
    message = "The IBAN you provided is invalid."
    number = _typed(value, message, IBAN_INVALID).upper()
    try:
        # A country's own check digits are not looked at: Stripe's test accounts do not have them.
        valid: str = iban.validate(number, check_country=False)
    except ValidationError:
        raise invalid(message, IBAN_INVALID) from None
    if valid[:2] not in SEPA_COUNTRIES:
        raise invalid(f"Accounts in {valid[:2]} cannot be debited by SEPA Direct Debit.", IBAN_INVALID)
    return valid


def _routing_number(value: Any) -> str:
    number = _typed(value, "Invalid routing number", ROUTING_INVALID)
    if not number.isascii() or not number.isdigit() or len(number) != 9:
        raise invalid("Routing number must have 9 digits", ROUTING_INVALID)
    try:
        valid: str = rtn.validate(number)
    except ValidationError:
        raise invalid("Invalid routing number", ROUTING_INVALID) from None
    return valid


def _tax_id(value: Any) -> str:
    message = "The tax ID you provided is invalid: it must be a CPF or a CNPJ."
    number = _typed(value, message, TAX_ID_INVALID).upper()
    if number not in TEST_TAX_IDS and not cpf.is_valid(number) and not cnpj.is_valid(number):
        raise invalid(message, TAX_ID_INVALID)
    return _punctuated(number)


def _punctuated(number: str) -> str:
    """As it is written in Brazil, however it was typed."""
    formatted: str = cpf.format(number) if len(number) == 11 else cnpj.format(number)
    return formatted


def _digits(name: str, code: str, least: int, most: int) -> Callable[[Any], str]:
    length = f"{least}" if least == most else f"{least} to {most}"
    message = f"Invalid {name}: it must have {length} digits"

    def check(value: Any) -> str:
        number = _typed(value, message, code)
        if not number.isascii() or not number.isdigit() or not least <= len(number) <= most:
            raise invalid(message, code)
        return number

    return check


def is_test_tax_id(number: str) -> bool:
    """Whether a tax id is one of those that are typed in test mode."""
    return _SEPARATORS.sub("", number) in TEST_TAX_IDS


def _text(check: Callable[[Any], str]) -> Any:
    return Annotated[str, BeforeValidator(check), WithJsonSchema({"type": "string", "maxLength": TYPED_MAX})]


def account_number(least: int, most: int | None = None) -> Any:
    """An account's number of so many digits."""
    return _text(_digits("account number", ACCOUNT_INVALID, least, most or least))


def bank_number(name: str, least: int, most: int | None = None) -> Any:
    """What says which bank, or which branch of it: so many digits. `name` is how people call it."""
    return _text(_digits(name, ROUTING_INVALID, least, most or least))


Iban = _text(_iban)
RoutingNumber = _text(_routing_number)
TaxId = _text(_tax_id)
