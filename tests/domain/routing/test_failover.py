"""Failover: which no permits another gateway, and which permits nothing."""

import pytest

from domain.model.outcomes import Declined
from domain.money.declines import DECLINES, NEVER
from domain.routing.failover import AGAIN, MASTERCARD_NEVER, VISA_NEVER, Again, again, may_move


@pytest.mark.parametrize("code", ["processing_error", "do_not_honor", "generic_decline", "issuer_not_available"])
def test_a_no_about_this_try_may_be_a_yes_elsewhere_unless_the_buyer_was_authenticated(code: str) -> None:
    assert may_move(Declined(decline_code=code), "visa")
    assert not may_move(Declined(decline_code=code), "visa", authenticated=True)


@pytest.mark.parametrize("code", ["insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded"])
def test_a_no_about_the_account_s_money_is_for_later(code: str) -> None:
    assert again(Declined(decline_code=code)) is Again.LATER
    assert not may_move(Declined(decline_code=code))


@pytest.mark.parametrize("code", [*(code for code, row in DECLINES.items() if row.advice == NEVER), "who_knows", ""])
def test_a_hard_no_and_one_that_nobody_knows_move_nothing(code: str) -> None:
    assert again(Declined(decline_code=code)) is Again.NEVER
    assert not may_move(Declined(decline_code=code))


def test_what_a_gateway_blocked_by_itself_is_not_tried_at_another() -> None:
    assert not may_move(Declined(decline_code="generic_decline", blocked=True))


def test_the_network_s_word_beats_the_table_for_its_own_cards_only() -> None:
    for code in VISA_NEVER:
        no = Declined(decline_code="generic_decline", network_decline_code=code)
        assert (again(no, "visa"), again(no, "mastercard")) == (Again.NEVER, Again.ELSEWHERE)
    for code in MASTERCARD_NEVER:
        no = Declined(decline_code="do_not_honor", network_advice_code=code)
        assert (again(no, "mastercard"), again(no, "visa")) == (Again.NEVER, Again.ELSEWHERE)
    later = Declined(decline_code="do_not_honor", network_advice_code="24")
    assert again(later, "mastercard") is Again.LATER


def test_no_row_contradicts_what_the_merchant_is_advised() -> None:
    for code, what in AGAIN.items():
        advice = DECLINES[code].advice if code in DECLINES else None
        assert not (advice == NEVER and what is not Again.NEVER), code
