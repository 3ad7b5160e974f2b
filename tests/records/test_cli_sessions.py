"""Sessions of Stripe's CLI in a real PostgreSQL: how many at once, which machines are kept, and how they are swept."""

import asyncio
from typing import Any

from sqlalchemy import select

from records import cli_sessions, cli_sweep
from records.cli_sessions import DEVICE_KEPT_SECONDS, DEVICES_MAX, DIAL_SECONDS, SESSIONS_MAX, Device, Session
from records.cli_tables import cli_devices
from records.cli_tables import cli_sessions as table
from records.database import Database
from records.scope import Scope
from records.tables import webhook_endpoints
from records.webhook_endpoints import Endpoint
from tests.support.builders import NOW


async def begun(
    database: Database, scope: Scope, name: str, device: str = "laptop", secret: str = "whsec_1", *, now: int = NOW
) -> str | None:
    its: dict[str, Any] = {"account": scope.account, "livemode": scope.livemode, "created": now}
    listener = Endpoint(
        id=f"lsn_{scope.account}_{name}", enabled_events=("*",), secrets=(), name=f"{device} {name}", **its
    )
    session = Session(id=f"cliss_{scope.account}_{name}", feature="webhooks", endpoint=listener.id, **its)
    opens = f"{scope.account}_{name}"
    return await cli_sessions.add(database, session, opens, b"key", Device(device, secret), listener)


async def devices(database: Database, scope: Scope) -> set[str]:
    rows = await database.execute(select(cli_devices.c.name).where(scope.owns(cli_devices)))
    return {row.name for row in rows}


async def listeners(database: Database, scope: Scope) -> list[Any]:
    return await database.execute(select(webhook_endpoints).where(scope.owns(webhook_endpoints)))


async def test_as_many_are_open_as_allowed_however_many_begin_at_once(database: Database, scope: Scope) -> None:
    tries = [begun(database, scope, str(n), f"machine {n}") for n in range(SESSIONS_MAX + 10)]
    made = await asyncio.gather(*tries)
    assert made.count(None) == 10
    open_ = await database.execute(select(table.c.id).where(scope.owns(table)))
    assert len(open_) == len(await listeners(database, scope)) == SESSIONS_MAX
    refused = {f"machine {n}" for n, secret in enumerate(made) if secret is None}
    assert await devices(database, scope) == {f"machine {n}" for n in range(len(made))} - refused


async def test_a_machine_keeps_its_secret_and_its_listeners_sign_with_it(database: Database, scope: Scope) -> None:
    first = await begun(database, scope, "a", secret="whsec_1")
    again = await begun(database, scope, "b", secret="whsec_2", now=NOW + DEVICE_KEPT_SECONDS - 1)
    assert (first, again) == ("whsec_1", "whsec_1")
    last = await begun(database, scope, "c", secret="whsec_3", now=NOW + 2 * DEVICE_KEPT_SECONDS - 2)
    assert last == "whsec_1", "it counts from when it has listened last"
    assert await begun(database, scope, "d", secret="whsec_4", now=NOW + 4 * DEVICE_KEPT_SECONDS) == "whsec_4"
    signing = [row.secrets[0]["secret"] for row in await listeners(database, scope)]
    assert sorted(signing) == ["whsec_1"] * 3 + ["whsec_4"]


async def test_so_many_machines_are_kept_and_those_that_have_listened_last(database: Database, scope: Scope) -> None:
    for n in range(DEVICES_MAX):
        assert await begun(database, scope, str(n), f"machine {n:03}", f"whsec_{n}", now=NOW + n * DIAL_SECONDS)
    assert len(await devices(database, scope)) == DEVICES_MAX
    later = NOW + DEVICES_MAX * DIAL_SECONDS
    assert await begun(database, scope, "again", "machine 000", "whsec_x", now=later) == "whsec_0"
    assert await begun(database, scope, "new", "machine new", "whsec_y", now=later) == "whsec_y"
    assert {"machine 001", "machine 000", "machine new"} & await devices(database, scope) == {
        "machine 000", "machine new",
    }  # fmt: skip
    assert len(await devices(database, scope)) == DEVICES_MAX
    assert await begun(database, scope, "back", "machine 001", "whsec_z", now=later + DIAL_SECONDS) == "whsec_z"


async def test_however_many_are_over_they_end_in_one_sweep_after_the_other(database: Database, scope: Scope) -> None:
    rounds = cli_sweep.ENDED_AT_ONCE // SESSIONS_MAX + 1
    for n in range(rounds):
        for each in range(SESSIONS_MAX):
            assert await begun(database, scope, f"{n}_{each}", now=NOW + n * DIAL_SECONDS)
    over = NOW + rounds * DIAL_SECONDS
    swept = 1
    while await cli_sweep.sweep(database, over):
        swept += 1
    assert swept > 1
    assert {row.enabled for row in await listeners(database, scope)} == {False}
    while await cli_sweep.sweep(database, over + cli_sweep.KEPT_SECONDS):
        pass
    assert await listeners(database, scope) == []
    assert await database.execute(select(table.c.id).where(scope.owns(table))) == []
