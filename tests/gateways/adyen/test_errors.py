"""Adyen's errors: every row of the table, what the engine does next, and what must never be taken for a no."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.payments import PaymentActivities
from contracts.messages import Work
from domain.machine.fence import Recorded
from domain.model.commands import Confirm
from domain.model.outcomes import Declined
from domain.model.statuses import Status
from gateways.adyen.client import AdyenClient
from gateways.adyen.errors import PAUSE_SECONDS, ROWS, Verdict, raised, read, verdict
from gateways.adyen.gateway import AdyenGateway
from gateways.base import (
    GatewayError,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
    GatewayUndecided,
)
from tests.gateways.adyen.effects import ACCOUNT, TOKEN
from tests.gateways.adyen.standing_in import PROFILE
from tests.support.builders import NOW, confirmable, make_method
from tests.support.fakes import MemoryCashBalances, MemoryProjection
from tests.support.memory import ProcessMemory
from tests.support.serving import serving

TRUE, FALSE = {"transient-error": "true"}, {"transient-error": "false"}


def body(code: str, kind: str = "internal", message: str = "") -> dict[str, Any]:
    return {"status": 0, "errorCode": code, "errorType": kind, "message": message}


SHAPES: list[tuple[int, Any, dict[str, str], Verdict, int]] = [
    (422, body("704"), TRUE, Verdict.BUSY, 0),
    (409, body("704"), TRUE, Verdict.BUSY, 0),
    (422, body("704"), {}, Verdict.NEVER_AGAIN, 1),
    (409, body("704"), FALSE, Verdict.NEVER_AGAIN, 1),
    (500, body("905"), TRUE, Verdict.NOTHING_DONE, 2),
    (503, {}, TRUE, Verdict.NOTHING_DONE, 2),
    (503, body("703"), {}, Verdict.NOTHING_DONE, 3),
    (429, body("00_500"), {}, Verdict.WAIT, 4),
    (429, None, {}, Verdict.WAIT, 4),
    (500, {"errorCode": "00_500", "detail": "Too many requests"}, {}, Verdict.WAIT, 5),
    (401, body("000", "security"), {}, Verdict.NOTHING_DONE, 6),
    (403, body("010", "security"), {}, Verdict.NOTHING_DONE, 6),
    (404, None, {}, Verdict.NOTHING_DONE, 6),
    (409, body("999"), {}, Verdict.NEVER_AGAIN, 7),
    (400, body("702", "validation"), {}, Verdict.REFUSED, 8),
    (422, body("14_030", "validation"), {}, Verdict.REFUSED, 8),
    (500, body("905", "configuration"), {}, Verdict.REFUSED, 9),
    (500, body("905"), {}, Verdict.NEVER_AGAIN, 10),
    (500, body("IOEXCEPTION_RECEIVED"), FALSE, Verdict.NEVER_AGAIN, 10),
    (418, body("1"), {}, Verdict.NEVER_AGAIN, 11),
]
PORT: dict[Verdict, type[GatewayError]] = {
    Verdict.AGAIN: GatewayUnavailable,
    Verdict.BUSY: GatewayUndecided,
    Verdict.NEVER_AGAIN: GatewayUnavailable,
    Verdict.NOTHING_DONE: GatewayNotAsked,
    Verdict.WAIT: GatewayRateLimited,
    Verdict.REFUSED: GatewayRejected,
}


@pytest.mark.parametrize(("status", "said", "headers", "known", "row"), SHAPES)
def test_every_shape_of_an_error(status: int, said: Any, headers: dict[str, str], known: Verdict, row: int) -> None:
    error = read(said, headers)
    assert verdict(status, error) == (known, ROWS[row].name)
    assert type(raised("/payments", status, error)[1]) is PORT[known]


def test_every_row_has_a_shape() -> None:
    assert {row for *_, row in SHAPES} == set(range(len(ROWS)))


@pytest.mark.parametrize(("status", "said"), [(200, None), (302, None), (502, "<html>"), (504, None), (503, [])])
def test_what_is_not_of_adyen_leaves_us_knowing_nothing_and_the_key_as_it_was(status: int, said: Any) -> None:
    known, error = raised("/payments", status, read(said, {}))
    assert known is Verdict.AGAIN
    assert type(error) is GatewayUnavailable


@pytest.mark.parametrize("status", [409, 422])
@pytest.mark.parametrize("headers", [{}, TRUE, FALSE])
def test_704_is_never_a_no(status: int, headers: dict[str, str]) -> None:
    _, error = raised("/payments", status, read(body("704", "validation"), headers))
    expected = GatewayUndecided if headers == TRUE else GatewayUnavailable
    assert type(error) is expected, "something may have been done: no no, and nobody else's"


def test_what_adyen_says_is_not_copied_into_the_log() -> None:
    _, error = raised("/payments", 422, read(body("101", "validation", "4111111111111111 is no number\n"), {}))
    assert "4111" not in str(error)
    assert "\n" not in str(error)


NEXT: dict[Verdict, tuple[str, float | None, str, bool]] = {
    Verdict.AGAIN: ("gateway_unavailable", None, "gateway_unavailable", True),
    Verdict.BUSY: ("gateway_undecided", 1.0, "gateway_undecided", True),
    Verdict.NEVER_AGAIN: ("gateway_unavailable", None, "gateway_undecided", False),
    Verdict.NOTHING_DONE: ("gateway_not_asked", None, "gateway_not_asked", True),
    Verdict.WAIT: ("gateway_rate_limited", PAUSE_SECONDS, "gateway_rate_limited", True),
}
"""How the engine's first try ends, after how many seconds it is to try again if not by its own measure, how that ends,
and whether Adyen is asked by it. What is refused for good is declined at once."""


class Erring:
    """An Adyen that answers everything with one error."""

    def __init__(self, status: int, said: Any, headers: dict[str, str]) -> None:
        self._status, self._body = status, json.dumps(said).encode()
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.keys: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.keys.append(dict(scope["headers"])[b"idempotency-key"])
        while (await receive()).get("more_body"):
            """The whole request is heard."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


