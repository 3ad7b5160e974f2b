"""Stripe's test accounts of banks: numbers, names, and how each behaves. Data only; a new one is one row.

docs.stripe.com/testing has ACH, Bacs, BECS and SEPA (ibans.py); the others are on their own pages.
"""

from dataclasses import dataclass, replace

from simulator.ibans import IBANS, SCENARIOS
from simulator.objects import JsonObject

NEVER = "never"
DISPUTE = "dispute"
"""No reason to send a debit back: it is paid, and taken back later."""

BLOCKED = "fraudulent"
"""Nor is this: it is never sent to a bank, because it is too risky."""

BOUNCED = "bounced"
"""How the conduct of an account ends to which no deposit arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAccount:
    """One test account: what its method is made of, what it is called, and how its bank behaves.

    `conduct` is `soon`, `delayed` or `never`, and after a colon why its bank sends debits back, or one of the above.
    A `name` is the whole id of a payment method, or empty where Stripe has none; `page` is the one that lists it. By
    that name it may be `known` to be its buyer's; else, where that is asked, deposits prove it.
    """

    __test__ = False
    """Not a test case, whatever pytest makes of the name."""

    type: str
    number: str
    given: JsonObject
    conduct: str
    name: str = ""
    known: bool = False
    page: str = "docs.stripe.com/testing"


def _numbered(
    type_: str,
    prefix: str,
    page: str,
    more: JsonObject,
    rows: dict[str, tuple[str, str]],
    within: str = "account_number",
) -> list[TestAccount]:
    return [
        TestAccount(
            type=type_,
            number=number,
            given={**more, within: number},
            conduct=conduct_,
            name=f"{prefix}{name}" if name else "",
            page=page,
        )
        for number, (name, conduct_) in rows.items()
    ]


_ACH = _numbered("us_bank_account", "pm_usBankAccount_", "docs.stripe.com/testing", {"routing_number": "110000000"}, {
    "000123456789": ("success", "soon:"), "000111111113": ("accountClosed", "soon:account_closed"),
    "000000004954": ("riskLevelHighest", f"soon:{BLOCKED}"), "000111111116": ("noAccount", "soon:no_account"),
    "000222222227": ("insufficientFunds", "soon:insufficient_funds"),
    "000333333335": ("debitNotAuthorized", "soon:debit_not_authorized"),
    "000444444440": ("invalidCurrency", "soon:invalid_currency"),
    "000666666661": ("failMicrodeposits", f"soon:{BOUNCED}"), "000555555559": ("dispute", f"soon:{DISPUTE}"),
    "000000000009": ("processing", f"{NEVER}:"),
    "000777777771": ("weeklyLimitExceeded", "soon:charge_exceeds_source_limit"),
    "000888888885": ("", "soon:tokenized_account_number_deactivated"),
})  # fmt: skip

_ACSS_PAGE = "docs.stripe.com/payments/acss-debit/accept-a-payment"
_ACSS = [replace(account, known=True) for account in _numbered(
    "acss_debit", "pm_acssDebit_", _ACSS_PAGE, {"institution_number": "000", "transit_number": "11000"}, {
        "000123456789": ("success", "soon:"), "900123456789": ("", "delayed:"),
        "000222222227": ("insufficientFunds", "soon:insufficient_funds"),
        "900222222227": ("", "delayed:insufficient_funds"), "000666666661": ("", f"soon:{BOUNCED}"),
        "000777777771": ("", "soon:charge_exceeds_source_limit"),
        "000888888881": ("", "soon:charge_exceeds_transaction_limit"),
        # These have a name only: Stripe's pages show no number.
        "000111111113": ("accountClosed", "soon:account_closed"), "000111111116": ("noAccount", "soon:no_account"),
        "000333333335": ("debitNotAuthorized", "soon:debit_not_authorized"),
        "000555555559": ("dispute", f"soon:{DISPUTE}"),
    },
)]  # fmt: skip
"""Their names stand for accounts that are known to be the buyer's, says the page; their numbers do not."""

