"""Every migration, from every schema there was, on many rows, while payments go on: none of them fails.

A few thousand rows here; `make migrations` has a million (PERDURE_MIGRATION_ROWS), and begins at every schema from that
of the first webhooks (0005) on: a release from before cannot write beside it.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from records.condition import VERSIONS, newest
from records.database import COMMAND_TIMEOUT_SECONDS, address
from records.migrate import LOCK, MigrationBlocked, migrate
from tests.support.databases import another

ROWS = int(os.environ.get("PERDURE_MIGRATION_ROWS", "3000"))  # noqa: TID251
EVERY = sorted(path.name[1:5] for path in VERSIONS.glob("v[0-9]*.py"))[4:]
FROM = EVERY[:-1] if ROWS > 3_000 else [EVERY[0], EVERY[len(EVERY) // 2]]
PAYERS = 4
PATIENCE_SECONDS = COMMAND_TIMEOUT_SECONDS if ROWS > 100_000 else 90
"""For a statement: as a release has it, where there are so many rows that a migration could be in the way; with few,
only the machine is."""

ROWS_OF = """
    INSERT INTO accounts (id, name, created) VALUES ('acct_1', 'many', 1);
    INSERT INTO customers (id, account, livemode, created, data) VALUES ('cus_1', 'acct_1', false, 1, '{}');
    INSERT INTO payment_intents (id, account, livemode, created, version, status, amount, amount_capturable,
                                 amount_received, currency, customer, data)
    SELECT 'pi_' || n, 'acct_1', false, n, 2, 'succeeded', 1000, 0, 1000, 'usd',
           CASE WHEN n % 3 = 0 THEN 'cus_1' END, jsonb_build_object('id', 'pi_' || n, 'metadata', '{"k": "v"}'::jsonb)
    FROM generate_series(1, :rows) AS n;
    INSERT INTO charges (id, account, livemode, created, payment_intent, status, amount, amount_captured,
                         amount_refunded, data)
    SELECT 'ch_' || n, 'acct_1', false, n, 'pi_' || n, 'succeeded', 1000, 1000, 0, '{}'
    FROM generate_series(1, :rows) AS n;
    INSERT INTO payment_methods (id, account, livemode, created, type, data)
    SELECT 'pm_' || n, 'acct_1', false, n, 'card', '{}' FROM generate_series(1, :rows) AS n;
    INSERT INTO events (id, account, livemode, created, type, subject, object_id, api_version, data)
    SELECT 'evt_' || n, 'acct_1', false, n, 'payment_intent.created', 'payment_intent', 'pi_' || n, 'v', '{}'
    FROM generate_series(1, :rows) AS n
"""
PAYMENT = """
    WITH intent AS (
        INSERT INTO payment_intents (id, account, livemode, created, version, status, amount, amount_capturable,
                                     amount_received, currency, data)
        VALUES ('pi_' || $1, 'acct_1', false, 9, 1, 'requires_capture', 1000, 1000, 0, 'usd', '{}') RETURNING id
    ), charge AS (
        INSERT INTO charges (id, account, livemode, created, payment_intent, status, amount, amount_captured,
                             amount_refunded, data)
        SELECT 'ch_' || $1, 'acct_1', false, 9, id, 'succeeded', 1000, 0, 0, '{}' FROM intent
    )
    INSERT INTO events (id, account, livemode, created, type, subject, object_id, api_version, data)
    SELECT 'evt_' || $1, 'acct_1', false, 9, 'charge.succeeded', 'charge', id, 'v', '{}' FROM intent
"""
CAPTURE = """
    WITH intent AS (
        UPDATE payment_intents SET version = 2, status = 'succeeded', amount_capturable = 0, amount_received = 1000
        WHERE id = 'pi_' || $1 RETURNING id
    )
    UPDATE charges SET amount_captured = 1000 FROM intent WHERE payment_intent = intent.id
