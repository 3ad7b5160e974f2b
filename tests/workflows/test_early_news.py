"""News that overtake what they are about are kept until they make sense: a worker that died may be to blame."""

import asyncio
from dataclasses import replace

from domain.model.commands import Cancel, CheckSettlement, Confirm
from domain.model.outcomes import Accepted, Approved, Declined, PaymentAwaited
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from tests.support.builders import CONSENT, make_method
from tests.workflows.conftest import Stage

VOUCHER = PaymentAwaited(reference="vou_1", url="https://pay.example", expires_at=4_000_000_000)
PAID = Approved(authorization="vou_1")


def confirm(type_: str) -> Confirm:
    return Confirm(command_id="cmd_confirm", payment_method=make_method(card=None, type=type_))


async def succeeded(stage: Stage, id_: str) -> None:
    assert await asyncio.wait_for(stage.client.get_workflow_handle(id_).result(), 20) == Status.SUCCEEDED


async def has_activity(stage: Stage, id_: str) -> None:
    """Until the workflow waits for a regular activity."""
    async with asyncio.timeout(60):
        while not (await stage.client.get_workflow_handle(id_).describe()).raw_description.pending_activities:
            await asyncio.sleep(0.05)


async def test_news_before_the_confirmation(stage: Stage) -> None:
    """The gateway was asked by a worker that died with the command; its news came before the command was repeated."""
    intent = await stage.open(currency="mxn", amount=20_000, payment_method_types=("oxxo",))
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    assert (await stage.state(intent)).status == Status.REQUIRES_PAYMENT_METHOD
    stage.gateway.answers += [VOUCHER, PAID]
    await stage.send(intent, confirm("oxxo"))
    await succeeded(stage, intent.id)


async def test_news_while_the_outcome_is_unknown(stage: Stage) -> None:
    intent = await stage.open(currency="eur", amount=20_000, payment_method_types=("sepa_debit",), mandate_data=CONSENT)
    stage.gateway.answers += [GatewayUnavailable("away")] * 40
    unknown = await stage.send(intent, replace(confirm("sepa_debit")))
    assert (unknown.status, unknown.pending is not None) == (Status.PROCESSING, True)
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    stage.gateway.answers[:] = [Accepted(reference="auth_1"), Approved(authorization="auth_1")]
    await succeeded(stage, intent.id)


async def test_news_while_another_command_leaves_its_outcome_unknown(stage: Stage) -> None:
    """They waited for their turn, and then made no sense for a while: they were refused as busy, and forgotten."""
    intent = await stage.open(currency="eur", amount=20_000, payment_method_types=("sepa_debit",), mandate_data=CONSENT)
    stage.gateway.answers += [Accepted(reference="auth_1")]
    assert (await stage.send(intent, confirm("sepa_debit"))).status == Status.PROCESSING
    stage.projection.away = True
    canceling = asyncio.create_task(stage.send(intent, Cancel(command_id="cmd_cancel")))
    await has_activity(stage, intent.id)
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    stage.gateway.answers += [Declined(decline_code="too_late"), Approved(authorization="auth_1")]
    stage.projection.away = False
    await canceling
    await succeeded(stage, intent.id)


async def test_news_that_never_make_sense_end_with_the_payment(stage: Stage) -> None:
    intent = await stage.open()
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news", charge="py_another"))
    await stage.send(intent, Confirm(command_id="cmd_1", payment_method=make_method()))
    await succeeded(stage, intent.id)


async def test_news_that_come_before_there_is_an_answer_ask_again_when_they_are_told_again(stage: Stage) -> None:
    """The bank had not answered when the gateway first said so; the same words, told again, ask again."""
    intent = await stage.open(currency="eur", amount=20_000, payment_method_types=("sepa_debit",), mandate_data=CONSENT)
    accepted = Accepted(reference="auth_1")
    stage.gateway.answers += [accepted, accepted]
    waiting = await stage.send(intent, replace(confirm("sepa_debit")))
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    async with asyncio.timeout(60):
        while (await stage.state(intent)).version == waiting.version:
            await asyncio.sleep(0.02)
    stage.gateway.answers[:] = [Approved(authorization="auth_1")]
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    await succeeded(stage, intent.id)
