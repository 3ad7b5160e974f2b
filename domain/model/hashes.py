"""The hashes in an intent, as those who make decisions read them.

They are kept as they were said, with whatever else Stripe's API has in them; attributes.py checks them by shapes.py.
None of a key is as good as none.
"""

from typing import Any, TypedDict

JsonObject = dict[str, Any]
"""An object of JSON on its way in or out. What is in it, whoever reads it knows and checks."""

Hash = JsonObject
"""A hash of Stripe's API, kept as it was said."""

Changes = dict[str, Any]
"""New values by the names of attributes; None takes one away. What may be in it is attributes.py."""


class EuBankTransfer(TypedDict, total=False):
    """Where in the Union the account is to be."""

    country: str | None


class BankTransferOptions(TypedDict, total=False):
    """`payment_method_options[customer_balance][bank_transfer]`: which kind of account the money is sent to."""

    type: str | None
    eu_bank_transfer: EuBankTransfer | None
    requested_address_types: list[str] | None


class InstallmentPlan(TypedDict, total=False):
    """What was agreed: `count` payments, one each `interval`."""

    count: int | None
    interval: str | None
    type: str


class Installments(TypedDict, total=False):
    """Whether plans are offered, and the one that was chosen."""

    enabled: bool | None
    plan: InstallmentPlan | None


class MethodOptions(TypedDict, total=False):
    """`payment_method_options` of one type, as far as a rule asks for them; times are Unix seconds."""

    capture_method: str | None
    setup_future_usage: str | None
    request_three_d_secure: str | None
    three_d_secure: Hash | None
    request_extended_authorization: str | None
    request_incremental_authorization: str | None
    request_multicapture: str | None
    request_overcapture: str | None
    moto: bool | None
    network: str | None
    installments: Installments | None
    setup_credential_usage: str | None
    stored_credential_usage: str | None
    funding_type: str | None
    bank_transfer: BankTransferOptions | None
    code: str | None
    client: str | None
    expires_at: int | None
    verification_method: str | None
