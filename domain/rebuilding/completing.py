"""What a state says was there, and is not: the refunds and events that a restored record lacks. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.machine.announcements import Announcement
from domain.model.events import Subject
from domain.model.refunds import ChargeRefund
from domain.reconciliation import facts, records, setups
from domain.reconciliation.books import PaymentBook
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference
from domain.reconciliation.setup_book import SetupBook

SUBJECTS: dict[str, Subject] = {"payment_intent": "payment_intent", "charge": "charge", "setup_intent": "setup_intent"}
"""Of the types whose objects a state still has; `charge.dispute.…` and `charge.refund.…` are others'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Refunds, and what was announced."""

    refunds: tuple[ChargeRefund, ...] = ()
    announcements: tuple[Announcement, ...] = ()


def lost(book: PaymentBook, now: int) -> list[Lost]:
    """What is to be written, one after the other; a refund comes with its own announcement.

    What a refund was for, and when it was made, nobody knows any more; it is as if it had been made at `now`.
    """
    missing = [one for one in records.compare(book) if one.kind is Kind.REFUND_MISSING]
    created = (Announcement("refund.created", "refund"),)
    found = [Lost(refunds=(_refund(book, one.id, int(one.ours), now),), announcements=created) for one in missing]
    return [*found, Lost(announcements=_untold(facts.compare(book)))]


def untold_of_setup(book: SetupBook) -> tuple[Announcement, ...]:
    """What happened to a SetupIntent, and no event tells of."""
    return _untold(setups.compare(book))


def _untold(differences: Iterable[Difference]) -> tuple[Announcement, ...]:
    missing = [one for one in differences if one.kind is Kind.EVENT_MISSING]
    return tuple(
        Announcement(one.detail, subject)
        for one in sorted(missing, key=lambda one: facts.STAGES.get(one.detail, 0))
        if (subject := _subject(one.detail)) is not None
        for _ in range(int(one.ours) - int(one.theirs))
    )


def _subject(type_: str) -> Subject | None:
    object_, _, rest = type_.partition(".")
    return SUBJECTS.get(object_) if "." not in rest else None


def _refund(book: PaymentBook, id_: str, amount: int, now: int) -> ChargeRefund:
    charge, state = book.state.charge, book.state
    assert charge is not None
    return ChargeRefund(
        id=id_,
        charge=charge.id,
        payment_intent=state.id,
        payment_method=charge.payment_method.id,
        created=now,
        amount=amount,
        currency=state.currency,
        status="succeeded",
        account=state.account,
        livemode=state.livemode,
        customer=state.customer,
        method_type=charge.payment_method.type,
    )
