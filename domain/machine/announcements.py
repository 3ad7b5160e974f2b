"""Announcements: which of Stripe's events the facts of a PaymentIntent are told by, in Stripe's order.

The facts are model/events.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from domain.methods.families import TYPES
from domain.model.disputes import LOST, Dispute
from domain.model.events import (
    ActionRequired,
    AttemptEvent,
    AttemptMoved,
    AttributesChanged,
    Authenticated,
    AuthorizationIncremented,
    AuthorizationReleased,
    CaptureDeclined,
    CaptureFailed,
    ChargeCaptured,
    ChargeDisputed,
    ChargeFailed,
    ChargePending,
    ChargeSucceeded,
    ChargeWithdrawn,
    DisputeMoved,
    DuplicateNoticed,
    Event,
    FundsApplied,
    HoldEvent,
    IncrementDeclined,
    InstructionsRestored,
    InstructionsWithdrawn,
    IntentCanceled,
    MandateAccepted,
    MandateEnded,
    MandateEvent,
    MicrodepositsMismatched,
    OutcomeKnown,
    OutcomeResolved,
    OutcomeUnknown,
    PaymentInstructed,
    PaymentMethodConsumed,
    PaymentMethodSaved,
    PaymentMethodSelected,
    ReleaseDeclined,
    ResolutionContradicted,
    RouteChosen,
    SettlementAwaited,
    Subject,
    VerificationRequested,
)
from domain.model.modification_events import (
    ModificationAccepted,
    ModificationFound,
    ModificationKnown,
    ModificationNamed,
    ModificationQuestioned,
    ModificationTurned,
)
from domain.model.outcomes import (
    AnswerDispute,
    AskSettlement,
    MoveFunds,
    Refund,
)
from domain.model.refund_events import (
    HoldRefunded,
    RefundEvent,
    RefundFailed,
    RefundProgressed,
    RefundRequested,
    RefundReturned,
    RefundSucceeded,
    ShareReturned,
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One Stripe event to write: its type, and which object its snapshot shows."""

    type: str
    subject: Subject


def announcements(events: Iterable[Event]) -> tuple[Announcement, ...]:
    """Stripe's events for these facts, in Stripe's order. docs.stripe.com/api/events/types."""
    return tuple(announcement for event in events for announcement in _announce(event))


SilentEvent = (
    AttributesChanged
    | PaymentMethodSelected
    | PaymentMethodConsumed
    | Authenticated
    | MicrodepositsMismatched
    | InstructionsWithdrawn
    | InstructionsRestored
    | OutcomeKnown
    | OutcomeResolved
    | ModificationQuestioned
    | ModificationFound
    | ModificationNamed
    | ModificationTurned
    | ResolutionContradicted
    | DuplicateNoticed
    | RouteChosen
)
"""Facts that Stripe has no event for."""


CAPTURABLE = Announcement("payment_intent.amount_capturable_updated", "payment_intent")


SUCCEEDED = Announcement("payment_intent.succeeded", "payment_intent")


FAILED = Announcement("payment_intent.payment_failed", "payment_intent")


PROCESSING = Announcement("payment_intent.processing", "payment_intent")


def _announce(event: Event) -> tuple[Announcement, ...]:
    if isinstance(event, AttemptEvent):
        return _announce_attempt(event)
    if isinstance(event, MandateEvent):
        return announce_mandate(event)
    if isinstance(event, DisputeMoved):
        return tuple(Announcement(type_, _subject(type_)) for type_ in event.told)
    if isinstance(event, RefundEvent | ChargeDisputed):
        return _announce_way_back(event)
    if isinstance(event, HoldEvent):
        return _announce_hold(event)
    if isinstance(event, SilentEvent):
        return ()
    match event:
        case IntentCanceled():
            return (Announcement("payment_intent.canceled", "payment_intent"),)
        case ActionRequired() | VerificationRequested() | PaymentInstructed():
            return (Announcement("payment_intent.requires_action", "payment_intent"),)
        case FundsApplied(partial=partial):
            return (Announcement("payment_intent.partially_funded", "payment_intent"),) if partial else ()
        case OutcomeUnknown():
            return _announce_doubt(event)
        case ModificationAccepted():
            return (PROCESSING,)
        case ModificationKnown(refused=refused):
            # Whoever was told that it is processing is told that it is not any more, and that there still is money.
            return (CAPTURABLE,) if refused else ()
        case PaymentMethodSaved():
            return (Announcement("payment_method.attached", "payment_method"),)
        case _ as never:
            assert_never(never)


