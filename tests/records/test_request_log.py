"""How long the request log keeps what it has, and by which indexes it is read."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from records import request_log
from records.database import Database
from records.request_log import DAY_SECONDS, FORGOTTEN_AT_ONCE, LoggedRequest, Wanted
from records.scope import Created, Cursor, Scope
from tests.support.builders import NOW


def requests(account: str, count: int, created: int) -> list[LoggedRequest]:
    return [
        LoggedRequest(
            id=f"req_{account}_{created}_{index}", account=account, livemode=False, created=created, method="GET",
            path="/v1/customers", operation="customers.list", status=200, duration_ms=1, api_version=None, key="sk",
            key_kind="secret", idempotency_key=None, original_request=None, error_type=None, error_code=None,
            decline_code=None, error_message=None, object_id=None, payment_intent=None, request_bytes=0,
            response_bytes=0, bodies=None,
        )
        for index in range(count)
    ]  # fmt: skip


async def kept(database: Database, scope: Scope) -> list[str]:
    rows, _ = await request_log.list_newest(database, scope, Cursor(limit=100), Created(), Wanted())
    return [row.id for row in rows]


async def test_what_is_older_than_its_days_is_deleted_in_parts(database: Database, scope: Scope) -> None:
    # Before everything that other tests of this database have written.
    long_ago = 1_000_000
    old = requests(scope.account, FORGOTTEN_AT_ONCE + 1, long_ago)
    edge = requests(scope.account, 1, long_ago + 1)
    await request_log.write(database, old)
    await request_log.write(database, edge)
    now = long_ago + 1 + 30 * DAY_SECONDS
    assert await request_log.forget(database, 30, now) == (FORGOTTEN_AT_ONCE, True)
    assert await request_log.forget(database, 30, now) == (1, False)
    assert await kept(database, scope) == [edge[0].id]
    assert await request_log.forget(database, 0, now) == (1, False), "without a log nothing is kept"
    assert await kept(database, scope) == []


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("account = 'a' AND NOT livemode ORDER BY created DESC, seq DESC LIMIT 10", "request_log_newest"),
        ("object_id = 'pi_1'", "request_log_object"),
        ("payment_intent = 'pi_1'", "request_log_payment"),
        ("account = 'a' AND NOT livemode AND status >= 400 ORDER BY created DESC LIMIT 10", "request_log_failed"),
    ],
)
async def test_it_is_read_by_an_index(database: Database, scope: Scope, condition: str, index: str) -> None:
    await request_log.write(database, requests(scope.account, 1_000, NOW))
    await database.execute(text("ANALYZE request_log"))
    plan = await database.execute(text(f"EXPLAIN SELECT id FROM request_log WHERE {condition}"))
    assert index in "\n".join(row[0] for row in plan)


async def test_bodies_of_an_older_release_are_read_beside_packed_ones(database: Database, scope: Scope) -> None:
    older, newer, without = (replace(each, id=f"{each.id}_b") for each in requests(scope.account, 3, NOW))
    packed = request_log.packed_bodies(b'{"amount":"1099"}', b'{"id":"pi_1"}')
    await request_log.write(database, [older, replace(newer, bodies=packed), without])
    await database.execute(
        text("UPDATE request_log SET request = :sent WHERE id = :id").bindparams(sent='{"amount":"5"}', id=older.id)
    )
    found = [await request_log.load(database, scope, each.id) for each in (older, newer, without)]
    assert [request_log.bodies_of(row) for row in found if row is not None] == [
        {"request": {"amount": "5"}, "response": None},
        {"request": {"amount": "1099"}, "response": {"id": "pi_1"}},
        {"request": None, "response": None},
    ]
