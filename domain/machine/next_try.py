"""Moving on: after a definite no that permits it, the same confirmation is tried at the next gateway of its route.

The no is a transition of its own: its charge failed, the intent keeps its method and the rest of its route, and the
command is not over, so it is not in the ledger. Whoever carries it out then decides it again, on that state, as it is
known there by its id; so each try is claimed, asked under a key of its own, and recorded like any other. After an
unknown outcome nothing moves: what became of it is asked of the same gateway, and a no that is known late ends the
attempt.
"""

from domain.methods import attempts
from domain.methods.families import TYPES, Family
from domain.model.commands import Command, Confirm
from domain.model.events import AttemptMoved, Event
from domain.model.gateways import first_hop, hop_to
from domain.model.outcomes import Authorize, Declined
from domain.model.payment_intent import PaymentIntent, method_in_use
from domain.routing.failover import may_move


def next_gateway(state: PaymentIntent, effect: Authorize, outcome: Declined, now: int) -> AttemptMoved | None:
    """The fact that the next gateway may be asked; None if this was the last, or the no permits none."""
    if state.pending is not None or len(state.route) < 2 or hop_to(effect) != first_hop(state.route):
        return None
    method = method_in_use(state)
    if method.type not in TYPES or TYPES[method.type].family is not Family.CARD or effect.verification is not None:
        return None
    brand = method.card.brand if method.card else ""
    if not may_move(outcome, brand, authenticated=effect.authentication is not None):
        return None
    if method.token_at(state.route[1].gateway) is None:
        return None
    charge = attempts.failure(state, attempts.attempt_of(effect), outcome, now)
    return None if charge is None else AttemptMoved(charge)


def is_next_try(state: PaymentIntent, command: Confirm) -> bool:
    """Whether it is this very confirmation that has moved: what it changes has been changed."""
    return state.moving is not None and state.moving == command.command_id


def with_command(events: tuple[Event, ...], command: Command) -> tuple[Event, ...]:
    """The facts, with whose move it is."""
    if not any(isinstance(event, AttemptMoved) for event in events):
        return events
    return tuple(
        AttemptMoved(event.charge, command.command_id) if isinstance(event, AttemptMoved) else event for event in events
    )
