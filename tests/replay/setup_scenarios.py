"""Scenarios of SetupIntents whose histories are kept, as scenarios.py has those of PaymentIntents."""

from collections.abc import Awaitable, Callable

from domain.model.commands import AuthenticationResult, Cancel, Confirm, Update, VerifyMicrodeposits
from domain.model.outcomes import Approved, AuthenticationRequired, Declined, VerificationRequired
from domain.model.resolutions import Resolve
from domain.model.statuses import Status
from tests.support.builders import CONSENT, make_method
from tests.workflows.conftest import Stage
from tests.workflows.setups import Setups

CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")


def confirm(number: int = 1) -> Confirm:
    return Confirm(command_id=f"cmd_confirm_{number}", payment_method=make_method())


async def setup_decline_then_success(stage: Stage) -> str:
    stage.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    setups = Setups(stage)
    setup = await setups.open(customer="cus_1")
    await setups.send(setup, confirm(1))
    await setups.send(setup, confirm(2))
    return setup.id


async def setup_authentication(stage: Stage) -> str:
    """By signal, after a change of what does not matter."""
    stage.gateway.answers.append(CHALLENGE)
    setups = Setups(stage)
    setup = await setups.open()
    await setups.send(setup, confirm())
    await setups.send(setup, Update(command_id="cmd_update", changes={"metadata": {"order": "1"}}))
    told = AuthenticationResult(command_id="authn_1", authentication="authn_1", authenticated=True)
    await setups.engine.notify(setup.id, told)
    await setups.until(setup, lambda one: one.status == Status.SUCCEEDED)
    return setup.id


async def setup_deposits(stage: Stage) -> str:
    stage.gateway.answers += [
        VerificationRequired(
            verification="verif_1", microdeposit_type="amounts", arrival_date=1_790_000_000, url="https://pay.example"
        ),
        Declined(decline_code="microdeposits_mismatch"),
        Approved(authorization="setatt_1"),
    ]
    setups = Setups(stage)
    setup = await setups.open(customer="cus_1", payment_method_types=("us_bank_account",))
    account = make_method(card=None, type="us_bank_account")
    changes = {"mandate_data": CONSENT}
    await setups.send(setup, Confirm(command_id="cmd_1", payment_method=account, changes=changes))
    await setups.send(setup, VerifyMicrodeposits(command_id="cmd_2", amounts=(1, 2)))
    await setups.send(setup, VerifyMicrodeposits(command_id="cmd_3", amounts=(32, 45)))
    return setup.id


async def setup_abandoned(stage: Stage) -> str:
    stage.gateway.answers.append(CHALLENGE)
    setups = Setups(stage)
    setup = await setups.open()
    await setups.send(setup, confirm())
    await setups.engine.fast_forward(setup.id, 25 * 3_600)
    open_ = await setups.until(setup, lambda one: one.status == Status.REQUIRES_PAYMENT_METHOD)
    await setups.send(open_, Cancel(command_id="cmd_cancel", cancellation_reason="abandoned"))
    return setup.id


async def setup_unknown_outcome(stage: Stage) -> str:
    stage.gateway.lose_answers = True
    setups = Setups(stage)
    setup = await setups.open()
    await setups.send(setup, confirm())
    stage.gateway.lose_answers = False
    await setups.until(setup, lambda one: one.status == Status.SUCCEEDED)
    await stage.client.get_workflow_handle(setup.id).result()
    return setup.id


async def setup_resolved(stage: Stage) -> str:
    """An operator has spoken, and it is asked no more."""
    stage.gateway.lose_answers = True
    setups = Setups(stage)
    setup = await setups.open()
    working = await setups.send(setup, confirm())
    assert working.pending is not None
    word = Resolve(
        command_id="resolve/1", key=working.pending.key, done=True, by="kim", evidence="file 7",
        regardless="they do not answer",
    )  # fmt: skip
    await setups.send(working, word)
    await stage.client.get_workflow_handle(setup.id).result()
    return setup.id


async def setup_revival(stage: Stage) -> str:
    """Ended, and woken for a note."""
    setups = Setups(stage)
    setup = await setups.open()
    done = await setups.send(setup, confirm())
    await stage.client.get_workflow_handle(setup.id).result()
    await setups.send(done, Update(command_id="cmd_note", changes={"description": "later"}))
    await stage.client.get_workflow_handle(setup.id).result()
    return setup.id


SETUP_SCENARIOS: dict[str, Callable[[Stage], Awaitable[str]]] = {
    scenario.__name__: scenario
    for scenario in (
        setup_decline_then_success, setup_authentication, setup_deposits, setup_abandoned, setup_unknown_outcome,
        setup_resolved, setup_revival,
    )
}  # fmt: skip
