"""The retry table: every way of not answering that passes has a name in it, and tells Temporal to ask again."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationErrorCategory

from activities.failures import retry
from gateways import base
from gateways.base import GatewayError, GatewayRateLimited, GatewayRejected, GatewayUnavailable, GatewayUndecided

KINDS = [
    kind
    for kind in vars(base).values()
    if isinstance(kind, type) and issubclass(kind, GatewayUnavailable | GatewayRateLimited)
]


def test_there_are_some() -> None:
    assert len(KINDS) >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_retried_under_a_name_of_its_own(kind: type[GatewayError]) -> None:
    error = retry(kind("away"))
    assert not error.non_retryable
    assert error.category is ApplicationErrorCategory.BENIGN
    assert error.type == retry(kind("again")).type
    names = {retry(other("x")).type for other in KINDS}
    assert len(names) == len(KINDS)


def test_what_is_in_no_table_is_retried_as_well() -> None:
    """It was a failure of the activity's own, without a word of why."""
    error = retry(GatewayRejected("that makes no sense"))
    assert (error.type, error.message) == ("gateway_error", "that makes no sense")


@pytest.mark.parametrize(("waited", "seconds"), [(-5, 1), (0, 1), (8, 2), (60, 15), (100_000, 60)])
def test_what_is_to_be_told_is_looked_for_soon_after_it_may_have_come(waited: float, seconds: float) -> None:
    """By twice the time before, a payment told of after 32 seconds was found out about after 63."""
    assert retry(GatewayUndecided("to be told"), waited).next_retry_delay == timedelta(seconds=seconds)
    assert retry(GatewayUnavailable("away"), waited).next_retry_delay is None
