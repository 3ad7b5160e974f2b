"""What a gateway has taken on and answers later: what its news mean, and what is done when there are none. Pure.

News come doubled, in any order, before the answer that they are about, or never. Each is about the one thing that is
awaited, by the gateway's reference; what is known already changes nothing. A capture that had succeeded and fails after
all moves no status: the payment has succeeded, its money has gone, and that is a fact, an event and a booking of its
own.
"""

from domain.machine import holds
from domain.machine.conclusions import conclude
from domain.machine.evolution import evolve
from domain.model import wording
from domain.model.commands import ModificationResult
from domain.model.events import CaptureFailed, Event, ModificationKnown, ModificationQuestioned
from domain.model.gateways import FIRST
from domain.model.outcomes import Approved, CaptureHold, Declined, Modification, Outcome, Void
from domain.model.payment_intent import PaymentIntent
from domain.money import declines
from domain.refusals import Refusal

CAPTURE, EXPIRY = "capture", "expiry"


def reported(state: PaymentIntent, command: ModificationResult, now: int) -> tuple[Event, ...] | Refusal:
    """The facts that the gateway's news are; none, if they are known."""
    charge = state.charge
    awaited = _awaited(state, command)
    if awaited is not None:
        code = command.decline_code
        return concluded(state, awaited, command.reference, now, succeeded=command.succeeded, decline_code=code)
    if charge is None or charge.id != command.charge or (charge.gateway or FIRST) != (command.gateway or FIRST):
        return wording.unknown_modification()
    known = charge.modifications.get(command.reference) if command.reference else None
    if command.operation == CAPTURE and not command.succeeded and known != 0:
        return _failed_late(state, command, known)
    if known is not None:
        return ()
    if command.operation == EXPIRY and state.accepted is None and state.pending is None and charge.capturable:
        return holds.lapse(state, now)
    return wording.unknown_modification()


def _awaited(state: PaymentIntent, command: ModificationResult) -> Modification | None:
    """What the news are about: what was taken on under their reference, or what was asked and nobody knows whether."""
    accepted, known = state.accepted, state.charge.modifications if state.charge else {}
    if accepted is not None:
        effect: object = accepted.effect if accepted.reference == command.reference else None
    else:
        effect = state.pending if command.reference and command.reference not in known else None
    if not isinstance(effect, Modification) or effect.operation != command.operation:
        return None
    same = effect.charge == command.charge and (effect.gateway or FIRST) == (command.gateway or FIRST)
    amount = None if isinstance(effect, Void) else effect.amount
    return effect if same and (command.amount is None or amount in (None, command.amount)) else None


def concluded(
    state: PaymentIntent, effect: Modification, reference: str, now: int, *, succeeded: bool, decline_code: str
) -> tuple[Event, ...]:
    """The facts, once it is known how what was taken on under `reference` has ended."""
    taken = effect.amount if isinstance(effect, CaptureHold) and succeeded else 0
    known = ModificationKnown(reference, taken, refused=not succeeded)
    outcome: Outcome = Declined(decline_code=decline_code)
    if succeeded:
        outcome = Approved(authorization=effect.authorization)
    conclusion = conclude(evolve(state, (known,), check_table=False), effect, outcome, now)
    return known, *conclusion.events


def _failed_late(state: PaymentIntent, command: ModificationResult, known: int | None) -> tuple[Event, ...] | Refusal:
    """The capture of this reference; or, where nobody was told its reference, of this much, or of all."""
    charge = state.charge
    if charge is None:
        return wording.unknown_modification()
    left = charge.amount_captured - charge.capture_failed
    amount = known or command.amount or left
    if not 0 < amount <= left:
        return wording.unknown_modification()
    code = command.decline_code
    return (CaptureFailed(amount, command.reference, declines.error_code(code), declines.message(code)),)


def already_so(state: PaymentIntent, command: ModificationResult) -> bool | None:
    """Whether news that answer nothing say what is so already: that was found out by the key, and nobody told its name.

    False if they contradict what is known: then the gateway's book is not ours. None if what they are about may still
    come to be known. `state` is level with its record, where each modification is claimed before it is asked for.
    """
    charge = state.charge
    if not state.rules or state.pending is not None or state.accepted is not None or charge is None:
        return None
    if charge.id != command.charge or (charge.gateway or FIRST) != (command.gateway or FIRST):
        return None
    if not command.succeeded:
        # Nothing was done: a capture that had succeeded, and is taken back, has been written down by now.
        return True
    match command.operation:
        case "capture":
            named = sum(charge.modifications.values())
            return charge.amount_captured - charge.capture_failed - named >= (command.amount or 1)
        case "increment":
            return state.increments > 0 and charge.amount >= (command.amount or 0)
        case _:
            return not charge.capturable


def questioned(state: PaymentIntent, now: int) -> tuple[Event, ...] | Refusal:
    """Nothing was heard until it was time to ask."""
    due = state.accepted.ask_at if state.accepted else None
    if due is None or now < due:
        return wording.nothing_to_settle(state)
    return (ModificationQuestioned(),)
