"""The books of all sides, read where they are kept: the gateway's file, the engine's tables, Temporal's workflows.

Code of its own. Nothing of the engine is imported here, so that no mistake of its can hide itself: names of tables,
columns and workflows are written out, and sums are added up again from the single entries.
"""

import asyncio
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError, RPCStatusCode

from tests.e2e.conftest import SECRET, Running
from tests.e2e.storm.adyen_book import read_adyen

Row = dict[str, Any]
AT_ONCE = 20


@dataclass
class Gateway:
    """The gateway's file: holds by charge, entries by charge, vouchers and transfers, and what it has still to tell."""

    holds: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    entries: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    attempts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Charges by what the gateway's keys begin with, which is a PaymentIntent's id."""

    paid_vouchers: set[str] = field(default_factory=set)
    transfers: dict[str, int] = field(default_factory=dict)
    set_up: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """By SetupIntent: what was answered to each question whether a method is good for payments to come."""

    untold: list[str] = field(default_factory=list)
    disputes: Counter[str] = field(default_factory=Counter)


@dataclass
class Workflow:
    """How Temporal shows a payment's last run; `state` is the answer to the query, where it is running."""

    status: str
    runs: int = 1
    state: Row | None = None
    failing: str | None = None


@dataclass
class Books:
    """Everything, at one moment at which nothing moves any more."""

    gateway: Gateway
    intents: dict[str, Row]
    charges: dict[str, list[Row]]
    refunds: dict[str, list[Row]]
    disputes: dict[str, list[Row]]
    events: dict[str, list[Row]]
    """By PaymentIntent, whatever the event is about."""
    cash: list[Row]
    balances: dict[tuple[str, str], int]
    requests: dict[str, Row]
    """What an intent has asked of its customer's cash balance."""
    workflows: dict[str, Workflow]
    shown: dict[str, Row]
    """As the API lists them, SetupIntents among them."""

    setups: dict[str, Row]
    attempts: dict[str, list[Row]]
    """By SetupIntent."""

    owners: dict[str, str | None]
    """The customer that a payment method is attached to."""

    ledger: list[Row] = field(default_factory=list)
    """Every entry of every account."""

    moved: list[Row] = field(default_factory=list)
    """Balance transactions, of every account likewise."""


def read_gateway(path: Path) -> Gateway:
    """Read the simulator's SQLite file."""
    gateway = Gateway()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        for row in db.execute("SELECT * FROM authorizations"):
            gateway.holds[row["charge"]].append(dict(row))
        for row in db.execute("SELECT * FROM entries ORDER BY id"):
            if row["operation"] == "fund":
                gateway.transfers[row["authorization"]] = row["amount"]
            else:
                gateway.entries[row["charge"]].append(dict(row))
                gateway.attempts[row["key"].partition("/")[0]].add(row["charge"])
        for row in db.execute("SELECT key, answer FROM operations WHERE operation = 'set_up' ORDER BY created"):
            gateway.set_up[row["key"].partition("/")[0]].append(json.loads(row["answer"]))
        gateway.paid_vouchers = {row["id"] for row in db.execute("SELECT id FROM vouchers WHERE state = 'paid'")}
        for row in db.execute("SELECT body, delivered FROM notifications"):
            told = json.loads(row["body"])
            # A refund's reference comes a day later, and moves nothing.
            if not row["delivered"] and told["type"] != "refund_reference":
                gateway.untold.append(row["body"])
            if told["type"] == "dispute":
                gateway.disputes[told["charge"]] += 1
    return gateway


