"""Parameters of customers' cash balances."""

from typing import Annotated

from domain.model.hashes import JsonObject
from parameters.fields import Integer, OneOf, Text
from parameters.hashes import ListParameters, Parameters, Shaped, hash_of, list_of, one_of, required

TRANSFERS = ("eu_bank_transfer", "gb_bank_transfer", "jp_bank_transfer", "mx_bank_transfer", "us_bank_transfer")

SETTINGS = hash_of("cash_balance_settings", reconciliation_mode=one_of("automatic", "manual", "merchant_default"))

Settings = Annotated[
    JsonObject,
    Shaped("cash_balance_settings", reconciliation_mode=one_of("automatic", "manual", "merchant_default")),
]
CashBalance = Annotated[JsonObject, Shaped("customer_cash_balance", settings=SETTINGS)]
"""What a customer may be created or updated with."""

BankTransferHash = Annotated[
    JsonObject,
    Shaped(
        "funding_bank_transfer",
        eu_bank_transfer=hash_of(
            "funding_eu_bank_transfer", country=required(one_of("BE", "DE", "ES", "FR", "IE", "NL"))
        ),
        requested_address_types=list_of(one_of("aba", "iban", "sort_code", "spei", "swift", "zengin")),
        type=required(one_of(*TRANSFERS)),
    ),
]


class CashBalanceUpdateParameters(Parameters):
    """Change how a customer's money is reconciled."""

    settings: Settings | None = None


class CashBalanceTransactionsListParameters(ListParameters):
    """List a customer's cash balance transactions."""


class FundingInstructionsParameters(Parameters):
    """Where a customer sends money, before there is a payment."""

    bank_transfer: BankTransferHash
    currency: Text
    funding_type: Annotated[str, OneOf("bank_transfer")]


class FundCashBalanceParameters(Parameters):
    """Let a bank transfer come in for a customer, in test mode."""

    amount: Integer
    currency: Text
    reference: Text | None = None
