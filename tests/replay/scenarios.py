"""Scenarios whose histories are kept: the lives a PaymentIntent can have. Record a new one with `make histories`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from temporalio.testing import TimeSkipper

from contracts.messages import PaymentIntentStart
from domain.model.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    Confirm,
    IncrementAuthorization,
    RefundCharge,
    ReportDispute,
    Update,
    UpdateDispute,
    VerifyMicrodeposits,
)
from domain.model.outcomes import (
    Accepted,
    Approved,
    AuthenticationRequired,
    Declined,
    PaymentAwaited,
    VerificationRequired,
)
from domain.model.shares import ReturnShare
from domain.model.statuses import Status
from tests.replay.gateway_scenarios import GATEWAY_SCENARIOS
from tests.replay.setup_scenarios import SETUP_SCENARIOS
from tests.support.builders import CONSENT, make_intent, make_method
from tests.workflows.conftest import Stage
from workflows.options import TASK_TIMEOUT
from workflows.payment_intent import PaymentIntentWorkflow

Scenario = Callable[[Stage], Awaitable[str]]
MANUAL = {"capture_method": "manual"}


def confirm(number: int = 1) -> Confirm:
    return Confirm(command_id=f"cmd_confirm_{number}", payment_method=make_method())


async def until(stage: Stage, id_: str, status: Status) -> None:
    async with asyncio.timeout(60):
        while True:
            found = await stage.engine.retrieve(id_)
            if found is not None and found.status == status:
                return
            await asyncio.sleep(0.05)


async def one_request(stage: Stage) -> str:
    intent = make_intent(payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION)
    intent = replace(intent, id=f"{intent.id}_{stage.queue}")
    await stage.engine.start_with(intent, Confirm(command_id="cmd_1"))
    return intent.id


async def capture(stage: Stage) -> str:
    intent = await stage.open(**MANUAL)
    await stage.send(intent, confirm())
    await stage.send(intent, Capture(command_id="cmd_capture", amount_to_capture=500))
    return intent.id


async def decline_then_success(stage: Stage) -> str:
    stage.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    intent = await stage.open()
    await stage.send(intent, confirm(1))
    await stage.send(intent, confirm(2))
    return intent.id


async def cancel_of_a_hold(stage: Stage) -> str:
    intent = await stage.open(**MANUAL)
    await stage.send(intent, confirm())
    await stage.send(intent, Cancel(command_id="cmd_cancel"))
    return intent.id


async def authentication(stage: Stage) -> str:
    stage.gateway.answers.append(AuthenticationRequired(authentication="authn_1", url="https://bank.example"))
    intent = await stage.open()
    await stage.send(intent, confirm())
    done = AuthenticationResult(command_id="cmd_a", authentication="authn_1", authenticated=True)
    await stage.send(intent, done)
    return intent.id


async def increments_and_multicapture(stage: Stage) -> str:
    card = {"request_incremental_authorization": "if_available", "request_multicapture": "if_available"}
    intent = await stage.open(payment_method_options={"card": card}, **MANUAL)
    await stage.send(intent, confirm())
    await stage.send(intent, IncrementAuthorization(command_id="cmd_i", amount=3_000))
    for number in range(3):
        final = number == 2
        command = Capture(command_id=f"cmd_c{number}", amount_to_capture=900, final_capture=final)
        await stage.send(intent, command)
    return intent.id


async def unknown_outcome(stage: Stage) -> str:
    stage.gateway.lose_answers = True
    intent = await stage.open()
    await stage.send(intent, confirm())
    stage.gateway.lose_answers = False
    await until(stage, intent.id, Status.SUCCEEDED)
    return intent.id


async def expiry(stage: Stage) -> str:
    intent = await stage.open(**MANUAL)
    await stage.send(intent, confirm())
    handle = stage.client.get_workflow_handle(intent.id)
    await TimeSkipper(stage.client).fast_forward(handle, timedelta(days=8))
    await until(stage, intent.id, Status.CANCELED)
    return intent.id


async def signals(stage: Stage) -> str:
    intent = await stage.open(payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION, **MANUAL)
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal("capture")
    await handle.signal("confirm")
    await until(stage, intent.id, Status.REQUIRES_CAPTURE)
    await handle.signal("cancel")
    await handle.result()
    return intent.id


async def roll_over(stage: Stage) -> str:
    intent = make_intent(**MANUAL)
    intent = replace(intent, id=f"{intent.id}_{stage.queue}")
    await stage.client.start_workflow(
        PaymentIntentWorkflow.run,
        PaymentIntentStart(intent=intent, history_events_max=12),
        id=intent.id,
        task_queue=stage.queue,
        task_timeout=TASK_TIMEOUT,
    )
    for number in range(6):
        await stage.send(intent, Update(command_id=f"cmd_{number}", changes={"description": str(number)}))
    await stage.send(intent, confirm())
    await stage.send(intent, Capture(command_id="cmd_capture"))
    return intent.id


async def revival(stage: Stage) -> str:
    intent = await stage.open()
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    await stage.send(paid, Update(command_id="cmd_note", changes={"metadata": {"late": "yes"}}))
    return intent.id


async def refund(stage: Stage) -> str:
    intent = await stage.open()
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    await stage.send(paid, RefundCharge(command_id="cmd_r", refund="re_1", amount=99))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def refund_of_unknown_outcome(stage: Stage) -> str:
    intent = await stage.open()
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    stage.gateway.lose_answers = True
    await stage.send(paid, RefundCharge(command_id="cmd_r", refund="re_1"))
    stage.gateway.lose_answers = False
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def return_share(stage: Stage) -> str:
    """Passed on to another account less a fee: with a refund comes a part of both back, and by hand the rest."""
    shared = {"beneficiary": "acct_other", "transfer_data": {"destination": "acct_other"}}
    intent = await stage.open(application_fee_amount=99, **shared)
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    refund = RefundCharge(command_id="cmd_r", refund="re_1", amount=100, reverse_transfer=True)
    given = await stage.send(paid, replace(refund, refund_application_fee=True))
    await stage.client.get_workflow_handle(intent.id).result()
    rest = ReturnShare(command_id="cmd_s", share="transfer", returned="trr_1", refund_application_fee=True)
    await stage.send(given, rest)
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def settlement(stage: Stage) -> str:
    """Accepted; asked because of news that came too early, and when the bank's days are over: then it has the money."""
    stage.gateway.answers += [Accepted(reference="auth_1"), Accepted(reference="auth_1")]
    intent = await stage.open(currency="eur", payment_method_types=("sepa_debit",), mandate_data=CONSENT)
    method = make_method(card=None, type="sepa_debit")
    pending = await stage.send(intent, replace(confirm(), payment_method=method))
    assert pending.status == Status.PROCESSING
    await stage.engine.notify(intent.id, CheckSettlement(command_id="news"))
    async with asyncio.timeout(60):
        while stage.gateway.calls < 2:
            await asyncio.sleep(0.02)
    await TimeSkipper(stage.client).fast_forward(stage.client.get_workflow_handle(intent.id), timedelta(days=6))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def deposits(stage: Stage) -> str:
    """A wrong try, and then ten days without another."""
    sent = VerificationRequired(
        verification="verif_1", microdeposit_type="amounts", arrival_date=0, url="https://bank.example"
    )
    stage.gateway.answers += [sent, Declined(decline_code="microdeposits_mismatch")]
    intent = await stage.open(payment_method_types=("us_bank_account",), mandate_data=CONSENT)
    method = make_method(card=None, type="us_bank_account")
    await stage.send(intent, replace(confirm(), payment_method=method))
    await stage.send(intent, VerifyMicrodeposits(command_id="cmd_v", amounts=(1, 2)))
    await TimeSkipper(stage.client).fast_forward(stage.client.get_workflow_handle(intent.id), timedelta(days=11))
    await until(stage, intent.id, Status.REQUIRES_PAYMENT_METHOD)
    return intent.id


