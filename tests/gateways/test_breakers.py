"""A gateway behind its breaker: silence is found and told once, and while it lasts nothing is asked."""

import pytest

from domain.model.gateways import AT_FIRST, FIRST, GatewayProfile, Latency
from domain.model.outcomes import Authorize, Declined
from domain.routing.breaker import FAULTS_IN_A_ROW_MAX
from domain.routing.candidates import Health
from gateways.base import GatewayError, GatewayHeldBack, GatewayRejected, GatewayUnavailable, GatewayUndecided
from gateways.breakers import OWN_SECONDS, GuardedGateway, needs_breakers, with_breakers
from gateways.healths import Healths
from gateways.registry import Gateways
from records.base import RecordsUnavailable
from tests.support.fakes import FakeGateway

EFFECT = Authorize(key="pi_1/1/authorize", charge="ch_1", amount=100, currency="usd", token="t", capture=True)


class Desk:
    """A guarded gateway, with what its process knows and tells."""

    def __init__(self) -> None:
        self.gateway, self.health, self.now = FakeGateway(), Health.CLOSED, 0.0
        self.told: list[tuple[str, str]] = []
        self.guarded = GuardedGateway(
            self.gateway, "alpha", lambda: self.health, lambda *said: self.told.append(said), lambda: self.now
        )

    async def fail(self, times: int, error: Exception | None = None) -> None:
        self.gateway.answers = [error or GatewayUnavailable("silent") for _ in range(times)]
        for _ in range(times):
            with pytest.raises(GatewayError):
                await self.guarded.perform(EFFECT)


async def test_silence_is_told_once_and_nothing_is_asked_until_the_common_health_says_so() -> None:
    desk = Desk()
    await desk.fail(FAULTS_IN_A_ROW_MAX)
    assert desk.told == [("alpha", "silent")]
    calls = desk.gateway.calls
    for ask in (desk.guarded.perform(EFFECT), desk.guarded.retrieve(EFFECT), desk.guarded.standing("a")):
        with pytest.raises(GatewayHeldBack):
            await ask
    assert desk.gateway.calls == calls
    assert await desk.guarded.ready(), "whether it is back is asked all the same"
    desk.now = OWN_SECONDS
    assert (await desk.guarded.perform(EFFECT)).type == "approved"


async def test_what_is_known_without_asking_is_told_while_it_is_silent() -> None:
    """By its notifications, say: a payment that had been told of waited until the gateway itself was back."""
    desk = Desk()
    desk.gateway.profile = GatewayProfile(answers_by_key=False)
    known = await desk.guarded.perform(EFFECT)
    desk.health = Health.OPEN
    assert await desk.guarded.retrieve(EFFECT) == known
    with pytest.raises(GatewayHeldBack):
        await desk.guarded.perform(EFFECT)


async def test_one_that_has_answered_and_will_tell_later_is_not_silent() -> None:
    desk = Desk()
    await desk.fail(FAULTS_IN_A_ROW_MAX * 5, GatewayUndecided("a notification tells"))
    assert desk.told == []
    assert (await desk.guarded.perform(EFFECT)).type == "approved"


@pytest.mark.parametrize("health", [Health.OPEN, Health.HALF_OPEN, Health.PAUSED])
async def test_what_all_processes_go_by_holds_it_back(health: Health) -> None:
    desk = Desk()
    desk.health = health
    with pytest.raises(GatewayHeldBack):
        await desk.guarded.perform(EFFECT)
    assert desk.gateway.calls == 0


async def test_one_that_is_drained_is_asked_about_what_it_has() -> None:
    desk = Desk()
    desk.health = Health.DRAINING
    assert (await desk.guarded.perform(EFFECT)).type == "approved"


async def test_declines_and_refusals_are_answers() -> None:
    desk = Desk()
    await desk.fail(FAULTS_IN_A_ROW_MAX - 1)
    await desk.fail(1, GatewayRejected("nonsense"))
    await desk.fail(FAULTS_IN_A_ROW_MAX - 1)
    desk.gateway.answers = [Declined(decline_code="stolen_card")]
    assert (await desk.guarded.perform(EFFECT)).type == "declined"
    assert desk.told == []


async def test_only_the_first_gateway_alone_and_prompt_has_no_breaker() -> None:
    assert not needs_breakers([GatewayProfile()])
    assert needs_breakers([GatewayProfile(), GatewayProfile(name="beta")])
    assert needs_breakers([GatewayProfile(latency=Latency.PATIENT, patience_seconds=30)])
    assert needs_breakers([GatewayProfile(name="beta")])
    behind = with_breakers(Gateways({FIRST: FakeGateway()}), lambda name: Health.PAUSED, lambda *said: None)
    with pytest.raises(GatewayHeldBack):
        await behind.of(EFFECT).perform(EFFECT)
    assert behind.profiles[0].hop == AT_FIRST


async def test_what_is_known_stays_known_while_it_cannot_be_read() -> None:
    answers: list[dict[str, Health] | Exception] = [{"alpha": Health.OPEN}, RecordsUnavailable("away"), {}]

    async def read() -> dict[str, Health]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    healths = Healths(read, (RecordsUnavailable,))
    assert healths.of("alpha") is Health.CLOSED
    for expected in (Health.OPEN, Health.OPEN, Health.CLOSED):
        await healths.look()
        assert healths.of("alpha") is expected
