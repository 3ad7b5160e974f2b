"""An intent against its events: each fact that its state and its rows show has one event, in its order.

Facts that leave no trace in the state (a declined confirmation, an update) are not counted; and what the API announces
by itself (a refund's metadata) may be announced any number of times.
"""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from domain.model.charges import Charge
from domain.model.statuses import Status
from domain.reconciliation.books import EventSeen, PaymentBook
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, whose

BY_TIME = frozenset({"automatic", "expired"})
"""Why a payment was canceled whose hold was released when its time was up: as it was called, and as it is."""

STAGES: dict[str, int] = {
    "payment_intent.created": 0, "payment_intent.requires_action": 1, "payment_intent.processing": 1,
    "payment_intent.partially_funded": 1, "payment_intent.payment_failed": 1,
    "payment_intent.amount_capturable_updated": 1, "payment_intent.succeeded": 2, "payment_intent.canceled": 2,
    "charge.pending": 0, "charge.succeeded": 1, "charge.failed": 1, "charge.updated": 2, "charge.captured": 2,
    "charge.expired": 2, "charge.refunded": 2,
    "refund.created": 0, "refund.updated": 1, "charge.refund.updated": 1, "refund.failed": 1,
    "setup_intent.created": 0, "setup_intent.requires_action": 1, "setup_intent.setup_failed": 1,
    "setup_intent.succeeded": 2, "setup_intent.canceled": 2,
    "charge.dispute.created": 0, "charge.dispute.funds_withdrawn": 1, "charge.dispute.updated": 1,
    "charge.dispute.funds_reinstated": 2, "charge.dispute.closed": 3,
}  # fmt: skip
"""Among the events of one object, a later stage never comes before an earlier one."""

Expected = dict[tuple[str, str], int]


def compare(book: PaymentBook) -> list[Difference]:
    """Hold the events against what has happened."""
    return compare_events(book.id, book.events, expected(book))


def compare_events(intent: str, events: Sequence[EventSeen], wanted: Expected) -> list[Difference]:
    """Hold the events of an intent and its objects against how many there must be of each."""
    seen = counted(events)
    found = [
        Difference(
            kind=_kind(count, seen[type_, object_id]), id=object_id, ours=count, theirs=seen[type_, object_id],
            detail=type_, **whose(intent),
        )
        for (type_, object_id), count in wanted.items()
        if seen[type_, object_id] != count
    ]  # fmt: skip
    # A charge that had succeeded fails only as a capture of it does after all, which may be whenever.
    whenever = {
        ("charge.failed", id_)
        for (type_, id_), count in wanted.items()
        if type_ == "charge.failed" and count and wanted.get(("charge.succeeded", id_))
    }
    return [*found, *_out_of_order(intent, events, whenever)]


def counted(events: Sequence[EventSeen]) -> Counter[tuple[str, str]]:
    """How many there are of each type and object."""
    return Counter((event.type, event.object_id) for event in events)


def _kind(expected: int, seen: int) -> Kind:
    if expected == 0:
        return Kind.EVENT_OF_NOTHING
    return Kind.EVENT_MISSING if seen < expected else Kind.EVENT_DOUBLED


def expected(book: PaymentBook) -> Expected:
    """How many events there must be of each type and object; types that depend on what is forgotten are left out."""
    status, seen = book.state.status, counted(book.events)
    counts: Expected = {
        ("payment_intent.created", book.id): 1,
        ("payment_intent.succeeded", book.id): int(status == Status.SUCCEEDED),
        ("payment_intent.canceled", book.id): int(status == Status.CANCELED),
    }
    for row in book.charges:
        charge = row.charge
        was_held = charge.capture_before is not None
        counts |= {
            ("charge.succeeded", row.id): int(charge.status == "succeeded"),
            ("charge.failed", row.id): _failures(charge, seen["charge.failed", row.id]),
            ("charge.captured", row.id): int(charge.captured and was_held),
            ("charge.expired", row.id): int(charge.voided and book.state.cancellation_reason in BY_TIME),
        }
        if not charge.voided:
            # Older releases told of one for a hold that was let go, too.
            counts[("charge.refunded", row.id)] = charge.refunds + int(charge.released_as_refund > 0)
    for refund in book.refunds:
        counts |= {
            ("refund.created", refund.id): int(refund.refund.of_hold is None),
            ("refund.failed", refund.id): int(refund.refund.status == "failed"),
        }
    for dispute in book.disputes:
        counts |= {
            ("charge.dispute.created", dispute.id): 1,
            ("charge.dispute.funds_reinstated", dispute.id): int(dispute.reinstated_at is not None),
        }
    return counts


def _failures(charge: Charge, told: int) -> int:
    """Of an attempt one. Captures may each fail after all, once, which the charge has as one sum."""
    if not charge.capture_failed:
        return int(charge.status == "failed")
    return max(1, told)


def _out_of_order(
    intent: str, events: Sequence[EventSeen], whenever: Container[tuple[str, str]]
) -> Iterator[Difference]:
    """For each object at most one: the first event that comes after what can only follow it."""
    reached: dict[str, tuple[int, str]] = {}
    named: set[str] = set()
    for event in events:
        stage = STAGES.get(event.type)
        if stage is None or event.object_id in named or (event.type, event.object_id) in whenever:
            continue
        before = reached.get(event.object_id, (stage, event.type))
        if stage < before[0]:
            named.add(event.object_id)
            yield Difference(
                kind=Kind.EVENT_OUT_OF_ORDER, id=event.id, ours=before[1], theirs=event.type, **whose(intent)
            )
        reached[event.object_id] = max(before, (stage, event.type))
