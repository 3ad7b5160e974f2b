"""Which gateway a confirmation is sent to, where requests come in: by the account's rules, and by who can and may.

What is decided goes with the command, with its reasons, so a repetition, a replay and a worker ask the same gateways
whatever the rules say by then. With one gateway and no rules there is nothing to decide, and it costs nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from api.dialect import errors
from api.dialect.call import Call
from api.usecases.reattempts import limit_of
from domain.machine.decisions import decide
from domain.machine.evolution import evolve
from domain.machine.routing import facts_of, need_of
from domain.model.commands import Command, Confirm
from domain.model.events import AttributesChanged, Event, PaymentMethodSelected
from domain.model.gateways import AT_FIRST, GatewayProfile
from domain.model.payment_intent import PaymentIntent, ledger_entry
from domain.model.routes import Routing
from domain.refusals import Refusal
from domain.routing.candidates import Candidate, Health
from domain.routing.choosing import choose
from domain.routing.rules import RuleSet


async def with_route(call: Call, intent: PaymentIntent, command: Command) -> Command:
    """The command as it is to be sent: which gateways it may be tried at, or why its card is not to be tried now.

    Raises:
        StripeError: there is no gateway that can take it, and may.
    """
    if not isinstance(command, Confirm) or not _matters(call):
        return command
    if ledger_entry(intent, command.command_id) or refusal_of(call, intent, command):
        return command
    if command.refuse_duplicate:
        # Nobody is asked; but it is to be told so, rather than that the default does not know its method.
        return next(way for way in _ways(call, command) if not isinstance(decide(intent, way, call.now), Refusal))
    said: list[Event] = [AttributesChanged(command.changes)] if command.changes else []
    if command.payment_method:
        said.append(PaymentMethodSelected(command.payment_method))
    after = evolve(intent, said, check_table=False)
    limit, tries = await limit_of(call, after, off_session=command.off_session)
    if limit is not None:
        return replace(command, limit=limit)
    if not _choosable(call) or after.payment_method is None:
        return command
    routing = choose_gateways(after, call.key.routing, call.services.profiles, call.services.healths())
    if not routing.gateways:
        raise errors.refused(_nobody(routing))
    hops = {profile.name: profile.hop for profile in call.services.profiles}
    route = tuple(hops[name] for name in routing.gateways)[:tries]
    # Nothing said would leave a route of before as it was.
    return replace(command, route=route or (AT_FIRST,), routing=routing)


def refusal_of(call: Call, intent: PaymentIntent, command: Command) -> Refusal | None:
    """Why it is refused, whoever is asked: who is asked by default may not know the method, and another does."""
    refusal = None
    for way in _ways(call, command):
        said = decide(intent, way, call.now)
        if not isinstance(said, Refusal):
            return None
        refusal = refusal or said
    return refusal


def _ways(call: Call, command: Command) -> list[Command]:
    """The command as it would be at each gateway, the intent's own first."""
    if not isinstance(command, Confirm) or not _choosable(call):
        return [command]
    return [command, *(replace(command, route=(profile.hop,)) for profile in call.services.profiles)]


def _matters(call: Call) -> bool:
    return call.key.limits_reattempts or _choosable(call)


def _choosable(call: Call) -> bool:
    return call.key.routing is not None or len(call.services.profiles) > 1


def choose_gateways(
    after: PaymentIntent, rules: RuleSet | None, profiles: tuple[GatewayProfile, ...], healths: Mapping[str, Health]
) -> Routing:
    """Who is asked for a payment that is as `after`, its method chosen."""
    need, method = need_of(after), after.payment_method
    candidates = [
        Candidate(
            name=profile.name,
            lacks=profile.capabilities.lacks(need) or "",
            health=healths.get(profile.name, Health.CLOSED),
            tokenized=method is None or method.token_at(profile.name) is not None,
        )
        for profile in profiles
    ]
    return choose(facts_of(after), rules, candidates)


def _nobody(routing: Routing) -> Refusal:
    why = "; ".join(f"{one.gateway}: {' '.join(filter(None, (one.reason, one.detail)))}" for one in routing.verdicts)
    return Refusal(message=f"No gateway can take this payment now ({why}).")
