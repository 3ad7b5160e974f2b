"""What Temporal answers about its workflows before its indexes are slimmed, after it, and about what comes then."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from contracts.names import SEARCH_ATTRIBUTES
from embedded.visibility import TABLE, bulky, slim
from temporal.client import connect
from tests.support.servers import temporal
from workflows.display import AMOUNT, CUSTOMER, STATUS

NOTE, TAGS = SearchAttributeKey.for_text("Note"), SearchAttributeKey.for_keyword_list("Tags")
TEXTS = ("--search-attribute", "Note=Text", "--search-attribute", "Tags=KeywordList")

QUESTIONS = (
    "",
    "ExecutionStatus = 'Running'",
    "PaymentIntentStatus = 'succeeded'",
    "PaymentIntentStatus != 'succeeded'",
    "PaymentIntentStatus IN ('succeeded', 'canceled') AND PaymentIntentAmount > 1500",
    "PaymentIntentAmount BETWEEN 1000 AND 2000",
    "PaymentIntentCustomer = 'cus_1'",
    "PaymentIntentCustomer IS NULL",
    "PaymentIntentCustomer IS NOT NULL",
    "PaymentIntentCustomer STARTS_WITH 'cus'",
    "Note = 'second'",
    "Note = 'first'",
    "Tags = 'blue'",
    "Tags IN ('red', 'green') AND PaymentIntentAmount = 1000",
    "HistoryLength > 0",
    "CloseTime IS NULL",
    "TemporalScheduledById IS NULL",
)


@workflow.defn(name="Noted")
class Noted:
    """Carries a text that changes, and ends when told."""

    def __init__(self) -> None:
        self._told = False

    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([NOTE.value_set("first word"), TAGS.value_set(["red", "blue"])])
        await workflow.wait_condition(lambda: self._told)
        workflow.upsert_search_attributes([NOTE.value_set("second word"), TAGS.value_set(["green"])])

    @workflow.signal
    def tell(self) -> None:
        self._told = True


@asynccontextmanager
async def served(directory: Path) -> AsyncIterator[Client]:
    """A server and a worker."""
    async with temporal(directory, *TEXTS) as address:
        client = await connect(address, "default")
        async with Worker(
            client, task_queue="noted", workflows=[Noted], workflow_runner=UnsandboxedWorkflowRunner(),
            graceful_shutdown_timeout=timedelta(),
        ):  # fmt: skip
            yield client


async def start(client: Client, id_: str, amount: int, status: str, customer: str | None) -> WorkflowHandle[Any, Any]:
    said: list[SearchAttributePair[Any]] = [SearchAttributePair(AMOUNT, amount), SearchAttributePair(STATUS, status)]
    said += [SearchAttributePair(CUSTOMER, customer)] if customer else []
    attributes = TypedSearchAttributes(said)
    return await client.start_workflow(Noted.run, id=id_, task_queue="noted", search_attributes=attributes)


async def some(client: Client, prefix: str) -> None:
    """Open ones and ended ones, with customer and without."""
    for number, status in enumerate(("succeeded", "requires_capture", "canceled", "succeeded")):
        handle = await start(client, f"{prefix}{number}", 1000 * (number + 1), status, "cus_1" if number % 2 else None)
        if number < 2:
            await handle.signal(Noted.tell)
            await handle.result()
    ended, noted = "WorkflowId STARTS_WITH '{}' AND ExecutionStatus = 'Completed'", "WorkflowId STARTS_WITH '{}' AND {}"
    await settled(client, ended.format(prefix), 2)
    await settled(client, noted.format(prefix, "Tags = 'green'"), 2)
    await settled(client, noted.format(prefix, "Tags = 'blue'"), 2)


async def settled(client: Client, query: str, count: int) -> None:
    """The list is a moment behind."""
    async with asyncio.timeout(60):
        while (await client.count_workflows(query)).count != count:
            await asyncio.sleep(0.05)


async def answers(client: Client) -> dict[str, tuple[list[str], int]]:
    """Which workflows each question finds, in their order, and how many it counts."""
    found = {}
    for question in QUESTIONS:
        listed = [one.id async for one in client.list_workflows(question)]
        found[question] = (listed, (await client.count_workflows(question)).count)
    return found


async def test_every_question_finds_the_same_as_before(tmp_path: Path) -> None:
    database = tmp_path / "temporal.db"
    async with served(tmp_path) as client:
        await some(client, "before_")
        asked = await answers(client)
        assert all(found for found, _ in asked.values()), "a question that finds nothing shows nothing"
        assert bulky(database)
        slim(database)
        assert not bulky(database)
        slim(database)
        assert await answers(client) == asked
        await some(client, "since_")
        twice = await answers(client)
        for question, (found, count) in asked.items():
            assert sorted(twice[question][0]) == sorted([*found, *(id_.replace("before", "since") for id_ in found)])
            assert twice[question][1] == count * 2
        await client.get_workflow_handle("before_2").signal(Noted.tell)
        await settled(client, "WorkflowId = 'before_2' AND Note = 'second' AND ExecutionStatus = 'Completed'", 1)
        await settled(client, "WorkflowId = 'before_2' AND Note = 'first'", 0)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for index in ("text", "keyword_list"):
            # Raises if it does not hold what the table does.
            connection.execute(
                f"INSERT INTO {TABLE}_fts_{index}({TABLE}_fts_{index}, rank) VALUES('integrity-check', 1)"
            )


async def column_of(client: Client, attribute: str) -> str:
    """Where a registered attribute is kept, which is for the server to choose."""
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    aliases = described.config.custom_search_attribute_aliases
    return next(column for column, alias in aliases.items() if alias == attribute)


def indexes_of(database: Path) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name = ?"
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute(query, (TABLE,)).fetchall())


def plan_of(database: Path, column: str) -> str:
    """How SQLite goes about what the server asks for a list by this column."""
    order = "ORDER BY COALESCE(close_time, '9999-12-31 23:59:59+00:00') DESC, start_time DESC, run_id"
    asked = f"EXPLAIN QUERY PLAN SELECT * FROM {TABLE} WHERE namespace_id = ? AND {column} = ? {order}"
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute(asked, ("n", "value")).fetchall())


async def test_indexes_are_few_and_still_used(tmp_path: Path) -> None:
    database = tmp_path / "temporal.db"
    async with temporal(tmp_path) as address:
        before = indexes_of(database)
        slim(database)
        ours = {await column_of(await connect(address, "default"), name) for name in SEARCH_ATTRIBUTES}
    indexes = indexes_of(database)
    assert len(before) > 55
    assert len(indexes) < 25
    everybodys = {"default_idx", "by_status", "by_workflow_id", "by_temporal_namespace_division"}
    assert {name: before[name] for name in everybodys} == {name: indexes[name] for name in everybodys}
    assert len(ours) == len(SEARCH_ATTRIBUTES)
    for column in ours:
        assert f"{TABLE} USING INDEX by_{_snake(column)}" in (plan := plan_of(database, column))
        assert "TEMP B-TREE" not in plan


def _snake(column: str) -> str:
    return re.sub(r"(\d+)", r"_\1", column).lower()


async def test_an_attribute_that_is_added_is_found_at_once_and_has_an_index_from_the_next_start_on(
    tmp_path: Path,
) -> None:
    database, later = tmp_path / "temporal.db", SearchAttributeKey.for_keyword("Later")
    async with served(tmp_path) as client:
        slim(database)
        assert not bulky(database)
        request = AddSearchAttributesRequest(namespace="default")
        request.search_attributes["Later"] = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await client.operator_service.add_search_attributes(request)
        said = TypedSearchAttributes([SearchAttributePair(later, "value")])
        async with asyncio.timeout(60):
            # The server reads its namespaces anew every two seconds.
            while True:
                with contextlib.suppress(RPCError):
                    await client.start_workflow(Noted.run, id="noted", task_queue="noted", search_attributes=said)
                    break
                await asyncio.sleep(0.1)
        await settled(client, "Later = 'value'", 1)
        column = await column_of(client, "Later")
        assert f"by_{column}" not in plan_of(database, column)
        assert bulky(database)
        slim(database)
        assert not bulky(database)
        assert f"{TABLE} USING INDEX by_{column}" in (plan := plan_of(database, column))
        assert "TEMP B-TREE" not in plan
        await settled(client, "Later = 'value'", 1)
        await settled(client, "Later = 'another'", 0)


def test_a_file_that_is_none_is_left_alone(tmp_path: Path) -> None:
    broken = tmp_path / "temporal.db"
    broken.write_bytes(b"not a database, whatever it is called" * 100)
    before = broken.read_bytes()
    for act in (slim, bulky):
        with pytest.raises(sqlite3.DatabaseError):
            act(broken)
    assert broken.read_bytes() == before


async def test_the_server_waits_for_whoever_else_writes_its_file(tmp_path: Path) -> None:
    async with served(tmp_path) as client:
        with closing(sqlite3.connect(tmp_path / "temporal.db", isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            starting = asyncio.create_task(start(client, "patient", 1000, "succeeded", None))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(starting), 1)
            other.execute("COMMIT")
        async with asyncio.timeout(60):
            await starting
    assert "database is locked" not in (tmp_path / "temporal.log").read_text(errors="replace")


async def test_namespaces_that_cannot_be_read_lose_no_index(tmp_path: Path) -> None:
    database = tmp_path / "temporal.db"
    async with temporal(tmp_path):
        before = indexes_of(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE namespaces SET data = x'00', data_encoding = 'Another'")
        connection.commit()
    slim(database)
    kept = indexes_of(database)
    assert {name for name in before if re.fullmatch(r"by_(bool|datetime|double|int|keyword)_\d\d", name)} <= kept.keys()
    assert "by_temporal_scheduled_by_id" not in kept


def test_a_server_of_another_make_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "temporal.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE something_else (a)")
    assert not bulky(other)
    slim(other)
