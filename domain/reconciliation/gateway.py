"""Our charges and cash balances against the gateway's own book."""

from collections.abc import Collection, Iterator, Mapping

from domain.methods.families import TYPES, Family
from domain.model.charges import Charge
from domain.reconciliation.books import GatewayBook, PaymentBook, Theirs, Transfer
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference

REFUND_SECONDS = 7 * 86_400
"""How long a refund that a gateway has taken on may be missing in its book: banks take a few working days."""


def compare(book: PaymentBook, gateway: GatewayBook, now: int) -> tuple[list[Difference], set[str]]:
    """Hold the charges of one PaymentIntent against the gateway; and which charges of its book those are.

    While the outcome of something is not known, nothing is compared. `now` is Unix seconds.
    """
    found: list[Difference] = []
    seen: set[str] = set()
    for charge in charges_of(book).values():
        seen.add(charge.id)
        if not book.under_way and gateway.has(charge.gateway):
            of = _of_transfer if _paid_by_transfer(charge) else _of_charge
            found += of(book, charge, gateway, seen, now)
    return found, seen


def charges_of(book: PaymentBook) -> dict[str, Charge]:
    """Every charge, by id: those that are rows, and the latest, should it be none."""
    charges = {row.id: row.charge for row in book.charges}
    if book.state.charge is not None:
        charges.setdefault(book.state.charge.id, book.state.charge)
    return charges


def _paid_by_transfer(charge: Charge) -> bool:
    """Whether its money had come in before: the gateway's book has only the transfer."""
    type_ = TYPES.get(charge.payment_method.type)
    return type_ is not None and type_.family is Family.TRANSFER


def _of_transfer(
    book: PaymentBook, charge: Charge, gateway: GatewayBook, seen: set[str], now: int
) -> Iterator[Difference]:
    """What went back to the customer's bank is in the gateway's book, and what went to their balance in ours."""
    del seen, now
    theirs = gateway.charges.get(charge.id)
    returned = (theirs.refunded if theirs else 0) + (book.funding.returned if book.funding else 0)
    if charge.amount_refunded != returned:
        yield _of(book, charge, Kind.REFUNDED_DIFFERS, charge.amount_refunded, returned)


def _of_charge(
    book: PaymentBook, charge: Charge, gateway: GatewayBook, seen: set[str], now: int
) -> Iterator[Difference]:
    theirs = gateway.charges.get(charge.id)
    is_here = theirs is not None and charge.authorization in theirs.authorizations
    elsewhere = charge.id if is_here else gateway.charge_of.get(charge.authorization or "", charge.id)
    if elsewhere != charge.id and charge.status == "succeeded":
        seen.add(elsewhere)
        yield _of(book, charge, Kind.CHARGE_ID_DIFFERS, charge.id, elsewhere)
    elif theirs is None:
        if charge.status == "succeeded":
            yield _of(book, charge, Kind.MISSING_AT_GATEWAY, f"{charge.status} {charge.amount}", "nothing")
    else:
        yield from _of_names(book, charge, theirs)
        yield from _of_money(book, charge, theirs, now)


def _of_names(book: PaymentBook, charge: Charge, theirs: Theirs) -> Iterator[Difference]:
    if theirs.currencies != {charge.currency}:
        yield _of(book, charge, Kind.CURRENCY_DIFFERS, charge.currency, ", ".join(sorted(theirs.currencies)))
    if charge.status == "succeeded" and charge.authorization not in theirs.authorizations:
        known = ", ".join(sorted(theirs.authorizations))
        yield _of(book, charge, Kind.AUTHORIZATION_DIFFERS, charge.authorization or "none", known)


def _on_their_way(book: PaymentBook, charge: Charge, now: int) -> int:
    """What a gateway may have taken on and not yet given back (minor units): what is pending, and not for too long."""
    refunds = (row.refund for row in book.refunds if row.refund.charge == charge.id and row.status == "pending")
    return sum(refund.amount for refund in refunds if now - refund.created < REFUND_SECONDS)


