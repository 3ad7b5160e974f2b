"""Refund: Stripe's `refund` object."""

from domain.model.balance import of_failure, of_refund
from domain.model.hashes import JsonObject
from domain.model.refunds import ANSWER_SECONDS, ChargeRefund

Shown = JsonObject

UPDATED = ("charge.refund.updated", "refund.updated")
"""The events that tell of a change that moves no money."""

EMPTY = frozenset(
    "affirm alipay alma amazon_pay au_bank_transfer cashapp customer_cash_balance eps giropay grabpay nz_bank_transfer "
    "paynow pix revolut scalapay sofort twint wechat_pay zip".split()
)
"""Ways back of which Stripe shows an empty hash."""

REFERENCED = frozenset(
    "afterpay_clearpay eu_bank_transfer gb_bank_transfer klarna mb_way multibanco p24 us_bank_transfer".split()
)
"""Ways back by whose reference the receiver finds the money."""

WITH_DECLINE = frozenset({"blik", "paypal", "swish"})
"""Of these, those whose networks also say why not."""

CALLED: dict[str, str] = {
    "au_becs_debit": "au_bank_transfer", "bacs_debit": "gb_bank_transfer", "bancontact": "eu_bank_transfer",
    "customer_balance": "customer_cash_balance", "ideal": "eu_bank_transfer", "nz_bank_account": "nz_bank_transfer",
    "revolut_pay": "revolut", "sepa_debit": "eu_bank_transfer", "us_bank_account": "us_bank_transfer",
}  # fmt: skip
"""What the way back is called, where it is not the type that was paid with. Of the request types' names for refunds."""

TRANSFERS = {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer", "mxn": "mx_bank_transfer",
             "thb": "th_bank_transfer", "usd": "us_bank_transfer"}  # fmt: skip
"""How money gets to a bank account, by its currency."""


def _destination(refund: ChargeRefund) -> JsonObject:
    """Where the money went: back by the way it came, or to a bank account that the customer names.

    Stripe has no hash for some types; those say their name only.
    """
    if refund.by_email:
        type_ = TRANSFERS[refund.currency]
        status = "available" if refund.reference else None
        return {type_: {"reference": refund.reference, "reference_status": status}, "type": type_}
    if refund.method_type == "card":
        kind = "pending" if refund.status == "pending" else "refund"
        found = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": kind}
        named = {} if refund.reference is None else {"reference": refund.reference, "reference_status": "available"}
        return {"card": dict(sorted((found | named).items())), "type": "card"}
    type_ = CALLED.get(refund.method_type, refund.method_type)
    return {"type": type_} | _way(type_, refund.reference)


def _way(type_: str, reference: str | None) -> Shown:
    """The hash of the way's own name, if Stripe has one, with its network's reference, if that is known."""
    if type_ in EMPTY:
        return {type_: {}}
    if type_ == "crypto":
        return {type_: {"reference": reference}}
    told: Shown = {"reference": reference, "reference_status": "available" if reference else "pending"}
    if type_ in WITH_DECLINE:
        return {type_: {"network_decline_code": None, **told}}
    return {type_: told} if type_ in REFERENCED else {}


def render(refund: ChargeRefund) -> JsonObject:
    """The object. Keys that Stripe leaves out while they say nothing are left out."""
    rendered = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": of_refund(refund),
        "charge": refund.charge or None,
        "created": refund.created,
        "currency": refund.currency,
        "customer": refund.customer,
        "customer_account": None,
        "destination_details": _destination(refund),
        "metadata": refund.metadata,
        "payment_intent": refund.payment_intent or None,
        "payment_method": refund.payment_method or None,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": refund.transfer_reversal,
    }
    if refund.failure_reason is not None:
        rendered["failure_reason"] = refund.failure_reason
    if refund.returned:
        rendered["failure_balance_transaction"] = of_failure(refund)
    if refund.instructions_email is not None:
        rendered["instructions_email"] = refund.instructions_email
    if refund.status == "requires_action":
        sent = {"email_sent_at": refund.created, "email_sent_to": refund.instructions_email or ""}
        details = {"email_sent": sent, "expires_at": refund.created + ANSWER_SECONDS}
        rendered["next_action"] = {"display_details": details, "type": "display_details"}
    if refund.status == "pending":
        rendered["pending_reason"] = "processing"
    return rendered
