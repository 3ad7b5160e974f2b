"""A merchant who pays, raises, captures, cancels and refunds, and repeats what was not answered under the same key."""

import asyncio
import random  # noqa: TID251
from collections.abc import Mapping
from typing import Any

import httpx

from tests.e2e.conftest import SECRET

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, *(8.0,) * 20)
KNOWN_SECONDS_MAX = 20.0
"""So long a payment that is `processing` is waited for, before its life goes on as it is."""

DECLINED_SHARE, MANUAL_SHARE, RAISED_SHARE, REFUNDED_SHARE = 0.15, 0.7, 0.5, 0.6
PART = 700
DECLINED = {"payment_method": "pm_card_visa_chargeDeclined"}


class Unanswered(AssertionError):
    """A request was repeated for minutes, in vain."""


class Merchant:
    """One, for all payments of a run."""

    def __init__(self, url: str, seed: int, declined: Mapping[str, str] = DECLINED) -> None:
        """At this engine; the seed decides what becomes of each payment. `declined` is a card of that kind."""
        self._seed, self._declined = seed, declined
        limits = httpx.Limits(max_connections=None)
        self._http = httpx.AsyncClient(base_url=url, auth=(SECRET, ""), timeout=60, limits=limits)

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, path: str, key: str, **form: Any) -> dict[str, Any]:
        """The answer, once there is one.

        Raises:
            Unanswered: there never was.
        """
        for pause in PAUSES:
            try:
                answer = await self._http.post(path, data=form, headers={"Idempotency-Key": key})
                if answer.status_code < 500 and answer.status_code not in (409, 429):
                    body: dict[str, Any] = answer.json()
                    return body
            except httpx.TransportError:
                # The API has just died.
                await asyncio.sleep(pause)
                continue
            await asyncio.sleep(pause)
        raise Unanswered(f"{path} under {key}")

    async def known(self, id_: str) -> str:
        """Its status once that is not `processing`, or as it is after a while."""
        status, end = "processing", asyncio.get_running_loop().time() + KNOWN_SECONDS_MAX
        while status == "processing" and asyncio.get_running_loop().time() < end:
            try:
                shown = await self._http.get(f"/v1/payment_intents/{id_}")
                status = shown.json().get("status", status)
            except httpx.TransportError:
                end += 0.5
            await asyncio.sleep(0.2)
        return status

    async def live(self, number: int) -> None:
        """One payment's life; what is refused on its way is refused."""
        dice = random.Random(self._seed * 1_000_003 + number)
        manual, key = dice.random() < MANUAL_SHARE, f"{self._seed}-{number}"
        # Networks count declines of one card and amount: no two payments are of the same.
        amount = 2_000 + number
        form: dict[str, Any] = {"amount": amount, "currency": "usd", "confirm": "true"}
        form |= self._declined if dice.random() < DECLINED_SHARE else {"payment_method": "pm_card_visa"}
        form |= {"allowed_payment_method_types[]": "card", "capture_method": "manual" if manual else "automatic"}
        if manual and dice.random() < RAISED_SHARE:
            form["payment_method_options[card][request_incremental_authorization]"] = "if_available"
        made = await self.post("/v1/payment_intents", f"{key}-0", **form)
        id_ = made.get("id") or made["error"].get("payment_intent", {}).get("id")
        assert id_, made
        path = f"/v1/payment_intents/{id_}"
        if await self.known(id_) == "requires_payment_method":
            await self.post(f"{path}/confirm", f"{key}-1", payment_method="pm_card_visa")
        if manual and await self.known(id_) == "requires_capture":
            await self._rivals(path, key, amount, dice)
            if await self.known(id_) == "requires_capture":
                await self.post(f"{path}/capture", f"{key}-2")
        if await self.known(id_) == "succeeded" and dice.random() < REFUNDED_SHARE:
            await self.post("/v1/refunds", f"{key}-3", payment_intent=id_, amount=300)
            await self.post("/v1/refunds", f"{key}-4", payment_intent=id_, amount=dice.choice([100, amount - 300]))

    async def _rivals(self, path: str, key: str, amount: int, dice: random.Random) -> None:
        """Two at the same moment, of which one may be refused."""
        rivals: list[tuple[str, dict[str, Any]]] = [
            ("capture", {}), ("capture", {"amount_to_capture": PART}), ("cancel", {}),
            ("increment_authorization", {"amount": amount + 500}),
        ]  # fmt: skip
        chosen = dice.sample(rivals, 2)
        await asyncio.gather(*(self.post(f"{path}/{verb}", f"{key}-{verb}-{form}", **form) for verb, form in chosen))
