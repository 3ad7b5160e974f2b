"""What banks make of what merchants say to disputes: once per key, by Stripe's test evidence, told once decided."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.disputes import DECIDES_SECONDS
from tests.simulator.test_app import authorize, http, path

__all__ = ["http", "path"]


async def disputed(http: httpx.AsyncClient, path: Path, card: str = "createDispute") -> dict[str, Any]:
    """A charge that its buyer's bank disputes: what is told of that."""
    token = (await http.post("/tokens", json={"reference": f"pm_card_{card}"})).json()["token"]
    await authorize(http, card, token=token, capture=True)
    (news,) = told(path)
    assert news["dispute"].startswith("dsp_")
    return news


def told(path: Path) -> list[dict[str, Any]]:
    with sqlite3.connect(path) as book:
        news = [json.loads(body) for (body,) in book.execute("SELECT body FROM notifications ORDER BY id")]
    return [one for one in news if one["type"] == "dispute"]


async def answer(http: httpx.AsyncClient, news: dict[str, Any], text: str = "t", key: str = "a", **more: Any) -> Any:
    body = {"key": key, "accept": False, "evidence": {"uncategorized_text": text}, "charge": news["charge"]}
    return await http.post(f"/disputes/{news['dispute']}", json={**body, "currency": "usd", **more})


@pytest.mark.parametrize(
    ("card", "text", "decided"),
    [
        ("createDispute", "winning_evidence", ["won"]),
        ("createDispute", "losing_evidence", ["lost"]),
        ("createDispute", "They got it.", []),
        ("createDispute", "escalate_inquiry_evidence", []),
        ("createDisputeInquiry", "escalate_inquiry_evidence", ["needs_response"]),
        ("createDisputeInquiry", "winning_evidence", ["warning_closed"]),
        ("createDisputeInquiry", "losing_evidence", ["warning_closed"]),
    ],
)
async def test_the_bank_decides_by_the_text(
    http: httpx.AsyncClient, path: Path, card: str, text: str, decided: list[str]
) -> None:
    news = await disputed(http, path, card)
    assert (await answer(http, news, text)).json()["type"] == "approved"
    assert [one["status"] for one in told(path)[1:]] == decided
    with sqlite3.connect(path) as book:
        first, *later = [due for (due,) in book.execute("SELECT due FROM notifications ORDER BY id")]
    assert all(due - first > DECIDES_SECONDS / 2 for due in later), "it takes its time"


async def test_an_answer_is_given_once_and_about_what_was_asked(http: httpx.AsyncClient, path: Path) -> None:
    news = await disputed(http, path)
    first = (await answer(http, news, "losing_evidence")).json()
    assert (await answer(http, news, "losing_evidence")).json() == first
    assert (await answer(http, news, "another")).status_code == 409
    asked = {"key": "a", "operation": "answer_dispute", "dispute": news["dispute"], "accept": False}
    assert first["asked"] == {**asked, "charge": news["charge"], "currency": "usd"}
    assert [one["status"] for one in told(path)[1:]] == ["lost"], "and decided once"


async def test_who_accepts_it_has_lost_it_and_is_not_told_so_again(http: httpx.AsyncClient, path: Path) -> None:
    news = await disputed(http, path)
    assert (await answer(http, news, accept=True)).json()["type"] == "approved"
    late = (await answer(http, news, key="b")).json()
    assert (late["type"], late["decline_code"]) == ("declined", "dispute_closed")
    assert len(told(path)) == 1


async def test_nobody_asks_about_what_was_given_back(http: httpx.AsyncClient, path: Path) -> None:
    token = (await http.post("/tokens", json={"reference": "pm_card_createDisputeInquiry"})).json()["token"]
    held = (await authorize(http, "k", token=token, capture=True)).json()["authorization"]
    for key, amount, statuses in (("r1", 400, []), ("r2", 600, ["warning_closed"])):
        given = {"key": key, "amount": amount, "refund": f"re_{key}", "reference": "pi_1"}
        assert (await http.post(f"/authorizations/{held}/refund", json=given)).json()["type"] == "approved"
        assert [one["status"] for one in told(path)[1:]] == statuses


async def test_there_is_no_such_dispute(http: httpx.AsyncClient, path: Path) -> None:
    news = await disputed(http, path)
    assert (await answer(http, {**news, "dispute": "dsp_nope"})).status_code == 404


@pytest.mark.parametrize(("card", "text", "given_back"), [
    ("createDispute", None, False), ("createDispute", "losing_evidence", False),
    ("createDispute", "winning_evidence", True), ("createDisputeInquiry", None, True),
    ("createDisputeInquiry", "escalate_inquiry_evidence", False),
])  # fmt: skip
async def test_what_the_bank_has_taken_back_is_not_given_back_as_well(
    http: httpx.AsyncClient, path: Path, card: str, text: str | None, given_back: bool
) -> None:
    token = (await http.post("/tokens", json={"reference": f"pm_card_{card}"})).json()["token"]
    held = (await authorize(http, "k", token=token, capture=True)).json()["authorization"]
    if text is not None:
        await answer(http, told(path)[0], text)
    given = {"key": "r", "amount": 400, "refund": "re_1", "reference": "pi_1"}
    said = (await http.post(f"/authorizations/{held}/refund", json=given)).json()
    assert said["type"] == ("approved" if given_back else "declined")
    with sqlite3.connect(path) as book:
        assert book.execute("SELECT refunded FROM authorizations").fetchone() == (400 if given_back else 0,)
