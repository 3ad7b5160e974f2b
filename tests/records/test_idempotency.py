"""Remembered answers: one holder at a time, the same seed after a crash, and no key older than a day."""

import asyncio

from records import idempotency
from records.database import Database
from records.idempotency import LOCK_SECONDS, RETENTION_SECONDS, Claim
from records.scope import Scope
from tests.support.builders import NOW

PRINT = b"p" * 32


async def claim(database: Database, scope: Scope, request: str, now: int = NOW, print_: bytes = PRINT) -> Claim:
    return await idempotency.claim(database, scope, "key", print_, request, f"seed_{request}", now, "/v1/here")


async def test_the_first_has_it_and_the_others_wait(database: Database, scope: Scope) -> None:
    claims = await asyncio.gather(*(claim(database, scope, f"req_{n}") for n in range(20)))
    assert [c.mine for c in claims].count(True) == 1
    assert all(c.response_status is None for c in claims)


async def test_a_saved_answer_is_given_again_and_the_first_stays(database: Database, scope: Scope) -> None:
    mine = await claim(database, scope, "req_1")
    await idempotency.save(database, scope, "key", mine.seed, 200, b"one")
    await idempotency.save(database, scope, "key", mine.seed, 200, b"two")
    again = await claim(database, scope, "req_2")
    assert (again.mine, again.response_status, again.response_body, again.request_id) == (False, 200, b"one", "req_1")


async def test_a_dead_request_is_taken_over_with_its_seed(database: Database, scope: Scope) -> None:
    await claim(database, scope, "req_1")
    late = NOW + LOCK_SECONDS + 1
    other = await claim(database, scope, "req_2", late, b"x" * 32)
    assert not other.mine, "another request does not inherit the seed"
    taken = await claim(database, scope, "req_3", late)
    assert (taken.mine, taken.seed) == (True, "seed_req_1")


async def test_an_unlocked_key_is_taken_over_at_once(database: Database, scope: Scope) -> None:
    mine = await claim(database, scope, "req_1")
    await idempotency.unlock(database, scope, "key", mine.seed)
    taken = await claim(database, scope, "req_2")
    assert (taken.mine, taken.seed) == (True, "seed_req_1")


async def test_a_released_key_is_free_for_a_better_request(database: Database, scope: Scope) -> None:
    mine = await claim(database, scope, "req_1")
    await idempotency.release(database, scope, "key", mine.seed)
    taken = await claim(database, scope, "req_2", print_=b"x" * 32)
    assert (taken.mine, taken.seed) == (True, "seed_req_2")


async def test_a_day_later_the_key_is_new(database: Database, scope: Scope) -> None:
    mine = await claim(database, scope, "req_1")
    await idempotency.save(database, scope, "key", mine.seed, 200, b"one")
    assert not (await claim(database, scope, "req_2", NOW + RETENTION_SECONDS)).mine
    assert (await claim(database, scope, "req_3", NOW + RETENTION_SECONDS + 1)).mine


async def test_keys_belong_to_an_account_and_a_mode(database: Database, scope: Scope) -> None:
    await claim(database, scope, "req_1")
    assert (await claim(database, Scope(scope.account, livemode=True), "req_2")).mine