async def voucher(stage: Stage) -> str:
    """Shown, withdrawn for a second one by the same buyer, and paid by the time that one expires."""
    soon = PaymentAwaited(reference="vou_1", url="https://pay.example", expires_at=int(time.time()) + 86_400)  # noqa: TID251
    stage.gateway.answers += [soon]
    intent = await stage.open(currency="mxn", amount=20_000, payment_method_types=("oxxo",))
    method = make_method(card=None, type="oxxo")
    await stage.send(intent, replace(confirm(), payment_method=method))
    stage.gateway.answers += [Approved(authorization="vou_1"), replace(soon, reference="vou_2")]
    again = replace(confirm(2), payment_method=make_method(card=None, type="oxxo"))
    await stage.send(intent, again)
    await TimeSkipper(stage.client).fast_forward(stage.client.get_workflow_handle(intent.id), timedelta(days=2))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def bank_transfer(stage: Stage) -> str:
    """Partly there, then all of it, and refunded."""
    options = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}}
    types = ("customer_balance",)
    intent = await stage.open(customer="cus_1", payment_method_types=types, payment_method_options=options)
    stage.balances.available = 600
    method = make_method(card=None, type="customer_balance")
    await stage.send(intent, replace(confirm(), payment_method=method))
    stage.balances.available = 499
    paid = await stage.send(intent, ApplyCustomerBalance(command_id="cmd_apply"))
    await stage.client.get_workflow_handle(intent.id).result()
    refund = RefundCharge(command_id="cmd_r", refund="re_1", amount=99, instructions_email="jenny@example.com")
    await stage.send(paid, refund)
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def dispute(stage: Stage) -> str:
    intent = await stage.open()
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    assert paid.charge is not None
    await stage.send(paid, ReportDispute(command_id="cmd_d", charge=paid.charge.id, reason="fraudulent"))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def answered_dispute(stage: Stage) -> str:
    intent = await stage.open()
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    assert paid.charge is not None
    opened = ReportDispute(command_id="dsp_1/needs_response", charge=paid.charge.id, reference="dsp_1")
    disputed = await stage.send(paid, opened)
    staged = UpdateDispute(command_id="cmd_u", changes={"evidence": {"customer_name": "Jenny"}}, submit=False)
    disputed = await stage.send(disputed, staged)
    disputed = await stage.send(disputed, UpdateDispute(command_id="cmd_s", changes={"evidence": {}}))
    await stage.client.get_workflow_handle(intent.id).result()
    won = ReportDispute(command_id="dsp_1/won", charge=paid.charge.id, status="won", reference="dsp_1")
    await stage.send(disputed, won)
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def unanswered_dispute(stage: Stage) -> str:
    intent = await stage.open()
    paid = await stage.send(intent, confirm())
    await stage.client.get_workflow_handle(intent.id).result()
    assert paid.charge is not None
    opened = ReportDispute(command_id="dsp_1/needs_response", charge=paid.charge.id, reference="dsp_1")
    await stage.send(paid, opened)
    await stage.engine.fast_forward(intent.id, 9 * 86_400)
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def cancellation_request(stage: Stage) -> str:
    intent = await stage.open(**MANUAL)
    await stage.send(intent, confirm())
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.cancel()
    await handle.result()
    return intent.id


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        one_request, capture, decline_then_success, cancel_of_a_hold, authentication, increments_and_multicapture,
        unknown_outcome, expiry, signals, roll_over, revival, cancellation_request, refund, refund_of_unknown_outcome,
        return_share, settlement, deposits, voucher, bank_transfer, dispute,
        answered_dispute, unanswered_dispute,
    )
} | GATEWAY_SCENARIOS | SETUP_SCENARIOS  # fmt: skip
