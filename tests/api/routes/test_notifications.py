"""The gateway's notifications: only its own, only fresh ones, and twice is once."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from api.build import build, mount
from api.routes.notifications import BODY_BYTES_MAX
from domain.machine.fence import UnderWay
from domain.machine.transitions import carry_out, leave_unknown
from domain.model.commands import Capture, RefundCharge
from domain.model.modifications import EndedModification
from domain.model.outcomes import Accepted, Approved, AuthenticationRequired, CaptureHold, Declined
from domain.webhooks import TOLERANCE_SECONDS
from simulator.notifications import signature
from tests.api.conftest import NOTIFICATION_SECRET, Api
from tests.support.builders import decided

RETURN = "return_url=https://shop.example"
INTENT = "amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true&return_url=https://shop.example"


async def challenged(api: Api) -> str:
    api.engine.gateway.answers = [AuthenticationRequired(authentication="authn_1", url="https://bank.example")]
    return str((await api.post("/v1/payment_intents", INTENT)).json()["id"])


async def notify(api: Api, told: dict[str, Any], *, secret: str = NOTIFICATION_SECRET, age: int = 0) -> httpx.Response:
    body = json.dumps(told).encode()
    headers = {"Gateway-Signature": signature(secret, body, api.clock.now - age)}
    return await api.http.post("/gateways/simulator/notifications", content=body, headers=headers)


async def status(api: Api, id_: str) -> str:
    return str((await api.get(f"/v1/payment_intents/{id_}")).json()["status"])


def ended(id_: str, **more: Any) -> dict[str, Any]:
    return {"type": "authentication", "payment_intent": id_, "authentication": "authn_1", "authenticated": True, **more}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Approved(authorization="auth_1"), "succeeded"), (Declined(decline_code="lost_card"), "requires_payment_method")],
)
async def test_news_that_may_be_of_a_buyer_or_of_a_bank_are_of_whom_the_payment_waits_for(
    api: Api, answer: Approved | Declined, expected: str
) -> None:
    """Stripe says the same of a card that was `processing`: it was taken for an authentication, and forgotten."""
    api.engine.gateway.answers = [Accepted(reference="auth_1"), Accepted(reference="auth_1"), answer]
    made = await api.post("/v1/payment_intents", INTENT)
    id_ = made.json()["id"]
    assert made.json()["status"] == "processing"
    told = ended(id_, authentication="pi_theirs", authenticated=expected == "succeeded")
    for number in (1, 1, 2):
        news = await notify(api, told | {"or_settled": f"evt_{number}"})
        assert news.json() == {"taken": True}
    assert await status(api, id_) == expected
    waiting = await challenged(api)
    assert (await notify(api, ended(waiting, or_settled="evt_3"))).json() == {"taken": True}
    assert await status(api, waiting) == "succeeded"


async def test_it_moves_the_payment_on_and_twice_is_once(api: Api) -> None:
    id_ = await challenged(api)
    for _ in range(2):
        response = await notify(api, ended(id_), age=TOLERANCE_SECONDS)
        assert (response.status_code, response.json()) == (200, {"taken": True})
    assert await status(api, id_) == "succeeded"
    assert len([effect for effect in api.engine.gateway.performed if effect.operation == "authorize"]) == 2


@pytest.mark.parametrize(
    ("more", "expected"),
    [({"secret": "other"}, 401), ({"secret": ""}, 401), ({"age": TOLERANCE_SECONDS + 1}, 401), ({"age": -301}, 401)],
)
async def test_what_is_not_the_gateways_or_not_fresh_is_refused(api: Api, more: dict[str, Any], expected: int) -> None:
    id_ = await challenged(api)
    assert (await notify(api, ended(id_), **more)).status_code == expected
    assert await status(api, id_) == "requires_action"


async def test_while_its_secret_is_changed_the_old_one_and_the_new_one_are_taken(api: Api) -> None:
    services = replace(api.services, notification_secret_next="the next")
    app = build()
    mount(app, services)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        both = replace(api, http=http)
        for secret in (NOTIFICATION_SECRET, "the next"):
            assert (await notify(both, ended(await challenged(api)), secret=secret)).json() == {"taken": True}
        assert (await notify(both, ended("pi_none"), secret="another")).status_code == 401
        assert (await notify(both, ended("pi_none"), secret="")).status_code == 401


async def test_what_makes_no_sense_is_refused_and_what_is_late_is_taken(api: Api) -> None:
    id_ = await challenged(api)
    assert (await notify(api, {"type": "gossip"})).status_code == 400
    assert (await notify(api, ended(id_, extra="x" * BODY_BYTES_MAX))).status_code == 413
    assert (await notify(api, ended("pi_none"))).json() == {"taken": False}
    assert (await notify(api, ended(id_, authentication="authn_0"))).status_code == 200
    assert await status(api, id_) == "requires_action", "an older authentication opens nothing"
    api.engine.away = True
    assert (await notify(api, ended(id_))).status_code == 503


@pytest.mark.parametrize("id_", ["pi_\x00", "\x00"])
async def test_news_that_cannot_be_kept_are_refused(api: Api, id_: str) -> None:
    await challenged(api)
    assert (await notify(api, ended(id_))).status_code == 400
    dispute = {"type": "dispute", "payment_intent": "pi_1", "charge": id_, "reason": "general", "status": "lost"}
    assert (await notify(api, dispute)).status_code == 400
    transfer = {"id": "trf_1", "owner": "cus_1", "amount": 2**63, "currency": "usd"}
    assert (await notify(api, {"type": "funding", "transfer": transfer})).status_code == 400
    transfer |= {"amount": 1, "details": {id_: 1}}
    assert (await notify(api, {"type": "funding", "transfer": transfer})).status_code == 400


async def test_news_of_a_refund_that_overtake_its_record_are_told_again(api: Api) -> None:
    """The payment has ended, so they were taken for news of a refund that there never was, and dropped."""
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    recorded = await api.services.projection.recorded(paid["id"])
    assert recorded is not None
    command = RefundCharge(command_id="cmd_refund", refund="re_early", amount=99)
    under_way = UnderWay(command=command, now=api.clock.now)
    await api.services.projection.claim(recorded.intent, under_way)
    news = {"type": "refund", "payment_intent": paid["id"], "refund": "re_early", "succeeded": False}
    assert (await notify(api, news)).status_code == 503
    strange = {**news, "refund": "re_none"}
    assert (await notify(api, strange)).status_code == 503, "nothing is concluded while something is under way"
    decision = decided(recorded.intent, command, api.clock.now)
    done = carry_out(recorded.intent, command, decision, Accepted(reference="r"), api.clock.now)
    await api.services.projection.project(done)
    api.engine.states[paid["id"]] = done.after
    assert (await notify(api, news)).json() == {"taken": True}
    assert (await notify(api, strange)).json() == {"taken": False}
    assert (await api.get("/v1/refunds/re_early")).json()["status"] == "failed"


@pytest.mark.parametrize("succeeded", [True, False])
async def test_news_of_a_capture_that_overtake_its_answer_are_told_again(api: Api, succeeded: bool) -> None:
    """The payment refused them as nothing of its own, while it waited for the gateway's answer: they were dropped."""
    held = (await api.post("/v1/payment_intents", f"{INTENT}&capture_method=manual")).json()
    recorded = await api.services.projection.recorded(held["id"])
    assert recorded is not None
    command = Capture(command_id="cmd_capture")
    await api.services.projection.claim(recorded.intent, UnderWay(command=command, now=api.clock.now))
    news = {"type": "modification", "payment_intent": held["id"], "charge": held["latest_charge"],
            "operation": "capture", "reference": "mod_1", "succeeded": succeeded, "amount": 1_099}  # fmt: skip
    with capture_logs() as lines:
        assert (await notify(api, news)).status_code == 503
    assert not [line for line in lines if line["log_level"] == "error"], "they contradict nothing"
    decision = decided(recorded.intent, command, api.clock.now)
    done = carry_out(recorded.intent, command, decision, Accepted(reference="mod_1"), api.clock.now)
    await api.services.projection.project(done)
    api.engine.states[held["id"]] = done.after
    assert (await notify(api, news)).json() == {"taken": True}
    assert await status(api, held["id"]) == ("succeeded" if succeeded else "requires_capture")


