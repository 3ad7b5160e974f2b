"""The gateways as the console shows them: what each can, how it is, how it fares, and by which rules it is chosen."""

from dataclasses import asdict

from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.routes.console.payments import too_much
from domain.model.gateways import FEATURES, FIRST, Capabilities, GatewayProfile
from domain.model.hashes import JsonObject
from domain.routing.candidates import Health
from parameters.others import NoParameters
from records import routing_rules
from records.console import gateways as records
from records.console.overview import DAY_SECONDS
from records.console.reading import TakesTooLong

Body = JsonObject


async def show(call: Call, given: NoParameters) -> Body:
    """All of them, in the order of the settings, with how attempts of this account went there in the last day."""
    del given
    services = call.services
    try:
        rows = await services.overview.desk.read(services.database, records.fared(call.scope, call.now - DAY_SECONDS))
    except TakesTooLong:
        raise too_much() from None
    fared = {row.gateway or FIRST: {"tried": row.tried, "approved": row.approved} for row in rows}
    healths = services.healths()
    versions = await routing_rules.versions(services.database, call.key.account)
    return {
        "object": "dashboard_gateways",
        "gateways": [
            _shown(profile, healths.get(profile.name, Health.CLOSED), fared.get(profile.name))
            for profile in services.profiles
        ],
        "rules": next(({"version": one.number, "data": one.data} for one in versions if one.holds), None),
        "versions": [{"number": one.number, "created": one.created, "holds": one.holds} for one in versions],
    }


def _shown(profile: GatewayProfile, health: Health, fared: Body | None) -> Body:
    return {
        "name": profile.name,
        "answers_by_key": profile.answers_by_key,
        "can": _limits(profile.capabilities),
        "health": str(health),
        "keeps_keys_seconds": profile.keeps_keys_seconds,
        "last_day": fared or {"tried": 0, "approved": 0},
        "latency": str(profile.latency),
        "later": sorted(profile.later),
        "patience_seconds": profile.patience_seconds,
    }


def _limits(capabilities: Capabilities) -> Body:
    """What it is limited to; null is no limit. `lacks` are the features that it has not."""
    said = asdict(capabilities)
    named = {
        name: sorted(said[name]) if said[name] is not None else None for name in ("methods", "currencies", "brands")
    }
    return {**named, "amount_max": capabilities.amount_max, "lacks": [name for name in FEATURES if not said[name]]}


RESOURCE = Resource(path="/dashboard/v1/gateways", name="dashboard", returns="dashboard_gateways")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET",
        "",
        "gateways",
        "The gateways, how they are, and the rules by which they are chosen",
        NoParameters,
        show,
        also_reads=("payment_intents", "charges"),
    ),
)