@pytest.mark.parametrize(("status", "said", "headers", "known", "row"), SHAPES)
async def test_what_the_engine_does_next(
    status: int, said: Any, headers: dict[str, str], known: Verdict, row: int
) -> None:
    erring, projection = Erring(status, said, headers), MemoryProjection()
    intent = replace(confirmable(), payment_method=make_method(id="pm_1", token=TOKEN), currency="eur")
    projection.records[intent.id] = Recorded(intent=intent)
    work = Work(intent=intent, command=Confirm(command_id="c"), now=NOW)
    async with serving(erring) as url:
        account = replace(ACCOUNT, url=url)
        gateway = AdyenGateway(account, AdyenClient(account), ProcessMemory(), lambda: NOW, PROFILE)
        payments = PaymentActivities(gateway, projection, MemoryCashBalances(), clock=lambda: NOW)
        try:
            if known is Verdict.REFUSED:
                declined = await ActivityEnvironment().run(payments.carry_out, work)
                assert isinstance(declined.outcome, Declined)
                assert declined.outcome.decline_code == "processing_error"
                assert [done.after.status for done in projection.transitions] == [Status.REQUIRES_PAYMENT_METHOD]
                return
            first, pause, second, asked_again = NEXT[known]
            with pytest.raises(ApplicationError) as caught:
                await ActivityEnvironment().run(payments.carry_out, work)
            assert (caught.value.type, caught.value.non_retryable) == (first, False), ROWS[row].name
            delay = caught.value.next_retry_delay
            assert (delay.total_seconds() if delay else None) == pause
            with pytest.raises(ApplicationError) as caught:
                await ActivityEnvironment().run(payments.carry_out, work)
            assert caught.value.type == second
        finally:
            await gateway.close()
    assert projection.transitions == [], "nothing is concluded"
    assert len(erring.keys) == 1 + asked_again
    assert len(set(erring.keys)) == 1, "it is the same question"
