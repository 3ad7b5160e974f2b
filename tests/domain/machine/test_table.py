"""Every cell of the state machine, legal or not, and that a refused command changes nothing."""

from collections.abc import Sequence

import pytest

from domain.machine.decisions import Decision, decide
from domain.machine.evolution import evolve
from domain.machine.table import LATER, TABLE
from domain.machine.transitions import carry_out, make_known
from domain.model.commands import Cancel
from domain.model.events import Authenticated, IntentCanceled
from domain.model.outcomes import FundsKnown, MoveFunds
from domain.model.statuses import TERMINAL, Status
from domain.refusals import InvariantViolation, Refusal
from tests.support.builders import COMMANDS, NOW, in_status, make_intent
from tests.support.walk import Step

CELLS = [(status, name) for status in Status for name in COMMANDS]

CONDITIONAL = {
    (Status.REQUIRES_PAYMENT_METHOD, "confirm"): "missing a payment method",
    (Status.REQUIRES_PAYMENT_METHOD, "apply_customer_balance"): "not waiting for a bank transfer",
    (Status.REQUIRES_CONFIRMATION, "apply_customer_balance"): "not waiting for a bank transfer",
    (Status.REQUIRES_CAPTURE, "increment_authorization"): "request_incremental_authorization",
    (Status.REQUIRES_CAPTURE, "refund"): "must cancel the PaymentIntent",
    (Status.REQUIRES_CAPTURE, "refund_result"): "no such refund",
    (Status.SUCCEEDED, "refund_result"): "no such refund",
    (Status.REQUIRES_CAPTURE, "dispute"): "no charge",
    (Status.REQUIRES_CAPTURE, "update_dispute"): "cannot be answered here",
    (Status.REQUIRES_CAPTURE, "close_dispute"): "cannot be answered here",
    (Status.REQUIRES_CAPTURE, "expire_dispute"): "whose time is up",
    (Status.SUCCEEDED, "dispute"): "no charge",
    (Status.SUCCEEDED, "update_dispute"): "cannot be answered here",
    (Status.SUCCEEDED, "close_dispute"): "cannot be answered here",
    (Status.SUCCEEDED, "expire_dispute"): "whose time is up",
    (Status.REQUIRES_ACTION, "verify_microdeposits"): "",
    (Status.REQUIRES_ACTION, "expire_action"): "",
    (Status.REQUIRES_ACTION, "apply_customer_balance"): "not waiting for a bank transfer",
    (Status.REQUIRES_ACTION, "check_settlement"): "no charge that waits",
    (Status.PROCESSING, "cancel"): "has a status of processing",
    (Status.PROCESSING, "check_settlement"): "cannot be accessed right now",
    (Status.REQUIRES_CAPTURE, "expire_authorization"): "No authorization has expired",
    (Status.PROCESSING, "modification_result"): "that this would answer",
    (Status.REQUIRES_CAPTURE, "modification_result"): "that this would answer",
    (Status.SUCCEEDED, "modification_result"): "that this would answer",
    (Status.PROCESSING, "resolve"): "say that key",
    (Status.REQUIRES_ACTION, "resolve"): "It is known what became",
    (Status.REQUIRES_CAPTURE, "resolve"): "It is known what became",
    (Status.SUCCEEDED, "resolve"): "It is known what became",
    (Status.REQUIRES_CAPTURE, "return_share"): "no application fee to refund",
    (Status.SUCCEEDED, "return_share"): "no application fee to refund",
}
"""Legal cells whose own rule refuses the plain command."""


def test_the_table_has_every_cell() -> None:
    assert set(TABLE) == set(Status)
    for status, row in TABLE.items():
        assert set(row) == set(COMMANDS), status


@pytest.mark.parametrize(("status", "name"), CELLS, ids=lambda value: str(value))
def test_a_cell_is_legal_or_refused_and_a_refusal_changes_nothing(status: Status, name: str) -> None:
    intent = in_status(status)
    before = repr(intent)
    decision = decide(intent, COMMANDS[name], NOW)
    if TABLE[status][name] and (status, name) not in CONDITIONAL:
        assert isinstance(decision, Decision)
    else:
        assert isinstance(decision, Refusal)
        known = ("payment_intent_unexpected_state", "payment_intent_invalid_parameter", "lock_timeout")
        assert decision.code in known or (decision.code is None and name in ("refund", "refund_result", "return_share"))
        assert CONDITIONAL.get((status, name), "") in decision.message
    assert repr(intent) == before


