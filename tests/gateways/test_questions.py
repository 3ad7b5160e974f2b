"""Answers that nobody could keep are none, whoever gives them."""

from typing import Any

import pytest

from domain.machine.limits import weight
from domain.model.outcomes import Approved, Authorize, Outcome, PaymentAwaited
from gateways.base import GatewayMismatch
from gateways.questions import OUTCOME_BYTES_MAX, check_answer

EFFECT = Authorize(key="k", charge="ch_1", amount=100, currency="usd", token="t", capture=True)


@pytest.mark.parametrize(
    "outcome",
    [
        Approved(authorization="a\x00"),
        Approved(authorization="a", risk_score=2**63),
        Approved(authorization="a", checks={"\x00": "pass"}),
        PaymentAwaited(reference="r", url="u", details={"number": "\ud800"}),
    ],
)
def test_what_no_store_keeps(outcome: Outcome) -> None:
    with pytest.raises(GatewayMismatch, match="contains"):
        check_answer(EFFECT, outcome)


def test_answers_of_the_longest() -> None:
    def awaited(length: int) -> Any:
        return PaymentAwaited(reference="r", url="u", details={"text": "x" * length})

    room = OUTCOME_BYTES_MAX - weight(awaited(0))
    assert check_answer(EFFECT, awaited(room)) == awaited(room)
    with pytest.raises(GatewayMismatch, match="too much"):
        check_answer(EFFECT, awaited(room + 1))
