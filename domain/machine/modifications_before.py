"""What a gateway's news of a modification made of a PaymentIntent by the rules before the second (`rules`).

Runs that older releases have started go by these until they end; modifications.py is for all others.
"""

from domain.machine import holds
from domain.machine.modifications import CAPTURE, EXPIRY, concluded
from domain.model import wording
from domain.model.charges import Charge
from domain.model.commands import ModificationResult
from domain.model.events import CaptureFailed, Event
from domain.model.gateways import FIRST
from domain.model.outcomes import CaptureHold, Increment, Modification, Void
from domain.model.payment_intent import PaymentIntent
from domain.money import declines
from domain.refusals import Refusal


def reported(state: PaymentIntent, command: ModificationResult, now: int) -> tuple[Event, ...] | Refusal:
    """The facts that the gateway's news are; none, if they are known."""
    charge, awaited = state.charge, _awaited(state, command)
    if awaited is not None:
        code = command.decline_code
        return concluded(state, awaited, command.reference, now, succeeded=command.succeeded, decline_code=code)
    if charge is None or charge.id != command.charge or (charge.gateway or FIRST) != (command.gateway or FIRST):
        return wording.unknown_modification()
    known = charge.modifications.get(command.reference) if command.reference else None
    if command.operation == CAPTURE and not command.succeeded and known != 0:
        return _failed_late(charge, command, known)
    if known is not None:
        return ()
    if command.operation == EXPIRY and state.accepted is None and state.pending is None and charge.capturable:
        return holds.lapse(state, now)
    return wording.unknown_modification()


def _awaited(state: PaymentIntent, command: ModificationResult) -> Modification | None:
    """What was taken on under their reference, or what was asked and nobody knows whether."""
    accepted, known = state.accepted, state.charge.modifications if state.charge else {}
    if accepted is not None:
        effect: object = accepted.effect if accepted.reference == command.reference else None
    else:
        effect = state.pending if command.reference and command.reference not in known else None
    if not isinstance(effect, CaptureHold | Void | Increment) or effect.operation != command.operation:
        return None
    same = effect.charge == command.charge and (effect.gateway or FIRST) == (command.gateway or FIRST)
    amount = None if isinstance(effect, Void) else effect.amount
    return effect if same and (command.amount is None or amount in (None, command.amount)) else None


def _failed_late(charge: Charge, command: ModificationResult, known: int | None) -> tuple[Event, ...] | Refusal:
    """The capture of this reference; or, where nobody was told its reference, of this much, or of all."""
    left = charge.amount_captured - charge.capture_failed
    amount = known or command.amount or left
    if not 0 < amount <= left:
        return wording.unknown_modification()
    code = command.decline_code
    return (CaptureFailed(amount, command.reference, declines.error_code(code), declines.message(code)),)
