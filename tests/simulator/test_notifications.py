"""The outbox: written with what it tells, delivered in order, tried again, and never lost over a restart."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from simulator.bank import Bank, Refused
from simulator.faults import FaultPlan, Faults
from simulator.ledger import Ledger
from simulator.notifications import LOST_SECONDS, PATH, Notifier, signature


class Engine:
    """Takes notifications, unless it is away."""

    def __init__(self) -> None:
        self.away = 0
        self.taken: list[str] = []
        self.changed = asyncio.Event()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == PATH.format(name="simulator")
        moment = int(request.headers["gateway-signature"].partition(",")[0].removeprefix("t="))
        assert request.headers["gateway-signature"] == signature("secret", request.content, moment)
        if self.away:
            self.away -= 1
            return httpx.Response(503)
        self.taken.append(json.loads(request.content)["authentication"])
        self.changed.set()
        return httpx.Response(200)


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db", b"secret")


def started(book: Ledger, *ids: str) -> Bank:
    for id_ in ids:
        book.start_authentication(id_, "tok", "ch_1", "pi_1")
    return Bank(book, "http://bank")


async def test_in_order_and_again_until_taken(book: Ledger) -> None:
    engine, bank = Engine(), started(book, "a", "b")
    engine.away = 2
    notifier = Notifier(book, "http://engine", "secret", httpx.MockTransport(engine.answer))
    bank.finish_authentication("a", authenticated=True)
    running = asyncio.create_task(notifier.run())
    await engine.changed.wait()
    bank.finish_authentication("b", authenticated=False)
    engine.changed.clear()
    notifier.wake()
    await engine.changed.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert engine.taken == ["a", "b"]
    assert book.undelivered() == []


async def test_what_was_not_delivered_is_there_after_a_restart(book: Ledger, tmp_path: Path) -> None:
    bank = started(book, "a")
    bank.finish_authentication("a", authenticated=True)
    book.close()
    engine, again = Engine(), Ledger(tmp_path / "ledger.db", b"secret")
    assert await Notifier(again, "http://engine", "secret", httpx.MockTransport(engine.answer)).deliver()
    assert engine.taken == ["a"]


async def test_an_answer_is_told_once_and_the_first_counts(book: Ledger) -> None:
    bank = started(book, "a")
    bank.finish_authentication("a", authenticated=False)
    bank.finish_authentication("a", authenticated=True)
    assert [json.loads(body)["authenticated"] for _, body in book.undelivered()] == [False]
    with pytest.raises(Refused):
        bank.finish_authentication("nobody", authenticated=True)


def spoiled(book: Ledger, engine: Engine, *news: str) -> Notifier:
    plan = FaultPlan()
    plan.set(Faults.model_validate({"news": news}))
    return Notifier(book, "http://engine", "secret", httpx.MockTransport(engine.answer), plan)


def told(authentication: str) -> str:
    return json.dumps({"type": "authentication", "authentication": authentication})


async def test_early_news_are_told_at_once_and_again_when_they_are_due(book: Ledger) -> None:
    book.notify(told("a"), 3_600)
    engine = Engine()
    notifier = spoiled(book, engine, "early")
    assert await notifier.deliver()
    assert await notifier.deliver()
    assert engine.taken == ["a"]
    book.postpone(1, 0)
    assert await notifier.deliver()
    assert (engine.taken, book.undelivered()) == (["a", "a"], [])


async def test_early_news_wait_for_an_engine_that_is_away(book: Ledger) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    plan = FaultPlan()
    plan.set(Faults(news=["early"]))
    book.notify(told("a"), 3_600)
    gone = Notifier(book, "http://engine", "secret", httpx.MockTransport(away), plan)
    assert not await gone.deliver()


async def test_lost_news_are_told_by_the_second_try(book: Ledger) -> None:
    book.notify(told("a"))
    engine = Engine()
    notifier = spoiled(book, engine, "lost")
    assert await notifier.deliver()
    assert (engine.taken, book.undelivered()) == ([], [])
    due = book.due_in()
    assert due is not None
    assert 0 < due <= LOST_SECONDS
    book.postpone(1, 0)
    assert await notifier.deliver()
    assert (engine.taken, book.due_in()) == (["a"], None)
