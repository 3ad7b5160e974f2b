"""What a gateway declares, and what a payment needs of it."""

from dataclasses import replace
from typing import Any

import pytest

from domain.model.gateways import (
    AT_FIRST,
    EVERYTHING,
    FEATURES,
    THE_FIRST,
    Capabilities,
    GatewayProfile,
    Hop,
    Latency,
    Need,
    default_route,
    first_hop,
)


def needing(*features: str) -> Need:
    """A card payment that asks for these as well."""
    asked: dict[str, Any] = dict.fromkeys(features, True)
    return replace(CARD, **asked)


CARD = Need(method="card", currency="usd", brand="visa", amount=1_000)


def test_what_can_everything_lacks_nothing() -> None:
    assert EVERYTHING.lacks(needing(*FEATURES)) is None


@pytest.mark.parametrize(
    ("can", "lacks"),
    [
        ({"methods": frozenset({"ideal"})}, "payment method type card"),
        ({"currencies": frozenset({"eur"})}, "currency usd"),
        ({"brands": frozenset({"amex"})}, "card brand visa"),
        ({"amount_max": 999}, "amounts above 999"),
        ({"amount_max": 1_000}, None),
        ({"brands": frozenset({"visa"}), "methods": frozenset({"card"}), "currencies": frozenset({"usd"})}, None),
    ],
)
def test_what_it_takes(can: dict[str, Any], lacks: str | None) -> None:
    assert Capabilities(**can).lacks(CARD) == lacks


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_lacked_by_who_asks_for_it_alone(feature: str) -> None:
    lacking: dict[str, Any] = {feature: False}
    can = Capabilities(**lacking)
    assert can.lacks(CARD) is None
    assert can.lacks(needing(feature)) == feature


def test_where_payments_go_that_nobody_routes() -> None:
    patient = GatewayProfile(name="brisk", latency=Latency.PATIENT, patience_seconds=20)
    assert default_route(THE_FIRST) == ()
    assert default_route((patient, *THE_FIRST)) == (Hop(gateway="brisk", patience=20),)
    assert default_route((GatewayProfile(name="other"),)) == (Hop(gateway="other"),)
    assert default_route((replace(patient, name="simulator"),)) == (Hop(patience=20),)


def test_the_next_attempt_is_made_at_the_first_of_a_route() -> None:
    assert first_hop(()) == AT_FIRST
    assert first_hop((Hop(gateway="a"), Hop(gateway="b"))) == Hop(gateway="a")
