"""`make run` with an Adyen behind it: a storm of payments while Adyen errs, is silent, and loses what it has to tell.

The Adyen is ours (simulator/adyen), which is held to Adyen's specification elsewhere. What the engine says of each
payment is compared with Adyen's own book.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any, Self

import httpx
import pytest

from tests.e2e.conftest import SECRET, Running
from tests.support.patient import ANSWER_SECONDS

PAYMENTS = 32
AT_ONCE = 8
SECONDS_MAX = 240
TROUBLES = [
    {"trouble": "io_exception", "rate": 0.3}, {"trouble": "drop_after", "rate": 0.3},
    {"trouble": "no_connection", "rate": 0.4}, {"trouble": "busy", "rate": 0.3},
    {"trouble": "drop_before", "rate": 0.3}, {"trouble": "unavailable", "rate": 0.3},
]  # fmt: skip
NEWS = [[], ["twice"], ["shuffled", "lost"], ["late", "twice"]]
PAUSES = (0.2, 0.5, 1, 2, 4, *(8,) * 15)
"""Seconds between two tries of one request."""
ENDED = {"succeeded", "canceled", "requires_payment_method"}


@pytest.fixture(scope="module")
def adyen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running.prepare(tmp_path_factory.mktemp("adyen"))
    running.start(PERDURE_GATEWAYS="adyen=adyen?simulated=yes&raw_cards=yes")
    yield running
    running.stop()


class Shop:
    """A merchant who pays, captures, cancels and refunds, and repeats what was not answered."""

    def __init__(self, running: Running) -> None:
        self.http = httpx.AsyncClient(base_url=running.url, auth=(SECRET, ""), timeout=ANSWER_SECONDS)
        self.adyen = httpx.AsyncClient(base_url=running.simulator, timeout=ANSWER_SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.http.aclose()
        await self.adyen.aclose()

    async def post(self, path: str, key: str, **form: str) -> dict[str, Any]:
        for pause in PAUSES:
            answer = await self.http.post(path, data=form, headers={"Idempotency-Key": key})
            if answer.status_code < 500 and answer.status_code != 409:
                break
            await asyncio.sleep(pause)
        body: dict[str, Any] = answer.json()
        return body

    async def settled(self, id_: str) -> dict[str, Any]:
        """The payment once nothing about it is under way."""
        end = time.monotonic() + SECONDS_MAX
        while True:
            body: dict[str, Any] = (await self.http.get(f"/v1/payment_intents/{id_}?expand[]=latest_charge")).json()
            refunds = (await self.http.get(f"/v1/refunds?payment_intent={id_}")).json()["data"]
            pending = body["status"] == "processing" or any(each["status"] == "pending" for each in refunds)
            if not pending:
                return body | {"refunded": sum(each["amount"] for each in refunds if each["status"] == "succeeded")}
            assert time.monotonic() < end, f"{id_} is {body['status']}"
            await asyncio.sleep(0.3)

    async def buy(self, number: int) -> str:
        """One payment, to its end."""
        card = "pm_card_visa" if number % 6 else "pm_card_mastercard"
        manual = number % 2 == 0
        form = {"amount": str(1_000 + number), "currency": "eur", "payment_method": card, "confirm": "true"}
        form |= {"capture_method": "manual" if manual else "automatic", "allowed_payment_method_types[]": "card"}
        made = await self.post("/v1/payment_intents", f"buy-{number}", **form)
        id_ = str(made.get("id") or made["error"]["payment_intent"]["id"])
        before = await self.settled(id_)
        if before["status"] == "requires_capture":
            what = "cancel" if number % 4 == 0 else "capture"
            await self.post(f"/v1/payment_intents/{id_}/{what}", f"{what}-{number}")
            before = await self.settled(id_)
        if before["status"] == "succeeded" and number % 3 == 0:
            await self.post("/v1/refunds", f"refund-{number}", payment_intent=id_, amount="400")
        await self.settled(id_)
        return id_


async def mischief(shop: Shop, done: asyncio.Event) -> None:
    """Something else goes wrong every second."""
    for number, trouble, news in zip(itertools.count(), itertools.cycle(TROUBLES), itertools.cycle(NEWS), strict=False):
        faults = {**trouble, "news": news, "p50_ms": 20, "p99_ms": 300, "seed": number}
        await shop.adyen.post("/_faults", json=faults)
        try:
            async with asyncio.timeout(1):
                await done.wait()
        except TimeoutError:
            continue
        break
    await shop.adyen.delete("/_faults")


@pytest.mark.timeout(900)
async def test_a_storm_over_adyen_ends_with_two_books_that_agree(adyen: Running) -> None:
    async with Shop(adyen) as shop:
        await storm_over(shop)


async def storm_over(shop: Shop) -> None:
    done, gate = asyncio.Event(), asyncio.Semaphore(AT_ONCE)

    async def buyer(number: int) -> str:
        async with gate:
            return await shop.buy(number)

    storm = asyncio.create_task(mischief(shop, done))
    try:
        ids = await asyncio.gather(*(buyer(number) for number in range(PAYMENTS)))
    finally:
        done.set()
        await storm
    ours = {id_: await shop.settled(id_) for id_ in ids}
    theirs: dict[str, list[dict[str, Any]]] = {}
    for payment in (await shop.adyen.get("/_payments")).json():
        theirs.setdefault(payment["reference"].partition("/")[0], []).append(payment)
    wrong = []
    for id_, told in ours.items():
        captured = sum(payment["captured"] for payment in theirs.get(id_, []))
        refunded = sum(payment["refunded"] for payment in theirs.get(id_, []))
        held = sum(payment["held"] for payment in theirs.get(id_, []))
        said = (told["amount_received"], told["refunded"], told["amount_capturable"])
        if told["status"] not in ENDED or said != (captured, refunded, held) or len(theirs.get(id_, [])) > 1:
            wrong.append((id_, told["status"], said, (captured, refunded, held)))
    assert wrong == []
    assert {told["status"] for told in ours.values()} >= {"succeeded", "canceled"}