"""
LIST = (
    "SELECT id FROM payment_intents WHERE account = 'acct_1' AND NOT livemode ORDER BY created DESC, seq DESC LIMIT 10"
)


@dataclass
class Payments:
    """As a release writes and lists them, in as many statements: what every schema has in common."""

    url: str
    done: int = 0
    slowest: float = 0
    failed: list[str] = field(default_factory=list)
    over: bool = False

    async def pay(self, payer: int) -> None:
        connection = await asyncpg.connect(address(self.url), command_timeout=PATIENCE_SECONDS)
        number = 0
        try:
            while not self.over:
                number += 1
                for statement, *values in ((PAYMENT, f"{payer}x{number}"), (CAPTURE, f"{payer}x{number}"), (LIST,)):
                    began = time.monotonic()
                    await connection.fetch(statement, *values)
                    self.slowest = max(self.slowest, time.monotonic() - began)
                self.done += 1
                await asyncio.sleep(0.01)
        except (asyncpg.PostgresError, TimeoutError) as error:
            self.failed.append(f"{type(error).__name__}: {error}")
        finally:
            await connection.close()


@asynccontextmanager
async def payments(url: str) -> AsyncIterator[Payments]:
    paying = Payments(url)
    payers = [asyncio.create_task(paying.pay(payer)) for payer in range(PAYERS)]
    try:
        yield paying
    finally:
        paying.over = True
        await asyncio.gather(*payers)


@pytest.fixture
async def old(database_url: str) -> AsyncIterator[str]:
    async with another(database_url, "old") as url:
        yield url


@asynccontextmanager
async def closing(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    try:
        yield connection
    finally:
        await connection.close()


async def execute(url: str, statements: str) -> None:
    async with closing(await asyncpg.connect(address(url))) as connection:
        await connection.execute(statements)


async def revision(url: str) -> Any:
    async with closing(await asyncpg.connect(address(url))) as connection:
        return await connection.fetchval("SELECT version_num FROM alembic_version")


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("begun_at", FROM)
async def test_payments_go_on_while_every_migration_is_made(old: str, begun_at: str) -> None:
    await migrate(old, to=begun_at)
    await execute(old, ROWS_OF.replace(":rows", str(ROWS)))
    async with payments(old) as paying:
        began = time.monotonic()
        # Two more are started by mistake, at the same moment.
        answers = await asyncio.gather(*(migrate(old) for _ in range(3)))
        taken = time.monotonic() - began
    print(f"from {begun_at}, {ROWS} rows: {taken:.1f} s, {paying.done} payments, slowest {paying.slowest:.2f} s")  # noqa: T201
    assert answers == [None] * 3
    assert paying.failed == []
    assert paying.done > 0
    assert await revision(old) == newest()


async def test_a_lock_that_somebody_holds_is_not_waited_for_in_a_statement(old: str) -> None:
    # The next adds a column to payment_intents.
    await migrate(old, to="0009")
    await execute(old, ROWS_OF.replace(":rows", "5"))
    said: list[str] = []

    def say(event: str, **about: Any) -> None:
        said.append(f"{event}: {about['why']}")

    holder = await asyncpg.connect(address(old), server_settings={"application_name": "a long report"})
    async with payments(old) as paying, closing(holder):
        async with holder.transaction():
            await holder.execute("SELECT count(*) FROM payment_intents; SELECT count(*) FROM refunds")
            migrating = asyncio.create_task(migrate(old, say, again_seconds=0.5))
            async with asyncio.timeout(60):
                while not said:
                    await asyncio.sleep(0.05)
            assert not migrating.done()
        assert await migrating is None
    assert said[0].startswith("the migration waits for a lock: in a transaction: process ")
    assert "a long report" in said[0]
    assert len(said) == 1
    assert paying.failed == []
    assert await revision(old) == newest()


async def test_another_migration_is_waited_for_and_one_without_end_is_said(old: str) -> None:
    other = await asyncpg.connect(address(old))
    async with closing(other):
        await other.execute(f"SELECT pg_advisory_lock({LOCK})")
        with pytest.raises(MigrationBlocked, match="another migration is under way"):
            await migrate(old, again_seconds=0)
    assert await migrate(old) is None
