"""What is given back: told of at once, later or not at all, by the card; and by which reference a bank finds it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import AuthorizeBody
from simulator.bank import Bank
from simulator.ledger import Ledger
from simulator.notifications import Notifier
from simulator.refunds import reference_number

ASKED: dict[str, Any] = {"amount": 700, "currency": "usd", "capture": True, "charge": "ch_1", "reference": "pi_1"}
BACK = {"amount": 300, "refund": "re_1", "reference": "pi_1", "key": "pi_1/1/refund/1"}


def given_back(book: Ledger, name: str, until_reference: float | None, **more: Any) -> dict[str, Any]:
    """A refund of this card's payment."""
    bank = Bank(book, "http://bank", "", None if until_reference is None else lambda: until_reference)
    token = bank.tokenize_reference(f"pm_card_{name}")["token"]
    paid = bank.authorize(AuthorizeBody(**ASKED, token=token, key="pi_1/1/authorize").model_dump())
    return bank.refund(paid["authorization"], {**BACK, **more})


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db", b"secret")


def ahead(book: Ledger) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in book.ahead()]


def test_a_reference_is_told_when_the_bank_has_one(book: Ledger) -> None:
    assert given_back(book, "visa", 86_400)["type"] == "approved"
    named = {"type": "refund_reference", "payment_intent": "pi_1", "refund": "re_1"}
    assert ahead(book) == [{**named, "reference": reference_number("re_1")}]
    assert book.undelivered() == []
    due = book.due_in()
    assert due is not None
    assert 86_000 < due <= 86_400


@pytest.mark.parametrize(
    ("name", "told"), [("pendingRefund", ["refund", "refund_reference"]), ("refundFail", ["refund"])]
)
def test_one_that_is_pending_has_it_after_it_has_succeeded_and_one_that_fails_has_none(
    book: Ledger, name: str, told: list[str]
) -> None:
    given_back(book, name, 0)
    assert [one["type"] for one in ahead(book)] == told
    assert ahead(book)[0]["succeeded"] is (name == "pendingRefund")


@pytest.mark.parametrize("more", [{"refund": ""}, {}])
def test_what_nobody_would_know_is_not_told(book: Ledger, more: dict[str, str]) -> None:
    given_back(book, "visa", None if not more else 0, **more)
    assert (ahead(book), book.undelivered()) == ([], [])


async def test_the_engine_hears_of_it(book: Ledger) -> None:
    heard: list[dict[str, Any]] = []

    def engine(request: httpx.Request) -> httpx.Response:
        heard.append(json.loads(request.content))
        return httpx.Response(200)

    given_back(book, "visa", 0)
    assert await Notifier(book, "http://engine", "secret", httpx.MockTransport(engine)).deliver()
    assert [(one["type"], len(one["reference"])) for one in heard] == [("refund_reference", 16)]
