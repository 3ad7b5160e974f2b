"""A running installation, and ways into its stores behind everybody's back: for tests that plant what should not be."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client

from contracts.names import RECONCILIATION_SCHEDULE, SWEEP_ALL_SCHEDULE, SWEEP_SCHEDULE
from embedded.postgres import EmbeddedPostgres
from temporal.client import connect
from tests.e2e.conftest import Running
from tests.e2e.reconciled import CARD, HOLD
from tests.e2e.test_bank_transfers import asked, customer_of, fund

MOVES = "cash_balance_transactions"

RECONCILED_SECONDS_MAX = 400
"""Each workflow that does not answer is waited for in every look."""


class Field:
    """A running installation, and ways into its stores."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.client = running.client()
        data = Path(running.environment["PERDURE_DATA_DIR"])
        self._postgres = EmbeddedPostgres(data).url
        self._book = data / "simulator.db"

    def pause_sweeps(self) -> None:
        """Nobody is to heal what is planted before it is found."""

        async def pause(client: Client) -> None:
            for id_ in (SWEEP_SCHEDULE, SWEEP_ALL_SCHEDULE):
                await client.get_schedule_handle(id_).pause()

        self.temporal(pause)

    def reconcile_now(self) -> dict[str, int]:
        """Have the nightly reconciliation run; what it found, by kind."""
        count = "SELECT count(*) AS reports FROM reconciliations"
        before = self.sql(count)[0]["reports"]
        self.temporal(lambda client: client.get_schedule_handle(RECONCILIATION_SCHEDULE).trigger())
        self.running.wait_for(lambda: self.sql(count)[0]["reports"] > before, RECONCILED_SECONDS_MAX)
        last = "SELECT report ->> 'kinds' AS kinds FROM reconciliations ORDER BY number DESC LIMIT 1"
        found: dict[str, int] = json.loads(self.sql(last)[0]["kinds"])
        return found

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """On the records; foreign keys are not looked at."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(self._postgres)
            try:
                await connection.execute("SET session_replication_role = replica")
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()

        return asyncio.run(run())

    def book(self, statement: str, *values: Any) -> None:
        """On the simulator's book."""
        with sqlite3.connect(self._book, timeout=10) as connection:
            connection.execute(statement, values)
        connection.close()

    def entry(self, operation: str, authorization: str, charge: str, amount: int, key: str) -> None:
        """One more movement in the simulator's book."""
        row = (operation, authorization, charge, amount, "usd", key)
        columns = "operation, authorization, charge, amount, currency, key, created"
        self.book(f"INSERT INTO entries ({columns}) VALUES (?, ?, ?, ?, ?, ?, 0)", *row)

    def setup_entry(self, key: str, attempt: str, token: str) -> None:
        """One more method that the simulator has set up."""
        self.book("INSERT INTO setups (key, attempt, token, created) VALUES (?, ?, ?, 0)", key, attempt, token)

    def state(self, intent: str, *path: str, value: Any) -> None:
        """Set one part of a PaymentIntent's state."""
        self._set("payment_intents", intent, path, value)

    def charge(self, charge: str, *path: str, value: Any) -> None:
        """Set one part of a charge."""
        self._set("charges", charge, path, value)

    def setup(self, intent: str, *path: str, value: Any) -> None:
        """Set one part of a SetupIntent's state."""
        self._set("setup_intents", intent, path, value)

    def attempt(self, attempt: str, *path: str, value: Any) -> None:
        """Set one part of an attempt to set up."""
        self._set("setup_attempts", attempt, path, value)

    def _set(self, table: str, id_: str, path: tuple[str, ...], value: Any) -> None:
        statement = f"UPDATE {table} SET data = jsonb_set(data, $2, $3::text::jsonb) WHERE id = $1"
        self.sql(statement, id_, list(path), json.dumps(value))

    def event(self, like: str, *, type_: str, object_id: str) -> str:
        """One more event, with the rest as in one that is there; its id."""
        id_ = f"evt_planted_{type_}_{object_id}"
        columns = "account, livemode, created, subject, data, api_version"
        self.sql(
            f"INSERT INTO events (id, type, object_id, {columns}) SELECT $1, $2, $3, {columns} FROM events "
            "WHERE object_id = $4 ORDER BY seq LIMIT 1",
            id_, type_, object_id, like,
        )  # fmt: skip
        return id_

    def temporal(self, do: Callable[[Client], Any]) -> None:
        """Something at the Temporal server."""

        async def run() -> None:
            await do(await connect(f"127.0.0.1:{self.running.port('TEMPORAL')}", "default"))

        asyncio.run(run())

    def paid(self, **more: Any) -> Any:
        """A card payment."""
        return self.client.v1.payment_intents.create({**CARD, **more})

    def held(self, **more: Any) -> Any:
        """A hold."""
        return self.client.v1.payment_intents.create({**HOLD, **more})

    def refunded(self) -> tuple[Any, Any]:
        """A card payment of which 300 went back, and the refund."""
        paid = self.paid()
        return paid, self.client.v1.refunds.create({"payment_intent": paid.id, "amount": 300})

    def transferred(self) -> tuple[Any, str]:
        """A payment by bank transfer of 700, all of it there before, and its customer."""
        customer = customer_of(self.client)
        fund(self.client, customer, 900)
        return asked(self.client, customer, 700), customer

    def transfer_of(self, customer: str) -> str:
        """The transfer that came in for a customer."""
        return str(self.sql(f"SELECT key FROM {MOVES} WHERE customer = $1 AND type = 'funded'", customer)[0]["key"])
