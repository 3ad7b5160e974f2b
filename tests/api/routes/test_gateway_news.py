"""Gateways that tell in a dialect of their own: kept, acknowledged, handed over; and buyers who come back from one."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.build import build, mount
from api.routes import gateway_news, notifications
from api.routes.gateway_news import BODY_BYTES_MAX, KEPT_DAYS, Inbox
from domain.model.gateway_dealings import Notice, Request
from domain.model.outcomes import AuthenticationRequired, Declined
from gateways.adyen.keys import authentication_id
from gateways.adyen.listener import AdyenListener
from gateways.adyen.news import FALSE_SETTLES_SECONDS
from gateways.adyen.notifications import signature
from gateways.base import GatewayUnavailable
from records.base import RecordsUnavailable
from tests.api.conftest import Api
from tests.gateways.adyen.effects import ACCOUNT, PSP
from tests.support.memory import ProcessMemory

BASIC = "Basic " + base64.b64encode(ACCOUNT.basic.encode()).decode()


class Quiet:
    """An adapter that has nothing to release, or is away."""

    away = False

    async def heard(self, notice: Notice) -> None:
        if self.away and notice.event == "AUTHORISATION":
            raise GatewayUnavailable("away")


class Forgetful(ProcessMemory):
    """A memory whose database is away at times."""

    away = False

    async def notice(self, notice: Notice) -> bool:
        if self.away:
            raise RecordsUnavailable("away")
        return await super().notice(notice)

    async def waiting(self, gateway: str, most: int) -> list[Notice]:
        if self.away:
            raise RecordsUnavailable("away")
        return await super().waiting(gateway, most)

    async def keep_return(self, authentication: str, result: str) -> None:
        if self.away:
            raise RecordsUnavailable("away")
        await super().keep_return(authentication, result)


class Door:
    """The API with an ear for Adyen."""

    def __init__(self, api: Api, http: httpx.AsyncClient, memory: Forgetful, quiet: Quiet, inbox: Inbox) -> None:
        self.api, self.http, self.memory, self.quiet, self.inbox = api, http, memory, quiet, inbox
        self.elapsed = 0.0

    async def tell(self, **more: Any) -> httpx.Response:
        told = {
            "eventCode": "AUTHORISATION", "success": "true", "pspReference": PSP, "merchantReference": "",
            "merchantAccountCode": ACCOUNT.merchant, "amount": {"currency": "USD", "value": 1_099}, **more,
        }  # fmt: skip
        told["additionalData"] = {"hmacSignature": signature(told, ACCOUNT.hmac_keys[0])}
        body = json.dumps({"live": "false", "notificationItems": [{"NotificationRequestItem": told}]})
        headers = {"Authorization": BASIC}
        return await self.http.post("/gateways/adyen/notifications", content=body, headers=headers)

    async def challenged(self) -> tuple[str, str]:
        """A payment that waits for its buyer, and what they will come back with."""
        created = await self.api.post("/v1/payment_intents", "amount=1099&currency=usd")
        id_ = str(created.json()["id"])
        ours = authentication_id(ACCOUNT.key_secret, f"{id_}/1/authorize")
        challenge = AuthenticationRequired(authentication=ours, url="https://bank.example")
        self.api.engine.gateway.answers = [challenge]
        confirm = "payment_method=pm_card_visa&return_url=https://shop.example/done"
        confirmed = await self.api.post(f"/v1/payment_intents/{id_}/confirm", confirm)
        assert confirmed.json()["status"] == "requires_action"
        asked = Request(
            gateway="adyen", key=f"{id_}/1/authorize", operation="authorize", intent=id_, url="", path="", body="",
            asked_at=1, outcome={"type": "authentication_required", "authentication": ours},
        )  # fmt: skip
        await self.memory.begin(asked)
        return id_, ours

    async def back(self, authentication: str, **more: str) -> httpx.Response:
        """A buyer comes back from their bank."""
        query = {"authentication": authentication, "payment_intent": "pi_whatever", "redirectResult": "eyJ0", **more}
        return await self.http.get("/gateways/adyen/return", params=query)

    async def status(self, id_: str) -> str:
        return str((await self.api.get(f"/v1/payment_intents/{id_}")).json()["status"])


@pytest.fixture
async def door(api: Api) -> AsyncIterator[Door]:
    memory, quiet = Forgetful(), Quiet()
    listener = AdyenListener(ACCOUNT, quiet, memory, lambda: float(api.clock.now))  # type: ignore[arg-type]
    services = replace(api.services, listeners={"adyen": listener})
    app = build()
    mount(app, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
        inbox = Inbox(services, lambda: opened.elapsed)
        opened = Door(api, http, memory, quiet, inbox)
        yield opened


async def test_a_buyer_comes_back_and_the_payment_goes_on(door: Door) -> None:
    id_, ours = await door.challenged()
    answer = await door.back(ours)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/3d_secure/return?payment_intent=" + id_), "whatever the query said"
    assert await door.status(id_) == "succeeded"
    assert door.memory.returns == {ours: "eyJ0"}
    shown = await door.http.get(answer.headers["location"])
    assert shown.headers["location"].startswith("https://shop.example/done?payment_intent=" + id_)
    asked = [effect for effect in door.api.engine.gateway.performed if effect.operation == "authorize"]
    await door.back(ours)
    assert asked == [effect for effect in door.api.engine.gateway.performed if effect.operation == "authorize"]


async def test_whoever_brings_something_else_moves_nothing(door: Door) -> None:
    id_, ours = await door.challenged()
    for given, more in ((ours + "x", {}), ("", {}), (ours, {"redirectResult": ""}), (ours, {"redirectResult": "ä"})):
        assert (await door.back(given, **more)).status_code == 404
    assert (await door.http.get("/gateways/nobody/return")).status_code == 404
    assert await door.status(id_) == "requires_action"
    assert door.memory.returns == {}


async def test_a_buyer_is_asked_to_try_again_while_nothing_can_be_kept(door: Door) -> None:
    id_, ours = await door.challenged()
    door.memory.away = True
    assert (await door.back(ours)).status_code == 503
    assert await door.status(id_) == "requires_action"
    door.memory.away = False
    assert (await door.back(ours)).status_code == 303
    assert await door.status(id_) == "succeeded"


@pytest.mark.parametrize(("success", "status"), [("true", "succeeded"), ("false", "requires_payment_method")])
async def test_a_notification_is_kept_acknowledged_and_handed_over(door: Door, success: str, status: str) -> None:
    id_, _ = await door.challenged()
    if success == "false":
        door.api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    for _ in range(2):
        answer = await door.tell(merchantReference=f"{id_}/1/authorize", success=success)
        assert (answer.status_code, answer.text) == (202, "[accepted]")
    assert await door.status(id_) == "requires_action", "acknowledged before anything is done with it"
    await door.inbox.hand_over()
    if success == "false":
        assert await door.status(id_) == "requires_action", "a yes may follow"
        door.api.clock.now += FALSE_SETTLES_SECONDS
        door.elapsed += FALSE_SETTLES_SECONDS
        await door.inbox.hand_over()
    assert await door.status(id_) == status
    assert await door.memory.waiting("adyen", 10) == []


async def test_what_cannot_be_kept_is_told_again(door: Door) -> None:
    id_, _ = await door.challenged()
    door.memory.away = True
    assert (await door.tell(merchantReference=f"{id_}/1/authorize")).status_code == 503
    await door.inbox.hand_over()
    door.memory.away = False
    assert await door.memory.waiting("adyen", 10) == []


async def test_what_is_not_genuine_is_not_taken(door: Door) -> None:
    id_, _ = await door.challenged()
    told = await door.tell(merchantReference=f"{id_}/1/authorize", success="perhaps")
    assert told.status_code == 400
    http, path = door.http, "/gateways/adyen/notifications"
    assert (await http.post(path, content=b"{}")).status_code == 401
    assert (await http.post(path, content=b"{}", headers={"Authorization": BASIC})).status_code == 400
    large = {"Authorization": BASIC, "Content-Length": str(BODY_BYTES_MAX + 1)}
    assert (await http.post(path, content=b"x" * (BODY_BYTES_MAX + 1), headers=large)).status_code == 413
    assert door.memory.told == {}


async def test_news_that_nobody_has_a_use_for_are_put_aside(door: Door) -> None:
    assert (await door.tell(eventCode="REPORT_AVAILABLE")).status_code == 202
    assert (await door.tell(merchantReference="pi_none/1/authorize")).status_code == 202
    await door.inbox.hand_over()
    assert await door.memory.waiting("adyen", 10) == []


async def test_what_cannot_be_handed_over_now_is_tried_again_later_and_holds_up_nobody(door: Door) -> None:
    id_, _ = await door.challenged()
    door.quiet.away = True
    await door.tell(merchantReference=f"{id_}/1/authorize")
    await door.tell(eventCode="REPORT_AVAILABLE")
    await door.inbox.hand_over()
    (left,) = [told.event for told in await door.memory.waiting("adyen", 10)]
    assert left == "AUTHORISATION"
    door.quiet.away = False
    await door.inbox.hand_over()
    assert await door.status(id_) == "requires_action", "not at once"
    door.elapsed += 1.0
    await door.inbox.hand_over()
    assert await door.status(id_) == "succeeded"
    assert await door.memory.waiting("adyen", 10) == []


async def test_during_a_restore_everything_waits(door: Door) -> None:
    """A payment that the copy did not know was taken for none of ours, and what was told of it for handled."""
    id_, ours = await door.challenged()
    door.api.services.restoring.why = "the records know of sweep 7, and Temporal of 40"
    await door.tell(merchantReference=f"{id_}/1/authorize")
    await door.inbox.hand_over()
    assert len(await door.memory.waiting("adyen", 10)) == 1
    assert (await door.back(ours)).status_code == 503
    assert await door.status(id_) == "requires_action"
    door.api.services.restoring.why = None
    await door.inbox.hand_over()
    assert await door.status(id_) == "succeeded"
    assert await door.memory.waiting("adyen", 10) == []


async def test_nothing_is_handed_over_before_it_is_known_whether_there_is_a_restore(door: Door) -> None:
    id_, _ = await door.challenged()
    await door.tell(merchantReference=f"{id_}/1/authorize")
    running = asyncio.create_task(door.inbox.run())
    try:
        await asyncio.sleep(0)
        assert await door.status(id_) == "requires_action"
        door.api.services.opened.set()
        async with asyncio.timeout(60):
            while await door.status(id_) != "succeeded":
                await asyncio.sleep(0.01)
    finally:
        running.cancel()


async def test_what_is_put_off_takes_no_room(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are read at once were put off: what came after them was not even looked at, for days."""
    monkeypatch.setattr(gateway_news, "BATCH", 2)
    id_, _ = await door.challenged()
    door.quiet.away = True
    for number in range(4):
        await door.tell(merchantReference="pi_none/1/authorize", pspReference=f"OTHER{number}")
        await door.inbox.hand_over()
    door.api.engine.gateway.answers = [Declined(decline_code="authentication_required")]
    await door.tell(eventCode="OFFER_CLOSED", merchantReference=f"{id_}/1/authorize")
    await door.inbox.hand_over()
    assert await door.status(id_) == "requires_payment_method"
    assert len(await door.memory.waiting("adyen", 10)) == 4


