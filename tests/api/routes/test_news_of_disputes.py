"""Notifications of disputes: late, early, out of order, with amounts of the bank's, and what is told to a person."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from domain.model.outcomes import Accepted
from domain.model.payment_intent import held_charge
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


@pytest.mark.parametrize("due_by", [0, -1, 1, 4 * 10**12, 10**15, 2**62])
async def test_a_time_that_cannot_be_meant_is_not_what_a_merchant_has_to_answer_by(api: Api, due_by: int) -> None:
    """Milliseconds, for one: a timer of that length failed every task of the payment's workflow."""
    news = await paid_and_disputed(api, "needs_response", dispute="dsp_1", due_by=due_by)
    (dispute,) = (await api.get("/v1/disputes", f"charge={news['charge']}")).json()["data"]
    due = dispute["evidence_details"]["due_by"] - api.clock.now
    assert (8 * 86_400 <= due < 9 * 86_400, dispute["status"]) == (True, "needs_response")
    assert (await notify(api, {**news, "status": "under_review"})).json() == {"taken": True}


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


PARTS = (
    "amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true&capture_method=manual"
    "&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"
    "&payment_method_options[card][request_multicapture]=if_available"
)


async def partly_captured(api: Api) -> dict[str, Any]:
    held = (await api.post("/v1/payment_intents", PARTS)).json()
    taken = await api.post(f"/v1/payment_intents/{held['id']}/capture", "amount_to_capture=500&final_capture=false")
    assert (taken.status_code, taken.json()["status"]) == (200, "requires_capture")
    return {"type": "dispute", "payment_intent": held["id"], "charge": held["latest_charge"], "reason": "general",
            "status": "needs_response", "dispute": "dsp_1"}  # fmt: skip


async def test_what_was_taken_of_a_hold_is_charged_back_at_once_and_not_given_back_as_well(api: Api) -> None:
    news = await partly_captured(api)
    assert (await notify(api, news)).json() == {"taken": True}
    assert await net(api, news) == [-2_000]
    for _ in range(2):
        refund = await api.post("/v1/refunds", f"payment_intent={news['payment_intent']}&amount=500")
        assert (refund.status_code, refund.json()["error"]["code"]) == (400, "charge_disputed")
        ended = await api.post(f"/v1/payment_intents/{news['payment_intent']}/cancel")
    assert ended.status_code == 400, "it has succeeded by then, with what was captured"
    assert (await notify(api, news)).json() == {"taken": True}
    assert (await notify(api, {**news, "status": "won"})).json() == {"taken": True}
    assert await net(api, news) == [-2_000, 500]


async def test_its_dispute_is_answered_while_the_rest_is_held(api: Api) -> None:
    news = await partly_captured(api)
    await notify(api, news)
    (dispute,) = (await api.get("/v1/disputes", f"charge={news['charge']}")).json()["data"]
    said = await api.post(f"/v1/disputes/{dispute['id']}", "evidence[uncategorized_text]=Signed+for.")
    assert (said.status_code, said.json()["status"]) == (200, "under_review")
    intent = (await api.get(f"/v1/payment_intents/{news['payment_intent']}")).json()
    assert (intent["status"], intent["amount_capturable"]) == ("requires_capture", 599)


async def test_news_of_another_dispute_of_what_is_held_are_told_to_a_person_and_of_nothing_taken_again(
    api: Api,
) -> None:
    news = await partly_captured(api)
    held = (await api.post("/v1/payment_intents", PARTS)).json()
    early = {**news, "payment_intent": held["id"], "charge": held["latest_charge"]}
    assert (await notify(api, early)).status_code == 503
    assert (await notify(api, news)).json() == {"taken": True}
    with capture_logs() as lines:
        other = await notify(api, {**news, "dispute": "dsp_2"})
    assert (other.status_code, other.json()) == (200, {"taken": False})
    assert [line["log_level"] for line in lines if line["event"] == "news that contradict the record"] == ["error"]


@pytest.mark.parametrize(("part", "before"), [("", ()), ("&amount=1000", ()), ("", ("warning_needs_response",))])
async def test_a_chargeback_against_a_refund_that_an_older_release_has_asked_for_takes_all(
    api: Api, part: str, before: tuple[str, ...]
) -> None:
    """It kept no refunds under way: what had not gone back for certain was nothing, and the chargeback was dropped."""
    news = await paid_and_disputed(api, *before, dispute="dsp_1")
    id_ = news["payment_intent"]
    api.engine.gateway.answers = [Accepted(reference="r")]
    refund = (await api.post("/v1/refunds", f"payment_intent={id_}{part}")).json()
    assert refund["status"] == "pending"
    forget = "UPDATE payment_intents SET data = data #- '{charge,refunds_under_way}' WHERE id = :id"
    await api.database.execute(text(forget).bindparams(id=id_))
    charge = held_charge(api.engine.states[id_])
    api.engine.states[id_] = replace(api.engine.states[id_], charge=replace(charge, refunds_under_way={}))
    assert (await notify(api, {**news, "status": "needs_response"})).json() == {"taken": True}
    assert await net(api, news) == [-2_599]
    failed = {"type": "refund", "payment_intent": id_, "refund": refund["id"], "succeeded": False}
    assert (await notify(api, failed)).json() == {"taken": True}
    again = await api.post("/v1/refunds", f"payment_intent={id_}")
    assert again.json()["error"]["code"] == "charge_disputed", "nothing is given back twice"


async def test_of_a_refund_that_has_gone_back_for_certain_a_bank_takes_nothing(api: Api) -> None:
    news = await paid_and_disputed(api)
    await api.post("/v1/refunds", f"payment_intent={news['payment_intent']}&amount=1000")
    assert (await notify(api, news)).json() == {"taken": True}
    assert await net(api, news) == [-99 - 1_500]


async def test_news_of_a_second_dispute_without_a_name_are_told_to_a_person(api: Api) -> None:
    """One that was lost of 400; then another, of 600, is opened, and won: it gives no money back for the first."""
    news = await paid_and_disputed(api, "needs_response", "lost", amount=400, id="du_1")
    assert await net(api, news) == [-1_900]
    for status_ in ("needs_response", "won"):
        with capture_logs() as lines:
            answer = await notify(api, {**news, "id": "du_2", "status": status_, "amount": 600})
        assert (answer.status_code, answer.json()) == (200, {"taken": False})
        assert [line["event"] for line in lines if line["log_level"] == "error"] == ["news that contradict the record"]
    assert await net(api, news) == [-1_900]


async def test_the_first_amount_stands_and_another_is_told_to_a_person(api: Api) -> None:
    news = await paid_and_disputed(api, "needs_response", dispute="dsp_1", amount=1_099)
    for late in (False, True):
        with capture_logs() as lines:
            status_ = "needs_response" if late else "lost"
            answer = await notify(api, {**news, "status": status_, "amount": 50 + late})
        assert [line["event"] for line in lines if line["log_level"] == "error"] == ["news that contradict the record"]
        assert answer.status_code == 200
        (dispute,) = (await api.get("/v1/disputes", f"charge={news['charge']}")).json()["data"]
        assert (dispute["status"], dispute["amount"]) == ("lost", 1_099), "what a bank has decided is so"
        assert await net(api, news) == [-2_599]
