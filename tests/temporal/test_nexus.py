"""Operations of workflows in other namespaces: one request each, under one key however often it is tried."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import nexusrpc
import pytest
from temporalio.exceptions import ApplicationError

from temporal.nexus import Answered, PaymentsHandler

INTENT = {"id": "pi_1", "status": "requires_payment_method"}


class Door:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, *answers: Answered) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, str, dict[str, Any]]]()

    async def __call__(self, path: str, key: str, given: dict[str, Any]) -> Answered:
        self.asked.append((path, key, given))
        return self.answers.pop(0)


def refused(status: int, again: bool = False, **error: Any) -> Answered:
    return Answered(status, {"error": {"message": "Not so.", **error}}, again)


async def asked(door: Door, name: str, given: dict[str, Any], request: str = "r1") -> Any:
    operation: Callable[..., Awaitable[Any]] = getattr(PaymentsHandler(door), name)
    return await operation(SimpleNamespace(request_id=request), given)


@pytest.mark.parametrize(
    ("name", "given", "path", "sent"),
    [
        ("start", {"amount": 5}, "/v1/payment_intents", {"amount": 5}),
        ("confirm", {"payment_intent": "pi_1", "off_session": True}, "/v1/payment_intents/pi_1/confirm",
         {"off_session": True}),
        ("capture", {"payment_intent": "pi_1"}, "/v1/payment_intents/pi_1/capture", {}),
        ("cancel", {"payment_intent": "pi_1"}, "/v1/payment_intents/pi_1/cancel", {}),
        ("refund", {"payment_intent": "pi_1", "amount": 3}, "/v1/refunds", {"payment_intent": "pi_1", "amount": 3}),
    ],
)  # fmt: skip
async def test_each_is_a_request_under_the_operation_s_own_key(
    name: str, given: dict[str, Any], path: str, sent: dict[str, Any]
) -> None:
    door = Door(refused(503, again=True), Answered(200, INTENT, again=False))
    with pytest.raises(nexusrpc.HandlerError) as later:
        await asked(door, name, given)
    assert later.value.retryable
    assert await asked(door, name, given) == {"object": INTENT, "declined": None}
    assert door.asked == [(path, "nexus/r1", sent)] * 2


async def test_another_operation_has_another_key() -> None:
    door = Door(*[Answered(200, INTENT, again=False)] * 2)
    for request in ("r1", "r2"):
        await asked(door, "start", {}, request)
    assert [key for _, key, _ in door.asked] == ["nexus/r1", "nexus/r2"]


@pytest.mark.parametrize("answer", [refused(429, again=True), refused(409, again=True), refused(503), refused(500)])
async def test_what_passes_is_tried_again(answer: Answered) -> None:
    with pytest.raises(nexusrpc.HandlerError) as later:
        await asked(Door(answer), "start", {})
    assert later.value.type is nexusrpc.HandlerErrorType.UNAVAILABLE
    assert later.value.retryable


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_may_not_is_not_tried_again(status: int) -> None:
    with pytest.raises(nexusrpc.HandlerError) as never:
        await asked(Door(refused(status)), "start", {})
    assert never.value.type is nexusrpc.HandlerErrorType.UNAUTHORIZED
    assert not never.value.retryable


async def test_a_decline_is_an_answer() -> None:
    error: dict[str, Any] = {
        "code": "card_declined",
        "decline_code": "lost_card",
        "payment_intent": INTENT,
        "type": "card_error",
    }
    told = await asked(Door(refused(402, **error)), "confirm", {"payment_intent": "pi_1"})
    declined = {"code": "card_declined", "decline_code": "lost_card", "message": "Not so."}
    assert told == {"object": INTENT, "declined": declined}


@pytest.mark.parametrize(("status", "error", "type_"), [
    (400, {"code": "parameter_unknown"}, "parameter_unknown"),
    (404, {"code": "resource_missing"}, "resource_missing"),
    (400, {"type": "idempotency_error"}, "idempotency_error"),
    (402, {"code": "card_declined"}, "card_declined"),
])  # fmt: skip
async def test_what_is_refused_fails_for_good_with_stripe_s_code(
    status: int, error: dict[str, Any], type_: str
) -> None:
    with pytest.raises(nexusrpc.OperationError) as failed:
        await asked(Door(refused(status, **error)), "start", {})
    cause = failed.value.__cause__
    assert failed.value.state is nexusrpc.OperationErrorState.FAILED
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message, cause.non_retryable) == (type_, "Not so.", True)


@pytest.mark.parametrize("intent", [None, "", 5, "../refunds", "pi_1/cancel?", "ch_1", "pi_é"])
async def test_what_is_no_id_leads_nowhere(intent: Any) -> None:
    door = Door()
    with pytest.raises(nexusrpc.OperationError):
        await asked(door, "confirm", {"payment_intent": intent} if intent is not None else {})
    assert door.asked == []