async def test_news_of_a_refund(api: Api) -> None:
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    api.engine.gateway.answers = [Accepted(reference="r")]
    refund = (await api.post("/v1/refunds", f"payment_intent={paid['id']}&amount=99")).json()
    assert refund["status"] == "pending"
    news = {"type": "refund", "payment_intent": paid["id"], "refund": refund["id"], "succeeded": False,
            "failure_reason": "lost_or_stolen_card"}  # fmt: skip
    for _ in range(2):
        assert (await notify(api, news)).json() == {"taken": True}
    failed = (await api.get(f"/v1/refunds/{refund['id']}")).json()
    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    charge = (await api.get(f"/v1/charges/{paid['latest_charge']}")).json()
    assert charge["amount_refunded"] == 0
    api.engine.stopped = True
    assert (await notify(api, {**news, "status": "canceled"})).status_code == 503, "it is told again when it goes on"
    api.engine.stopped = False
    assert (await notify(api, {**news, "refund": "re_none"})).json() == {"taken": False}
    assert (await notify(api, {**news, "payment_intent": "pi_none"})).json() == {"taken": False}


async def test_news_of_a_refund_that_a_run_of_before_does_not_understand_are_told_again(api: Api) -> None:
    """It had failed, and had succeeded before: the first rules refuse that, and it was dropped."""
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    api.engine.gateway.answers = [Accepted(reference="r")]
    refund = (await api.post("/v1/refunds", f"payment_intent={paid['id']}&amount=99")).json()
    news = {"type": "refund", "payment_intent": paid["id"], "refund": refund["id"]}
    assert (await notify(api, {**news, "succeeded": False})).json() == {"taken": True}
    api.engine.states[paid["id"]] = replace(api.engine.states[paid["id"]], rules=1)
    before = len(await events_of(api, refund["id"]))
    assert (await notify(api, {**news, "succeeded": True})).status_code == 503
    assert len(await events_of(api, refund["id"])) == before
    api.engine.states[paid["id"]] = replace(api.engine.states[paid["id"]], rules=2)
    assert (await notify(api, {**news, "succeeded": True})).json() == {"taken": True}
    assert len(await events_of(api, refund["id"])) > before


