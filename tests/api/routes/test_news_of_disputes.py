"""Notifications of disputes: late, early, out of order, with amounts of the bank's, and what is told to a person."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.api.conftest import Api
from tests.api.routes.test_notifications import INTENT, notify


async def paid_and_disputed(api: Api, *statuses: str, **more: Any) -> dict[str, Any]:
    """A payment, and the last news of its dispute."""
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    news = {"type": "dispute", "payment_intent": paid["id"], "charge": paid["latest_charge"], "reason": "general",
            "status": "needs_response", **more}  # fmt: skip
    for status_ in statuses:
        news |= {"status": status_}
        assert (await notify(api, news)).json() == {"taken": True}, status_
    return news


async def net(api: Api, news: dict[str, Any]) -> list[int]:
    (dispute,) = (await api.get("/v1/disputes", f"charge={news['charge']}")).json()["data"]
    return [one["net"] for one in dispute["balance_transactions"]]


async def test_the_banks_last_word_may_come_first(api: Api) -> None:
    news = await paid_and_disputed(api, "won", dispute="dsp_1")
    assert await net(api, news) == [-2_599, 1_099]
    late = await notify(api, {**news, "status": "needs_response"})
    assert (late.json(), await net(api, news)) == ({"taken": True}, [-2_599, 1_099])


@pytest.mark.parametrize("more", [{}, {"dispute": "dsp_1"}])
async def test_an_inquiry_that_becomes_a_dispute_takes_the_money(api: Api, more: dict[str, Any]) -> None:
    news = await paid_and_disputed(api, "warning_needs_response", "warning_needs_response", "needs_response", **more)
    assert await net(api, news) == [-2_599]
    refund = await api.post("/v1/refunds", f"payment_intent={news['payment_intent']}")
    assert (refund.status_code, refund.json()["error"]["code"]) == (400, "charge_disputed")


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({"amount": 50}, 50), ({"amount": 50, "currency": "usd"}, 50), ({"amount": 50, "currency": "eur"}, 1_099),
        ({"amount": 0}, 1_099), ({}, 1_099),
    ],
)  # fmt: skip
async def test_a_bank_takes_what_it_says_in_the_currency_of_the_charge(
    api: Api, more: dict[str, Any], taken: int
) -> None:
    assert await net(api, await paid_and_disputed(api, "needs_response", **more)) == [-taken - 1_500]


async def test_news_of_a_dispute_that_can_be_nobodys_are_told_to_a_person(api: Api) -> None:
    news = await paid_and_disputed(api, "won", dispute="dsp_1")
    for contrary in (
        {"status": "lost"},
        {"status": "banana"},
        {"dispute": "dsp_2"},
        {"charge": "ch_other", "status": "lost"},
    ):
        with capture_logs() as lines:
            answer = await notify(api, {**news, **contrary})
        assert (answer.status_code, answer.json()) == (200, {"taken": False})
        (line,) = [line for line in lines if line["event"] == "news that contradict the record"]
        assert (line["log_level"], line["payment_intent"]) == ("error", news["payment_intent"])
        assert await net(api, news) == [-2_599, 1_099]


async def test_news_that_a_run_of_before_does_not_understand_are_told_again(api: Api) -> None:
    news = await paid_and_disputed(api, "warning_needs_response", dispute="dsp_1")
    id_ = news["payment_intent"]
    api.engine.states[id_] = replace(api.engine.states[id_], rules=1)
    assert (await notify(api, {**news, "status": "won"})).status_code == 503
    assert await net(api, news) == []
    api.engine.states[id_] = replace(api.engine.states[id_], rules=2)
    assert (await notify(api, {**news, "status": "won"})).json() == {"taken": True}
    assert await net(api, news) == [-2_599, 1_099]
