"""What Adyen authorizes after a no is released, whoever said the no, and whoever hears of it second."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.model.gateway_dealings import Notice, Request
from domain.model.outcomes import Approved, AskSettlement, AuthenticationRequired, Authorize, CaptureHold, Declined
from gateways.adyen.news import FALSE_SETTLES_SECONDS
from gateways.base import GatewayRejected, GatewayUnavailable, GatewayUndecided
from tests.gateways.adyen.effects import authorization
from tests.gateways.adyen.standing_in import Stage, on_stage
from tests.gateways.adyen.test_gateway import card, come_back, held, until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as staged:
        yield staged


async def test_what_is_authorized_after_a_decline_is_released(stage: Stage) -> None:
    effect = authorization(token=await card(stage, "4000000000009995"), capture=False)
    assert isinstance(await stage.gateway.perform(effect), Declined)
    other = await held(stage, key="pi_2/1/authorize", charge="ch_2")
    hold = await stage.gateway.perform(other)
    assert isinstance(hold, Approved)
    notices = await until(lambda: stage.memory.notices("adyen", hold.authorization))
    await stage.gateway.heard(notices[0])
    assert (await stage.payments())[1]["held"] == 1_000, "what was approved stays"
    # As Adyen has it, that one was another try of the first.
    del stage.memory.requests["adyen", other.key]
    await stage.gateway.heard(replace(notices[0], ours=effect.key))
    await stage.gateway.heard(replace(notices[0], ours=effect.key))
    assert (await stage.payments())[1]["held"] == 0
    assert [path for path, _ in stage.witness.seen].count(f"/payments/{hold.authorization}/reversals") == 2
    assert len(await stage.ledger()) == 2, "asked twice under one key, done once"


def authorised(stage: Stage, succeeded: bool, psp: str, ours: str) -> Notice:
    """What Adyen tells now of a payment of ours."""
    return Notice(
        gateway="adyen", event="AUTHORISATION", succeeded=succeeded, reference=psp, ours=ours, amount=1_000,
        currency="eur", received_at=int(stage.now[0]),
    )  # fmt: skip


async def silent(stage: Stage) -> tuple[Authorize, str]:
    """A hold that Adyen has, whose answer says nothing: the effect, and Adyen's name for it."""
    effect = await held(stage)
    stage.telling[0] = False
    await stage.misbehave(trouble="io_exception", paths=["payments"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.perform(effect)
    return effect, str((await stage.payments())[0]["psp"])


def reversals(stage: Stage) -> list[int]:
    return [status for path, status in stage.witness.seen if path.endswith("/reversals")]


@pytest.mark.parametrize("ask", ["perform", "retrieve"])
async def test_what_is_authorized_after_news_of_a_decline_is_released(stage: Stage, ask: str) -> None:
    effect, psp = await silent(stage)
    await stage.memory.notice(authorised(stage, False, psp, effect.key))
    stage.now[0] += FALSE_SETTLES_SECONDS
    declined = Declined(decline_code="generic_decline")
    assert await getattr(stage.gateway, ask)(effect) == declined
    yes = authorised(stage, True, psp, effect.key)
    await stage.memory.notice(yes)
    await stage.gateway.heard(yes)
    assert (await stage.payments())[0]["held"] == 0
    assert [await stage.gateway.perform(effect), await stage.gateway.retrieve(effect)] == [declined] * 2, "it stays so"


async def test_news_that_come_while_a_decline_is_written_down_release_as_well(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever heard them found no decline yet; so who writes it looks once more."""
    effect, psp = await silent(stage)
    await stage.memory.notice(authorised(stage, False, psp, effect.key))
    stage.now[0] += FALSE_SETTLES_SECONDS
    yes, learn = authorised(stage, True, psp, effect.key), stage.memory.learn

    async def first_the_news(request: Request) -> None:
        await stage.memory.notice(yes)
        await stage.gateway.heard(yes)
        await learn(request)

    monkeypatch.setattr(stage.memory, "learn", first_the_news)
    assert isinstance(await stage.gateway.perform(effect), Declined)
    assert (await stage.payments())[0]["held"] == 0


async def test_a_release_that_adyen_refuses_holds_the_no_back_from_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payment stayed processing for good, although its no was known."""
    effect, psp = await silent(stage)
    await stage.memory.notice(authorised(stage, False, psp, effect.key))
    stage.now[0] += FALSE_SETTLES_SECONDS
    learn = stage.memory.learn

    async def first_the_news(request: Request) -> None:
        await stage.memory.notice(authorised(stage, True, psp, effect.key))
        await learn(request)

    async def refuse(path: str, *_: object) -> None:
        raise GatewayRejected(f"{path}: 422 167")

    monkeypatch.setattr(stage.memory, "learn", first_the_news)
    monkeypatch.setattr(stage.gateway._client, "post", refuse)
    declined = Declined(decline_code="generic_decline")
    assert [await stage.gateway.retrieve(effect), await stage.gateway.perform(effect)] == [declined] * 2
    assert (await stage.payments())[0]["held"] == 1_000


async def test_a_release_whose_answer_says_nothing_is_asked_again_under_another_key(stage: Stage) -> None:
    effect, psp = await silent(stage)
    await stage.memory.notice(authorised(stage, False, psp, effect.key))
    stage.now[0] += FALSE_SETTLES_SECONDS
    assert isinstance(await stage.gateway.perform(effect), Declined)
    yes = authorised(stage, True, psp, effect.key)
    await stage.memory.notice(yes)
    await stage.misbehave(trouble="io_exception", paths=["reversals"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.heard(yes)
    for _ in range(2):
        await stage.gateway.heard(yes)
    assert (await stage.payments())[0]["held"] == 0
    assert len({key for (path, _), key in zip(stage.witness.seen, stage.witness.keys, strict=True)
                if path.endswith("/reversals")}) == 2  # fmt: skip


async def challenged(stage: Stage) -> tuple[Authorize, Authorize, AuthenticationRequired]:
    """A payment whose buyer is sent to their bank, the attempt that goes on from there, and where they are."""
    first = authorization(token=await card(stage, "4212345678910006"))
    page = await stage.gateway.perform(first)
    assert isinstance(page, AuthenticationRequired)
    return first, replace(first, key="pi_1/2/authorize", charge="ch_2", authentication=page.authentication), page


async def test_what_is_authorized_after_a_buyer_was_refused_is_released(stage: Stage) -> None:
    """The news name the attempt that the authentication was begun with; the no was that of the second."""
    first, second, page = await challenged(stage)
    await stage.memory.keep_return(page.authentication, await come_back(stage, page.url, "fail"))
    assert isinstance(await stage.gateway.perform(second), Declined)
    psp = str((await stage.payments())[0]["psp"])
    await stage.gateway.heard(authorised(stage, True, psp, first.key))
    assert reversals(stage) == [201]


async def test_what_is_authorized_after_a_buyer_was_believed_stays(stage: Stage) -> None:
    first, second, page = await challenged(stage)
    await stage.memory.keep_return(page.authentication, await come_back(stage, page.url, "complete"))
    assert isinstance(await stage.gateway.perform(second), Approved)
    psp = str((await stage.payments())[0]["psp"])
    await stage.gateway.heard(authorised(stage, True, psp, first.key))
    assert reversals(stage) == []
    asked = await stage.memory.request_by_reference("adyen", psp)
    assert asked is not None
    assert asked.charge == "ch_2", "a dispute of it names the charge that there is"


@pytest.mark.parametrize("event", ["AUTHORISATION", "OFFER_CLOSED"])
async def test_a_buyer_who_stays_away_is_declined_by_the_news_and_released(stage: Stage, event: str) -> None:
    first, second, _ = await challenged(stage)
    psp = str((await stage.payments())[0]["psp"])
    no = replace(authorised(stage, False, psp, first.key), event=event)
    await stage.memory.notice(no)
    if event == "AUTHORISATION":
        with pytest.raises(GatewayUndecided):
            await stage.gateway.perform(second)
        stage.now[0] += FALSE_SETTLES_SECONDS
    assert isinstance(await stage.gateway.perform(second), Declined)
    yes = authorised(stage, True, psp, first.key)
    await stage.memory.notice(yes)
    await stage.gateway.heard(yes)
    assert reversals(stage) == [201]
    assert isinstance(await stage.gateway.perform(second), Declined)


async def test_what_is_authorized_after_a_pending_payment_was_declined_is_released(stage: Stage) -> None:
    effect, psp = await silent(stage)
    # It was answered, and is pending: the silence is only how it came to be held without news.
    request = await stage.memory.request("adyen", effect.key)
    assert request is not None
    await stage.memory.learn(replace(request, reference=psp, outcome={"type": "accepted", "reference": psp}))
    await stage.memory.notice(authorised(stage, False, psp, effect.key))
    stage.now[0] += FALSE_SETTLES_SECONDS
    ask = AskSettlement(key="pi_1/1/settlement", authorization=psp, at=0, amount=1_000, currency="eur")
    assert isinstance(await stage.gateway.perform(ask), Declined)
    yes = authorised(stage, True, psp, effect.key)
    await stage.memory.notice(yes)
    await stage.gateway.heard(yes)
    assert (await stage.payments())[0]["held"] == 0
    assert isinstance(await stage.gateway.perform(ask), Declined), "asked again, it is not said to be paid"


async def captured(stage: Stage) -> Notice:
    """News of a final capture of a part, of which Adyen has released nothing yet."""
    hold = await stage.gateway.perform(await held(stage))
    assert isinstance(hold, Approved)
    capture = CaptureHold(
        key="pi_1/1/capture", authorization=hold.authorization, amount=400, currency="eur", final=True
    )
    await stage.gateway.perform(capture)

    async def told() -> list[Notice]:
        return [notice for notice in await stage.memory.waiting("adyen", 100) if notice.event == "CAPTURE"]

    (notice,) = await until(told)
    assert isinstance(notice, Notice)
    return notice


async def test_the_rest_whose_release_says_nothing_is_asked_for_again_under_another_key(stage: Stage) -> None:
    notice = await captured(stage)
    await stage.misbehave(trouble="io_exception", paths=["cancels"], count=1)
    with pytest.raises(GatewayUnavailable):
        await stage.gateway.heard(notice)
    for _ in range(2):
        await stage.gateway.heard(notice)
    asked = [(key, status) for (path, status), key in zip(stage.witness.seen, stage.witness.keys, strict=True)
             if path.endswith("/cancels")]  # fmt: skip
    assert [status for _, status in asked] == [500, 201, 201]
    assert (asked[0][0] != asked[1][0], asked[1][0] == asked[2][0]) == (True, True)
    assert [entry for entry in await stage.ledger() if entry[0] == "cancels"] == [("cancels", 600)]


async def test_a_rest_that_adyen_will_not_release_keeps_no_news_from_the_engine(stage: Stage) -> None:
    notice = replace(await captured(stage), original="NONESUCH")
    with capture_logs() as said:
        await stage.gateway.heard(notice)
    assert [line["payment_intent"] for line in said if line["event"] == "rest not released"] == ["pi_1"]
    assert "cancels" not in dict(await stage.ledger())
