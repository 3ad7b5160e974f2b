"""What a connected account has got by a transfer, and has given back of it: Stripe shows a charge, and refunds, of it.

Nobody has paid it with a payment method: it comes from the platform's balance.
"""

from domain.identifiers import application_id
from domain.model.balance import BalanceTransaction
from domain.model.charges import Charge, ChargeResult
from domain.model.hashes import JsonObject
from domain.model.payment_methods import PaymentMethod
from domain.model.refunds import ChargeRefund
from domain.model.share_transactions import other_side_id
from domain.model.shares import Share, ShareReturn, fee_id
from rendering import charge, refund

FROM_A_PLATFORM = "stripe_account"


def render(transfer: Share, booked: list[BalanceTransaction]) -> JsonObject:
    """The charge; `booked` is what it has done to the balance, oldest first."""
    fee = sum(one.application_fee for one in booked)
    shown = charge.render(_payment(transfer))
    return shown | {
        "application": application_id(transfer.account),
        "application_fee": fee_id(transfer.charge) if fee else None,
        "application_fee_amount": fee or None,
        "balance_transaction": booked[-1].id if booked else None,
        "calculated_statement_descriptor": None,
        "outcome": None,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"type": FROM_A_PLATFORM, FROM_A_PLATFORM: {}},
        "source_transfer": transfer.id,
    }


def _payment(transfer: Share) -> Charge:
    id_ = transfer.destination_payment or ""
    method = PaymentMethod(
        id="", account=transfer.connected, livemode=transfer.livemode, created=transfer.created, token="",
        type="link",
    )  # fmt: skip
    return Charge(
        id=id_,
        payment_intent="",
        created=transfer.created,
        amount=transfer.amount,
        currency=transfer.currency,
        status="succeeded",
        payment_method=method,
        result=ChargeResult(type="authorized", network_status="approved_by_network"),
        captured=True,
        amount_captured=transfer.amount,
        amount_refunded=transfer.returned,
        captures=1,
        account=transfer.connected,
        livemode=transfer.livemode,
        transfer_group=transfer.transfer_group,
    )


def render_refund(back: ShareReturn) -> JsonObject:
    """The refund by which it has given something of it back."""
    given = ChargeRefund(
        id=back.payment_refund or "",
        charge=back.destination_payment or "",
        payment_intent="",
        payment_method="",
        created=back.created,
        amount=back.amount,
        currency=back.currency,
        status="succeeded",
        account=back.connected,
        livemode=back.livemode,
        method_type=FROM_A_PLATFORM,
    )
    shown = refund.render(given)
    return shown | {"balance_transaction": other_side_id(back), "source_transfer_reversal": back.id}
