"""Reattempts: what networks allow, from both sides of each limit; and that no history gets past them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.outcomes import Declined
from domain.model.reattempts import Limit
from domain.routing.failover import VISA_NEVER
from domain.routing.reattempts import (
    DAY_SECONDS,
    DECLINES_KEPT_MAX,
    MASTERCARD_DECLINES_A_DAY_MAX,
    MASTERCARD_DECLINES_MAX,
    VISA_REATTEMPTS_MAX,
    WAITS,
    WINDOW_SECONDS,
    History,
    declined,
    left,
    told,
)

NOW = 1_790_000_000
SOFT = Declined(decline_code="generic_decline")


def after(count: int, brand: str, *, every: int = 60, no: Declined = SOFT) -> tuple[History, int]:
    """The history of so many declines, and the time of the last."""
    history, at = History(), NOW
    for number in range(count):
        at = NOW + number * every
        history = declined(history, no, brand, at)
    return history, at


def limit(history: History, brand: str, now: int, *, off_session: bool = False) -> Limit:
    found = told(history, brand, now, off_session=off_session)
    assert found is not None
    return found


def test_visa_takes_twenty_reattempts_in_thirty_days_and_not_one_more() -> None:
    history, at = after(VISA_REATTEMPTS_MAX, "visa")
    assert told(history, "visa", at, off_session=True) is None, "the twentieth reattempt is free"
    history = declined(history, SOFT, "visa", at)
    found = limit(history, "visa", at + 1)
    assert (found.advice, found.until) == ("try_again_later", NOW + WINDOW_SECONDS)
    assert told(history, "visa", NOW + WINDOW_SECONDS - 1, off_session=False) is not None
    assert told(history, "visa", NOW + WINDOW_SECONDS, off_session=False) is None


def test_mastercard_takes_ten_declines_a_day() -> None:
    history, at = after(MASTERCARD_DECLINES_A_DAY_MAX - 1, "mastercard")
    assert told(history, "mastercard", at, off_session=False) is None
    history = declined(history, SOFT, "mastercard", at)
    assert limit(history, "mastercard", at).until == NOW + DAY_SECONDS
    assert told(history, "mastercard", NOW + DAY_SECONDS, off_session=False) is None


def test_mastercard_takes_thirty_five_declines_in_thirty_days() -> None:
    history, at = after(MASTERCARD_DECLINES_MAX - 1, "mastercard", every=4 * 3_600)
    assert told(history, "mastercard", at, off_session=False) is None
    history = declined(history, SOFT, "mastercard", at + 3_600)
    assert limit(history, "mastercard", at + 7_200).until == NOW + WINDOW_SECONDS


@pytest.mark.parametrize(("code", "seconds"), WAITS.items())
def test_an_advice_code_is_kept_to_the_second(code: str, seconds: int) -> None:
    no = Declined(decline_code="generic_decline", network_advice_code=code)
    history = declined(History(), no, "mastercard", NOW)
    found = limit(history, "mastercard", NOW + seconds - 1)
    assert (found.until, found.advice) == (NOW + seconds, "try_again_later")
    assert told(history, "mastercard", NOW + seconds, off_session=False) is None
    assert told(declined(History(), no, "visa", NOW), "visa", NOW, off_session=False) is None


def test_a_later_decline_does_not_shorten_the_time_that_was_asked_for() -> None:
    long = declined(History(), Declined(decline_code="x", network_advice_code="30"), "mastercard", NOW)
    both = declined(long, Declined(decline_code="x", network_advice_code="24"), "mastercard", NOW + 5)
    assert both.not_before == NOW + WAITS["30"]


@pytest.mark.parametrize("code", sorted(VISA_NEVER - {"R0", "R1", "R3"}))
def test_what_visa_never_wants_again_is_never_tried_again(code: str) -> None:
    no = Declined(decline_code="generic_decline", network_decline_code=code)
    found = limit(declined(History(), no, "visa", NOW), "visa", NOW + 10 * WINDOW_SECONDS)
    assert (found.advice, found.until, found.network_decline_code) == ("do_not_try_again", None, code)


def test_mastercard_s_never_and_what_only_ends_what_is_charged_while_its_owner_is_away() -> None:
    never = declined(History(), Declined(decline_code="x", network_advice_code="03"), "mastercard", NOW)
    assert limit(never, "mastercard", NOW).network_advice_code == "03"
    for brand, no in (
        ("mastercard", Declined(decline_code="x", network_advice_code="21")),
        ("visa", Declined(decline_code="x", network_decline_code="R1")),
    ):
        history = declined(History(), no, brand, NOW)
        assert limit(history, brand, NOW, off_session=True).advice == "do_not_try_again"
        assert told(history, brand, NOW, off_session=False) is None


def test_what_never_reached_the_network_and_other_networks_count_for_nothing() -> None:
    blocked = Declined(decline_code="fraudulent", blocked=True, network_decline_code="41")
    assert declined(History(), blocked, "visa", NOW) == History()
    assert declined(History(), SOFT, "amex", NOW) == History()
    assert told(History(declined=(NOW,) * 99, never="41"), "amex", NOW, off_session=True) is None


TRIES = st.lists(st.tuples(st.integers(0, 3 * DAY_SECONDS), st.sampled_from(["", "24", "25", "30", "02"])), max_size=80)


@given(st.sampled_from(["visa", "mastercard"]), TRIES)
def test_whoever_asks_first_never_goes_beyond_what_is_free(brand: str, tries: list[tuple[int, str]]) -> None:
    """A card that is declined whenever it may be tried."""
    history, now, made, waits = History(), NOW, list[int](), 0
    for pause, advice in tries:
        now += pause
        found = told(history, brand, now, off_session=False)
        assert (left(history, brand, now) > 0) or found is not None
        if found is not None:
            assert found.until is not None
            assert found.until > now
            continue
        assert now >= waits, "not before the network wants it"
        made.append(now)
        if brand == "mastercard" and advice:
            waits = max(waits, now + WAITS[advice])
        history = declined(
            history, Declined(decline_code="generic_decline", network_advice_code=advice or None), brand, now
        )
        assert len(history.declined) <= DECLINES_KEPT_MAX
        of_month = sum(at > now - WINDOW_SECONDS for at in made)
        of_day = sum(at > now - DAY_SECONDS for at in made)
        if brand == "visa":
            assert of_month <= VISA_REATTEMPTS_MAX + 1
        else:
            assert of_day <= MASTERCARD_DECLINES_A_DAY_MAX
            assert of_month <= MASTERCARD_DECLINES_MAX