async def test_a_payment_that_is_busy_keeps_no_other_waiting(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine waits for a payment for seconds; news of all others came after that."""
    free, about = asyncio.Event(), []

    async def hand_over(services: object, fact: dict[str, Any], gateway: str) -> bool:
        about.append(fact["payment_intent"])
        if fact["payment_intent"] == "pi_busy":
            await free.wait()
        else:
            free.set()
        return True

    monkeypatch.setattr(notifications, "hand_over", hand_over)
    for id_ in ("pi_busy", "pi_free"):
        await door.memory.begin(Request(
            gateway="adyen", key=f"{id_}/1/authorize", operation="authorize", intent=id_, url="", path="", body="",
            asked_at=1, outcome={"type": "authentication_required", "authentication": "a"},
        ))  # fmt: skip
        for event in ("AUTHORISATION", "OFFER_CLOSED"):
            await door.tell(merchantReference=f"{id_}/1/authorize", pspReference=f"OF{id_}", eventCode=event)
    async with asyncio.timeout(60):
        await door.inbox.hand_over()
    assert sorted(about) == ["pi_busy", "pi_busy", "pi_free", "pi_free"]
    assert await door.memory.waiting("adyen", 10) == []


async def test_who_has_waited_for_a_minute_waits_for_a_quarter_more(door: Door) -> None:
    door.quiet.away = True
    await door.tell(merchantReference="pi_none/1/authorize")
    tried = []
    heard = door.quiet.heard

    async def counted(notice: Notice) -> None:
        tried.append(door.elapsed)
        await heard(notice)

    door.quiet.heard = counted  # type: ignore[method-assign]
    while door.elapsed < 3_600:
        await door.inbox.hand_over()
        door.elapsed += 0.5
    for before, after in itertools.pairwise(tried):
        assert after - before <= max(1.0, before / 4, 0.5) + 0.5
        assert after - before <= 300
    assert len(tried) < 50, "and nobody is asked all the time"


async def test_one_that_breaks_us_holds_up_nobody(door: Door) -> None:
    id_, _ = await door.challenged()
    broken = next(iter(door.memory.requests.values()))
    await door.memory.begin(replace(broken, key="pi_x/1/authorize", outcome={"type": "authentication_required"}))
    await door.tell(merchantReference="pi_x/1/authorize", pspReference="OTHER")
    await door.tell(merchantReference=f"{id_}/1/authorize")
    await door.inbox.hand_over()
    assert await door.status(id_) == "succeeded"
    (left,) = await door.memory.waiting("adyen", 10)
    assert left.reference == "OTHER", "it is tried again, and said in the log"


async def test_what_nobody_takes_for_two_weeks_is_left_to_people(door: Door) -> None:
    await door.challenged()
    door.quiet.away = True
    await door.tell(merchantReference="pi_none/1/authorize")
    door.api.clock.now += KEPT_DAYS * 86_400
    await door.inbox.hand_over()
    assert await door.memory.waiting("adyen", 10) == []
