"""A breaker: opens for a gateway that is silent or as good as, never for a single lost answer, nor for declines."""

from hypothesis import given
from hypothesis import strategies as st

from domain.routing.breaker import CALLS_LEAST, FAULTS_IN_A_ROW_MAX, WINDOW_SECONDS, Mode, Tally, health
from domain.routing.candidates import Health


def test_so_many_calls_without_an_answer_in_a_row() -> None:
    tally = Tally()
    for second in range(FAULTS_IN_A_ROW_MAX - 1):
        assert not tally.unheard(second)
    tally.heard(10)
    for second in range(FAULTS_IN_A_ROW_MAX - 1):
        assert not tally.unheard(20 + second)
    assert tally.unheard(30)
    assert not tally.unheard(31), "then counting begins anew"


def test_half_of_enough_calls_within_the_window() -> None:
    tally, tripped = Tally(), []
    for number in range(CALLS_LEAST):
        if number % 2:
            tripped.append(tally.unheard(number))
        else:
            tally.heard(number)
    assert tripped == [False] * (CALLS_LEAST // 2 - 1) + [True]


@given(st.lists(st.booleans(), max_size=200))
def test_a_gateway_that_loses_an_answer_in_four_stays_closed_if_never_many_in_a_row(calls: list[bool]) -> None:
    tally = Tally()
    for number, _ in enumerate(calls):
        for second in range(3):
            tally.heard(4 * number + second)
        assert not tally.unheard(4 * number + 3)


def test_what_was_long_ago_counts_for_nothing() -> None:
    tally = Tally()
    for number in range(CALLS_LEAST - 1):
        if number % 5 == 4:
            tally.heard(0)
        else:
            tally.unheard(0)
        if number % 5 == 3:
            tally.heard(0)
    assert not tally.unheard(WINDOW_SECONDS + 1)


def test_what_an_operator_wants_and_what_is_heard() -> None:
    assert health(Mode.OPEN, silent=False) is Health.CLOSED
    assert health(Mode.OPEN, silent=True) is Health.OPEN
    assert health(Mode.OPEN, silent=True, trying=True) is Health.HALF_OPEN
    assert health(Mode.DRAINING, silent=False) is Health.DRAINING
    assert health(Mode.DRAINING, silent=True) is Health.OPEN
    assert health(Mode.PAUSED, silent=True) is health(Mode.PAUSED, silent=False) is Health.PAUSED
