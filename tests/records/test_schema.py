"""The schema: migrations and tables agree, and SQL holds money to the domain's invariants once more."""

import subprocess
import sys
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, text

from records import (
    cash_balance_tables,
    cli_tables,
    connect_tables,
    customer_sessions,
    declined_cards,
    file_tables,
    gateway_healths,
    gateway_tables,
    housekeeping_tables,
    idempotency,
    recent_payments,
    request_log,
    routing_rules,
    setup_tables,
    tables,
    token_tables,
)
from records.base import RecordsRefused
from records.database import Database
from records.migrate import engine_on, migrate
from records.scope import Scope
from settings import ROOT
from tests.support.builders import NOW
from tests.support.databases import opened
from tests.support.servers import environment


async def test_migrations_and_tables_agree(database_url: str) -> None:
    metadata = housekeeping_tables.sweeps.metadata
    elsewhere = (recent_payments.table, declined_cards.table, routing_rules.table, gateway_healths.table,
                 idempotency.table, cash_balance_tables.cash_balances, setup_tables.setup_intents, request_log.table,
                 file_tables.files, gateway_tables.gateway_notices, token_tables.tokens,
                 connect_tables.connected_accounts, customer_sessions.table, cli_tables.cli_sessions)  # fmt: skip
    assert {table.name for table in elsewhere} <= metadata.tables.keys()

    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    engine = engine_on(database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert [d for d in found if "alembic_version" not in repr(d)] == []


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
async def test_migrating_twice_is_once_however_the_url_is_written(database_url: str, scheme: str) -> None:
    rest = database_url.partition("://")[2]
    url = f"{scheme}://{rest}{'&' if '?' in rest else '?'}sslmode=prefer"
    await migrate(url)
    async with opened(url) as database:
        assert [row.one for row in await database.execute(text("SELECT 1 AS one"))] == [1]


def migrating(**settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "records.migrate"]
    return subprocess.run(
        command, cwd=ROOT, env=environment(**settings), capture_output=True, text=True, timeout=240, check=False
    )


def test_what_cannot_be_migrated_is_said_in_a_line() -> None:
    away = migrating(DATABASE_URL="postgresql://u:hunter2@127.0.0.1:1/x")
    assert (away.returncode, len(away.stderr.splitlines())) == (1, 1)
    assert away.stderr.startswith("perdure: the database cannot be migrated: ConnectionRefusedError")
    assert "hunter2" not in away.stderr
    unset = migrating(DATABASE_URL="")
    assert (unset.returncode, len(unset.stderr.splitlines())) == (1, 1)
    assert "DATABASE_URL is not set" in unset.stderr


INTENT: dict[str, Any] = {
    "created": NOW, "version": 1, "status": "requires_capture", "amount": 1_000, "amount_capturable": 1_000,
    "amount_received": 0, "currency": "usd", "data": {},
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "created": NOW, "status": "succeeded", "amount": 1_000, "amount_captured": 500, "amount_refunded": 0, "data": {},
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount_capturable": 1_001},
        {"amount_capturable": -1},
        {"amount_capturable": 0},
        {"amount_received": 1_001},
        {"status": "paid"},
        {"status": "succeeded", "amount_capturable": 0},
        {"status": "processing"},
        {"version": 0},
    ],
)
async def test_sql_refuses_an_impossible_intent(database: Database, scope: Scope, wrong: dict[str, Any]) -> None:
    row = {**INTENT, "id": f"pi_{scope.account}", "account": scope.account, "livemode": False}
    with pytest.raises(RecordsRefused, match="CheckViolationError"):
        await database.execute(insert(tables.payment_intents).values({**row, **wrong}))
    await database.execute(insert(tables.payment_intents).values(row))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_captured": 1_001},
        {"amount_captured": -1},
        {"amount_refunded": 501},
        {"amount_refunded": -1},
        {"status": "failed"},
        {"status": "maybe"},
    ],
)
async def test_sql_refuses_an_impossible_charge(database: Database, scope: Scope, wrong: dict[str, Any]) -> None:
    intent = f"pi_{scope.account}"
    owner = {"account": scope.account, "livemode": False}
    await database.execute(insert(tables.payment_intents).values({**INTENT, **owner, "id": intent}))
    row = {**CHARGE, **owner, "id": f"ch_{scope.account}", "payment_intent": intent}
    with pytest.raises(RecordsRefused, match="CheckViolationError"):
        await database.execute(insert(tables.charges).values({**row, **wrong}))
    await database.execute(insert(tables.charges).values(row))
    with pytest.raises(RecordsRefused, match="charges_one_success"):
        await database.execute(insert(tables.charges).values({**row, "id": row["id"] + "_2"}))
