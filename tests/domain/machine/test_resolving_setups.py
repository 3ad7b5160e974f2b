"""What became of a setup, as an operator says: it means what its gateway's answer would have meant."""

from dataclasses import replace

import pytest

from contracts.states import lean_setup, load_setup
from domain.machine.setups.decisions import SetupDecision, decide
from domain.machine.setups.transitions import carry_out, leave_unknown, make_known
from domain.model.commands import Command, Confirm
from domain.model.outcomes import Approved, Declined, Outcome
from domain.model.resolutions import Resolution, Resolve
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import CONSENT, NOW, make_method, make_setup

LATER = NOW + 90


def decided(state: SetupIntent, command: Command) -> SetupDecision:
    decision = decide(state, command, LATER)
    assert isinstance(decision, SetupDecision), decision
    return decision


def refused(state: SetupIntent, command: Command) -> Refusal:
    decision = decide(state, command, LATER)
    assert isinstance(decision, Refusal)
    return decision


def waiting(type_: str) -> SetupIntent:
    method = make_method() if type_ == "card" else make_method(type=type_, card=None)
    setup = make_setup(customer="cus_1", payment_method_types=(type_,))
    confirm = Confirm(payment_method=method, return_url="https://shop.example", changes={"mandate_data": CONSENT})
    decision = decided(setup, confirm)
    assert decision.effect is not None
    return leave_unknown(setup, confirm, decision, decision.effect, NOW).after


def word(setup: SetupIntent, done: bool | None, **more: str) -> Resolve:
    assert setup.pending is not None
    whole = Resolve(command_id="resolve/1", key=setup.pending.key, done=done, by="kim", evidence="file 7")
    said: Resolve = replace(whole, **more)  # type: ignore[arg-type]
    return said


@pytest.mark.parametrize(("done", "status"), [(True, Status.SUCCEEDED), (False, Status.REQUIRES_PAYMENT_METHOD)])
@pytest.mark.parametrize("type_", ["card", "us_bank_account"])
def test_it_means_what_the_answer_would_have_meant(type_: str, done: bool, status: Status) -> None:
    setup = waiting(type_)
    assert setup.pending is not None
    outcome: Outcome = Declined(decline_code="processing_error")
    if done:
        outcome = Approved(authorization=setup.pending.attempt)
    answered = make_known(setup, setup.pending, outcome, LATER)
    said = word(setup, done)
    transition = carry_out(setup, said, decided(setup, said), None, LATER)
    after = transition.after
    kept = Resolution(
        key=setup.pending.key, operation="set_up", done=done, reference="", by="kim", evidence="file 7", at=LATER
    )
    assert (after.status, after.pending, after.resolutions) == (status, None, (kept,))
    assert replace(after, resolutions=(), ledger=()) == replace(answered.after, ledger=())
    assert transition.announcements == answered.announcements, "merchants are told the same"
    assert load_setup(lean_setup(after)) == after
    assert "It is known" in refused(after, replace(said, command_id="resolve/2")).message


def test_what_only_a_bank_can_say_is_not_said_for_it() -> None:
    setup = waiting("ideal")
    refusal = refused(setup, word(setup, True))
    assert (refusal.param, refusal.code) == ("done", "setup_intent_invalid_parameter")
    assert decided(setup, word(setup, False)).events


@pytest.mark.parametrize(
    ("more", "param"),
    [({"key": "seti_x/1/set_up"}, "key"), ({"by": " "}, "by"), ({"evidence": ""}, "evidence"),
     ({"evidence": "x" * 501}, "evidence"), ({"regardless": "x" * 501}, "regardless")],
)  # fmt: skip
def test_a_word_that_is_not_whole_is_refused(more: dict[str, str], param: str) -> None:
    setup = waiting("card")
    assert refused(setup, word(setup, False, **more)).param == param
    assert refused(setup, word(setup, None)).param == "done"


def test_where_nothing_is_unknown_there_is_nothing_to_say() -> None:
    assert "It is known" in refused(make_setup(), Resolve(key="k", done=True, by="kim", evidence="e")).message
