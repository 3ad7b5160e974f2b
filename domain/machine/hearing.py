"""Whether a gateway is still to be heard about what is not known, so that nobody has to speak in its place. Pure."""

from domain.machine.resolving import is_forgotten, unresolved, wrongly
from domain.model.commands import Command
from domain.model.gateways import FIRST, GatewayProfile
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolve
from domain.model.setup_intent import SetupIntent
from domain.refusals import Refusal

NEWS_SECONDS = 86_400
"""How long the news of what a gateway has taken on are waited for before somebody may speak in its place."""


def too_soon(intent: PaymentIntent, command: Command, profile: GatewayProfile | None, now: int) -> Refusal | None:
    """Why an operator has to wait, or say why they do not: the gateway itself is still to be heard.

    `profile` is what the gateway in question declares; None if there is none of that name here, or any more.
    """
    if not isinstance(command, Resolve) or command.regardless.strip():
        return None
    name = getattr(unresolved(intent), "gateway", "") or FIRST
    if intent.accepted is not None:
        if now - intent.accepted.at >= NEWS_SECONDS:
            return None
        why = f"{name} has taken it on and may still tell how it ended"
    elif profile is not None and is_forgotten(profile.keeps_keys_seconds, intent.asked_at, now):
        return None
    else:
        why = _why_asked(name, profile)
    return _say_why(why)


def setup_too_soon(intent: SetupIntent, command: Command, profile: GatewayProfile | None) -> Refusal | None:
    """Likewise for a setup, which is asked about however old its key is: it moves no money."""
    if intent.pending is None or not isinstance(command, Resolve) or command.regardless.strip():
        return None
    return _say_why(_why_asked(intent.pending.gateway or FIRST, profile))


def _why_asked(name: str, profile: GatewayProfile | None) -> str:
    if profile is None:
        return f"no gateway here is called {name}, which may be a setting that is missing"
    return f"{name} still keeps its key, so that it is asked about it, by itself, until it answers"


def _say_why(why: str) -> Refusal:
    text = f"Nobody has to say what became of it: {why}. Say in `regardless` why you do so all the same."
    return wrongly("regardless", text)
