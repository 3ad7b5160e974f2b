"""Microdeposits: what counts as a try, what does not, and what an answer that comes late means."""

import pytest

from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.methods.microdeposits import TRIES_MAX, WINDOW_SECONDS
from domain.model.commands import Confirm, ExpireAction, VerifyMicrodeposits
from domain.model.outcomes import Accepted, Authorize, Declined, Outcome, VerificationRequired
from domain.model.payment_intent import PaymentIntent, deadline, due_command
from domain.model.statuses import Status
from tests.domain.methods.test_debits import chosen
from tests.support.builders import NOW, after, decided, refused

MISMATCH = Declined(decline_code="microdeposits_mismatch")
RIGHT, WRONG = VerifyMicrodeposits(descriptor_code="SM11AA"), VerifyMicrodeposits(descriptor_code="SM00ZZ")


def asked(kind: str = "descriptor_code") -> PaymentIntent:
    sent = VerificationRequired(
        verification="verif_1", microdeposit_type=kind, arrival_date=NOW + 2, url="https://bank.example"
    )
    return after(chosen("us_bank_account"), Confirm(), sent)


def unknown_then(answer: Outcome) -> PaymentIntent:
    """The gateway did not answer a try at first, and then did."""
    intent = asked()
    decision = decided(intent, WRONG)
    assert decision.effect is not None
    unknown = leave_unknown(intent, WRONG, decision, decision.effect, NOW).after
    assert (unknown.status, unknown.pending) == (Status.PROCESSING, decision.effect)
    return make_known(unknown, decision.effect, answer, NOW).after


def test_it_waits_ten_days_and_no_longer() -> None:
    intent = asked()
    assert intent.status == Status.REQUIRES_ACTION
    assert deadline(intent) == NOW + WINDOW_SECONDS
    assert due_command(intent) == ExpireAction()
    assert refused(intent, ExpireAction(), NOW + WINDOW_SECONDS - 1).code == "payment_intent_unexpected_state"
    over = decided(intent, ExpireAction(), NOW + WINDOW_SECONDS)
    assert over.effect is None


def test_each_try_is_asked_under_a_key_of_its_own() -> None:
    intent, keys = asked(), []
    for _ in range(3):
        effect = decided(intent, WRONG).effect
        assert isinstance(effect, Authorize)
        assert effect.verification == "verif_1"
        keys.append(effect.key)
        intent = after(intent, WRONG, MISMATCH)
    assert len(set(keys)) == 3
    assert intent.status == Status.REQUIRES_ACTION
    assert intent.last_payment_error is None


@pytest.mark.parametrize(("kind", "most"), TRIES_MAX.items())
def test_the_last_try_ends_the_attempt(kind: str, most: int) -> None:
    wrong = WRONG if kind == "descriptor_code" else VerifyMicrodeposits(amounts=(1, 2))
    intent = asked(kind)
    for _ in range(most - 1):
        intent = after(intent, wrong, MISMATCH)
    assert intent.status == Status.REQUIRES_ACTION
    over = after(intent, wrong, MISMATCH)
    assert (over.status, over.payment_method, over.charge) == (Status.REQUIRES_PAYMENT_METHOD, None, None)
    assert over.last_payment_error is not None
    assert over.last_payment_error.code == "payment_method_microdeposit_verification_attempts_exceeded"


def test_a_late_no_asks_the_buyer_again_and_a_late_yes_goes_on() -> None:
    again = unknown_then(MISMATCH)
    assert again.status == Status.REQUIRES_ACTION
    assert again.next_action is not None
    assert (again.next_action.tries, again.pending) == (1, None)
    assert unknown_then(Accepted(reference="auth_1")).status == Status.PROCESSING


@pytest.mark.parametrize(
    "command",
    [
        VerifyMicrodeposits(),
        VerifyMicrodeposits(amounts=(32,)),
        VerifyMicrodeposits(amounts=(32, 45), descriptor_code="SM11AA"),
        VerifyMicrodeposits(descriptor_code="XX11AA"),
        VerifyMicrodeposits(descriptor_code="SM11AAA"),
    ],
)
def test_what_makes_no_sense_is_refused_without_asking(command: VerifyMicrodeposits) -> None:
    assert refused(asked(), command).param in ("amounts", "descriptor_code")


def test_amounts_are_taken_where_a_code_was_sent() -> None:
    intent = asked()
    effect = decided(intent, VerifyMicrodeposits(amounts=(32, 45))).effect
    assert isinstance(effect, Authorize)
    assert (effect.amounts, effect.descriptor_code, effect.verification) == ((32, 45), None, "verif_1")
    one = refused(intent, VerifyMicrodeposits(amounts=(32,)))
    assert (one.code, one.param) == ("payment_method_microdeposit_verification_amounts_invalid", "amounts")
    wrong = VerifyMicrodeposits(amounts=(1, 2))
    transition = carry_out(intent, wrong, decided(intent, wrong), MISMATCH, NOW)
    assert transition.error is not None
    assert transition.error.code == "payment_method_microdeposit_verification_amounts_mismatch"
    assert refused(asked("amounts"), RIGHT).param == "amounts"


def test_nobody_verifies_what_was_not_asked_for() -> None:
    assert refused(chosen("us_bank_account"), RIGHT).code == "payment_intent_unexpected_state"
