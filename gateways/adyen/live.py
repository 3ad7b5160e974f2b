"""`make adyen-live`: harmless questions to an Adyen test account of yours, and a report of what answered as expected.

Everything that this engine believes of Adyen is written down from what Adyen publishes; none of it was ever seen. This
is how somebody who has an account finds out. Only Adyen's test system is asked: no card is charged there.
"""

import json
import secrets  # noqa: TID251
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp

from domain.model.hashes import JsonObject
from gateways.adyen.account import TEST_URL

HARMLESS = (TEST_URL.removesuffix("/v72"), "http://127.0.0.1", "http://localhost")
TIMEOUT_SECONDS = 40.0
CARD = {
    "type": "scheme", "encryptedCardNumber": "test_4111111111111111", "encryptedExpiryMonth": "test_03",
    "encryptedExpiryYear": "test_2030", "encryptedSecurityCode": "test_737",
}  # fmt: skip
CHALLENGED = CARD | {"encryptedCardNumber": "test_4212345678910006"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body and the two headers that matter."""

    status: int
    body: JsonObject
    transient: str | None
    key: str | None

    def brief(self) -> JsonObject:
        """What a report shows of it: no card, and nothing of the account."""
        names = ("resultCode", "refusalReasonCode", "refusalReason", "status", "errorCode", "errorType", "message")
        said = {name: self.body[name] for name in names if name in self.body}
        return {"http": self.status, "transient-error": self.transient, "idempotency-key": self.key is not None, **said}


@dataclass(slots=True)
class Finding:
    """One check: what was expected, what was seen, and whether that is the same."""

    name: str
    expected: str
    matched: bool = False
    seen: list[JsonObject] = field(default_factory=list)
    trouble: str = ""


class Live:
    """Asks one account."""

    def __init__(self, url: str, merchant: str, api_key: str) -> None:
        """Of the test system alone.

        Raises:
            ValueError: the address is not one where nothing can be charged.
        """
        if not url.startswith(HARMLESS):
            raise ValueError(f"{url} is not Adyen's test system: nothing is asked there")
        self._url, self._merchant, self._api_key = url.rstrip("/"), merchant, api_key
        self._run = secrets.token_hex(6)
        self._seen: list[JsonObject] = []

    async def ask(
        self, path: str, body: Mapping[str, Any], key: str | None = None, method: str = "POST", api_key: str = ""
    ) -> Answer:
        """One request; what was answered is noted for the report."""
        headers = {"X-API-Key": api_key or self._api_key, "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": f"{self._run}-{key}"} if key else {}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        sent = {"merchantAccount": self._merchant, **body} if method == "POST" and path != "/payments/details" else body
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.request(method, self._url + path, headers=headers, data=json.dumps(sent)) as said,
        ):
            text = await said.text()
            told = json.loads(text) if text.strip() else {}
            answer = Answer(
                said.status,
                told if isinstance(told, dict) else {},
                said.headers.get("transient-error"),
                said.headers.get("Idempotency-Key"),
            )
        self._seen.append(answer.brief())
        return answer

    def payment(self, name: str, **more: Any) -> JsonObject:
        """A payment of ten euros, held and not taken."""
        data = {"manualCapture": "true", **more.pop("additionalData", {})}
        return {
            "reference": f"perdure.live.{self._run}.{name}", "amount": {"currency": "EUR", "value": 1_000},
            "returnUrl": "https://example.com/", "paymentMethod": CARD, "shopperInteraction": "Ecommerce",
            "additionalData": data, **more,
        }  # fmt: skip

    async def findings(self) -> list[Finding]:
        """Every check, one after the other; one that breaks does not keep the others from being made."""
        found = []
        for name, (expected, check) in CHECKS.items():
            finding = Finding(name, expected)
            self._seen = finding.seen
            try:
                finding.matched = await check(self)
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                finding.trouble = f"{type(error).__name__}: {error}"[:300]
            found.append(finding)
        return found


async def _known(live: Live) -> bool:
    return (await live.ask("/cardDetails", {"cardNumber": "411111"})).status == 200


async def _stranger(live: Live) -> bool:
    return (await live.ask("/cardDetails", {"cardNumber": "411111"}, api_key="not a key")).status == 401


async def _held(live: Live) -> bool:
    answer = await live.ask("/payments", live.payment("held"), "held")
    return answer.body.get("resultCode") == "Authorised" and bool(answer.body.get("pspReference"))


async def _again(live: Live) -> bool:
    first = await live.ask("/payments", live.payment("held"), "held")
    second = await live.ask("/payments", live.payment("held"), "held")
    return first.body["pspReference"] == second.body["pspReference"] and second.key is not None


async def _modified(live: Live) -> bool:
    psp = (await live.ask("/payments", live.payment("held"), "held")).body["pspReference"]
    part = {"amount": {"currency": "EUR", "value": 600}, "reference": f"perdure.live.{live._run}.capture"}
    taken = await live.ask(f"/payments/{psp}/captures", part, "capture")
    back = await live.ask(f"/payments/{psp}/refunds", part | {"reference": "perdure.live.refund"}, "refund")
    return all(each.status == 201 and each.body["status"] == "received" for each in (taken, back))


async def _canceled(live: Live) -> bool:
    payment = live.payment("canceled")
    await live.ask("/payments", payment, "canceled")
    answer = await live.ask("/cancels", {"paymentReference": payment["reference"]}, "cancel")
    return answer.status == 201 and answer.body["status"] == "received"


async def _unknown_reference(live: Live) -> bool:
    answer = await live.ask("/cancels", {"paymentReference": f"perdure.live.{live._run}.nobody"}, "nobody")
    return answer.status == 201


async def _refused(live: Live) -> bool:
    asked = live.payment("refused", additionalData={"RequestedTestAcquirerResponseCode": "12"})
    answer = await live.ask("/payments", asked, "refused")
    return (answer.body.get("resultCode"), answer.body.get("refusalReasonCode")) == ("Refused", "12")


async def _not_sent(live: Live) -> bool:
    asked = live.payment("not_sent", additionalData={"RequestedTestErrorResponseCode": "NO_CONNECTION_AVAILABLE"})
    return (await live.ask("/payments", asked, "not_sent")).transient == "true"


async def _kept(live: Live) -> bool:
    asked = live.payment("kept", additionalData={"RequestedTestErrorResponseCode": "IOEXCEPTION_RECEIVED"})
    first, second = await live.ask("/payments", asked, "kept"), await live.ask("/payments", asked, "kept")
    return first.status == second.status >= 500 and "true" not in (first.transient, second.transient)


async def _redirected(live: Live) -> bool:
    three = {"threeDSRequestData": {"nativeThreeDS": "disabled"}, "attemptAuthentication": "always"}
    asked = live.payment("redirected", paymentMethod=CHALLENGED, channel="Web", authenticationData=three)
    answer = await live.ask("/payments", asked, "redirected")
    return answer.body.get("resultCode") == "RedirectShopper" and answer.body["action"].get("method") == "GET"


async def _senseless(live: Live) -> bool:
    answer = await live.ask("/payments", live.payment("senseless", returnUrl=""), "senseless")
    return answer.status == 422 and answer.transient != "true"


async def _stored(live: Live) -> bool:
    shopper = f"perdure{live._run}"
    asked = {"paymentMethod": CARD, "recurringProcessingModel": "CardOnFile", "shopperReference": shopper}
    stored = await live.ask("/storedPaymentMethods", asked)
    method = {"type": "scheme", "storedPaymentMethodId": stored.body["id"]}
    again = live.payment(
        "stored", paymentMethod=method, shopperReference=shopper, shopperInteraction="ContAuth",
        recurringProcessingModel="UnscheduledCardOnFile", amount={"currency": "EUR", "value": 0},
    )  # fmt: skip
    paid = await live.ask("/payments", again, "stored")
    query = f"?shopperReference={shopper}&merchantAccount={live._merchant}"
    gone = await live.ask(f"/storedPaymentMethods/{stored.body['id']}{query}", {}, method="DELETE")
    return paid.body.get("resultCode") == "Authorised" and gone.status == 204


Check = Callable[[Live], Awaitable[bool]]
CHECKS: dict[str, tuple[str, Check]] = {
    "the account is known": ("200 to POST /cardDetails", _known),
    "a wrong key is refused": ("401", _stranger),
    "a hold": ("resultCode Authorised and a pspReference", _held),
    "the same key again": ("the same pspReference, and the key in the answer's header", _again),
    "a capture and a refund are taken on": ("201, status received, both", _modified),
    "a cancel by our own reference": ("201, status received", _canceled),
    "a cancel of what nobody knows": ("201: whether it is false is told by notification", _unknown_reference),
    "a refusal": ("Refused with refusalReasonCode 12", _refused),
    "an error in which nothing was done": ("transient-error: true", _not_sent),
    "an error that is kept under the key": ("the same again, and no transient-error: true", _kept),
    "3-D Secure by redirect": ("RedirectShopper, by GET", _redirected),
    "a request that makes no sense": ("422 without transient-error: true", _senseless),
    "a card is stored, charged nothing, and deleted": ("Authorised, then 204", _stored),
}
"""What is looked at, in this order."""


def report(findings: list[Finding]) -> JsonObject:
    """What is written to the file."""
    matched = sum(finding.matched for finding in findings)
    return {"matched": matched, "of": len(findings), "checks": [asdict(finding) for finding in findings]}
