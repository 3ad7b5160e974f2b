"""The retry table: every way of not answering that passes has a name in it, and tells Temporal to ask again."""

import pytest
from temporalio.exceptions import ApplicationErrorCategory

from activities.failures import retry
from gateways import base
from gateways.base import GatewayError, GatewayRateLimited, GatewayUnavailable

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