async def test_news_of_a_capture_that_a_run_of_before_does_not_understand_are_told_again(api: Api) -> None:
    """A success of what was looked up and had been refused: by the first rules, a contradiction."""
    held = (await api.post("/v1/payment_intents", f"{INTENT}&capture_method=manual")).json()
    decision = decided(api.engine.states[held["id"]], Capture(), api.clock.now)
    assert isinstance(decision.effect, CaptureHold)
    looked_up = EndedModification(effect=decision.effect, reference="", refused=True)
    before = replace(
        api.engine.states[held["id"]], rules=1, declined_captures=1, ended_modifications=(looked_up,)
    )  # fmt: skip
    api.engine.states[held["id"]] = before
    told = {"type": "modification", "payment_intent": held["id"], "charge": held["latest_charge"],
            "operation": "capture", "reference": "mod_1", "amount": 1099, "succeeded": True}  # fmt: skip
    assert (await notify(api, told)).status_code == 503
    assert api.engine.states[held["id"]] == before
    api.engine.states[held["id"]] = replace(before, rules=2)
    assert (await notify(api, told)).json() == {"taken": True}
    assert await status(api, held["id"]) == "succeeded"


ARN = "7901352802291512"


async def events_of(api: Api, id_: str) -> list[dict[str, Any]]:
    listed = (await api.get("/v1/events", "limit=100")).json()["data"]
    return [event for event in reversed(listed) if event["data"]["object"]["id"] == id_]


async def test_a_refunds_reference_is_told_later_and_once(api: Api) -> None:
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    refund = (await api.post("/v1/refunds", f"payment_intent={paid['id']}&amount=99&metadata[a]=b")).json()
    waiting = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    assert refund["destination_details"] == {"card": waiting, "type": "card"}
    before, news = len(await events_of(api, refund["id"])), named(paid["id"], refund["id"])
    for _ in range(2):
        assert (await notify(api, news)).json() == {"taken": True}
    known = {"card": {"reference": ARN, **waiting, "reference_status": "available"}, "type": "card"}
    shown = (await api.get(f"/v1/refunds/{refund['id']}")).json()
    assert shown == {**refund, "destination_details": known}
    told = (await events_of(api, refund["id"]))[before:]
    assert [event["type"] for event in told] == ["charge.refund.updated", "refund.updated"]
    for event in told:
        changed = {"card": {"reference": None, "reference_status": "pending"}}
        assert event["data"] == {"object": shown, "previous_attributes": {"destination_details": changed}}
        assert event["request"] == {"id": None, "idempotency_key": None}
    noted = (await api.post(f"/v1/refunds/{refund['id']}", "metadata[c]=d")).json()
    assert (noted["metadata"], noted["destination_details"]) == ({"a": "b", "c": "d"}, known)
    failed = {"type": "refund", "payment_intent": paid["id"], "refund": refund["id"], "succeeded": False}
    assert (await notify(api, failed)).json() == {"taken": True}
    shown = (await api.get(f"/v1/refunds/{refund['id']}")).json()
    assert (shown["status"], shown["destination_details"]) == ("failed", known)