def _of_money(book: PaymentBook, charge: Charge, theirs: Theirs, now: int) -> Iterator[Difference]:
    come = charge.amount_captured - charge.capture_failed
    if come != theirs.captured:
        yield _of(book, charge, Kind.CAPTURED_DIFFERS, come, theirs.captured)
    if not charge.amount_refunded - _on_their_way(book, charge, now) <= theirs.refunded <= charge.amount_refunded:
        yield _of(book, charge, Kind.REFUNDED_DIFFERS, charge.amount_refunded, theirs.refunded)
    if theirs.authorized_times > 1:
        # The sums that follow are all of both, and say nothing more.
        yield _of(book, charge, Kind.AUTHORIZED_TWICE, 1, theirs.authorized_times)
    elif charge.status == "succeeded" and charge.amount != theirs.authorized:
        yield _of(book, charge, Kind.AUTHORIZED_DIFFERS, charge.amount, theirs.authorized)
    elif not charge.captured and come == theirs.captured and charge.capturable != theirs.held:
        # A final capture has released the rest, which the book does not say.
        kind = Kind.HOLD_GONE if theirs.held < charge.capturable else Kind.HOLD_STILL_OPEN
        yield _of(book, charge, kind, charge.capturable, theirs.held)


def compare_returns(ours: Mapping[str, int | None], gateway: GatewayBook) -> tuple[list[Difference], set[str]]:
    """Refunds of cash balances by id, and what of each is out; None while nobody has heard the gateway about it.

    And which charges of its book those are: they stand there under their own ids.
    """
    found = []
    for id_ in sorted(ours):
        theirs, amount = gateway.charges.get(id_), ours[id_]
        returned = theirs.refunded if theirs else 0
        if amount is not None and amount != returned:
            found.append(Difference(kind=Kind.REFUNDED_DIFFERS, id=id_, ours=amount, theirs=returned))
    return found, set(ours)


def unknown(gateway: GatewayBook, seen: Collection[str], under_way: Collection[str]) -> list[Difference]:
    """Charges of the gateway's book that are none of ours, unless their PaymentIntent is finding out about them."""
    found = []
    for id_ in sorted(gateway.charges.keys() - set(seen)):
        theirs = gateway.charges[id_]
        if theirs.payment_intents.isdisjoint(under_way):
            intent = min(theirs.payment_intents)
            money = f"authorized {theirs.authorized}, captured {theirs.captured}, refunded {theirs.refunded}"
            intent = intent if intent.startswith("pi_") else ""
            one = Difference(kind=Kind.UNKNOWN_TO_US, id=id_, ours="nothing", theirs=money, payment_intent=intent)
            found.append(one)
    return found


def compare_transfers(ours: Mapping[str, Transfer], theirs: Mapping[str, Transfer]) -> list[Difference]:
    """Bank transfers by id: each that came in is in a cash balance, once, and nothing else is."""
    found = []
    for id_ in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(id_), theirs.get(id_)
        kind = _transfer_difference(mine, other)
        if kind is Kind.TRANSFER_BOOKED_TWICE:
            found.append(Difference(kind=kind, id=id_, ours=1, theirs=mine.times if mine else 0))
        elif kind is not None:
            found.append(Difference(kind=kind, id=id_, ours=_money(mine), theirs=_money(other)))
    return found


def _transfer_difference(mine: Transfer | None, other: Transfer | None) -> Kind | None:
    if mine is None:
        return Kind.TRANSFER_NOT_BOOKED
    if mine.times > 1:
        return Kind.TRANSFER_BOOKED_TWICE
    if other is None:
        return Kind.TRANSFER_UNKNOWN_TO_GATEWAY
    return Kind.TRANSFER_DIFFERS if (mine.amount, mine.currency) != (other.amount, other.currency) else None


def _money(transfer: Transfer | None) -> str:
    return "none" if transfer is None else f"{transfer.amount} {transfer.currency}"


def _of(book: PaymentBook, charge: Charge, kind: Kind, ours: int | str, theirs: int | str) -> Difference:
    return Difference(kind=kind, id=charge.id, ours=ours, theirs=theirs, payment_intent=book.id)
