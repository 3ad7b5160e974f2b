"""Different commands for a payment that has ended, at the same moment: none is lost, and none is done twice."""

import asyncio
from collections import Counter

from domain.model.commands import Cancel, Command, Confirm, RefundCharge, Update
from domain.model.outcomes import Refund
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from temporal.refusals import CommandRefused
from tests.support.builders import make_method
from tests.workflows.conftest import Stage

ROUNDS = 5


async def ended(stage: Stage) -> PaymentIntent:
    intent = await stage.send(await stage.open(), Confirm(command_id="cmd_1", payment_method=make_method()))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent


async def answer(stage: Stage, intent: PaymentIntent, command: Command) -> PaymentIntent | CommandRefused:
    try:
        return await stage.send(intent, command)
    except CommandRefused as refused:
        return refused


async def test_each_is_carried_out_once_or_refused(stage: Stage) -> None:
    for number in range(ROUNDS):
        intent = await ended(stage)
        updates = [Update(command_id=f"u{n}_{number}", changes={"metadata": {f"k{n}": "v"}}) for n in range(3)]
        refunds = [RefundCharge(command_id=f"r{n}_{number}", refund=f"re_{n}_{number}", amount=400) for n in range(3)]
        twice: list[Command] = [*updates, *refunds, Cancel(command_id=f"c_{number}")]
        twice += twice
        answers = await asyncio.gather(*(answer(stage, intent, command) for command in twice))
        done = {
            command.command_id
            for command, result in zip(twice, answers, strict=True)
            if isinstance(result, PaymentIntent)
        }
        latest = await stage.projection.latest(intent.id)
        assert latest is not None
        assert latest.charge is not None
        assert latest.status == Status.SUCCEEDED
        assert latest.metadata == {f"k{n}": "v" for n in range(3)}
        assert latest.charge.amount_refunded == 800, "the third is more than is left"
        remembered = Counter(entry.command_id for entry in latest.ledger)
        assert set(remembered.values()) == {1}
        assert done == set(remembered) - {"cmd_1"}, "whoever was told so is remembered, and nobody else"
        assert len(done) == len(updates) + 2
        given = [effect for effect in stage.gateway.performed if isinstance(effect, Refund)]
        assert sum(effect.amount for effect in given if effect.key.startswith(intent.id)) == 800
        assert stage.projection.types(intent.id).count("refund.created") == 2
        assert latest.version == intent.version + len(done)
