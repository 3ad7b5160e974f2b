"""SetupIntents: every cell of the table, every answer in every state that is reached, and what must always hold."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.machine.setups.conclusions import AUTHENTICATION_SECONDS
from domain.machine.setups.confirming import FOR_ONE_PAYMENT
from domain.machine.setups.decisions import ATTEMPTS_MAX, SetupDecision, decide
from domain.machine.setups.table import LATER, STATUSES, TABLE
from domain.machine.setups.transitions import SETUPS, SetupTransition, carry_out, leave_unknown, make_known
from domain.methods.families import CONSENTED
from domain.model.commands import (
    AuthenticationResult,
    Cancel,
    Command,
    Confirm,
    ExpireAction,
    Update,
    VerifyMicrodeposits,
)
from domain.model.outcomes import (
    Approved,
    AuthenticationRequired,
    Declined,
    GeneratedDebit,
    Outcome,
    VerificationRequired,
)
from domain.model.resolutions import Resolve
from domain.model.setup_intent import OPEN_ATTEMPT, SetupIntent
from domain.model.statuses import TERMINAL, Status
from domain.refusals import InvariantViolation, Refusal
from tests.support.builders import CONSENT, NOW, make_method, make_setup

YES = Approved(authorization="setatt_1")
NO = Declined(decline_code="generic_decline", checks={"cvc_check": "pass"})
MISMATCH, OVER = Declined(decline_code="microdeposits_mismatch"), Declined(decline_code="microdeposits_failed")
CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
DEPOSITS = VerificationRequired(
    verification="verif_1", microdeposit_type="amounts", arrival_date=NOW + 60, url="https://pay.example"
)
ANSWERS: tuple[Outcome, ...] = (YES, NO, CHALLENGE, DEPOSITS, MISMATCH, OVER)
ACCOUNT = make_method(id="pm_account", type="us_bank_account", card=None)
TYPES = ("card", "us_bank_account", "ideal")
CONSENTING = {"mandate_data": CONSENT}


def commands() -> list[Command]:
    return [
        Update(changes={"description": "later"}),
        Update(payment_method=make_method(id="pm_card")),
        Update(changes={"payment_method": None}),
        Confirm(),
        Confirm(payment_method=make_method(id="pm_card"), return_url="https://shop.example"),
        Confirm(payment_method=ACCOUNT, changes=CONSENTING),
        Cancel(cancellation_reason="abandoned"),
        VerifyMicrodeposits(amounts=(32, 45)),
        AuthenticationResult(authentication="authn_1", authenticated=True),
        AuthenticationResult(authentication="authn_1"),
        ExpireAction(),
        Resolve(),
    ]


def kind_of(state: SetupIntent) -> tuple[object, ...]:
    """What decides where an intent may go."""
    action, attempt = state.next_action, state.attempt
    return (
        state.status, action.type if action else None, attempt.status if attempt else None,
        state.payment_method.type if state.payment_method else None, state.pending is not None,
        action.tries if action else 0,
    )  # fmt: skip


def steps(state: SetupIntent) -> Iterator[SetupTransition]:
    """Everything that may come next."""
    if state.pending is not None:
        for outcome in ANSWERS:
            yield make_known(state, state.pending, outcome, NOW)
        for done in (True, False):
            word = Resolve(key=state.pending.key, done=done, by="kim", evidence="file 7")
            decision = decide(state, word, NOW)
            if not isinstance(decision, Refusal):
                yield carry_out(state, word, decision, None, NOW)
    for number, command in enumerate(commands()):
        named = replace(command, command_id=f"cmd_{state.version}_{number}")
        now = NOW + 30 * 86_400 if isinstance(command, ExpireAction) else NOW
        decision = decide(state, named, now)
        if isinstance(decision, Refusal):
            continue
        if decision.effect is None:
            yield carry_out(state, named, decision, None, now)
            continue
        yield leave_unknown(state, named, decision, decision.effect, now)
        for outcome in ANSWERS:
            yield carry_out(state, named, decision, outcome, now)


def walk() -> Iterator[SetupTransition]:
    """Every transition from every kind of state that can be reached."""
    first = make_setup(customer="cus_1", payment_method_types=TYPES)
    known, waiting = {kind_of(first)}, deque([first])
    while waiting:
        for transition in steps(waiting.popleft()):
            yield transition
            if kind_of(transition.after) not in known:
                known.add(kind_of(transition.after))
                waiting.append(transition.after)


def test_every_life_keeps_the_invariants_and_reaches_every_status() -> None:
    reached, count = set[Status](), 0
    for step in walk():
        count += 1
        before, after = step.before, step.after
        reached.add(after.status)
        assert after.version == before.version + 1
        assert before.status not in TERMINAL or after.status == before.status
        if after.status in TERMINAL:
            assert after.attempt is None or after.attempt.status not in OPEN_ATTEMPT
        told = [announcement.type for announcement in step.announcements]
        ended = {"setup_intent.succeeded", "setup_intent.setup_failed", "setup_intent.canceled"}
        assert len([type_ for type_ in told if type_ in ended]) <= 1
        assert ("setup_intent.succeeded" in told) is (after.status == Status.SUCCEEDED != before.status)
        assert SETUPS.deadline(after) is None or after.status == Status.REQUIRES_ACTION
    assert reached == set(STATUSES)
    assert count > 200


@pytest.mark.parametrize("status", STATUSES)
def test_every_command_has_a_cell_in_every_row(status: Status) -> None:
    assert set(TABLE[status]) == {command.name for command in commands()}
    assert all(target in STATUSES for cell in TABLE[status].values() for target in cell)
    assert set(LATER) == {Status.PROCESSING}


def decided(state: SetupIntent, command: Command, now: int = NOW) -> SetupDecision:
    decision = decide(state, command, now)
    assert isinstance(decision, SetupDecision), decision
    return decision


def after(state: SetupIntent, command: Command, outcome: Outcome | None = YES) -> SetupIntent:
    return carry_out(state, command, decided(state, command), outcome, NOW).after


def refusal(state: SetupIntent, command: Command, now: int = NOW) -> Refusal:
    refused = decide(state, command, now)
    assert isinstance(refused, Refusal), f"{command.name} is legal in {state.status}"
    return refused


def test_the_same_attempt_goes_on_after_the_buyer_was_asked_and_another_begins_with_another_confirmation() -> None:
    setup = make_setup(customer="cus_1")
    confirm = Confirm(payment_method=make_method())
    asked = after(setup, confirm, CHALLENGE)
    result = AuthenticationResult(authentication="authn_1", authenticated=True)
    effect = decided(asked, result).effect
    first = decided(setup, confirm).effect
    assert effect is not None
    assert first is not None
    assert (effect.attempt, effect.key) == (first.attempt, f"{first.key}/authenticated")
    again = decided(asked, confirm).effect
    assert again is not None
    assert again.attempt != first.attempt
    assert refusal(asked, AuthenticationResult(authentication="authn_9")).code == "setup_intent_unexpected_state"


def test_a_bank_that_has_seen_the_card_has_checked_it() -> None:
    card = make_method()
    unchecked = replace(card, card=replace(card.card, cvc_check="unchecked")) if card.card else card
    done = after(make_setup(customer="cus_1"), Confirm(payment_method=unchecked),
                 Approved(authorization="x", checks={"cvc_check": "pass"}))  # fmt: skip
    assert done.payment_method is not None
    assert (done.payment_method.customer, done.payment_method.card and done.payment_method.card.cvc_check) == (
        "cus_1", "pass",
    )  # fmt: skip
    failed = after(make_setup(), Confirm(payment_method=unchecked), NO)
    shown = failed.last_setup_error
    assert shown is not None
    assert shown.payment_method is not None
    assert shown.payment_method.card is not None
    assert (failed.payment_method, shown.payment_method.card.cvc_check) == (None, "pass")


@pytest.mark.parametrize("type_", sorted(CONSENTED))
def test_no_debit_is_set_up_without_consent(type_: str) -> None:
    setup = make_setup(customer="cus_1", payment_method_types=(type_,))
    confirm = Confirm(payment_method=make_method(type=type_, card=None))
    assert refusal(setup, confirm).message.startswith("This SetupIntent requires a mandate")
    done = after(setup, replace(confirm, changes=CONSENTING))
    assert (done.mandate is not None, done.single_use_mandate) == (True, None)
    single = replace(setup, single_use={"amount": 500, "currency": "eur"})
    if type_ not in FOR_ONE_PAYMENT:
        assert refusal(single, replace(confirm, changes=CONSENTING)).param == "single_use"
        return
    once = after(single, replace(confirm, changes=CONSENTING))
    assert (once.mandate, once.single_use_mandate is not None) == (None, True)


OTHER = replace(ACCOUNT, id="pm_other")


@pytest.mark.parametrize(
    "changed",
    [[Update(payment_method=OTHER)], [Update(changes={"payment_method": None}), Update(payment_method=OTHER)]],
)
def test_consent_is_to_the_account_that_it_was_told_for(changed: list[Command]) -> None:
    """Its owner was asked to say what was deposited, and had agreed that this account is kept."""
    setup = make_setup(customer="cus_1", payment_method_types=("us_bank_account",))
    waiting = after(setup, Confirm(payment_method=ACCOUNT, changes=CONSENTING), DEPOSITS)
    assert waiting.mandate_data == CONSENT
    other = waiting
    for command in changed:
        other = after(other, command)
    assert (other.mandate_data, other.payment_method) == (None, OTHER)
    for state, confirm in ((other, Confirm()), (waiting, Confirm(payment_method=OTHER))):
        assert refusal(state, confirm).message.startswith("This SetupIntent requires a mandate")
        assert after(state, replace(confirm, changes=CONSENTING)).mandate is not None
    same = after(waiting, Update(payment_method=ACCOUNT, changes={"description": "d"}))
    assert after(same, Confirm()).mandate is not None
    older = replace(waiting, rules=1)
    assert after(older, Confirm(payment_method=OTHER)).mandate is not None, "by the rules of before"


def test_what_is_kept_of_a_bank_redirect_is_the_account_behind_it() -> None:
    setup = make_setup(customer="cus_1", payment_method_types=("ideal",))
    method = make_method(type="ideal", card=None)
    generated = GeneratedDebit(token="tok_sepa", details={"last4": "3000"})
    confirm = Confirm(payment_method=method, changes=CONSENTING, return_url="https://shop.example")
    done = carry_out(setup, confirm, decided(setup, confirm), Approved(authorization="x", generated=generated), NOW)
    assert done.after.attempt is not None
    kept = done.after.attempt.generated
    assert kept is not None
    assert kept != method.id
    assert done.after.payment_method is not None
    assert (done.after.payment_method.customer, done.after.attempt.generated_mandate) == (None, done.after.mandate)
    told = [one.type for one in done.announcements]
    assert told == ["payment_method.attached", "mandate.updated", "setup_intent.succeeded"]


def test_time_ends_what_nobody_comes_back_for_and_not_before() -> None:
    asked = after(make_setup(), Confirm(payment_method=make_method()), CHALLENGE)
    due = SETUPS.deadline(asked)
    assert due == NOW + AUTHENTICATION_SECONDS
    assert refusal(asked, ExpireAction(), due - 1).code == "setup_intent_unexpected_state"
    over = carry_out(asked, ExpireAction(), decided(asked, ExpireAction(), due), None, due).after
    assert over.attempt is not None
    assert (over.status, over.attempt.status) == (Status.REQUIRES_PAYMENT_METHOD, "abandoned")


def test_deposits_may_be_guessed_three_times() -> None:
    setup = make_setup(customer="cus_1", payment_method_types=TYPES)
    asked = after(setup, Confirm(payment_method=ACCOUNT, changes=CONSENTING), DEPOSITS)
    said = VerifyMicrodeposits(amounts=(1, 2))
    keys = []
    for _ in range(3):
        effect = decided(asked, said).effect
        assert effect is not None
        keys.append(effect.key)
        asked = after(asked, said, MISMATCH)
    assert len(set(keys)) == 3
    assert asked.last_setup_error is not None
    assert asked.last_setup_error.code == "payment_method_microdeposit_verification_attempts_exceeded"


def test_nobody_tries_cards_out_without_end() -> None:
    setup = make_setup(attempts=ATTEMPTS_MAX)
    assert refusal(setup, Confirm(payment_method=make_method())).code == "setup_intent_unexpected_state"


def test_an_answer_that_answers_no_setup_is_none() -> None:
    setup = make_setup()
    confirm = Confirm(payment_method=make_method())
    from domain.model.outcomes import Accepted

    with pytest.raises(InvariantViolation):
        carry_out(setup, confirm, decided(setup, confirm), Accepted(reference="x"), NOW)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"amount": 5}, "amount"),
        ({"attach_to_self": 1}, "attach_to_self"),
        ({"attach_to_self": None}, "attach_to_self"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"payment_method_types": None}, "payment_method_types"),
        ({"payment_method_options": {"card": 1}}, "payment_method_options"),
        ({"payment_method": "pm_1"}, "payment_method"),
    ],
)
def test_what_is_typed_by_hand_is_checked(changes: dict[str, object], param: str) -> None:
    assert refusal(make_setup(), Update(changes=changes)).param == param
