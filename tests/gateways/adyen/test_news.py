"""What notifications say about what was asked: in any order, doubled, and with what takes a success back."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from domain.model.gateway_dealings import Notice
from domain.model.outcomes import Approved, Declined
from gateways.adyen import news
from gateways.adyen.news import FALSE_SETTLES_SECONDS
from gateways.base import GatewayMismatch
from tests.gateways.adyen.effects import CAPTURE, INCREMENT, PSP, REFUND, SETUP, VOID, authorization

NOW = 10_000


def told(event: str, succeeded: bool = True, **more: Any) -> Notice:
    notice = Notice(
        gateway="adyen", event=event, succeeded=succeeded, reference=PSP, amount=1_000, currency="eur", received_at=NOW
    )
    return replace(notice, **more)


TRUE, FALSE = told("AUTHORISATION"), told("AUTHORISATION", False)


def test_a_true_authorisation_beats_a_false_one_in_any_order() -> None:
    for order in permutations([TRUE, FALSE, TRUE]):
        assert news.payment(authorization(), order, NOW + 10**6) == Approved(authorization=PSP)


def test_a_false_one_alone_is_a_no_once_nothing_else_is_to_be_expected() -> None:
    assert news.payment(authorization(), [FALSE], NOW + FALSE_SETTLES_SECONDS - 1) is None
    outcome = news.payment(authorization(), [FALSE], NOW + FALSE_SETTLES_SECONDS)
    assert outcome == Declined(decline_code="generic_decline"), "why is not under the signature"


def test_a_buyer_who_never_finished() -> None:
    assert isinstance(news.payment(authorization(), [told("OFFER_CLOSED")], NOW), Declined)
    assert news.payment(authorization(), [told("OFFER_CLOSED"), TRUE], NOW) == Approved(authorization=PSP)


def test_a_setup_is_about_its_attempt_and_no_amount() -> None:
    assert news.payment(SETUP, [told("AUTHORISATION", amount=0)], NOW) == Approved(authorization="setatt_1")


@pytest.mark.parametrize(
    ("effect", "event", "amount"),
    [(CAPTURE, "CAPTURE", 2_000), (REFUND, "REFUND", 2_500), (INCREMENT, "AUTHORISATION_ADJUSTMENT", 2_500),
     (VOID, "CANCELLATION", 0), (VOID, "TECHNICAL_CANCEL", 0), (VOID, "CANCEL_OR_REFUND", 0)],
)  # fmt: skip
def test_each_modification_has_its_event(effect: Any, event: str, amount: int) -> None:
    assert news.modification(effect, []) is None
    assert news.modification(effect, [told("REPORT_AVAILABLE"), TRUE]) is None
    assert news.modification(effect, [told(event, amount=amount)]) == Approved(authorization=PSP)
    assert isinstance(news.modification(effect, [told(event, False, amount=amount)]), Declined)


@pytest.mark.parametrize(
    ("effect", "event", "failed"),
    [(CAPTURE, "CAPTURE", "CAPTURE_FAILED"), (REFUND, "REFUND", "REFUND_FAILED"),
     (REFUND, "REFUND", "REFUNDED_REVERSED")],
)  # fmt: skip
def test_a_failure_after_a_success_is_another_fact(effect: Any, event: str, failed: str) -> None:
    success = told(event, amount=effect.amount)
    late = told(failed, amount=effect.amount)
    for order in ([success, late], [late, success]):
        assert news.modification(effect, order) == Approved(authorization=PSP), "what the call came to"
    assert isinstance(news.modification(effect, [late]), Declined), "the success was lost"


@pytest.mark.parametrize("effect", [CAPTURE, REFUND, INCREMENT])
@pytest.mark.parametrize("wrong", [{"amount": 1}, {"currency": "usd"}, {"currency": ""}])
def test_another_amount_is_not_what_was_asked(effect: Any, wrong: dict[str, Any]) -> None:
    event = news.EVENTS[type(effect)][0]
    with pytest.raises(GatewayMismatch):
        news.modification(effect, [told(event, **({"amount": effect.amount} | wrong))])
    with pytest.raises(GatewayMismatch):
        news.payment(authorization(), [replace(TRUE, **wrong)], NOW)


def test_whether_a_cancel_has_released_what_there_was() -> None:
    assert news.ended([]) is None
    assert news.ended([TRUE]) is None
    assert news.ended([told("TECHNICAL_CANCEL")]) is True
    assert news.ended([told("TECHNICAL_CANCEL", False)]) is False