_BACS = _numbered("bacs_debit", "pm_bacsDebit_", "docs.stripe.com/testing", {"sort_code": "108800"}, {
    "00012345": ("success", "soon:"), "90012345": ("successDelayed", "delayed:"),
    "33333335": ("debitNotAuthorized", "soon:debit_not_authorized"),
    "93333335": ("debitNotAuthorizedDelayed", "delayed:debit_not_authorized"),
    "22222227": ("insufficientFunds", "soon:insufficient_funds"),
    "92222227": ("insufficientFundsDelayed", "delayed:insufficient_funds"),
    "55555559": ("dispute", f"delayed:{DISPUTE}"), "00033333": ("mandateRefused", "soon:billing_invalid_mandate"),
    "34343434": ("exceedsWeeklyLimit", "soon:charge_exceeds_source_limit"),
    "12121212": ("exceedsTransactionLimit", "soon:charge_exceeds_transaction_limit"),
})  # fmt: skip

_BECS = _numbered("au_becs_debit", "pm_auBecsDebit_", "docs.stripe.com/testing", {"bsb_number": "000000"}, {
    "000123456": ("success", "soon:"), "900123456": ("successDelayed", "delayed:"),
    "111111113": ("accountClosed", "soon:account_closed"), "111111116": ("noAccount", "soon:no_account"),
    "222222227": ("referToCustomer", "soon:refer_to_customer"),
    "922222227": ("referToCustomerDelayed", "delayed:refer_to_customer"),
    "333333335": ("debitNotAuthorized", "soon:debit_not_authorized"), "666666660": ("dispute", f"soon:{DISPUTE}"),
    "343434343": ("exceedsWeeklyLimit", "soon:charge_exceeds_source_limit"),
    "121212121": ("exceedsTransactionLimit", "soon:charge_exceeds_transaction_limit"),
})  # fmt: skip

_NZ_PAGE = "docs.stripe.com/payments/nz-bank-account/accept-a-payment"
_NZ_SUFFIXES = {"0000000": "010", "2222222": "027", "8888888": "000", "1111111": "016", "5555555": "059",
                "9999999": "000"}  # fmt: skip
_NZ = [
    replace(account, given={**account.given, "suffix": _NZ_SUFFIXES[account.number]})
    for account in _numbered(
        "nz_bank_account", "pm_nzBankAccount_", _NZ_PAGE, {"bank_code": "11", "branch_code": "0000"}, {
            "0000000": ("success", "soon:"), "2222222": ("insufficientFunds", "soon:insufficient_funds"),
            "8888888": ("referToCustomer", "soon:refer_to_customer"), "1111111": ("noAccount", "soon:no_account"),
            "5555555": ("debitNotAuthorized", "soon:debit_not_authorized"), "9999999": ("processing", f"{NEVER}:"),
        },
    )
]  # fmt: skip

_SEPA = [
    TestAccount(
        type="sepa_debit", number=iban, given={"iban": iban}, name=f"pm_sepaDebit_{name}_{country}", conduct=conduct_
    )
    for country, row in IBANS.items()
    for iban, (name, conduct_) in zip(row.split(), SCENARIOS, strict=True)
]

ACCOUNTS: list[TestAccount] = [*_ACH, *_ACSS, *_BACS, *_BECS, *_NZ, *_SEPA]
"""Every test account of Stripe's pages whose method can be made; tests/simulator/test_accounts.py tries each."""

BY_NUMBER = {(account.type, account.number): account for account in ACCOUNTS}

NAMED = {account.name: account for account in ACCOUNTS if account.name} | {
    # As they were called here before.
    "pm_sepaDebit_fail_at": BY_NUMBER["sepa_debit", "AT861904300235473202"],
    "pm_sepaDebit_failDelayed_at": BY_NUMBER["sepa_debit", "AT051904300235473205"],
}
"""Test accounts that have a name, as `pm_card_visa` has."""
