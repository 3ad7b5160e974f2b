"""What nobody knows how it ended, and what an operator can say of it. Pure."""

from dataclasses import dataclass

from domain.copies import replace
from domain.machine.decisions import Decision, decide
from domain.machine.fence import Recorded
from domain.machine.hearing import too_soon
from domain.machine.resolving import can_be_said, unresolved
from domain.machine.setups import decisions as setups
from domain.model.gateways import FIRST, GatewayProfile
from domain.model.outcomes import Effect, SetUp
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolve
from domain.model.setup_intent import SetupIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a payment is owed: an answer about the effect of this `key`, by this `gateway`, `since` (Unix seconds).

    It was `taken_on`, under the gateway's own `reference`, or it is not known whether it was heard. An operator can say
    that it was `done`, or that it was `not_done`, where those are None: else why they cannot. `needs_reference` is
    whether a yes names the gateway's own reference. Where there is a `reason_for_silence`, nobody has to say anything,
    and whoever does so all the same says why.
    """

    key: str
    operation: str
    gateway: str
    since: int | None
    taken_on: bool
    reference: str
    done: str | None
    not_done: str | None
    needs_reference: bool
    reason_for_silence: str | None


def owed(recorded: Recorded[PaymentIntent]) -> Effect | None:
    """What nobody knows how it ended; also of a payment that was stopped in the middle of a command."""
    return unresolved(_in_doubt(recorded))


def _in_doubt(recorded: Recorded[PaymentIntent]) -> PaymentIntent:
    """The payment, with what was begun on it as nobody knows how it ended."""
    begun, intent = recorded.under_way, recorded.intent
    if begun is None:
        return intent
    decision = decide(intent, begun.command, begun.now)
    if not isinstance(decision, Decision) or decision.effect is None:
        return intent
    return replace(intent, pending=decision.effect, asked_at=begun.now)


def owed_of_setup(recorded: Recorded[SetupIntent]) -> SetUp | None:
    """Likewise of a setup."""
    begun, intent = recorded.under_way, recorded.intent
    if begun is None:
        return intent.pending
    decision = setups.decide(intent, begun.command, begun.now)
    return decision.effect if isinstance(decision, setups.SetupDecision) else None


def what_is_owed(recorded: Recorded[PaymentIntent], profiles: tuple[GatewayProfile, ...], now: int) -> Owed | None:
    """What is not known of a payment at `now` (Unix seconds), where the gateways declare this; None if all is known."""
    intent = _in_doubt(recorded)
    effect = unresolved(intent)
    if effect is None:
        return None
    accepted = None if intent.pending else intent.accepted
    gateway = getattr(effect, "gateway", "") or FIRST
    profile = next((one for one in profiles if one.name == gateway), None)
    silence = too_soon(intent, Resolve(key=effect.key), profile, now)
    said = can_be_said(effect)
    return Owed(
        key=effect.key,
        operation=effect.operation,
        gateway=gateway,
        since=accepted.at if accepted else intent.asked_at,
        taken_on=accepted is not None,
        reference=accepted.reference if accepted else "",
        done=said.done,
        not_done=said.not_done,
        needs_reference=said.needs_reference and accepted is None,
        reason_for_silence=silence.message if silence else None,
    )
