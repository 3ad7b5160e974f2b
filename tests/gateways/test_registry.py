"""Several gateways by name: an effect is asked of the one that it names, and of no other."""

import pytest

from activities.effects import Performer
from contracts.gateways import parse_gateways
from domain.model.gateways import FIRST, GatewayProfile
from domain.model.next_actions import NextAction, Outstanding
from domain.model.outcomes import Approved, Authorize, Declined, Outcome, Void
from gateways.adapters import build
from gateways.base import GatewayNotAsked, GatewayUnavailable
from gateways.registry import Gateways, only
from gateways.simulator import SimulatorGateway
from tests.gateways.contract import authorize
from tests.support.builders import make_method
from tests.support.fakes import FakeGateway, MemoryCashBalances


def two() -> tuple[Gateways, FakeGateway, FakeGateway]:
    first, second = FakeGateway(), FakeGateway()
    return Gateways({FIRST: first, "second": second}), first, second


def at(gateway: str) -> Authorize:
    effect = authorize("tok_1")
    return Authorize(
        key=effect.key, charge=effect.charge, amount=effect.amount, currency="usd", token="tok_1", capture=False,
        gateway=gateway,
    )  # fmt: skip


async def test_an_effect_is_asked_of_the_gateway_that_it_names() -> None:
    gateways, first, second = two()
    performer = Performer(gateways, MemoryCashBalances())
    for name, asked, not_asked in (("second", second, first), ("", first, second)):
        before = len(not_asked.performed)
        assert isinstance(await performer.perform(at(name)), Approved)
        assert asked.performed == [at(name)]
        assert len(not_asked.performed) == before
        assert await performer.recall(at(name)) == asked.known[at(name).key]


async def test_what_stands_is_asked_of_who_holds_it() -> None:
    gateways, first, second = two()
    performer = Performer(gateways, MemoryCashBalances())
    held = await performer.perform(at("second"))
    assert isinstance(held, Approved)
    void = Void(key="v", authorization=held.authorization, captured=0, gateway="second")
    assert isinstance(await performer.perform(void), Approved)
    assert first.calls == 0
    assert (await second.standing(held.authorization)).released == 1_000  # type: ignore[union-attr]


async def test_what_a_buyer_was_shown_is_withdrawn_where_it_was_made() -> None:
    gateways, first, second = two()
    action = NextAction(type="oxxo_display_details", authentication="vou_1", url="", outstanding=True, gateway="second")
    shown = Outstanding(action=action, payment_method=make_method())
    effect = at("")
    instead = Authorize(
        key=effect.key, charge=effect.charge, amount=1_000, currency="usd", token="tok_1", capture=False,
        supersedes=shown,
    )  # fmt: skip
    assert isinstance(await Performer(gateways, MemoryCashBalances()).perform(instead), Approved)
    assert [each.operation for each in second.performed] == ["void"]
    assert [each.operation for each in first.performed] == ["authorize"]


async def test_a_void_that_is_declined_by_who_tells_no_standing_is_a_no_and_nothing_more() -> None:
    gateway = FakeGateway(answers=[Declined(decline_code="generic_decline")])
    gateway.profile = GatewayProfile(tells_standing=False)
    answer: Outcome = await Performer(gateway, MemoryCashBalances()).perform(
        Void(key="v", authorization="auth_1", captured=0)
    )
    assert isinstance(answer, Declined)


async def test_nothing_is_concluded_about_a_gateway_that_is_not_there() -> None:
    gateways, first, second = two()
    with pytest.raises(GatewayUnavailable, match="no gateway here is called third"):
        await Performer(gateways, MemoryCashBalances()).perform(at("third"))
    assert first.calls == second.calls == 0
    with pytest.raises(GatewayUnavailable, match="simulator"):
        Gateways({"second": second}).named("")


async def test_those_of_the_settings_declare_what_the_settings_say() -> None:
    gateways = build(parse_gateways("simulator brisk=simulator?latency=patient&url=http://127.0.0.1:1&by_key=no"))
    assert [profile.name for profile in gateways.profiles] == [FIRST, "brisk"]
    brisk = gateways.profile("brisk")
    assert brisk is not None
    assert (brisk.patience_seconds, brisk.answers_by_key) == (30, False)
    assert gateways.profile("third") is None
    await gateways.close()


async def test_one_that_is_not_reached_was_certainly_not_asked_and_is_named() -> None:
    away = SimulatorGateway("http://127.0.0.1:1", profile=GatewayProfile(name="away"))
    with pytest.raises(GatewayNotAsked):
        await away.perform(at("away"))
    gateways = Gateways({FIRST: FakeGateway(), "away": away})
    with pytest.raises(GatewayUnavailable, match="no answer from away"):
        await gateways.check()
    await gateways.close()
    await only(FakeGateway()).check()


async def test_one_that_cannot_be_asked_is_not_asked() -> None:
    away = SimulatorGateway("http://127.0.0.1:1", profile=GatewayProfile(answers_by_key=False, tells_standing=False))
    assert await away.retrieve(at("")) is None
    assert await away.standing("auth_1") is None
