"""What the vault shows of a payment method that is no card: names and last digits, never an account number."""

from collections.abc import Callable
from typing import Any

Shown = dict[str, Any]

NUMBERS = ("account_number", "iban")
"""What is kept out of everything that is shown; `last4` and a keyed fingerprint stand for it."""

TEST_BANK = "STRIPE TEST BANK"
"""What the real API calls the bank of every test account."""


def shown(type_: str, given: Shown, fingerprint: Callable[[str], str]) -> Shown:
    """The facts about an account that everybody may know."""
    number = "".join(str(given.get(name) or "") for name in NUMBERS)
    facts = {name: value for name, value in given.items() if name not in NUMBERS}
    if number:
        facts |= {"last4": number[-4:], "fingerprint": fingerprint(f"{type_}/{number}")[:16]}
    return facts | _MORE.get(type_, _nothing)(given)


def _nothing(given: Shown) -> Shown:
    del given
    return {}


def _us_bank_account(given: Shown) -> Shown:
    return {
        "account_holder_type": given.get("account_holder_type") or "individual",
        "account_type": given.get("account_type") or "checking",
        "bank_name": TEST_BANK,
        "networks": {"preferred": "ach", "supported": ["ach", "us_domestic_wire"]},
    }


def _sepa_debit(given: Shown) -> Shown:
    iban = str(given.get("iban") or "")
    return {"bank_code": iban[4:12] or None, "branch_code": "", "country": iban[:2] or None}


def _at_the_test_bank(given: Shown) -> Shown:
    del given
    return {"bank_name": TEST_BANK}


_MORE: dict[str, Callable[[Shown], Shown]] = {
    "acss_debit": _at_the_test_bank,
    "nz_bank_account": _at_the_test_bank,
    "sepa_debit": _sepa_debit,
    "us_bank_account": _us_bank_account,
}