@pytest.mark.parametrize("status", Status)
def test_a_status_is_reached_by_legal_commands(status: Status) -> None:
    assert in_status(status).status == status


def test_every_target_of_every_cell_is_reached_and_no_other(steps: Sequence[Step]) -> None:
    """A walk through every kind of state; a step outside its cell would have stopped it (transitions.py)."""
    reached: set[tuple[Status, str, Status]] = set()
    later: set[tuple[Status, str, Status]] = set()
    for step in steps:
        before, after = step.transition.before.status, step.transition.after.status
        if step.command is not None:
            reached.add((before, step.command.name, after))
        elif step.effect is not None:
            later.add((before, step.effect.operation, after))
    assert reached == steps_of(TABLE)
    assert later == steps_of(LATER)


def steps_of(table: dict[Status, dict[str, tuple[Status, ...]]]) -> set[tuple[Status, str, Status]]:
    return {(before, by, after) for before, row in table.items() for by, cell in row.items() for after in cell}


@pytest.mark.parametrize("status", TERMINAL)
def test_nothing_leaves_a_terminal_status(status: Status) -> None:
    assert {target for targets in TABLE[status].values() for target in targets} == {status}
    assert {target for targets in LATER.get(status, {}).values() for target in targets} <= {status}


def test_a_terminal_status_is_terminal_whatever_the_table_says() -> None:
    paid = in_status(Status.SUCCEEDED)
    with pytest.raises(InvariantViolation, match="terminal"):
        evolve(paid, [IntentCanceled(None, NOW)])
    assert make_intent().status == Status.REQUIRES_PAYMENT_METHOD


def test_a_step_that_only_another_command_may_make_is_an_invariant_violation() -> None:
    """To requires_confirmation: an update may, a cancel may not."""
    waiting = in_status(Status.REQUIRES_ACTION)
    assert Status.REQUIRES_CONFIRMATION in TABLE[waiting.status]["update"]
    with pytest.raises(InvariantViolation, match="cancel leads from requires_action to requires_confirmation"):
        carry_out(waiting, Cancel(), Decision(events=(Authenticated("authn_1"),)), None, NOW)


def test_a_step_that_only_a_command_may_make_is_none_of_a_late_answer() -> None:
    """To canceled: a cancel may, news of a cash balance may not."""
    held = in_status(Status.REQUIRES_CAPTURE)
    assert Status.CANCELED in TABLE[held.status]["cancel"]
    release = MoveFunds(key="k", intent=held.id, operation="release_funds")
    with pytest.raises(InvariantViolation, match="release_funds leads from requires_capture to canceled"):
        make_known(held, release, FundsKnown(applied=0), NOW)


@pytest.mark.parametrize(
    ("status", "name", "text"),
    [
        (Status.REQUIRES_CONFIRMATION, "capture", "status of requires_confirmation"),
        (Status.SUCCEEDED, "capture", "has been released"),
        (Status.SUCCEEDED, "cancel", "You cannot cancel this PaymentIntent because it has a status of succeeded"),
        (Status.CANCELED, "cancel", "requires_reauthorization"),
        (Status.SUCCEEDED, "confirm", "already succeeded after being previously confirmed"),
        (Status.CANCELED, "confirm", "status of canceled"),
        (Status.REQUIRES_CAPTURE, "confirm", "status of requires_capture"),
        (Status.REQUIRES_PAYMENT_METHOD, "verify_microdeposits", "verify_with_microdeposits"),
        (Status.REQUIRES_PAYMENT_METHOD, "apply_customer_balance", "customer_balance"),
    ],
)
def test_refusals_read_as_clients_expect(status: Status, name: str, text: str) -> None:
    refusal = decide(in_status(status), COMMANDS[name], NOW)
    assert isinstance(refusal, Refusal)
    assert text in refusal.message
