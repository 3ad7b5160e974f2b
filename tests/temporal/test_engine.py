"""The engine's side of a command when the run it found ends under its hands. The server is played by one function."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ActivityError, CancelledError
from temporalio.service import RPCError, RPCStatusCode

from contracts.messages import CommandResult
from domain.model.commands import RefundCharge
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from temporal.codec import KeyUnknown
from temporal.engine import ROLLOVERS_MAX, EngineUnavailable, TemporalEngine
from tests.support.builders import NOW, in_status

ENDED = in_status(Status.SUCCEEDED)


class Server:
    """Answers an update-with-start by `answer`, and counts the command ids that came."""

    namespace = "default"

    def __init__(self, answer: Callable[[int], CommandResult]) -> None:
        self.answer, self.ids = answer, list[str]()

    async def execute_update_with_start_workflow(self, *_: Any, id: str, **__: Any) -> CommandResult:
        self.ids.append(id)
        return self.answer(len(self.ids))


async def latest(_: str) -> PaymentIntent:
    return ENDED


def engine(server: Server) -> TemporalEngine:
    return TemporalEngine(cast(Client, server), latest)


async def test_a_command_whose_run_has_ended_before_it_could_answer_is_sent_again() -> None:
    def answer(times: int) -> CommandResult:
        if times == 1:
            raise RPCError("workflow execution already completed", RPCStatusCode.NOT_FOUND, b"")
        return CommandResult(intent=ENDED)

    server = Server(answer)
    assert (await engine(server).start_with(ENDED, RefundCharge(command_id="r"))).intent == ENDED
    assert server.ids == ["r", "r"], "the same command"


async def test_it_is_unavailable_if_that_goes_on() -> None:
    def answer(times: int) -> CommandResult:
        raise RPCError(f"gone, {times} times", RPCStatusCode.NOT_FOUND, b"")

    server = Server(answer)
    with pytest.raises(EngineUnavailable):
        await engine(server).start_with(ENDED, RefundCharge(command_id="r"))
    assert len(server.ids) == ROLLOVERS_MAX


async def test_an_answer_under_a_key_that_this_process_lacks_is_no_answer() -> None:
    def answer(times: int) -> CommandResult:
        raise KeyUnknown(f"under the key 'next', {times}")

    server = Server(answer)
    with pytest.raises(EngineUnavailable, match="under the key 'next'"):
        await engine(server).start_with(ENDED, RefundCharge(command_id="r"))
    assert server.ids == ["r"], "whoever repeats it finds out what became of it"


async def test_what_was_canceled_with_its_worker_is_sent_again_under_another_id() -> None:
    """The server remembers an update's failure under its id: whoever repeated the request got a 500 for good."""
    lost = ActivityError(
        "Local Activity cancelled", scheduled_event_id=0, started_event_id=0, identity="", activity_type="carry_out",
        activity_id="1", retry_state=None,
    )  # fmt: skip
    lost.__cause__ = CancelledError("Cancelled")

    def answer(times: int) -> CommandResult:
        if times == 1:
            raise WorkflowUpdateFailedError(lost)
        return CommandResult(intent=ENDED)

    server = Server(answer)
    asking = TemporalEngine(cast(Client, server), latest, clock=lambda: NOW)
    assert (await asking.start_with(ENDED, RefundCharge(command_id="r"))).intent == ENDED
    assert server.ids == ["r", f"r/{NOW + 10}"]
