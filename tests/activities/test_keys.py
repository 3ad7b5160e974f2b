"""When an operator may say what became of something: once its gateway is not to be heard any more, to the second."""

from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.setups import SetupActivities
from contracts.setup_messages import SetupWork
from domain.machine.hearing import NEWS_SECONDS, setup_too_soon, too_soon
from domain.machine.resolving import unresolved
from domain.machine.setups.decisions import SetupDecision
from domain.machine.setups.decisions import decide as decide_setup
from domain.machine.setups.transitions import leave_unknown as leave_setup_unknown
from domain.machine.transitions import carry_out, leave_unknown
from domain.model.commands import Capture, Command, Confirm
from domain.model.gateways import GatewayProfile
from domain.model.outcomes import Accepted, Approved, CaptureHold
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolve
from domain.model.statuses import Status
from tests.support.builders import NOW, decided, in_status, make_method, make_setup
from tests.support.fakes import FakeGateway, MemorySetups

WEEK = 7 * 86_400
HELD = in_status(Status.REQUIRES_CAPTURE)
RESOLVE = Resolve(command_id="resolve/1", done=True, by="kim", evidence="file 7")


def unknown() -> PaymentIntent:
    """A capture that nobody knows the outcome of; it was asked for at NOW."""
    decision = decided(HELD, Capture())
    assert decision.effect is not None
    return leave_unknown(HELD, Capture(), decision, decision.effect, NOW).after


def taken_on() -> PaymentIntent:
    """A capture that its gateway took on at NOW, and has not told the end of."""
    return carry_out(HELD, Capture(), decided(HELD, Capture()), Accepted(reference="cap_1"), NOW).after


def why(intent: PaymentIntent, now: int, profile: GatewayProfile | None, command: Command = RESOLVE) -> str | None:
    """Why it is too soon; None if it is not."""
    assert unresolved(intent) is not None
    refusal = too_soon(intent, command, profile, now)
    assert refusal is None or refusal.param == "regardless"
    return refusal.message if refusal else None


@pytest.mark.parametrize("profile", [GatewayProfile(), GatewayProfile(keeps_keys_seconds=1), None])
def test_news_of_what_was_taken_on_are_waited_for_a_day_whatever_its_gateway_keeps(
    profile: GatewayProfile | None,
) -> None:
    intent = taken_on()
    said = why(intent, NOW + NEWS_SECONDS - 1, profile)
    assert said is not None
    assert "simulator has taken it on and may still tell how it ended" in said
    assert why(intent, NOW + NEWS_SECONDS, profile) is None


@pytest.mark.parametrize(
    ("profile", "said"), [(GatewayProfile(keeps_keys_seconds=1), "simulator still keeps its key"), (None, "no gateway")]
)
def test_a_setup_is_asked_about_for_ever_so_a_reason_is_always_needed(
    profile: GatewayProfile | None, said: str
) -> None:
    setup, confirm = make_setup(), Confirm(payment_method=make_method())
    decision = decide_setup(setup, confirm, NOW)
    assert isinstance(decision, SetupDecision)
    assert decision.effect is not None
    unknown = leave_setup_unknown(setup, confirm, decision, decision.effect, NOW).after
    refusal = setup_too_soon(unknown, RESOLVE, profile)
    assert refusal is not None
    assert (refusal.param, said in refusal.message) == ("regardless", True)
    assert setup_too_soon(unknown, replace(RESOLVE, regardless="it is closed"), profile) is None
    assert setup_too_soon(setup, RESOLVE, profile) is None
    assert setup_too_soon(unknown, Confirm(), profile) is None


def test_a_key_is_waited_for_as_long_as_it_is_kept() -> None:
    intent, profile = unknown(), GatewayProfile(keeps_keys_seconds=WEEK)
    said = why(intent, NOW + WEEK - 1, profile)
    assert said is not None
    assert "simulator still keeps its key" in said
    assert why(intent, NOW + WEEK, profile) is None
    assert why(intent, NOW + 100 * WEEK, GatewayProfile()) is not None, "this one keeps it for ever"


def test_a_gateway_that_is_not_here_may_be_a_setting_that_is_missing_however_long_ago_it_was_asked() -> None:
    intent = unknown()
    assert isinstance(intent.pending, CaptureHold)
    gone = replace(intent, pending=replace(intent.pending, gateway="brisk"))
    said = why(gone, NOW + 100 * WEEK, None)
    assert said is not None
    assert "no gateway here is called brisk" in said


@pytest.mark.parametrize("intent", [unknown(), taken_on()], ids=["unknown", "taken on"])
@pytest.mark.parametrize("profile", [GatewayProfile(), None], ids=["here", "gone"])
def test_who_says_why_need_not_wait_and_nothing_else_has_to(
    intent: PaymentIntent, profile: GatewayProfile | None
) -> None:
    assert why(intent, NOW, profile, replace(RESOLVE, regardless="the account there is closed")) is None
    assert why(intent, NOW, profile, replace(RESOLVE, regardless="  ")) is not None
    assert why(intent, NOW, profile, Capture()) is None


async def test_a_setup_is_asked_about_however_old_its_key_is_as_it_moves_no_money() -> None:
    gateway = FakeGateway(profile=GatewayProfile(keeps_keys_seconds=1))
    setups = SetupActivities(gateway, MemorySetups(), clock=lambda: NOW + WEEK)
    work = SetupWork(intent=make_setup(payment_method=make_method()), command=Confirm(command_id="c"), now=NOW)
    done = await ActivityEnvironment().run(setups.carry_out, work)
    assert isinstance(done.outcome, Approved)
    assert gateway.calls == 1