def read_gateways(data: Path, records: Iterable[Row] = ()) -> Gateway:
    """The files of all of them as one book: whoever was asked twice, at two of them, is there twice."""
    named = {row["data"]["authorization"]: row["id"] for row in records if row["data"].get("authorization")}
    first, *others = [
        *(read_gateway(path) for path in sorted(data.glob("simulator*.db"))),
        *(_of_adyen(path, named) for path in sorted(data.glob("adyen-*.db"))),
    ]
    for other in others:
        for name in ("holds", "entries", "set_up"):
            mine = getattr(first, name)
            for key, rows in getattr(other, name).items():
                mine[key] += rows
        for intent, charges in other.attempts.items():
            first.attempts[intent] |= charges
        first.paid_vouchers |= other.paid_vouchers
        first.transfers |= other.transfers
        first.untold += other.untold
        first.disputes += other.disputes
    return first


def _of_adyen(path: Path, named: dict[str, str]) -> Gateway:
    gateway = Gateway()
    holds, entries, gateway.untold = read_adyen(path, named)
    gateway.holds.update(holds)
    gateway.entries.update(entries)
    for charge, booked in entries.items():
        gateway.attempts[booked[0]["key"].partition("/")[0]].add(charge)
    return gateway


async def connect(running: Running) -> asyncpg.Connection:
    """To the embedded PostgreSQL: its own file says where its socket is."""
    data = Path(running.environment["PERDURE_DATA_DIR"])
    lines = (data / "postgres" / "postmaster.pid").read_text().splitlines()
    connection = await asyncpg.connect(host=lines[4], user="postgres", database="perdure", timeout=90)
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    return connection


async def read(running: Running) -> Books:
    """Read everything."""
    connection = await connect(running)
    try:
        tables = {
            name: await _rows(connection, name)
            for name in ("payment_intents", "charges", "refunds", "disputes", "events", "funding_requests",
                         "cash_balances", "cash_balance_transactions", "setup_intents", "setup_attempts",
                         "payment_methods", "ledger_entries", "balance_transactions")
        }  # fmt: skip
    finally:
        await connection.close()
    intents = {row["id"]: row for row in tables["payment_intents"]}
    setups = {row["id"]: row for row in tables["setup_intents"]}
    whose = {row["id"]: row["payment_intent"] for name in ("charges", "refunds", "disputes") for row in tables[name]}
    whose |= {id_: id_ for id_ in (*intents, *setups)}
    gateway = read_gateways(Path(running.environment["PERDURE_DATA_DIR"]), tables["charges"])
    return Books(
        gateway=gateway,
        intents=intents,
        setups=setups,
        attempts=_grouped(tables["setup_attempts"], "setup_intent"),
        owners={row["id"]: row["customer"] for row in tables["payment_methods"]},
        ledger=tables["ledger_entries"],
        moved=tables["balance_transactions"],
        charges=_grouped(tables["charges"]),
        refunds=_grouped(tables["refunds"]),
        disputes=_grouped(tables["disputes"]),
        events=_by_intent(tables["events"], whose),
        cash=tables["cash_balance_transactions"],
        balances={(row["customer"], row["currency"]): row["available"] for row in tables["cash_balances"]},
        requests={row["intent"]: row for row in tables["funding_requests"]},
        workflows=await _workflows(
            running, dict.fromkeys(intents, "payment_intent") | dict.fromkeys(setups, "setup_intent")
        ),
        shown=_shown(running, "payment_intents") | _shown(running, "setup_intents"),
    )


def _shown(running: Running, kind: str) -> dict[str, Row]:
    """Every page of the list."""
    found: dict[str, Row] = {}
    query: dict[str, str] = {"limit": "100"}
    with httpx.Client(base_url=running.url, auth=(SECRET, ""), timeout=90) as http:
        while True:
            page = http.get(f"/v1/{kind}", params=query).raise_for_status().json()
            found |= {row["id"]: row for row in page["data"]}
            if not page["has_more"]:
                return found
            query["starting_after"] = page["data"][-1]["id"]


async def keep_house(running: Running, schedule: str = "sweep-all") -> None:
    """A sweep of every minute, or the hourly one, now: by the latter, who was not told of the end of a payment, and is
    not asked again, is told."""
    client = await Client.connect(f"127.0.0.1:{running.port('TEMPORAL')}")
    await client.get_schedule_handle(schedule).trigger()


