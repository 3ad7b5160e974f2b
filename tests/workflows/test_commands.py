"""Commands as updates and as signals, on a real server: effects once, answers again, refusals without a trace."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError

from contracts import names
from domain.model.commands import AuthenticationResult, Cancel, Capture, Confirm, IncrementAuthorization, Update
from domain.model.gateways import AT_FIRST, FIRST, Hop
from domain.model.outcomes import AuthenticationRequired, Declined
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from gateways.registry import Gateways
from temporal.engine import TemporalEngine
from temporal.refusals import CommandRefused
from tests.support.builders import make_method
from tests.support.fakes import FakeGateway
from tests.support.servers import temporal_cli
from tests.workflows.conftest import Stage
from worker import build_worker

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())
CAPTURE = Capture(command_id="cmd_capture")


async def history(stage: Stage, id_: str) -> list[str]:
    found = await stage.client.get_workflow_handle(id_).fetch_history()
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in found.events]


async def ended(stage: Stage, id_: str) -> str:
    async with asyncio.timeout(60):
        result: str = await stage.client.get_workflow_handle(id_, result_type=str).result()
        return result


async def test_confirm_and_capture(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    held = await stage.send(intent, CONFIRM)
    assert (held.status, held.amount_capturable) == (Status.REQUIRES_CAPTURE, 1_099)
    paid = await stage.send(held, CAPTURE)
    assert (paid.status, paid.amount_received) == (Status.SUCCEEDED, 1_099)
    assert await ended(stage, intent.id) == "succeeded"
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]
    assert stage.projection.types(intent.id) == [
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


async def test_one_confirm_is_one_workflow_task(stage: Stage) -> None:
    intent = await stage.open()
    async with asyncio.timeout(60):
        while "WORKFLOW_TASK_COMPLETED" not in await history(stage, intent.id):
            await asyncio.sleep(0.01)
    before = (await history(stage, intent.id)).count("WORKFLOW_TASK_COMPLETED")
    await stage.send(intent, CONFIRM)
    await ended(stage, intent.id)
    events = await history(stage, intent.id)
    assert events.count("WORKFLOW_TASK_COMPLETED") == before + 1
    assert events.count("MARKER_RECORDED") == 1
    assert "ACTIVITY_TASK_SCHEDULED" not in events


async def test_create_and_confirm_is_one_workflow_task_in_all(stage: Stage) -> None:
    from tests.support.builders import make_intent

    intent = replace(make_intent(payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION), id=stage.queue)
    result = await stage.engine.start_with(intent, Confirm(command_id="cmd_1"))
    assert result.intent.status == Status.SUCCEEDED
    await ended(stage, intent.id)
    assert (await history(stage, intent.id)).count("WORKFLOW_TASK_COMPLETED") == 1


async def test_a_repeated_command_has_one_effect_and_the_same_answer(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    answers = await asyncio.gather(*(stage.send(intent, CONFIRM) for _ in range(10)))
    assert {answer.version for answer in answers} == {2}
    assert len(stage.gateway.performed) == 1


async def test_a_repeated_decline_is_told_again(stage: Stage) -> None:
    stage.gateway.answers.append(Declined(decline_code="lost_card"))
    intent = await stage.open()
    first = await stage.engine.send(intent, CONFIRM, _never)
    assert first.error is not None
    assert (first.error.decline_code, first.intent.status) == ("lost_card", Status.REQUIRES_PAYMENT_METHOD)
    other = Confirm(command_id="cmd_other", payment_method=make_method())
    paid = await stage.send(intent, other)
    assert paid.status == Status.SUCCEEDED
    assert [a.operation for a in stage.gateway.performed] == ["authorize", "authorize"]


async def _never() -> PaymentIntent:
    raise AssertionError("the run has not ended")


async def test_a_refused_update_leaves_no_history_and_no_effect(stage: Stage) -> None:
    intent = await stage.open()
    await stage.state(intent)
    before = await history(stage, intent.id)
    with pytest.raises(CommandRefused) as caught:
        await stage.send(intent, CAPTURE)
    assert caught.value.refusal.code == "payment_intent_unexpected_state"
    assert caught.value.intent.id == intent.id
    assert await history(stage, intent.id) == before
    assert stage.gateway.calls == 0


async def test_of_two_captures_at_once_one_wins(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    await stage.send(intent, CONFIRM)
    two = [Capture(command_id=f"cmd_{n}", amount_to_capture=600) for n in range(2)]
    results = await asyncio.gather(*(stage.send(intent, command) for command in two), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["CommandRefused", "PaymentIntent"]
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_cancel_releases_the_hold(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    await stage.send(intent, CONFIRM)
    canceled = await stage.send(intent, Cancel(command_id="cmd_cancel", cancellation_reason="fraudulent"))
    assert (canceled.status, canceled.cancellation_reason) == (Status.CANCELED, "fraudulent")
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "void"]


async def test_authentication_then_success(stage: Stage) -> None:
    stage.gateway.answers.append(AuthenticationRequired(authentication="authn_1", url="https://bank.example"))
    intent = await stage.open()
    waiting = await stage.send(intent, CONFIRM)
    assert waiting.status == Status.REQUIRES_ACTION
    done = AuthenticationResult(command_id="cmd_a", authentication="authn_1", authenticated=True)
    assert (await stage.send(intent, done)).status == Status.SUCCEEDED


async def test_increment(stage: Stage) -> None:
    options = {"card": {"request_incremental_authorization": "if_available"}}
    intent = await stage.open(capture_method="manual", payment_method_options=options)
    await stage.send(intent, CONFIRM)
    raised = await stage.send(intent, IncrementAuthorization(command_id="cmd_i", amount=5_000))
    assert (raised.amount, raised.amount_capturable) == (5_000, 5_000)


async def test_commands_after_the_end(stage: Stage) -> None:
    intent = await stage.open()
    paid = await stage.send(intent, CONFIRM)
    await ended(stage, intent.id)
    with pytest.raises(CommandRefused):
        await stage.send(intent, Cancel(command_id="cmd_x"))
    noted = await stage.send(paid, Update(command_id="cmd_note", changes={"metadata": {"late": "yes"}}))
    assert (noted.status, noted.metadata) == (Status.SUCCEEDED, {"late": "yes"})
    assert await ended(stage, intent.id) == "succeeded"
    again = await stage.send(paid, CONFIRM)
    assert again.status == Status.SUCCEEDED, "the ledger outlives the run"
    assert len(stage.gateway.performed) == 1


async def test_a_revival_from_an_old_state_loses_nothing(stage: Stage) -> None:
    intent = await stage.open()
    paid = await stage.send(intent, CONFIRM)
    await ended(stage, intent.id)
    for number in range(3):
        # Each from the state before the others: what a slow request would still hold in its hands.
        command = Update(command_id=f"cmd_{number}", changes={"metadata": {f"k{number}": "v"}})
        result = await stage.engine.start_with(paid, command)
        await ended(stage, intent.id)
    assert result.intent.metadata == {"k0": "v", "k1": "v", "k2": "v"}
    assert (result.intent.status, result.intent.version) == (Status.SUCCEEDED, paid.version + 3)


class TestSignals:
    async def _signal(self, stage: Stage, id_: str, name: str, command: str) -> None:
        address = stage.client.service_client.config.target_host
        done = await asyncio.to_thread(
            temporal_cli, address, "workflow", "signal", "--workflow-id", id_, "--name", name, "--input", command
        )
        assert done.returncode == 0, done.stderr

    async def _until(self, stage: Stage, id_: str, status: Status) -> None:
        async with asyncio.timeout(60):
            while True:
                found = await stage.engine.retrieve(id_)
                if found and found.status == status:
                    return
                await asyncio.sleep(0.02)

    async def test_an_operator_confirms_and_captures_with_the_official_cli(self, stage: Stage) -> None:
        method = make_method()
        intent = await stage.open(capture_method="manual", payment_method=method, status=Status.REQUIRES_CONFIRMATION)
        await self._signal(stage, intent.id, names.CONFIRM, "{}")
        await self._until(stage, intent.id, Status.REQUIRES_CAPTURE)
        await self._signal(stage, intent.id, names.CAPTURE, '{"amount_to_capture": 1000}')
        assert await ended(stage, intent.id) == "succeeded"
        assert (await stage.state(intent)).amount_received == 1_000

    async def test_an_operator_cancels_and_reads_with_the_official_cli(self, stage: Stage) -> None:
        intent = await stage.open()
        await self._signal(stage, intent.id, names.CANCEL, '{"cancellation_reason": "duplicate"}')
        assert await ended(stage, intent.id) == "canceled"
        address = stage.client.service_client.config.target_host
        arguments = ("workflow", "query", "--workflow-id", intent.id, "--type", names.QUERY)
        read = await asyncio.to_thread(temporal_cli, address, *arguments)
        assert '"duplicate"' in read.stdout

    @pytest.mark.parametrize(
        ("name", "typed", "why"),
        [
            (names.CAPTURE, '{"amount": 400}', "Received unknown parameter: amount. Did you mean amount_to_capture?"),
            (names.CAPTURE, '{"amount_to_capture": "four"}', "Invalid amount_to_capture"),
            (names.CAPTURE, '{"amount_to_capture": 4.5}', "Invalid amount_to_capture"),
            (names.CAPTURE, "400", "Invalid input"),
            (names.CAPTURE, '["capture"]', "Invalid input"),
            (names.CAPTURE, '{"amount_to_capture": 400, "changes": {"description": "x"}}', "unknown parameter"),
            (names.CAPTURE, '{"changes": {"metadata": {"%s": "x"}}}' % ("k" * 41), "40 characters"),
            (names.CANCEL, '{"cancellation_reason": "bored"}', "Invalid cancellation_reason: must be one of"),
            (names.CANCEL, '{"reason": "duplicate"}', "Did you mean cancellation_reason?"),
            (names.UPDATE, '{"description": "x"}', "Received unknown parameter: description"),
            (names.UPDATE, '{"changes": {"description": "%s"}}' % ("x" * 1_001), "at most 1000 characters"),
            (names.UPDATE, '{"changes": {"receipt_email": "nobody"}}', "email"),
            (names.UPDATE, '{"changes": {"capture_method": "later"}}', "Invalid capture_method"),
            (names.INCREMENT_AUTHORIZATION, '{"amount": "2000 usd"}', "Invalid amount"),
            (names.REFUND, '{"reason": "nothing"}', "Invalid reason"),
            (names.REFUND, '{"refund": "re_1", "amount": 50}', "unknown parameter: refund. It cannot be typed"),
            (names.UPDATE, '{"command_id": "mine", "changes": {"hooks": {"inputs": 5}}}', "Invalid object"),
            (names.UPDATE, '{"command_id": "mine", "changes": {"capture_method": "zzz"}}', "Invalid capture_method"),
            (names.CAPTURE, '{"command_id": "mine", "amount": 400}', "Received unknown parameter: amount"),
            (names.CANCEL, '{"command_id": "mine", "cancellation_reason": "bored"}', "Invalid cancellation_reason"),
        ],
    )
    async def test_an_operator_is_checked_like_a_caller(self, stage: Stage, name: str, typed: str, why: str) -> None:
        method = make_method()
        intent = await stage.open(capture_method="manual", payment_method=method, status=Status.REQUIRES_CONFIRMATION)
        held = await stage.send(intent, Confirm(command_id="cmd_confirm"))
        await self._signal(stage, intent.id, name, typed)
        async with asyncio.timeout(60):
            while f"Last refused signal: {name}: " not in (shown := await _details(stage, intent.id)):
                await asyncio.sleep(0.02)
        assert why in shown
        assert [effect.operation for effect in stage.gateway.performed] == ["authorize"]
        assert await stage.state(intent) == held
        assert (await stage.send(held, CAPTURE)).status == Status.SUCCEEDED

    async def test_an_update_typed_by_hand_is_checked_as_well(self, stage: Stage) -> None:
        intent = await stage.open()
        handle = stage.client.get_workflow_handle(intent.id)
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await handle.execute_update(names.CANCEL, {"why": "duplicate"})
        assert "Received unknown parameter: why" in str(caught.value.cause)
        assert (await stage.state(intent)).status == Status.REQUIRES_PAYMENT_METHOD

    async def test_an_update_with_an_id_is_checked_unless_it_is_sent_as_the_api_sends_it(self, stage: Stage) -> None:
        intent = await stage.open()
        handle = stage.client.get_workflow_handle(intent.id)
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await handle.execute_update(names.UPDATE, {"command_id": "mine", "changes": {"radar_options": {"x": [1]}}})
        assert "radar_options" in str(caught.value.cause)
        assert await stage.state(intent) == intent
        await handle.execute_update(names.UPDATE, {"command_id": "mine", "changes": {"description": "right"}})
        assert (await stage.state(intent)).description == "right"

    async def test_a_refused_signal_is_shown_and_harms_nothing(self, stage: Stage) -> None:
        intent = await stage.open()
        handle = stage.client.get_workflow_handle(intent.id)
        await handle.signal(names.CAPTURE)
        async with asyncio.timeout(60):
            while "Last refused signal: capture" not in await _details(stage, intent.id):
                await asyncio.sleep(0.02)
        assert (await stage.send(intent, CONFIRM)).status == Status.SUCCEEDED


@pytest.mark.parametrize("hold", [True, False])
async def test_request_cancellation_in_the_temporal_ui_cancels_the_intent(stage: Stage, hold: bool) -> None:
    intent = await stage.open(capture_method="manual")
    if hold:
        await stage.send(intent, CONFIRM)
    await stage.client.get_workflow_handle(intent.id).cancel()
    assert await ended(stage, intent.id) == "canceled"
    assert [effect.operation for effect in stage.gateway.performed] == (["authorize", "void"] if hold else [])
    assert stage.projection.types(intent.id)[-1] == "payment_intent.canceled"


async def _details(stage: Stage, id_: str) -> str:
    handle = stage.client.get_workflow_handle(id_)
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


async def test_support_reads_the_card_in_the_temporal_ui(stage: Stage) -> None:
    stage.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    intent = await stage.open(customer="cus_1")
    await stage.engine.send(intent, CONFIRM, _never)
    details = await _details(stage, intent.id)
    for text in ("$10.99 usd from cus_1", "requires_payment_method", "insufficient funds", "Attempts: 1"):
        assert text in details


async def test_search_attributes_follow_the_status(stage: Stage) -> None:
    intent = await stage.open(customer="cus_1")
    await stage.send(intent, CONFIRM)
    await ended(stage, intent.id)
    described = await stage.client.get_workflow_handle(intent.id).describe()
    assert described.status == WorkflowExecutionStatus.COMPLETED
    attributes = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert {name: attributes[name] for name in names.SEARCH_ATTRIBUTES} == {
        names.SEARCH_STATUS: "succeeded",
        names.SEARCH_AMOUNT: 1_099,
        names.SEARCH_CURRENCY: "usd",
        names.SEARCH_CUSTOMER: "cus_1",
        names.SEARCH_ACCOUNT: "acct_test",
    }


async def test_the_memo_says_what_the_merchant_says(stage: Stage) -> None:
    intent = await stage.open(description="Order 7", metadata={"order": "7"}, capture_method="manual")
    handle = stage.client.get_workflow_handle(intent.id)
    assert await (await handle.describe()).memo() == {"description": "Order 7", "metadata": {"order": "7"}}
    changes = {"description": None, "metadata": {"order": "8"}}
    await stage.send(intent, Update(command_id="cmd_u", changes=changes))
    assert await (await handle.describe()).memo() == {"metadata": {"order": "8"}}
    quiet = await stage.open()
    assert await (await stage.client.get_workflow_handle(quiet.id).describe()).memo() == {}


async def test_starting_twice_is_once(stage: Stage) -> None:
    intent = await stage.open()
    await stage.engine.start(intent)
    await stage.send(intent, Cancel(command_id="cmd_c"))
    await ended(stage, intent.id)
    await stage.engine.start(intent)
    described = await stage.client.get_workflow_handle(intent.id).describe()
    assert described.status == WorkflowExecutionStatus.COMPLETED


async def test_an_update_of_a_name_we_do_not_have_fails_alone(stage: Stage) -> None:
    intent = await stage.open()
    with pytest.raises((WorkflowUpdateFailedError, RPCError)):
        await stage.client.get_workflow_handle(intent.id).execute_update("pay", CONFIRM)
    assert (await stage.send(intent, CONFIRM)).status == Status.SUCCEEDED


async def test_a_confirmation_goes_on_at_the_next_gateway_within_one_command(client: Client, stage: Stage) -> None:
    other, queue = FakeGateway(), f"{stage.queue}_moved"
    stage.gateway.answers = [Declined(decline_code="do_not_honor")]
    both = Gateways({FIRST: stage.gateway, "other": other})
    method = make_method(tokens={"other": "tok_other"})
    command = replace(CONFIRM, payment_method=method, route=(AT_FIRST, Hop(gateway="other")))
    moved = replace(stage, queue=queue, engine=TemporalEngine(client, stage.projection.latest, queue))
    async with build_worker(client, both, stage.projection, stage.balances, queue):
        intent = await moved.open()
        paid = await moved.send(intent, command)
        assert await moved.send(paid, command) == paid, "repeated, it is answered as before"
        assert await ended(moved, intent.id) == "succeeded"
    assert paid.charge is not None
    assert (paid.status, paid.attempts, paid.charge.gateway) == (Status.SUCCEEDED, 2, "other")
    (first,), (second,) = stage.gateway.performed, other.performed
    assert first.key != second.key
    assert stage.projection.types(intent.id) == ["charge.failed", "charge.succeeded", "payment_intent.succeeded"]


async def test_nobody_else_is_asked_while_it_is_not_known_what_became_of_the_first(
    client: Client, stage: Stage
) -> None:
    other, queue = FakeGateway(), f"{stage.queue}_moved"
    silent = GatewayUnavailable("silent")
    stage.gateway.answers = [silent, silent, silent, Declined(decline_code="do_not_honor")]
    both = Gateways({FIRST: stage.gateway, "other": other})
    command = replace(
        CONFIRM, payment_method=make_method(tokens={"other": "t"}), route=(AT_FIRST, Hop(gateway="other"))
    )
    moved = replace(stage, queue=queue, engine=TemporalEngine(client, stage.projection.latest, queue))
    async with build_worker(client, both, stage.projection, stage.balances, queue):
        intent = await moved.open()
        assert (await moved.send(intent, command)).status == Status.PROCESSING
        async with asyncio.timeout(60):
            while (known := await moved.state(intent)).pending is not None:
                await asyncio.sleep(0.02)
    assert known.status == Status.REQUIRES_PAYMENT_METHOD
    assert other.performed == [], "a no that is known late moves nothing"