def _announce_hold(
    event: ChargeCaptured
    | CaptureDeclined
    | AuthorizationIncremented
    | IncrementDeclined
    | AuthorizationReleased
    | ReleaseDeclined
    | CaptureFailed,
) -> tuple[Announcement, ...]:
    match event:
        case ChargeCaptured(final=True):
            return Announcement("charge.captured", "charge"), SUCCEEDED
        case ChargeCaptured():
            return Announcement("charge.updated", "charge"), CAPTURABLE
        case AuthorizationIncremented():
            return CAPTURABLE, Announcement("charge.updated", "charge")
        case CaptureFailed():
            return (Announcement("charge.failed", "charge"),)
        case AuthorizationReleased(expired=expired):
            return (Announcement("charge.expired", "charge"),) if expired else ()
        case CaptureDeclined() | IncrementDeclined() | ReleaseDeclined():
            return ()
        case _ as never:
            assert_never(never)


def _announce_doubt(event: OutcomeUnknown) -> tuple[Announcement, ...]:
    """Nothing, where the intent stays as it is while the answer is awaited."""
    match event:
        case OutcomeUnknown(
            Refund() | AskSettlement() | AnswerDispute() | MoveFunds(operation="ask_funds" | "apply_funds")
        ):
            return ()
        case OutcomeUnknown():
            return (PROCESSING,)


def _subject(type_: str) -> Subject:
    return "dispute" if type_.startswith("charge.dispute.") else "charge"


def _announce_dispute(dispute: Dispute) -> tuple[Announcement, ...]:
    happened = ["created"]
    if dispute.withdrawn:
        happened.append("funds_withdrawn")
    if dispute.status == LOST:
        happened.append("closed")
    return tuple(Announcement(f"charge.dispute.{what}", "dispute") for what in happened)


def _announce_way_back(
    event: RefundEvent | ChargeDisputed,
) -> tuple[Announcement, ...]:
    # The older name first: both are still sent for the refund of a charge.
    updated = (Announcement("charge.refund.updated", "refund"), Announcement("refund.updated", "refund"))
    match event:
        case RefundRequested():
            return Announcement("refund.created", "refund"), Announcement("charge.refunded", "charge")
        case RefundSucceeded(late=late):
            return updated if late else ()
        case ChargeDisputed(dispute):
            return _announce_dispute(dispute)
        case RefundProgressed() | RefundReturned():
            return updated
        case HoldRefunded():
            return Announcement("charge.refunded", "charge"), updated[0]
        case RefundFailed(refund) if refund.status == "canceled":
            return updated
        case RefundFailed():
            return *updated, Announcement("refund.failed", "refund")
        case ShareReturned():
            # It is told to another account (records/share_rows.py).
            return ()


def _announce_attempt(event: AttemptEvent) -> tuple[Announcement, ...]:
    match event:
        case ChargeSucceeded(charge):
            return Announcement("charge.succeeded", "charge"), SUCCEEDED if charge.captured else CAPTURABLE
        case ChargePending():
            return PROCESSING, Announcement("charge.pending", "charge")
        case ChargeWithdrawn() | AttemptMoved():
            return (Announcement("charge.failed", "charge"),)
        case ChargeFailed(None, _):
            return (FAILED,)
        case ChargeFailed():
            return Announcement("charge.failed", "charge"), FAILED
        case SettlementAwaited():
            return ()
        case _ as never:
            assert_never(never)


def announce_mandate(event: MandateAccepted | MandateEnded) -> tuple[Announcement, ...]:
    """Only debits tell of their mandates; and whatever has ended is told."""
    type_ = TYPES.get(event.mandate.method_type)
    told = isinstance(event, MandateEnded) or (type_ is not None and type_.delayed)
    return (Announcement("mandate.updated", "mandate"),) if told else ()