async def remind(running: Running, ids: Iterable[str]) -> None:
    """As the remedy of `workflow_silent` says: who has to act on a signal and cannot shows that to housekeeping."""
    client = await Client.connect(f"127.0.0.1:{running.port('TEMPORAL')}")
    for id_ in ids:
        try:
            await client.get_workflow_handle(id_).signal("level")
        except RPCError as error:
            # What it waited for has come meanwhile, and it has ended.
            if error.status != RPCStatusCode.NOT_FOUND:
                raise


async def unsettled(running: Running) -> list[str]:
    """Which payments wait for something that will come by itself: an outcome, a bank, a claim, a notification."""
    connection = await connect(running)
    try:
        columns = {row["column_name"] for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'payment_intents'")}  # fmt: skip
        claimed = "OR under_way IS NOT NULL" if "under_way" in columns else ""
        rows = await connection.fetch(
            "SELECT id FROM payment_intents WHERE status = 'processing' OR data ->> 'pending' IS NOT NULL "
            f"{claimed} UNION SELECT payment_intent FROM refunds WHERE status = 'pending' "
            "UNION SELECT id FROM setup_intents WHERE status = 'processing' OR under_way IS NOT NULL"
        )
    finally:
        await connection.close()
    gateway = read_gateways(Path(running.environment["PERDURE_DATA_DIR"]))
    return [row["id"] for row in rows] + gateway.untold


SHORT = {
    # Of an event, what is compared: whole snapshots of a long storm's events would fill the memory.
    "payment_methods": "id, customer, seq",
    "balance_transactions": "id, account, livemode, currency, amount, fee, net",
    "events": "id, seq, type, object_id, data #>> '{object,payment_intent}' AS payment_intent, "
    "(data #>> '{object,charge,amount_captured}')::bigint AS amount_captured",
}
WITHOUT_ORDER = ("cash_balances", "ledger_entries")


async def _rows(connection: asyncpg.Connection, table: str) -> list[Row]:
    order = "" if table in WITHOUT_ORDER else "ORDER BY seq"
    return [dict(row) for row in await connection.fetch(f"SELECT {SHORT.get(table, '*')} FROM {table} {order}")]


def _grouped(rows: list[Row], whose: str = "payment_intent") -> dict[str, list[Row]]:
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by[row[whose]].append(row)
    return by


def _by_intent(rows: list[Row], whose: dict[str, str]) -> dict[str, list[Row]]:
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        intent = whose.get(row["object_id"]) or row["payment_intent"]
        if isinstance(intent, str):
            by[intent].append(row)
    return by


async def _workflows(running: Running, queries: dict[str, str]) -> dict[str, Workflow]:
    """The last run of each, and the state of those that run; asked of the server itself, not of its index."""
    client = await Client.connect(f"127.0.0.1:{running.port('TEMPORAL')}")
    permits = asyncio.Semaphore(AT_ONCE)

    async def one(id_: str) -> tuple[str, Workflow | None]:
        async with permits:
            return id_, await _workflow(client, id_, queries[id_])

    found = await asyncio.gather(*(one(id_) for id_ in queries))
    return {id_: workflow for id_, workflow in found if workflow is not None}


async def _workflow(client: Client, id_: str, query: str) -> Workflow | None:
    handle = client.get_workflow_handle(id_)
    try:
        described: WorkflowExecutionDescription = await handle.describe()
    except RPCError:
        return None
    status = described.status.name if described.status is not None else "UNKNOWN"
    if described.status != WorkflowExecutionStatus.RUNNING:
        return Workflow(status)
    task = described.raw_description.pending_workflow_task
    failing = f"its task was tried {task.attempt} times" if task.attempt > 5 else None
    try:
        async with asyncio.timeout(60):
            state = await handle.query(query)
    except (TemporalError, RPCError, TimeoutError) as error:
        return Workflow(status, failing=failing or f"cannot be queried: {error}")
    return Workflow(status, state=dict(state), failing=failing)