def named(intent: str, refund: str) -> dict[str, Any]:
    return {"type": "refund_reference", "payment_intent": intent, "refund": refund, "reference": ARN}


async def test_a_reference_that_overtakes_its_refund_is_told_again(api: Api) -> None:
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    recorded = await api.services.projection.recorded(paid["id"])
    assert recorded is not None
    command = RefundCharge(command_id="cmd_refund", refund="re_sooner", amount=99)
    await api.services.projection.claim(recorded.intent, UnderWay(command=command, now=api.clock.now))
    assert (await notify(api, named(paid["id"], "re_sooner"))).status_code == 503
    assert (await notify(api, named(paid["id"], "re_none"))).json() == {"taken": False}
    assert (await notify(api, named("pi_none", "re_none"))).json() == {"taken": False}
    for wrong in ("", "1" * 101, "a\x00"):
        assert (await notify(api, {**named(paid["id"], "re_sooner"), "reference": wrong})).status_code == 400


async def test_of_a_way_back_without_a_reference_nothing_is_said(api: Api) -> None:
    form = "amount=1099&currency=usd&confirm=true&allowed_payment_method_types[]=cashapp"
    paid = (await api.post("/v1/payment_intents", f"{form}&payment_method_data[type]=cashapp&{RETURN}")).json()
    refund = (await api.post("/v1/refunds", f"payment_intent={paid['id']}")).json()
    before = await events_of(api, refund["id"])
    assert (await notify(api, named(paid["id"], refund["id"]))).json() == {"taken": True}
    assert (await api.get(f"/v1/refunds/{refund['id']}")).json() == refund
    assert await events_of(api, refund["id"]) == before


async def test_news_for_an_open_payment_whose_workflow_is_gone_bring_it_back(api: Api) -> None:
    id_ = await challenged(api)
    api.engine.states.clear()
    assert (await notify(api, ended(id_))).json() == {"taken": True}
    assert await status(api, id_) == "succeeded"
    api.engine.states.clear()
    assert (await notify(api, ended(id_))).json() == {"taken": False}, "of no use to one that has ended"


async def test_what_the_gateway_had_taken_on_is_known_by_its_news_and_only_by_its_own(api: Api) -> None:
    held = (await api.post("/v1/payment_intents", f"{INTENT}&capture_method=manual")).json()
    api.engine.gateway.answers = [Accepted(reference="mod_1")]
    captured = await api.post(f"/v1/payment_intents/{held['id']}/capture")
    assert captured.json()["status"] == "processing"
    told = {"type": "modification", "payment_intent": held["id"], "charge": held["latest_charge"],
            "operation": "capture", "reference": "mod_1", "succeeded": True, "amount": 1099}  # fmt: skip
    assert (await notify(api, {**told, "reference": "mod_2"})).status_code == 503, "it may know more than we do yet"
    assert await status(api, held["id"]) == "processing"
    for _ in range(2):
        assert (await notify(api, told)).json() == {"taken": True}
    assert await status(api, held["id"]) == "succeeded"
    assert (await notify(api, {**told, "succeeded": False})).json() == {"taken": True}
    charge = (await api.get(f"/v1/charges/{held['latest_charge']}", "expand[]=failure_balance_transaction")).json()
    assert (charge["status"], charge["paid"], charge["failure_code"]) == ("failed", False, "processing_error")
    booked = charge["failure_balance_transaction"]
    assert (booked["type"], booked["amount"], booked["reporting_category"]) == (
        "payment_failure_refund", -1099, "charge_failure",
    )  # fmt: skip
    assert await status(api, held["id"]) == "succeeded"
    refund = await api.post("/v1/refunds", f"payment_intent={held['id']}")
    assert refund.status_code == 400
    elsewhere = await api.http.post("/gateways/other/notifications", content=b"{}")
    assert elsewhere.status_code == 404


