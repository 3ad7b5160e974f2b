"""Refunds to an account that somebody is asked for: as the engine asks for them, and the simulator's own book."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.methods.card_numbers import CardInput
from domain.model.outcomes import Accepted, Approved, Declined, Refund
from gateways.simulator import SimulatorGateway
from simulator import payouts
from simulator.app import create_app
from simulator.ledger import Entry, Ledger
from tests.gateways.contract import authorize
from tests.support.serving import serving


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[SimulatorGateway]:
    async with serving(create_app(tmp_path / "ledger.db", "http://simulator")) as url:
        adapter = SimulatorGateway(url)
        yield adapter
        await adapter.close()


def asking(amount: int, number: int = 1, authorization: str = "REFERENCE", email: str = "jenny@example.com") -> Refund:
    return Refund(
        key=f"pi_1/1/refund/{number}", authorization=authorization, amount=amount, refund=f"re_{number}",
        instructions_email=email, by_email=True, charge="py_1", currency="usd",
    )  # fmt: skip


async def test_of_what_came_in_by_transfer_no_more_than_came_in(gateway: SimulatorGateway) -> None:
    assert isinstance(await gateway.perform(asking(1)), Declined)
    await gateway.simulate_transfer("t", "cus_1", 1_000, "usd", None)
    for _ in range(2):
        assert await gateway.perform(asking(700, 2)) == Accepted(reference="REFERENCE")
    assert await gateway.retrieve(asking(700, 2)) == Accepted(reference="REFERENCE")
    assert isinstance(await gateway.perform(asking(301, 3)), Declined)
    assert isinstance(await gateway.perform(asking(300, 4)), Accepted)


async def test_until_it_is_answered_it_can_be_ended(gateway: SimulatorGateway) -> None:
    await gateway.simulate_transfer("t", "cus_1", 1_000, "usd", None)
    assert not await gateway.end_refund("re_none", "canceled")
    await gateway.perform(asking(1_000))
    for _ in range(2):
        assert await gateway.end_refund("re_1", "canceled")
    assert not await gateway.end_refund("re_1", "failed"), "it has ended otherwise"
    assert isinstance(await gateway.perform(asking(1_000, 2)), Accepted)


async def test_of_cash_paid_at_a_counter(gateway: SimulatorGateway) -> None:
    card = CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123")
    held = await gateway.perform(authorize((await gateway.tokenize(card)).token, capture=True))
    assert isinstance(held, Approved)
    standing = await gateway.standing(held.authorization)
    assert standing is not None
    ask = Refund(
        key="pi_1/1/refund/1", authorization=held.authorization, amount=standing.captured, refund="re_1",
        instructions_email="jenny@example.com", by_email=True, charge=standing.charge, currency=standing.currency,
    )  # fmt: skip
    assert isinstance(await gateway.perform(ask), Accepted)
    given = await gateway.standing(held.authorization)
    assert given is not None
    assert given.refunded == standing.captured
    assert await gateway.end_refund("re_1", "failed")
    assert await gateway.standing(held.authorization) == standing


def test_who_does_not_answer_in_time_leaves_it_in_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payouts, "SOON_SECONDS", -1.0)
    ledger = Ledger(tmp_path / "ledger.db", b"secret")
    request = {
        "key": "k", "authorization": "R", "charge": "py_1", "amount": 5, "currency": "usd", "refund": "re_1",
        "reference": "pi_1", "email": "expire_immediately@example.com",
    }  # fmt: skip
    with ledger.transaction():
        assert payouts.ask(ledger, request)["type"] == "declined"
        ledger.book(Entry("fund", "trf_1", "", 5, "usd", "t"))
        assert payouts.ask(ledger, request)["type"] == "accepted"
    for _ in range(2):
        payouts.lapse(ledger)
    assert [entry["operation"] for entry in ledger.entries(None, 0, 10)] == ["fund", "refund", "refund_return"]
    ((_, news),) = ledger.undelivered()
    assert '"succeeded": false' in news
    ledger.close()
