"""What the console shows of what nobody knows how it ended."""

from api.dialect.call import Call
from domain.machine.fence import Recorded
from domain.machine.housekeeping import CLAIM_SECONDS
from domain.machine.owing import what_is_owed
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from rendering.owed import owed


def shown(call: Call, recorded: Recorded[PaymentIntent] | None) -> JsonObject | None:
    """None if all is known; or if it was begun so short a time ago that whoever began it is still at it."""
    begun = recorded.under_way if recorded else None
    if recorded is None or (begun is not None and begun.now > call.now - CLAIM_SECONDS):
        return None
    return owed(what_is_owed(recorded, call.services.profiles, call.now))
