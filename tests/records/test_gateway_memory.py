"""What an adapter remembers: one set of tests for PostgreSQL and for what tests put in its place."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.model.gateway_dealings import Notice, Request
from gateways.memory import Memory
from records.database import Database
from records.gateway_memory import PostgresGatewayMemory
from tests.support.memory import ProcessMemory

KINDS: dict[str, Callable[[Database], Memory]] = {
    "postgres": PostgresGatewayMemory,
    "process": lambda _: ProcessMemory(),
}


@pytest.fixture(params=list(KINDS))
def memory(request: pytest.FixtureRequest, database: Database) -> Memory:
    return KINDS[request.param](database)


def request(gateway: str, **more: str) -> Request:
    asked = Request(
        gateway=gateway, key="pi_1/1/authorize", operation="authorize", intent="pi_1", charge="ch_1",
        url="https://adyen", path="/payments", body='{"a":1}', asked_at=1_000,
    )  # fmt: skip
    return replace(asked, **more)  # type: ignore[arg-type]


def notice(gateway: str, **more: object) -> Notice:
    told = Notice(
        gateway=gateway, event="CAPTURE", succeeded=True, reference="MOD", original="PAY", ours="pi_1/1/capture/1",
        amount=100, currency="eur", reason="why", unsigned={"a": "b"}, received_at=5,
    )  # fmt: skip
    return replace(told, **more)  # type: ignore[arg-type]


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses: they share a database."""
    return str(request.node.name)


async def test_what_was_asked_first_under_a_key_stays(memory: Memory, gateway: str) -> None:
    first = request(gateway)
    assert await memory.begin(first) == first
    assert await memory.begin(request(gateway, body="{}", url="https://elsewhere")) == first
    assert await memory.request(gateway, first.key) == first
    assert await memory.request(gateway, "pi_1/2/authorize") is None
    assert await memory.request("another", first.key) is None


async def test_what_is_learned_is_not_forgotten(memory: Memory, gateway: str) -> None:
    asked = await memory.begin(request(gateway))
    await memory.learn(replace(asked, silent=True))
    await memory.learn(replace(asked, reference="PAY", outcome={"type": "approved"}))
    await memory.learn(replace(asked, reference="ANOTHER"))
    known = await memory.request(gateway, asked.key)
    assert known == replace(asked, reference="PAY", outcome={"type": "approved"}, silent=True)
    assert await memory.request_by_reference(gateway, "PAY") == known
    assert await memory.request_by_reference(gateway, "ANOTHER") is None
    assert await memory.request_by_reference(gateway, "") is None
    assert await memory.request_by_reference("another", "PAY") is None


async def test_of_a_payment_that_went_on_what_was_asked_last_is_found(memory: Memory, gateway: str) -> None:
    for number, asked_at in ((1, 1_000), (2, 1_000), (3, 999)):
        asked = request(gateway, reference="PAY", charge=f"ch_{number}", key=f"pi_1/{number}/authorize")
        await memory.begin(replace(asked, asked_at=asked_at))
    found = await memory.request_by_reference(gateway, "PAY")
    assert found is not None
    assert found.charge == "ch_2"


async def test_told_twice_is_once_and_true_is_not_false(memory: Memory, gateway: str) -> None:
    told = notice(gateway)
    assert await memory.notice(told)
    assert not await memory.notice(replace(told, reason="something else", received_at=9))
    assert await memory.notice(replace(told, succeeded=False))
    assert await memory.notice(replace(told, event="CAPTURE_FAILED"))
    for about in ("MOD", "PAY", "pi_1/1/capture/1"):
        assert (await memory.notices(gateway, about))[0] == told
        assert len(await memory.notices(gateway, about)) == 3
    assert await memory.notices(gateway, "") == []
    assert await memory.notices("another", "MOD") == []


async def test_what_was_handled_waits_no_longer(memory: Memory, gateway: str) -> None:
    one, other = notice(gateway), notice(gateway, reference="OTHER")
    await memory.notice(one)
    await memory.notice(other)
    assert await memory.waiting(gateway, 1) == [one]
    await memory.handled(one)
    await memory.handled(one)
    assert await memory.waiting(gateway, 10) == [other]
    assert not await memory.notice(one)
    assert await memory.waiting(gateway, 10) == [other], "told again, it is known"


async def test_the_first_return_counts(memory: Memory, gateway: str) -> None:
    assert await memory.returned(gateway) is None
    await memory.keep_return(gateway, "first")
    await memory.keep_return(gateway, "second")
    assert await memory.returned(gateway) == "first"
