"""Why a payment is in its status, and for whom it waits: a few sentences for each."""

from typing import assert_never

from domain.methods.microdeposits import TRIES_MAX
from domain.model import disputes
from domain.model.charges import Charge
from domain.model.disputes import Dispute
from domain.model.next_actions import VERIFY, NextAction
from domain.model.payment_intent import PaymentIntent, pending_charge
from domain.model.statuses import Status
from domain.money.currencies import CURRENCIES

CANCELED = {
    None: "It was canceled, and nobody said why.",
    "automatic": "It was canceled by itself: it was confirmed too often without success, or its hold lapsed.",
    "expired": "Its hold was not captured in time, so it was released and the payment canceled.",
    "abandoned": "It was canceled, as its buyer had given it up.",
    "duplicate": "It was canceled as a duplicate.",
    "failed_invoice": "It was canceled, as its invoice could not be paid.",
    "fraudulent": "It was canceled as fraudulent.",
    "requested_by_customer": "It was canceled, as its buyer wanted.",
    "void_invoice": "It was canceled with its invoice.",
}


def money(intent: PaymentIntent, amount: int) -> str:
    """`$10.99 usd`."""
    return f"{CURRENCIES[intent.currency].format(amount)} {intent.currency}"


def standing(intent: PaymentIntent) -> tuple[str, tuple[str, ...]]:
    """For whom it waits, and why it is in its status."""
    match intent.status:
        case Status.REQUIRES_PAYMENT_METHOD:
            return "merchant", _needs_method(intent)
        case Status.REQUIRES_CONFIRMATION:
            return "merchant", _needs_confirmation(intent)
        case Status.REQUIRES_ACTION:
            return "buyer", _needs_action(intent)
        case Status.PROCESSING:
            return ("bank" if pending_charge(intent) else "gateway"), _is_processing(intent)
        case Status.REQUIRES_CAPTURE:
            return "merchant", _holds(intent)
        case Status.SUCCEEDED:
            return "nobody", _succeeded(intent)
        case Status.CANCELED:
            text = CANCELED.get(intent.cancellation_reason, f"It was canceled: {intent.cancellation_reason}.")
            return "nobody", (text,)
        case _ as never:
            assert_never(never)


def _needs_method(intent: PaymentIntent) -> tuple[str, ...]:
    error = intent.last_payment_error
    if error is None:
        return ("Nobody has said yet how it is to be paid.",)
    said = f"The last attempt failed ({error.decline_code or error.code}): {error.message}"
    advice = {
        "try_again_later": "The same method may work later.",
        "do_not_try_again": "The same method is not to be tried again.",
        "confirm_card_data": "The card's data are to be looked at, and given again.",
    }.get(error.advice_code or "")
    return (said, *((advice,) if advice else ()), "Its method was dropped, so it needs one to go on.")


def _needs_confirmation(intent: PaymentIntent) -> tuple[str, ...]:
    if intent.approval is not None:
        return ("Its buyer has been authenticated. It is the merchant's server that has to confirm it now.",)
    title = intent.payment_method.title if intent.payment_method else "its method"
    return (f"It is to be paid by {title}, and was not confirmed, or was changed since.",)


def _needs_action(intent: PaymentIntent) -> tuple[str, ...]:
    action = intent.next_action
    if action is None:
        return ()
    if action.outstanding:
        set_aside = f" {money(intent, intent.funded)} of it has come in." if intent.funded else ""
        return (f"Its buyer was shown how to pay ({action.type}), and has not paid, as far as is known.{set_aside}",)
    if action.type == VERIFY:
        return (_deposits(action),)
    return (f"Its buyer is to be authenticated by their bank ({action.type}), and has not come back from there.",)


def _deposits(action: NextAction) -> str:
    kind = action.microdeposit_type or "amounts"
    left = TRIES_MAX.get(kind, 0) - action.tries
    return f"Its buyer is to say what was deposited in their account ({kind}); {left} tries are left."


_WORDS = {"capture": "a capture", "void": "the release of its hold", "increment": "to raise its hold"}


def _is_processing(intent: PaymentIntent) -> tuple[str, ...]:
    charge = pending_charge(intent)
    if intent.pending is not None:
        return ()
    if intent.accepted is not None:
        effect = intent.accepted.effect
        return (
            f"Its gateway has taken on {_WORDS[effect.operation]} (as `{effect.key}`), and not said how that ended.",
        )
    if charge is None:
        return ("A gateway has it.",)
    asked = f" The gateway was asked {charge.settlement_checks} times." if charge.settlement_checks else ""
    return (f"A payment by {charge.payment_method.title} was accepted, and the bank has not answered.{asked}",)


def _holds(intent: PaymentIntent) -> tuple[str, ...]:
    charge = intent.charge
    if charge is None:
        return ()
    said = [f"{money(intent, charge.capturable)} is held on {charge.payment_method.title}, and waits to be captured."]
    if charge.amount_captured:
        said.append(f"{money(intent, charge.amount_captured)} was captured, and more may be.")
    if intent.declined_captures:
        said.append(f"The bank has declined {intent.declined_captures} captures.")
    if intent.declined_releases:
        said.append(f"The gateway would not release the hold {intent.declined_releases} times.")
    return (*said, *_disputed(charge, intent.dispute))


def _succeeded(intent: PaymentIntent) -> tuple[str, ...]:
    charge = intent.charge
    if charge is None:
        return ()
    said = [f"{money(intent, charge.amount_captured)} was taken from {charge.payment_method.title}."]
    if charge.capture_failed:
        lost = money(intent, charge.capture_failed)
        said.append(f"{lost} of it did not come after all: {charge.failure_message} It stays succeeded.")
    if charge.amount_refunded:
        said.append(f"{money(intent, charge.amount_refunded)} of it was given back.")
    if charge.refunds_asked:
        said.append(f"{len(charge.refunds_asked)} refunds wait for their receiver to say where the money is to go.")
    return (*said, *_disputed(charge, intent.dispute))


_DISPUTES = {
    disputes.WON: "The buyer's bank disputed it ({id}); that was won, and the money is back.",
    disputes.LOST: "The buyer's bank disputed it ({id}); that was lost, and the bank keeps the money.",
    disputes.UNDER_REVIEW: "The buyer's bank disputes it ({id}) and has taken it back. The evidence is with the bank.",
    disputes.INQUIRY: "The buyer's bank asks about it ({id}), and has taken nothing.",
    disputes.INQUIRY_UNDER_REVIEW: "The buyer's bank asked about it ({id}), has taken nothing, and reads the answer.",
    disputes.INQUIRY_CLOSED: "The buyer's bank asked about it ({id}), and took nothing.",
}
"""What is said of a dispute that is more than open, by its status."""


def _disputed(charge: Charge, known: Dispute | None) -> tuple[str, ...]:
    if charge.dispute is None:
        return ()
    taken = " and has taken it back" if charge.charged_back else ""
    text = f"The buyer's bank disputes it ({{id}}){taken}."
    if known is not None and known.id == charge.dispute:
        text = _DISPUTES.get(known.status, text)
    return (text.format(id=charge.dispute),)
