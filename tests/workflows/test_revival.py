"""A workflow that is gone while its payment is open: whatever comes for the payment brings it back from the record."""

import asyncio
from dataclasses import replace

import pytest

from domain.model.commands import AuthenticationResult, Cancel, CheckSettlement, Confirm
from domain.model.outcomes import Accepted, Approved, AuthenticationRequired
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from temporal.engine import ENDED, ClockFixed
from tests.replay.scenarios import until
from tests.support.builders import CONSENT, make_method
from tests.workflows.conftest import Stage

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())
AUTHENTICATED = AuthenticationResult(command_id="authn_1", authentication="authn_1", authenticated=True)
DAY = 86_400


async def terminate(stage: Stage, intent: PaymentIntent) -> None:
    await stage.client.get_workflow_handle(intent.id).terminate("as an operator might")


async def challenged(stage: Stage) -> PaymentIntent:
    stage.gateway.answers.append(AuthenticationRequired(authentication="authn_1", url="https://bank.example"))
    return await stage.send(await stage.open(), CONFIRM)


async def debited(stage: Stage) -> PaymentIntent:
    stage.gateway.answers += [Accepted(reference="auth_1"), Approved(authorization="auth_1")]
    intent = await stage.open(currency="eur", payment_method_types=("sepa_debit",), mandate_data=CONSENT)
    method = make_method(card=None, type="sepa_debit")
    return await stage.send(intent, replace(CONFIRM, payment_method=method))


async def held(stage: Stage) -> PaymentIntent:
    return await stage.send(await stage.open(capture_method="manual"), CONFIRM)


async def test_the_buyers_authentication_brings_it_back(stage: Stage) -> None:
    intent = await challenged(stage)
    await terminate(stage, intent)
    assert await stage.engine.notify(intent.id, AUTHENTICATED)
    assert await stage.client.get_workflow_handle(intent.id).result() == Status.SUCCEEDED
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "authorize"]


async def test_the_same_news_twice_at_once_bring_it_back_once(stage: Stage) -> None:
    intent = await challenged(stage)
    await terminate(stage, intent)
    taken = await asyncio.gather(*(stage.engine.notify(intent.id, AUTHENTICATED) for _ in range(5)))
    assert True in taken, "and who comes when it has ended is told that it is of no use any more"
    assert await stage.client.get_workflow_handle(intent.id).result() == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 2, "the challenge, and one authorization after it"


async def test_the_banks_answer_brings_it_back(stage: Stage) -> None:
    intent = await debited(stage)
    assert intent.status == Status.PROCESSING
    await terminate(stage, intent)
    assert await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    assert await stage.client.get_workflow_handle(intent.id).result() == Status.SUCCEEDED


async def test_moving_its_clock_brings_it_back(stage: Stage) -> None:
    intent = await held(stage)
    await terminate(stage, intent)
    await stage.engine.fast_forward(intent.id, 8 * DAY)
    await until(stage, intent.id, Status.CANCELED)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "void"]


async def test_asking_for_its_time_brings_it_back(stage: Stage) -> None:
    intent = await held(stage)
    await terminate(stage, intent)
    assert await stage.engine.time_of(intent.id, 5) == 5
    await stage.engine.fast_forward(intent.id, DAY)
    assert await stage.engine.time_of(intent.id, 5) > 5, "it runs, and its clock was moved"
    assert (await stage.state(intent)).status == Status.REQUIRES_CAPTURE


async def test_one_that_has_ended_stays_ended(stage: Stage) -> None:
    intent = await held(stage)
    await stage.send(intent, Cancel(command_id="cmd_cancel"))
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.result()
    run = (await handle.describe()).run_id
    assert not await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    for act in (stage.engine.fast_forward(intent.id, DAY), stage.engine.time_of(intent.id, 5)):
        with pytest.raises(ClockFixed, match=ENDED):
            await act
    assert (await handle.describe()).run_id == run, "nothing was started"
    assert len(stage.gateway.performed) == 2


async def test_one_that_nobody_knows_is_not_invented(stage: Stage) -> None:
    assert not await stage.engine.notify(f"pi_none_{stage.queue}", CheckSettlement(command_id="news"))
    with pytest.raises(ClockFixed):
        await stage.engine.fast_forward(f"pi_none_{stage.queue}", DAY)
