"""SetupIntents: whatever the order and whichever one fault, record and gateway say the same in the end."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from domain.machine.fence import Answer, Taken, UnderWay
from domain.machine.setups.transitions import SETUPS
from domain.model.commands import AuthenticationResult, Cancel, Command, Confirm, Update
from domain.model.outcomes import Approved, AuthenticationRequired, Declined, SetUp
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status
from tests.explore.setups import Ended, Records, walks
from tests.support.builders import NOW, make_method, make_setup

YES, NO = Approved(authorization="setatt_1"), Declined(decline_code="generic_decline")
CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")


def confirm(number: int) -> Confirm:
    return Confirm(command_id=f"confirm_{number}", payment_method=make_method(id=f"pm_{number}", token=f"tok_{number}"))


def challenged() -> SetupIntent:
    first = make_setup()
    decision = SETUPS.decide(first, confirm(0), NOW)
    return SETUPS.carried_out(first, confirm(0), decision, CHALLENGE, NOW).after  # type: ignore[arg-type]


ANSWERED = AuthenticationResult(command_id="authn_1", authentication="authn_1", authenticated=True)
SCENARIOS: dict[str, tuple[Callable[[], SetupIntent], tuple[Command, ...], list[Any]]] = {
    "two confirmations": (make_setup, (confirm(1), confirm(2)), [YES]),
    "a decline, and another card": (make_setup, (confirm(1), confirm(2)), [NO, YES]),
    "a confirmation, and a cancellation": (make_setup, (confirm(1), Cancel(command_id="cancel")), [YES]),
    "the buyer's answer, and another card": (challenged, (ANSWERED, confirm(2)), [YES, YES]),
    "a note meanwhile": (
        make_setup, (confirm(1), Update(command_id="note", changes={"description": "later"})), [YES],
    ),
}  # fmt: skip


def check(first: SetupIntent, commands: tuple[Command, ...], ended: Ended) -> None:
    """What must hold in the end."""
    record, state = ended.records.record, first
    assert record is not None
    assert record.under_way is None, "no claim is left"
    for transition in ended.records.chain:
        assert transition.before == state, "from one version to the next"
        state = transition.after
    assert record.intent == state
    assert set(ended.told) == {command.command_id for command in commands}, "every caller is answered"
    known = {entry.command_id for entry in state.ledger}
    assert {id_ for id_, told in ended.told.items() if told == "done"} <= known, "what was answered is recorded"
    tried = {one.after.attempt.id for one in ended.records.chain if one.after.attempt is not None}
    asked = [effect for effect in ended.gateway.performed if isinstance(effect, SetUp)]
    assert {effect.attempt for effect in asked} <= tried, "whatever the bank was asked for is recorded"
    yes = [effect for effect in asked if ended.gateway.known[effect.key] == YES]
    assert len(yes) <= 1, "a bank is asked to keep one method"
    assert (state.status == Status.SUCCEEDED) is bool(yes)
    if yes and state.payment_method is not None:
        assert state.payment_method.token == yes[0].token, "what was set up is what the record says"


WALKS_MAX = 4_000
"""Of one scenario; all but one have fewer."""


def explore(name: str, records: type[Records] = Records) -> int:
    """Walk a scenario; how many walks there were."""
    made, commands, answers = SCENARIOS[name]
    first, count = made(), 0
    for ended in islice(walks(first, commands, answers, records), WALKS_MAX):
        check(first, commands, ended)
        count += 1
    return count


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_order_and_no_fault_is_wrong(name: str) -> None:
    assert explore(name) > 20


class Unfenced(Records):
    """Says yes to whoever is about to ask a gateway, and does not write it down."""

    async def claim(self, intent: SetupIntent, asked: UnderWay) -> Answer[SetupIntent]:
        """Always taken."""
        return Taken(asked.now)


def test_it_finds_again_what_the_claim_is_for() -> None:
    with pytest.raises((AssertionError, ApplicationError)):
        explore("two confirmations", Unfenced)
