"""Where notifications come in: who may tell, what is kept, what it means, and what is never believed."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from domain.model.gateway_dealings import Notice, Request
from gateways.adyen.disputes import REASONS, reason
from gateways.adyen.facts import fact
from gateways.adyen.keys import authentication_id
from gateways.adyen.listener import RETURN_CHARACTERS_MAX, AdyenListener
from gateways.adyen.news import FALSE_SETTLES_SECONDS
from gateways.adyen.notifications import signature
from gateways.base import GatewayUndecided
from gateways.listening import Fact, Returned
from tests.gateways.adyen.effects import ACCOUNT, PSP
from tests.support.memory import ProcessMemory

BASIC = "Basic " + base64.b64encode(ACCOUNT.basic.encode()).decode()
ADMITTED = {"authorization": BASIC}
KEY = ACCOUNT.hmac_keys[0]


class Deaf:
    """A gateway that is told of what was heard."""

    def __init__(self) -> None:
        self.told: list[Notice] = []

    async def heard(self, notice: Notice) -> None:
        self.told.append(notice)


def item(**more: Any) -> dict[str, Any]:
    told = {
        "eventCode": "CAPTURE", "success": "true", "pspReference": "MOD1", "originalReference": PSP,
        "merchantAccountCode": ACCOUNT.merchant, "merchantReference": "pi_1/1/capture/1",
        "amount": {"currency": "EUR", "value": 400}, "reason": "", **more,
    }  # fmt: skip
    return told | {"additionalData": {"hmacSignature": signature(told, KEY)}}


def body(*items: dict[str, Any]) -> bytes:
    told = [{"NotificationRequestItem": each} for each in items]
    return json.dumps({"live": "false", "notificationItems": told}).encode()


@pytest.fixture
def memory() -> ProcessMemory:
    return ProcessMemory()


@pytest.fixture
def listener(memory: ProcessMemory) -> AdyenListener:
    return AdyenListener(ACCOUNT, Deaf(), memory, lambda: 5.0)  # type: ignore[arg-type]


async def test_what_is_genuine_is_kept_and_twice_is_once(listener: AdyenListener, memory: ProcessMemory) -> None:
    for _ in range(2):
        assert await listener.hear(ADMITTED, body(item(), item(pspReference="MOD2"))) == 202
    (one, other) = await listener.waiting(10)
    assert (one.reference, one.original, one.amount, one.currency, one.received_at) == ("MOD1", PSP, 400, "eur", 5)
    assert other.reference == "MOD2"
    await listener.handled(one)
    assert await listener.waiting(10) == [other]


@pytest.mark.parametrize(
    ("header", "told", "status"),
    [
        ("", body(item()), 401),
        (BASIC + "x", body(item()), 401),
        (BASIC, body(item(), item() | {"success": "false"}), 401),
        (BASIC, body({**item(), "additionalData": {}}), 401),
        (BASIC, b"{}", 400),
        (BASIC, body(item(success="perhaps")), 400),
    ],
)
async def test_nothing_else_is(
    listener: AdyenListener, memory: ProcessMemory, header: str, told: bytes, status: int
) -> None:
    assert await listener.hear({"authorization": header}, told) == status
    assert memory.told == {}, "of a batch with one that is not genuine, none is kept"


async def test_an_event_nobody_knows_is_kept_too(listener: AdyenListener) -> None:
    """Refused, it would hold up all that come after it."""
    assert await listener.hear(ADMITTED, body(item(eventCode="SOMETHING_NEW"))) == 202
    (told,) = await listener.waiting(10)
    assert await listener.fact(told) is None


async def test_what_a_buyer_brings_is_kept_if_it_is_ours(listener: AdyenListener, memory: ProcessMemory) -> None:
    ours = authentication_id(ACCOUNT.key_secret, "pi_1/1/authorize")
    back = Returned(intent="pi_1", authentication=ours)
    assert await listener.come_back({"authentication": ours, "redirectResult": "eyJ0"}) == back
    assert await listener.come_back({"authentication": ours, "redirectResult": "another"}) == back
    assert memory.returns == {ours: "eyJ0"}, "the first counts"
    for given, result in (
        ("pi_1.1.authorize.x", "r"),
        ("", "r"),
        (ours, ""),
        (ours, "x" * (RETURN_CHARACTERS_MAX + 1)),
    ):
        assert await listener.come_back({"authentication": given, "redirectResult": result}) is None
    assert await listener.come_back({}) is None
    assert len(memory.returns) == 1


PAYMENT = Request(
    gateway="adyen", key="pi_1/1/authorize", operation="authorize", intent="pi_1", url="", path="", body="",
    asked_at=1, charge="ch_1", reference=PSP, outcome={"type": "approved"},
)  # fmt: skip
TAKEN_ON = {"type": "accepted", "reference": "MOD1"}
CAPTURE = replace(PAYMENT, key="pi_1/1/capture/1", operation="capture", reference="MOD1", outcome=TAKEN_ON)
VOID = replace(PAYMENT, key="pi_1/1/void", operation="void", reference="MOD1", outcome=TAKEN_ON)
RAISE = replace(PAYMENT, key="pi_1/1/increment/1", operation="increment", reference="MOD1", outcome=TAKEN_ON)
REFUND = replace(PAYMENT, key="pi_1/1/refund/1", operation="refund", refund="re_1", reference="MOD1", outcome=TAKEN_ON)
WAITING = replace(PAYMENT, outcome={"type": "authentication_required", "authentication": "a1"})
PENDING = replace(PAYMENT, outcome={"type": "accepted", "reference": PSP})


def told(event: str, succeeded: bool = True, **more: Any) -> Notice:
    notice = Notice(
        gateway="adyen", event=event, succeeded=succeeded, reference="MOD1", original=PSP, amount=400, currency="eur"
    )
    return replace(notice, **more)


def modified(operation: str, succeeded: bool, **more: Any) -> Fact:
    about = {"type": "modification", "payment_intent": "pi_1", "charge": "ch_1", "reference": "MOD1"}
    return {**about, "operation": operation, "succeeded": succeeded, **more}


AUTHENTICATED: Fact = {
    "type": "authentication",
    "payment_intent": "pi_1",
    "authentication": "a1",
    "authenticated": True,
}
SETTLED: Fact = {"type": "settlement", "payment_intent": "pi_1", "charge": "ch_1"}
REFUNDED: Fact = {
    "type": "refund",
    "payment_intent": "pi_1",
    "refund": "re_1",
    "succeeded": True,
    "failure_reason": None,
}
DISPUTED: Fact = {"type": "dispute", "payment_intent": "pi_1", "charge": "ch_1", "reason": "fraudulent",
                  "amount": 400, "currency": "eur", "id": "MOD1"}  # fmt: skip
UNSAID: Fact = {"type": "dispute", "payment_intent": "pi_1", "charge": "ch_1", "reason": "general", "id": "MOD1",
                "status": "needs_response"}  # fmt: skip
BY_CARDHOLDER: dict[str, Any] = {"unsigned": {"chargebackReasonCode": "10.4"}}

FACTS: list[tuple[Notice, Request | None, Request | None, Fact | None]] = [
    (told("AUTHORISATION"), WAITING, None, AUTHENTICATED),
    (told("AUTHORISATION", False), WAITING, None, AUTHENTICATED),
    (told("OFFER_CLOSED"), WAITING, None, AUTHENTICATED),
    (told("AUTHORISATION"), PENDING, None, SETTLED),
    (told("AUTHORISATION", False), PENDING, None, SETTLED),
    (told("AUTHORISATION"), PAYMENT, None, None),
    (told("AUTHORISATION"), None, None, None),
    (told("AUTHORISATION", False), replace(PAYMENT, outcome={"type": "declined"}), None, None),
    (told("CAPTURE"), CAPTURE, PAYMENT, modified("capture", True, amount=400)),
    (told("CAPTURE", False), CAPTURE, PAYMENT, modified("capture", False, amount=400)),
    (told("CAPTURE_FAILED"), CAPTURE, PAYMENT, modified("capture", False, amount=400, after_all=True)),
    (told("CAPTURE_FAILED"), None, PAYMENT, modified("capture", False, amount=400, after_all=True, reference="")),
    (told("CAPTURE"), None, PAYMENT, None),
    (
        told("CAPTURE"),
        replace(CAPTURE, outcome={"type": "approved"}),
        PAYMENT,
        modified("capture", True, amount=400, answered=True),
    ),
    (
        told("CAPTURE", False),
        replace(CAPTURE, outcome={"type": "declined"}),
        PAYMENT,
        modified("capture", False, amount=400, answered=True),
    ),
    (told("REFUND"), replace(REFUND, outcome={"type": "approved"}), PAYMENT, REFUNDED),
    (
        told("CAPTURE_FAILED"),
        replace(CAPTURE, outcome={"type": "approved"}),
        PAYMENT,
        modified("capture", False, amount=400, after_all=True),
    ),
    (told("CANCELLATION"), VOID, PAYMENT, modified("void", True)),
    (told("TECHNICAL_CANCEL", False), VOID, PAYMENT, modified("void", False)),
    (told("TECHNICAL_CANCEL"), replace(VOID, operation="end"), PAYMENT, None),
    (told("CANCEL_OR_REFUND"), replace(VOID, operation="stray"), PAYMENT, None),
    (told("AUTHORISATION_ADJUSTMENT"), RAISE, PAYMENT, modified("increment", True)),
    (told("REFUND"), REFUND, PAYMENT, REFUNDED),
    (told("REFUND", False), REFUND, PAYMENT, REFUNDED | {"succeeded": False, "failure_reason": "declined"}),
    (told("REFUND_FAILED"), REFUND, PAYMENT, REFUNDED | {"succeeded": False, "failure_reason": "unknown"}),
    (told("REFUNDED_REVERSED"), REFUND, PAYMENT, REFUNDED | {"succeeded": False, "failure_reason": "unknown"}),
    (told("REFUND"), None, PAYMENT, None),
    (told("EXPIRE", original="", reference=PSP), PAYMENT, PAYMENT, modified("expiry", True, reference="")),
    (told("EXPIRE"), None, None, None),
    (told("CHARGEBACK", **BY_CARDHOLDER), None, PAYMENT, DISPUTED | {"status": "needs_response"}),
    (told("NOTIFICATION_OF_CHARGEBACK", **BY_CARDHOLDER), None, PAYMENT, DISPUTED | {"status": "needs_response"}),
    (told("REQUEST_FOR_INFORMATION", **BY_CARDHOLDER), None, PAYMENT, DISPUTED | {"status": "warning_needs_response"}),
    (told("CHARGEBACK", amount=0, currency=""), None, PAYMENT, UNSAID),
    (told("CHARGEBACK"), None, None, None),
    (told("INFORMATION_SUPPLIED"), None, PAYMENT, None),
    (told("DISPUTE_DEFENSE_PERIOD_ENDED"), None, PAYMENT, None),
    (told("REPORT_AVAILABLE"), PAYMENT, PAYMENT, None),
]


@pytest.mark.parametrize(("notice", "asked", "payment", "expected"), FACTS)
def test_what_each_event_means(
    notice: Notice, asked: Request | None, payment: Request | None, expected: Fact | None
) -> None:
    assert fact(notice, asked, payment) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [(" 4853", "general"), ("4837", "fraudulent"), ("13.1", "product_not_received"), ("12.6.1", "duplicate"),
     ("", "general"), ("502", "general"), ("C02", "credit_not_processed")],
)  # fmt: skip
def test_reasons_of_disputes(code: str, expected: str) -> None:
    assert reason(told("CHARGEBACK", unsigned={"chargebackReasonCode": code})) == expected


def test_every_reason_is_one_of_stripes() -> None:
    names = {
        "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized",
        "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant",
        "product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized",
    }  # fmt: skip
    assert {name for _, name in REASONS} <= names


async def test_what_was_asked_is_found_by_either_name(listener: AdyenListener, memory: ProcessMemory) -> None:
    for request in (PAYMENT, replace(CAPTURE, reference="", outcome=None)):
        await memory.begin(request)
    await listener.hear(ADMITTED, body(item()))
    (notice,) = await listener.waiting(1)
    expected = modified("capture", True, amount=400)
    assert await listener.fact(notice) == expected, "by our own reference: the answer has not been read yet"
    await memory.learn(CAPTURE)
    assert await listener.fact(notice) == expected


@pytest.mark.parametrize(("asked", "expected"), [(WAITING, AUTHENTICATED), (PENDING, SETTLED)])
async def test_a_no_that_may_not_be_the_last_word_is_not_told_yet(
    memory: ProcessMemory, asked: Request, expected: Fact
) -> None:
    now = [5.0]
    listener = AdyenListener(ACCOUNT, Deaf(), memory, lambda: now[0])  # type: ignore[arg-type]
    await memory.begin(asked)
    no = item(eventCode="AUTHORISATION", success="false", pspReference=PSP, originalReference="", merchantReference="")
    await listener.hear(ADMITTED, body(no))
    (notice,) = await listener.waiting(1)
    for now[0] in (5.0, 4.0 + FALSE_SETTLES_SECONDS):
        with pytest.raises(GatewayUndecided):
            await listener.fact(notice)
    yes = replace(notice, succeeded=True)
    assert await listener.fact(yes) == expected, "a yes is told at once"
    now[0] = 5.0 + FALSE_SETTLES_SECONDS
    assert await listener.fact(notice) == expected


async def test_news_of_a_payment_that_went_on_after_an_authentication_are_about_the_attempt_that_did(
    listener: AdyenListener, memory: ProcessMemory
) -> None:
    await memory.begin(WAITING)
    went_on = replace(PENDING, key="pi_1/2/authorize", charge="ch_2", asked_at=2)
    await memory.begin(went_on)
    notice = told("AUTHORISATION", original="", reference=PSP, ours="pi_1/1/authorize")
    assert await listener.fact(notice) == SETTLED | {"charge": "ch_2"}
    disputed = await listener.fact(told("CHARGEBACK"))
    assert disputed is not None
    assert disputed["charge"] == "ch_2"
