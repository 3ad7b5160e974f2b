"""How gateways are, and who waits for them, on the real PostgreSQL."""

from dataclasses import replace

from contracts.gateway_healths import GatewayStanding
from domain.machine.transitions import Cause, leave_unknown
from domain.model.commands import Confirm
from domain.model.gateways import Hop
from domain.routing.candidates import Health
from records.database import Database
from records.gateway_healths import PostgresGatewayHealths, known, standings
from records.projection import PostgresProjection
from records.scope import Scope
from tests.support.builders import NOW, confirmable, decided, make_method


async def test_what_is_kept_last_is_how_it_is(database: Database, scope: Scope) -> None:
    healths, name = PostgresGatewayHealths(database), f"g-{scope.account}"
    for health in ("open", "open", "paused"):
        await healths.keep(GatewayStanding(name=name, health=health, since=NOW, why="because"))
    assert (await known(database))[name] is Health.PAUSED
    assert GatewayStanding(name=name, health="paused", since=NOW, why="because") in await standings(database)


async def test_those_who_wait_for_a_gateway_are_found_page_by_page_and_nobody_else(
    database: Database, scope: Scope
) -> None:
    projection, name = PostgresProjection(database), f"g-{scope.account}"
    ids = []
    for number in range(5):
        method = make_method(tokens={name: "t"})
        intent = replace(confirmable(id=f"pi_{number}_{scope.account}", account=scope.account), payment_method=method)
        await projection.create(intent, Cause())
        command = Confirm(command_id="c", route=(Hop(gateway=name),) if number else ())
        decision = decided(intent, command)
        assert decision.effect is not None
        await projection.project(leave_unknown(intent, command, decision, decision.effect, NOW))
        ids.append(intent.id)
    healths = PostgresGatewayHealths(database)
    assert await healths.waiting(name, "", 3) == ids[1:4]
    assert await healths.waiting(name, ids[3], 3) == ids[4:]
    assert await healths.waiting(name, ids[4], 3) == []
    effect = await healths.owed(name)
    assert effect is not None
    assert (effect.gateway, effect.operation) == (name, "authorize")
    assert await healths.owed(f"{name}-nobody") is None
    assert ids[0] in await healths.waiting("", ids[0][:-1], 100)
