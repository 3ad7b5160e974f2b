"""Refund: Stripe's `refund` object."""

from typing import Any

from api.resources.balance_transaction import of_refund
from domain.refunds import ANSWER_SECONDS, ChargeRefund

EMPTY = frozenset(
    "affirm afterpay_clearpay alipay alma amazon_pay au_bank_transfer eps giropay grabpay klarna pix revolut sofort "
    "wechat_pay zip".split()
)
"""Ways back of which Stripe shows an empty hash."""


TRANSFERS = {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer", "mxn": "mx_bank_transfer",
             "thb": "th_bank_transfer", "usd": "us_bank_transfer"}  # fmt: skip
"""How money gets to a bank account, by its currency."""


def _destination(refund: ChargeRefund) -> dict[str, Any]:
    """Where the money went: back by the way it came, or to a bank account that the customer names."""
    if refund.by_email:
        type_ = TRANSFERS[refund.currency]
        return {type_: {"reference": None, "reference_status": None}, "type": type_}
    if refund.method_type == "card":
        return {"card": {"type": "refund"}, "type": "card"}
    if refund.method_type == "customer_balance":
        return {"customer_cash_balance": {}, "type": "customer_cash_balance"}
    return (
        {refund.method_type: {}, "type": refund.method_type}
        if refund.method_type in EMPTY
        else {"type": refund.method_type}
    )


def render(refund: ChargeRefund) -> dict[str, Any]:
    """The object. Keys that Stripe leaves out while they say nothing are left out."""
    rendered = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": of_refund(refund),
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "customer": refund.customer,
        "customer_account": None,
        "destination_details": _destination(refund),
        "metadata": refund.metadata,
        "payment_intent": refund.payment_intent,
        "payment_method": refund.payment_method,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }
    if refund.failure_reason is not None:
        rendered["failure_reason"] = refund.failure_reason
    if refund.instructions_email is not None:
        rendered["instructions_email"] = refund.instructions_email
    if refund.status == "requires_action":
        sent = {"email_sent_at": refund.created, "email_sent_to": refund.instructions_email or ""}
        details = {"email_sent": sent, "expires_at": refund.created + ANSWER_SECONDS}
        rendered["next_action"] = {"display_details": details, "type": "display_details"}
    if refund.status == "pending":
        rendered["pending_reason"] = "processing"
    return rendered
