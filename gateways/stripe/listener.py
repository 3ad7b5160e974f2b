"""Where Stripe's webhooks come in. An event says that something has happened; what, is looked up at Stripe.

So nothing is made of what an event carries, and an old event cannot say what is no longer so.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from domain.model.gateway_dealings import Notice
from domain.model.hashes import JsonObject
from domain.webhooks import genuine
from gateways.listening import Fact, Returned
from gateways.memory import Memory
from gateways.stripe.account import StripeAccount
from gateways.stripe.gateway import StripeGateway
from gateways.stripe.requests import Call

TEXT_CHARACTERS_MAX = 200
PATHS = {"payment_intent": "/v1/payment_intents", "setup_intent": "/v1/setup_intents", "refund": "/v1/refunds",
         "dispute": "/v1/disputes"}  # fmt: skip
"""Where an object of an event is looked up. Others are of no use here."""

ENDED = {
    "payment_intent.succeeded": True, "payment_intent.amount_capturable_updated": True, "setup_intent.succeeded": True,
    "payment_intent.payment_failed": False, "setup_intent.setup_failed": False,
}  # fmt: skip
"""Events of a payment, or a setup, that may have waited for its buyer, or for a bank: whether it went on."""


class StripeListener:
    """Of one account."""

    def __init__(
        self, account: StripeAccount, gateway: StripeGateway, memory: Memory, clock: Callable[[], float]
    ) -> None:
        """Keep in `memory`, look up by `gateway`."""
        self._account, self._gateway, self._memory, self._clock = account, gateway, memory, clock

    async def hear(self, headers: Mapping[str, str], body: bytes) -> int:
        """Keep what was told; the HTTP status to answer with. Twice is once.

        Raises:
            RecordsUnavailable: it is not kept. It is to be told again.
        """
        now, parts = int(self._clock()), headers.get("stripe-signature", "").split(",")
        # Test events are signed by an older scheme as well (v0), which proves nothing.
        signature = ",".join(part for part in parts if part.startswith(("t=", "v1=")))
        if not any(genuine(secret, signature, body, now) for secret in self._account.webhook_secrets):
            return 401
        try:
            event = orjson.loads(body)
            about, id_, type_ = event["data"]["object"], event["id"], event["type"]
            kind, object_ = about["object"], about["id"]
        except (ValueError, KeyError, TypeError):
            return 400
        if kind in PATHS and all(isinstance(each, str) for each in (id_, type_, object_)):
            name = self._account.name
            told = Notice(
                gateway=name, event=type_[:TEXT_CHARACTERS_MAX], succeeded=True, reference=id_[:TEXT_CHARACTERS_MAX],
                original=object_[:TEXT_CHARACTERS_MAX], ours=kind, received_at=now,
            )  # fmt: skip
            await self._memory.notice(told)
        return 202

    async def come_back(self, query: Mapping[str, str]) -> Returned | None:
        """Whose payment a buyer comes back to: Stripe says which of its own, and what only they can know of it.

        Raises:
            GatewayError: it could not be looked up.
        """
        for kind in ("payment_intent", "setup_intent"):
            id_, secret = query.get(kind, ""), query.get(f"{kind}_client_secret", "")
            if not id_.isascii() or not id_.replace("_", "").isalnum() or not secret:
                continue
            found = await self._found(kind, id_)
            intent = ((found or {}).get("metadata") or {}).get("perdure_intent")
            if found is not None and intent and found.get("client_secret") == secret:
                return Returned(intent=str(intent), authentication=id_)
        return None

    async def waiting(self, most: int) -> list[Notice]:
        """What the engine has not been told of yet, oldest first."""
        return await self._memory.waiting(self._account.name, most)

    async def handled(self, told: Notice) -> None:
        """The engine has it, or has no use for it."""
        await self._memory.handled(told)

    async def fact(self, told: Notice) -> Fact | None:
        """What it means, as it stands at Stripe now; None if there is nothing in it for the engine.

        Raises:
            GatewayError: it could not be looked up.
        """
        found = await self._found(told.ours, told.original)
        if found is None:
            return None
        if told.ours == "dispute":
            return await self._disputed(found)
        metadata = found.get("metadata") or {}
        intent = metadata.get("perdure_intent")
        if not intent:
            return None
        if told.ours == "refund":
            return _refunded(found, metadata)
        if told.event not in ENDED:
            return None
        # Whether the buyer was believed is asked again by the effect that follows, which looks at the payment.
        about = {"payment_intent": intent, "authentication": told.original, "authenticated": ENDED[told.event]}
        return {"type": "authentication", **about, "or_settled": told.reference}

    async def _disputed(self, dispute: Mapping[str, Any]) -> Fact | None:
        payment = await self._found("payment_intent", str(dispute.get("payment_intent") or ""))
        metadata = (payment or {}).get("metadata") or {}
        if not metadata.get("perdure_intent") or not isinstance(dispute.get("status"), str):
            return None
        if dispute["status"] == "prevented":
            # It has been settled before it became one: nothing was taken.
            return None
        about = {"payment_intent": metadata["perdure_intent"], "charge": metadata.get("perdure_charge")}
        told = {"type": "dispute", **about, "reason": dispute.get("reason"), "status": dispute["status"]}
        # No answers are given to it from here, so it has no name: but its news are not those of another one.
        told |= {"id": dispute.get("id") or ""}
        return told | {"amount": dispute.get("amount"), "currency": dispute.get("currency") or ""}

    async def _found(self, kind: str, id_: str) -> JsonObject | None:
        return await self._gateway.found(Call("GET", f"{PATHS[kind]}/{id_}")) if id_ else None


def _refunded(refund: Mapping[str, Any], metadata: Mapping[str, Any]) -> Fact | None:
    status = refund.get("status")
    if status not in ("succeeded", "failed", "canceled"):
        return None
    about = {"payment_intent": metadata["perdure_intent"], "refund": metadata.get("perdure_refund")}
    failed = {} if status == "succeeded" else {"failure_reason": refund.get("failure_reason") or "unknown"}
    return {"type": "refund", **about, "succeeded": status == "succeeded", **failed}