async def test_news_of_a_refund_that_come_while_its_row_is_written_are_told_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record was read before the refund was there, the refund after: its payment had ended, and knew nothing."""
    paid = (await api.post("/v1/payment_intents", INTENT)).json()
    before = api.engine.states[paid["id"]]
    command = RefundCharge(command_id="cmd_refund", refund="re_between", amount=99)
    await api.services.projection.claim(before, UnderWay(command=command, now=api.clock.now))
    read = await api.services.projection.recorded(paid["id"])
    done = carry_out(before, command, decided(before, command, api.clock.now), Accepted(reference="r"), api.clock.now)
    await api.services.projection.project(done)
    news = {"type": "refund", "payment_intent": paid["id"], "refund": "re_between", "succeeded": True}
    with monkeypatch.context() as patched:
        patched.setattr(api.services.projection, "recorded", lambda _: answered(read))
        assert (await notify(api, news)).status_code == 503
    api.engine.states[paid["id"]] = done.after
    assert (await notify(api, news)).json() == {"taken": True}
    assert (await api.get("/v1/refunds/re_between")).json()["status"] == "succeeded"


async def test_news_that_a_call_was_answered_with_are_none_of_the_next_one(api: Api) -> None:
    """A capture was refused at once, as its news were faster; told late, they refused the next, which went through."""
    held = (await api.post("/v1/payment_intents", f"{INTENT}&capture_method=manual")).json()
    intent = api.engine.states[held["id"]]
    command = Capture(command_id="cmd_second")
    decision = decided(intent, command, api.clock.now)
    assert decision.effect is not None
    unknown = leave_unknown(intent, command, decision, decision.effect, api.clock.now)
    await api.services.projection.project(unknown)
    api.engine.states[held["id"]] = unknown.after
    news = {"type": "modification", "payment_intent": held["id"], "charge": held["latest_charge"],
            "operation": "capture", "reference": "mod_first", "succeeded": False, "amount": 1_099}  # fmt: skip
    assert (await notify(api, {**news, "answered": True})).json() == {"taken": True}
    assert await status(api, held["id"]) == "processing"
    assert (await api.services.projection.latest(held["id"])) == unknown.after, "nothing was concluded"


async def test_news_that_a_call_was_answered_with_are_told_to_who_waits_for_them(api: Api) -> None:
    """The record has the answer of an earlier call: that it was taken on."""
    held = (await api.post("/v1/payment_intents", f"{INTENT}&capture_method=manual")).json()
    api.engine.gateway.answers = [Accepted(reference="mod_1")]
    assert (await api.post(f"/v1/payment_intents/{held['id']}/capture", "")).json()["status"] == "processing"
    news = {"type": "modification", "payment_intent": held["id"], "charge": held["latest_charge"], "answered": True,
            "operation": "capture", "succeeded": True, "amount": 1_099}  # fmt: skip
    assert (await notify(api, {**news, "reference": "mod_2"})).json() == {"taken": True}
    assert await status(api, held["id"]) == "processing"
    assert (await notify(api, {**news, "reference": "mod_1"})).json() == {"taken": True}
    assert await status(api, held["id"]) == "succeeded"


async def answered(what: Any) -> Any:
    return what


async def test_news_of_what_was_found_out_otherwise_are_taken_and_a_contradiction_is_told_to_a_person(api: Api) -> None:
    """A look-up says what became of an increment, and not its reference: its news come when nothing waits for them."""
    form = (
        f"{INTENT}&capture_method=manual&payment_method_options[card][request_incremental_authorization]=if_available"
    )
    held = (await api.post("/v1/payment_intents", form)).json()
    told = {"type": "modification", "payment_intent": held["id"], "charge": held["latest_charge"],
            "operation": "increment", "reference": "mod_1", "succeeded": True, "amount": None}  # fmt: skip
    with capture_logs() as lines:
        contrary = await notify(api, told)
    assert (contrary.status_code, contrary.json()) == (200, {"taken": False})
    assert [line["payment_intent"] for line in lines if line["event"] == "news that contradict the record"] == [
        held["id"]
    ]
    raised = await api.post(f"/v1/payment_intents/{held['id']}/increment_authorization", "amount=2000")
    assert raised.json()["amount"] == 2_000, raised.text
    with capture_logs() as lines:
        assert (await notify(api, told)).json() == {"taken": True}
        failed = {**told, "operation": "capture", "reference": "mod_2", "succeeded": False, "amount": 400}
        assert (await notify(api, failed)).json() == {"taken": True}
    assert not [line for line in lines if line["log_level"] == "error"]
    shown = (await api.get(f"/v1/payment_intents/{held['id']}")).json()
    assert (shown["status"], shown["amount"], shown["amount_received"]) == ("requires_capture", 2_000, 0)
