"""Shares of a payment (Connect): what of its money goes to another account, and what of that comes back.

A fee goes from a connected account to the platform that made the payment for it, or on whose charge it has got money; a
transfer goes from the platform to the connected account that the payment is for. A charge has one of each at most: of a
hold that is captured in parts it grows. docs.stripe.com/connect/charges.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from domain.copies import replace
from domain.identifiers import digest62
from domain.model.charges import Charge
from domain.model.hashes import Hash
from domain.model.refunds import ChargeRefund
from domain.refusals import Refusal, check

Kind = Literal["fee", "transfer"]

FEE: Kind = "fee"
TRANSFER: Kind = "transfer"

SHARING_SINCE = 2
"""By the rules (`PaymentIntent.rules`) of before, nothing was shared out: a run that an older release has begun, and
that is carried on, gives nobody what nobody has booked."""

AS_SENT: dict[Kind, str] = {FEE: "application_fee_amount", TRANSFER: "transfer_data"}
"""The attribute by which each is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnShare:
    """Give back what another account has got of the payment: `amount` minor units of the `share`, or all that is left.

    `returned` is the id of what tells of it. With `refund_application_fee`, as much of the fee comes back as of the
    transfer.
    """

    command_id: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    seen_version: int = 0
    not_after: int = 0
    mistake: Refusal | None = None
    share: str = ""
    amount: int | None = None
    returned: str = ""
    refund_application_fee: bool = False
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    name: Literal["return_share"] = "return_share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a charge has given to another account: `amount` minor units, of which `returned` came back.

    `account` is the platform: a fee came to it, a transfer went from it. `connected` is the other one. `charge` is what
    it was taken of, as Stripe names it: of a fee on a destination charge, the payment that the connected account has
    got, and `origin` is the platform's charge. `destination_payment` is that payment.
    """

    id: str
    kind: Kind
    account: str
    livemode: bool
    created: int
    connected: str
    charge: str
    payment_intent: str
    amount: int
    currency: str
    balance_transaction: str
    returned: int = 0
    origin: str | None = None
    destination_payment: str | None = None
    transfer_group: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareReturn:
    """What of a share has come back: `amount` minor units; by a `refund`, or by hand. `created` is Unix seconds.

    By the `payment_refund` the connected account has given it back of the `destination_payment`.
    """

    id: str
    share: str
    kind: Kind
    account: str
    livemode: bool
    connected: str
    amount: int
    currency: str
    created: int = 0
    refund: str | None = None
    destination_payment: str | None = None
    payment_refund: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def fee_id(charge: str) -> str:
    """The id of a charge's application fee."""
    return "fee_1" + digest62("fee", charge, length=23)


def transfer_id(charge: Charge) -> str:
    """The id of a charge's transfer."""
    return "tr_3" + charge.id[len("ch_3") :]


def destination_payment_id(charge: Charge) -> str:
    """The id of what the connected account has got by a charge's transfer."""
    return "py_1" + digest62("destination", charge.id, length=23)


def fee_return_id(of: str) -> str:
    """The id of what gives a fee back together with a refund, or with the reversal of a transfer."""
    return "fr_1" + digest62("fee_return", of, length=23)


def reversal_id(refund: str) -> str:
    """The id of what takes a transfer back together with a refund."""
    return "trr_1" + digest62("reversal", refund, length=23)


def payment_refund_id(reversal: str) -> str:
    """The id of the refund by which the connected account has given a transfer back."""
    return "pyr_1" + digest62("payment_refund", reversal, length=23)


def is_shared(charge: Charge) -> bool:
    """Whether anybody else may get a part of it."""
    return charge.platform is not None or charge.beneficiary is not None


def shared_out(
    charge: Charge, amount: int, fee: int | None, transfer: Hash | None, told: tuple[str, ...] = ()
) -> Charge:
    """The charge when `amount` more was taken of it, and others got their shares: at most that, and what was asked for.

    What is `told` (attributes) was said for this capture alone; what is not, for all captures together.
    """
    if not amount or not is_shared(charge):
        return charge
    sent, passed_on = charge.transferred, False
    if charge.beneficiary is not None and transfer is not None and transfer.get("destination") == charge.beneficiary:
        part, passed_on = transfer.get("amount"), True
        sent += amount if part is None else _at_most(amount, part, charge.transferred, AS_SENT[TRANSFER] in told)
    kept = charge.fee_taken
    if fee is not None and (passed_on or charge.platform is not None):
        kept += _at_most(amount, fee, charge.fee_taken, AS_SENT[FEE] in told)
    return replace(charge, transferred=sent, fee_taken=kept)


def _at_most(amount: int, asked: int, before: int, anew: bool) -> int:
    return max(0, min(amount, asked if anew else asked - before))


def since(before: Charge | None, after: Charge) -> tuple[int, int]:
    """The fee and the transfer that were taken of a charge since it was as `before`."""
    known = before if before is not None and before.id == after.id else None
    if known is None:
        return after.fee_taken, after.transferred
    return after.fee_taken - known.fee_taken, after.transferred - known.transferred


