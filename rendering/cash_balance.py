"""Cash balances: Stripe's `cash_balance`, `customer_cash_balance_transaction` and `funding_instructions`."""

from domain.model.hashes import JsonObject
from gateways.base import FundingInstructions
from records.cash_balances import Transaction, mode_of

Body = JsonObject

UNTOLD = ("return_initiated", "return_canceled")
"""Movements of which Stripe shows nothing but their type."""


def render(customer: str, livemode: bool, available: dict[str, int], attributes: JsonObject) -> Body:
    """What a customer has, by currency; null before anything came. `attributes` are the customer's."""
    settings = (attributes.get("cash_balance") or {}).get("settings") or {}
    chosen = settings.get("reconciliation_mode") or "merchant_default"
    return {
        "object": "cash_balance",
        "available": dict(sorted(available.items())) or None,
        "customer": customer,
        "customer_account": None,
        "livemode": livemode,
        "settings": {
            "reconciliation_mode": mode_of(attributes),
            "using_merchant_default": chosen == "merchant_default",
        },
    }


def of_snapshot(snapshot: JsonObject) -> Body:
    """The balance as an event remembers it."""
    return render(snapshot["customer"], snapshot["livemode"], snapshot["available"], snapshot.get("data") or {})


def transaction(written: Transaction) -> Body:
    """One movement; what it was about is under the name of its type."""
    return {
        "id": written["id"],
        "object": "customer_cash_balance_transaction",
        "created": written["created"],
        "currency": written["currency"],
        "customer": written["customer"],
        "customer_account": None,
        "ending_balance": written["ending_balance"],
        "livemode": written["livemode"],
        "net_amount": written["net_amount"],
        "type": written["type"],
    } | ({} if written["type"] in UNTOLD else {written["type"]: written["data"]})


def instructions(found: FundingInstructions, transfer: JsonObject, currency: str, livemode: bool) -> Body:
    """Where to send money."""
    return {
        "object": "funding_instructions",
        "bank_transfer": {
            "country": found.country,
            "financial_addresses": addresses(found.addresses, transfer),
            "type": transfer["type"],
        },
        "currency": currency,
        "funding_type": "bank_transfer",
        "livemode": livemode,
    }


def addresses(found: list[JsonObject], transfer: JsonObject) -> list[JsonObject]:
    """Those that were asked for, where that leaves any."""
    wanted = transfer.get("requested_address_types") or ()
    return [address for address in found if address["type"] in wanted] or found
