"""What the vault shows of a payment method that is no card: names and last digits, never an account number."""

from collections.abc import Callable

from simulator.account_table import BY_NUMBER
from simulator.objects import JsonObject

Shown = JsonObject

NUMBERS = ("account_number", "iban")
"""What is kept out of everything that is shown; `last4` and a keyed fingerprint stand for it."""

TEST_BANK = "STRIPE TEST BANK"
"""What the real API calls the bank of every test account."""


DELAYED_SECONDS = 180.0
"""What Stripe's delayed test accounts take: three minutes at least."""

SOON_SECONDS = 1.0
"""What every other test account takes. Days, with a real bank."""

NOT_DEBITED = (
    ("0055555", "sepa_debit_bank_not_supported"), ("0066666", "sepa_debit_debits_not_supported"),
)  # fmt: skip
"""How IBANs end whose banks take no SEPA debits, or none from this account. docs.stripe.com/testing, every country."""


NO_ACCOUNT = "00044444"
"""The Bacs account that does not exist. docs.stripe.com/testing."""


def never_debited(type_: str, given: Shown) -> str | None:
    """Why no debit of this account would ever be taken; None if one might."""
    if type_ == "bacs_debit" and given.get("account_number") == NO_ACCOUNT:
        return "account_number_invalid"
    number = str(given.get("iban") or "") if type_ == "sepa_debit" else ""
    return next((reason for ending, reason in NOT_DEBITED if number.endswith(ending)), None)


def known(given: Shown) -> bool:
    """Whether the buyer has shown their bank, which says whose account it is: nothing needs to be deposited."""
    return bool(given.get("financial_connections_account"))


def conduct(type_: str, given: Shown) -> str:
    """How the bank of an account behaves, as `TestAccount.conduct` says. One that nobody lists has money.

    It takes its time if its number starts with a 9, as those do that are listed.
    """
    number = "".join(str(given.get(name) or "") for name in NUMBERS).replace(" ", "").replace("-", "")
    listed = BY_NUMBER.get((type_, number.upper()))
    if listed is not None:
        return listed.conduct
    return "delayed:" if type_ != "sepa_debit" and number.startswith("9") else "soon:"


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