def taken_at_once(charge: Charge) -> Charge:
    """The charge with its shares, if it has succeeded with its money taken."""
    return shared_out(charge, charge.amount_captured, charge.application_fee_amount, charge.transfer_data)


def fee_of(charge: Charge, taken: int, created: int, transaction: str) -> Share:
    """The application fee of a charge, of which so much is `taken`."""
    direct = charge.platform is not None
    return Share(
        id=fee_id(charge.id),
        kind=FEE,
        account=charge.platform or charge.account,
        livemode=charge.livemode,
        created=created,
        connected=charge.account if direct else charge.beneficiary or "",
        charge=charge.id if direct else destination_payment_id(charge),
        payment_intent=charge.payment_intent,
        amount=taken,
        currency=charge.currency,
        balance_transaction=transaction,
        returned=charge.fee_returned,
        origin=None if direct else charge.id,
    )


def transfer_of(charge: Charge, sent: int, created: int, transaction: str) -> Share:
    """The transfer of a charge, of which so much is `sent`."""
    said: dict[str, Any] = {**(charge.transfer_data or {})}
    return Share(
        id=transfer_id(charge),
        kind=TRANSFER,
        account=charge.account,
        livemode=charge.livemode,
        created=created,
        connected=charge.beneficiary or "",
        charge=charge.id,
        payment_intent=charge.payment_intent,
        amount=sent,
        currency=charge.currency,
        balance_transaction=transaction,
        returned=charge.transfer_returned,
        destination_payment=destination_payment_id(charge),
        transfer_group=charge.transfer_group,
        description=said.get("description"),
        metadata={key: text for key, text in (said.get("metadata") or {}).items() if text is not None},
    )


def fee_back(charge: Charge, id_: str, amount: int) -> ShareReturn:
    """`amount` of a charge's application fee goes back to the connected account."""
    return _back(fee_of(charge, charge.fee_taken, 0, ""), id_, amount)


def transfer_back(charge: Charge, id_: str, amount: int) -> ShareReturn:
    """`amount` of a charge's transfer comes back to the platform."""
    return _back(transfer_of(charge, charge.transferred, 0, ""), id_, amount)


def _back(share: Share, id_: str, amount: int) -> ShareReturn:
    return ShareReturn(
        id=id_,
        share=share.id,
        kind=share.kind,
        account=share.account,
        livemode=share.livemode,
        connected=share.connected,
        amount=amount,
        currency=share.currency,
        destination_payment=share.destination_payment,
        payment_refund=payment_refund_id(id_) if share.kind == TRANSFER else None,
    )


def given_back(charge: Charge, back: ShareReturn, *, in_proportion: bool) -> Charge:
    """The charge once it has come back; `in_proportion` says that it belongs to what has gone of the charge's money."""
    brought = back.amount if in_proportion else 0
    if back.kind == FEE:
        after = replace(
            charge,
            fee_returned=charge.fee_returned + back.amount,
            fee_brought_back=charge.fee_brought_back + brought,
        )
    else:
        after = replace(
            charge,
            transfer_returned=charge.transfer_returned + back.amount,
            transfer_brought_back=charge.transfer_brought_back + brought,
        )
    check(0 <= after.fee_returned <= after.fee_taken, "of a fee at most what was taken is given back")
    check(0 <= after.transfer_returned <= after.transferred, "of a transfer at most what was sent comes back")
    return after


def brought_back(charge: Charge, kind: Kind) -> tuple[int, int]:
    """What the refunds come to that ask for this share back and stand; and what has come back in proportion."""
    if kind == FEE:
        return charge.fee_asked_back, charge.fee_brought_back
    return charge.transfer_asked_back, charge.transfer_brought_back


def asked_back(charge: Charge, refund: ChargeRefund) -> Charge:
    """The charge once a refund has succeeded that asks for shares; told again, it does not count again."""
    if not refund.shares or refund.id in charge.shared_refunds:
        return charge
    known = replace(charge, shared_refunds=(*charge.shared_refunds, refund.id))
    return _counted(known, refund, refund.amount)


def not_asked_back(charge: Charge, refund: ChargeRefund) -> Charge:
    """The charge once a refund has failed that stood until now. What it had brought back stays where that is."""
    if refund.id not in charge.shared_refunds or refund.id not in charge.refunds_given:
        return charge
    return _counted(charge, refund, -refund.amount)


def _counted(charge: Charge, refund: ChargeRefund, amount: int) -> Charge:
    return replace(
        charge,
        fee_asked_back=charge.fee_asked_back + (amount if FEE in refund.shares else 0),
        transfer_asked_back=charge.transfer_asked_back + (amount if TRANSFER in refund.shares else 0),
    )


def in_proportion(share: int, before: int, after: int, whole: int) -> int:
    """What belongs to the part of `whole` from `before` to `after`; all parts together come to the whole share."""
    return share * min(after, whole) // whole - share * min(before, whole) // whole if whole else 0
