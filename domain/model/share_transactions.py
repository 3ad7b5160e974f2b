"""What shares of a payment do to balances: to that of who pays, and to that of who gets it, always both at once. Pure.

A direct charge's fee is kept of its own transaction (balance.py), and only the platform's is made here.
"""

from collections.abc import Iterable, Iterator

from domain.identifiers import application_id, digest62
from domain.model import shares
from domain.model.balance import OTHER, BalanceTransaction, available_on
from domain.model.charges import Charge
from domain.model.events import Event
from domain.model.refund_events import ShareReturned
from domain.model.shares import FEE, ShareReturn
from domain.money.pricing import DEFAULT, Pricing


def moved(
    before: Charge | None, after: Charge | None, events: Iterable[Event], pricing: Pricing | None, now: int
) -> list[BalanceTransaction]:
    """What others have got of a charge, or have given back, between `before` and `after`, by these facts, at `now`."""
    if after is None or not shares.is_shared(after):
        return []
    fee, transfer = shares.since(before, after)
    back = [event.back for event in events if isinstance(event, ShareReturned)]
    return [*taken(after, fee, transfer, pricing, now), *(one for each in back for one in returned(after, each, now))]


def taken(charge: Charge, fee: int, transfer: int, pricing: Pricing | None, now: int) -> Iterator[BalanceTransaction]:
    """So much was taken as a fee, and transferred, by the latest capture.

    What the connected account has at once, the platform has its fee of at once, too; of a direct charge, when the
    charge's own money is there.
    """
    when = available_on(now, pricing or DEFAULT) if charge.platform is not None else now
    if transfer:
        made = shares.transfer_of(charge, transfer, now, transfer_transaction(charge))
        yield _between(charge, made.account, now, made.balance_transaction, "transfer", made.id, -transfer, category=(
            "transfer"), description=made.description)  # fmt: skip
        yield _between(
            charge, made.connected, now, _id("payment", charge), "payment", made.destination_payment or "", transfer,
            category="charge", application_fee=fee, application=application_id(charge.account) if fee else None,
        )  # fmt: skip
    if fee:
        made = shares.fee_of(charge, fee, now, fee_transaction(charge))
        name = application_id(made.account)
        yield _between(
            charge, made.account, now, made.balance_transaction, "application_fee", made.id, fee,
            category="platform_earning", available=when,
            description=f"Application fee from application {name} for {made.connected} ({made.charge})",
        )  # fmt: skip


def fee_transaction(charge: Charge) -> str:
    """The id of what the latest capture's fee has done to the platform's balance."""
    return _id("fee", charge)


def transfer_transaction(charge: Charge) -> str:
    """The id of what the latest capture's transfer has done to the platform's balance."""
    return _id("transfer", charge)


def _id(what: str, charge: Charge) -> str:
    return OTHER + digest62(what, charge.id, str(charge.captures), length=23)


def returned(charge: Charge, back: ShareReturn, now: int) -> Iterator[BalanceTransaction]:
    """It has come back: out of the balance of who had got it, into that of who had given it."""
    if back.kind == FEE:
        yield _between(
            charge, back.account, now, returned_id(back), "application_fee_refund", back.id, -back.amount,
            category="platform_earning_refund", description="REFUND FOR APPLICATION FEE",
        )  # fmt: skip
        yield _between(
            charge, back.connected, now, other_side_id(back), "application_fee_refund", back.id, back.amount,
            category="platform_earning_refund", description="REFUND FOR APPLICATION FEE",
        )  # fmt: skip
        return
    yield _between(
        charge, back.account, now, returned_id(back), "transfer_refund", back.id, back.amount,
        category="transfer_reversal", description="REFUND FOR TRANSFER",
    )  # fmt: skip
    yield _between(
        charge, back.connected, now, other_side_id(back), "payment_refund", back.payment_refund or "",
        -back.amount, category="refund", description="REFUND FOR PAYMENT",
    )  # fmt: skip


def returned_id(back: ShareReturn) -> str:
    """The id of what it has done to the platform's balance."""
    return OTHER + digest62("share_returned", back.id, length=23)


def other_side_id(back: ShareReturn) -> str:
    """The id of what it has done to the connected account's."""
    return OTHER + digest62("share_got_back", back.id, length=23)


def _between(
    charge: Charge, account: str, now: int, id_: str, type_: str, source: str, amount: int, *, category: str,
    description: str | None = None, application_fee: int = 0, application: str | None = None,
    available: int | None = None,
) -> BalanceTransaction:  # fmt: skip
    return BalanceTransaction(
        id=id_,
        account=account,
        livemode=charge.livemode,
        created=now,
        available_on=now if available is None else available,
        type=type_,
        category=category,
        source=source,
        amount=amount,
        currency=charge.currency,
        fee=application_fee,
        application_fee=application_fee,
        application=application,
        description=description,
        internal=True,
    )
