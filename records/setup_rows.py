"""What a transition of a SetupIntent leaves in each table: the rows that setups.py writes. Pure."""

from dataclasses import replace

from domain.identifiers import event_id
from domain.machine.announcements import Announcement
from domain.machine.setups.transitions import SetupTransition
from domain.model.events import MandateAccepted, PaymentMethodSaved
from domain.model.hashes import JsonObject
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_events import DebitKept, SetupSucceeded
from domain.model.setup_intent import ABANDONED, DONE, OPEN_ATTEMPT, SetupAttempt, SetupIntent
from records.codec import dump_attempt, dump_mandate, dump_method, dump_setup
from records.events import event_row as row_of_event
from records.payment_methods import row_of
from records.scope import Scope

Row = JsonObject

CHECKS = ("cvc_check", "address_line1_check", "address_postal_code_check")


def intent_row(intent: SetupIntent) -> Row:
    """The row of `setup_intents`."""
    return {
        "id": intent.id,
        "account": intent.account,
        "livemode": intent.livemode,
        "created": intent.created,
        "version": intent.version,
        "status": intent.status,
        "customer": intent.customer,
        "payment_method": intent.payment_method.id if intent.payment_method else None,
        "attach_to_self": bool(intent.attach_to_self),
        "data": dump_setup(intent),
    }


def attempt_rows(transition: SetupTransition) -> list[Row]:
    """The latest attempt, if it is another or stands otherwise; and the one before it, which is abandoned."""
    was, now = transition.before.attempt, transition.after.attempt
    changed = [now] if now is not None and now != was else []
    if was is not None and now is not None and was.id != now.id and was.status in OPEN_ATTEMPT:
        changed.insert(0, replace(was, status=ABANDONED))
    return [attempt_row(attempt) for attempt in changed]


def attempt_row(attempt: SetupAttempt) -> Row:
    """The row of an attempt."""
    return {
        "id": attempt.id,
        "account": attempt.account,
        "livemode": attempt.livemode,
        "created": attempt.created,
        "setup_intent": attempt.setup_intent,
        "status": attempt.status,
        "data": dump_attempt(attempt),
    }


def mandate_rows(transition: SetupTransition) -> list[Row]:
    """Consents that were given."""
    given = [event.mandate for event in transition.events if isinstance(event, MandateAccepted)]
    return [
        {
            "id": mandate.id,
            "account": mandate.account,
            "livemode": mandate.livemode,
            "created": mandate.created,
            "payment_method": mandate.payment_method,
            "data": dump_mandate(mandate),
        }
        for mandate in given
    ]


def method_rows(transition: SetupTransition) -> list[Row]:
    """What became of the method that was set up: whose it is, and what its bank has made of what there was to check."""
    method = transition.after.payment_method
    if method is None or not any(isinstance(event, SetupSucceeded) for event in transition.events):
        return []
    saved = any(isinstance(event, PaymentMethodSaved) for event in transition.events)
    checks = {name: getattr(method.card, name) for name in CHECKS} if method.card else None
    return [{"id": method.id, "customer": method.customer if saved else None, "card": checks}]


def method_of(intent: SetupIntent) -> PaymentMethod | None:
    """The method that an intent has set up for its customer; None if it has not, or keeps it for nobody."""
    method = intent.payment_method
    done = intent.attempt is not None and intent.attempt.status == DONE
    return method if done and method is not None and method.customer is not None else None


def new_method_rows(transition: SetupTransition) -> list[Row]:
    """The debit that is kept in the place of what was set up."""
    kept = _kept(transition)
    return [row_of(kept, transition.after.id)] if kept else []


def _kept(transition: SetupTransition) -> PaymentMethod | None:
    found = [event.payment_method for event in transition.events if isinstance(event, DebitKept)]
    return found[-1] if found else None


def event_row(transition: SetupTransition, announcement: Announcement, index: int) -> Row:
    """One of Stripe's events; `index` counts those of this transition."""
    intent = transition.after
    object_id, snapshot = _snapshot(transition, announcement)
    return row_of_event(
        id_=event_id(intent.id, intent.version, index),
        scope=Scope(intent.account, intent.livemode),
        created=transition.now,
        type_=announcement.type,
        subject=announcement.subject,
        object_id=object_id,
        snapshot=snapshot,
        cause=transition.cause,
    )


def _snapshot(transition: SetupTransition, announcement: Announcement) -> tuple[str, Row]:
    """The object as it is now; an intent without its ledger, which is nobody's business outside."""
    intent = transition.after
    mandates = [event.mandate for event in transition.events if isinstance(event, MandateAccepted)]
    if announcement.subject == "mandate" and mandates:
        return mandates[-1].id, dump_mandate(mandates[-1])
    method = _kept(transition) or intent.payment_method
    if announcement.subject == "payment_method" and method is not None:
        return method.id, dump_method(method)
    return intent.id, {name: value for name, value in dump_setup(intent).items() if name != "ledger"}
