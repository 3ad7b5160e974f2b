"""What the vault shows of a payment method that is no card: names and last digits, never an account number."""

from collections.abc import Callable
from typing import Any

Shown = dict[str, Any]

NUMBERS = ("account_number", "iban")
"""What is kept out of everything that is shown; `last4` and a keyed fingerprint stand for it."""

TEST_BANK = "STRIPE TEST BANK"
"""What the real API calls the bank of every test account."""


DELAYED_SECONDS = 180.0
"""What Stripe's delayed test accounts take: three minutes at least."""

SOON_SECONDS = 1.0
"""What every other test account takes. Days, with a real bank."""

NEVER = "never"
DISPUTE = "dispute"
"""No reason to send a debit back: it is paid, and taken back later."""

RETURNED = (
    ("111111113", "account_closed"), ("111111116", "no_account"), ("333333335", "debit_not_authorized"),
    ("33333335", "debit_not_authorized"), ("444444440", "invalid_currency"), ("2222227", "insufficient_funds"),
    ("777777771", "charge_exceeds_source_limit"), ("343434", "charge_exceeds_source_limit"),
    ("34343434", "charge_exceeds_source_limit"), ("121212", "charge_exceeds_transaction_limit"),
    ("00033333", "billing_invalid_mandate"), ("473202", "payment_failed"), ("473205", "payment_failed"),
    ("013001", "payment_failed"), ("013004", "payment_failed"),
)  # fmt: skip
"""How a test account's number ends, and why its bank sends debits back. docs.stripe.com/payments/ach-direct-debit and
…/sepa-debit (Austria's and Germany's numbers), …/bacs-debit, …/au-becs-debit."""

DELAYED_ENDINGS = ("473204", "473205", "013003", "013004")
"""IBANs that take their time; other accounts' numbers start with a 9 then."""

NAMED = {
    f"pm_usBankAccount_{name}": ("us_bank_account", {"routing_number": "110000000", "account_number": number})
    for name, number in {
        "success": "000123456789", "accountClosed": "000111111113", "noAccount": "000111111116",
        "insufficientFunds": "000222222227", "debitNotAuthorized": "000333333335",
        "invalidCurrency": "000444444440", "failMicrodeposits": "000666666661", "dispute": "000555555559",
        "processing": "000000000009", "weeklyLimitExceeded": "000777777771", "riskLevelHighest": "000000004954",
    }.items()
} | {
    f"pm_sepaDebit_{name}": ("sepa_debit", {"iban": iban})
    for name, iban in {
        "success_at": "AT611904300234573201", "success_de": "DE89370400440532013000",
        "successDelayed_at": "AT321904300235473204", "fail_at": "AT861904300235473202",
        "failDelayed_at": "AT051904300235473205",
    }.items()
}  # fmt: skip
"""Test accounts that have a name, as `pm_card_visa` has."""


DISPUTED = ("000555555559", "AT591904300235473203", "55555559", "666666660")
"""Accounts whose bank pays, and takes the money back: ACH, SEPA, Bacs, BECS."""


NOT_DEBITED = (
    ("0055555", "sepa_debit_bank_not_supported"), ("0066666", "sepa_debit_debits_not_supported"),
)  # fmt: skip
"""How IBANs end whose banks take no SEPA debits, or none from this account. docs.stripe.com/testing, every country."""


def never_debited(type_: str, given: Shown) -> str | None:
    """Why no debit of this account would ever be taken; None if one might."""
    number = str(given.get("iban") or "") if type_ == "sepa_debit" else ""
    return next((reason for ending, reason in NOT_DEBITED if number.endswith(ending)), None)


def disputed(given: Shown) -> bool:
    """Whether the account's holder disputes what was taken."""
    return any(str(given.get(name) or "") in DISPUTED for name in NUMBERS)


def known(given: Shown) -> bool:
    """Whether the buyer has shown their bank, which says whose account it is: nothing needs to be deposited."""
    return bool(given.get("financial_connections_account"))


def conduct(type_: str, given: Shown) -> str:
    """How the bank of an account behaves: `soon`, `delayed` or `never`; after a colon, why it sends debits back."""
    number = "".join(str(given.get(name) or "") for name in NUMBERS).replace(" ", "").replace("-", "")
    if type_ == "us_bank_account" and number == "000000000009":
        return f"{NEVER}:"
    reason = next((reason for ending, reason in RETURNED if number.endswith(ending)), "")
    if type_ == "au_becs_debit" and number.endswith("222222227"):
        reason = "refer_to_customer"
    slow = number.endswith(DELAYED_ENDINGS) if type_ == "sepa_debit" else number.startswith("9")
    if type_ == "us_bank_account" and number == "000666666661":
        reason = "bounced"
    if disputed(given):
        slow, reason = False, DISPUTE
    return f"{'delayed' if slow else 'soon'}:{reason}"


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
