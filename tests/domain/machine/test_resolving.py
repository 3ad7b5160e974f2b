"""An operator's word on what nobody knows: what it means is what the gateway's answer would have meant, and no more."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.states import lean, load
from domain.machine.decisions import decide
from domain.machine.resolving import BY_MAX, EVIDENCE_MAX, unresolved
from domain.machine.transitions import became_known, carried_out, left_unknown
from domain.model.commands import (
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    Confirm,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
)
from domain.model.outcomes import Accepted, Approved, Declined, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import RESOLUTIONS_KEPT, Resolution, Resolve
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import NOW, after, confirmable, decided, in_status, refused

LATER = NOW + 8 * 86_400
HELD, PAID = in_status(Status.REQUIRES_CAPTURE), in_status(Status.SUCCEEDED)
NO = Declined(decline_code="processing_error")


def unknown(intent: PaymentIntent, command: Command) -> PaymentIntent:
    decision = decided(intent, command)
    assert decision.effect is not None
    return left_unknown(intent, command, decision, decision.effect, NOW).after


def word(intent: PaymentIntent, done: bool, **more: Any) -> Resolve:
    effect = unresolved(intent)
    assert effect is not None
    given = {"key": effect.key, "done": done, "reference": "auth_1" if done else "", "by": "kim", "evidence": "file 7"}
    return Resolve(command_id="resolve/1", **{**given, **more})


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize(
    ("before", "command"),
    [
        (confirmable(), Confirm()),
        (confirmable(capture_method="manual"), Confirm()),
        (HELD, Capture()),
        (HELD, Capture(amount_to_capture=100)),
        (HELD, Cancel()),
        (PAID, RefundCharge(amount=5, refund="re_1")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_it_means_what_the_answer_would_have_meant_and_says_whose_word_it_is(
    before: PaymentIntent, command: Command, done: bool
) -> None:
    waiting = unknown(before, command)
    assert waiting.pending is not None
    assert waiting.asked_at == NOW
    answer: Outcome = Approved(authorization="auth_1") if done else NO
    answered = became_known(waiting, waiting.pending, answer, LATER)
    said = word(waiting, done)
    transition = carried_out(waiting, said, decided(waiting, said, LATER), None, LATER)
    after_ = transition.after
    told = Resolution(
        key=waiting.pending.key, operation=waiting.pending.operation, done=done, reference=said.reference, by="kim",
        evidence="file 7", at=LATER,
    )  # fmt: skip
    assert after_.resolutions == (told,)
    assert after_.asked_at is None
    assert replace(after_, resolutions=(), ledger=()) == replace(answered.after, ledger=())
    assert transition.announcements == answered.announcements, "merchants are told the same"
    assert load(lean(after_)) == after_
    assert isinstance(decide(after_, replace(said, command_id="resolve/2"), LATER), Refusal), "it is known now"


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("command", [Capture(), Cancel(), IncrementAuthorization(amount=2_000)])
def test_what_was_taken_on_and_never_told_of(command: Command, done: bool) -> None:
    assert HELD.charge is not None
    before = replace(HELD, charge=replace(HELD.charge, incremental=True))
    promised = after(before, command, Accepted(reference="mod_1"))
    assert promised.accepted is not None
    news = ModificationResult(
        charge=HELD.charge.id, operation=promised.accepted.effect.operation, reference="mod_1", succeeded=done
    )
    told, said = after(promised, news), after(promised, word(promised, done))
    assert said.resolutions[0].operation == promised.accepted.effect.operation
    assert replace(said, resolutions=(), ledger=()) == replace(told, ledger=())
    late = decide(said, replace(news, command_id="later"), NOW)
    assert isinstance(late, Refusal) or late.events == (), "the same news after all: nothing new"


def test_a_capture_that_was_said_to_be_done_may_still_fail() -> None:
    promised = after(HELD, Capture(), Accepted(reference="mod_1"))
    done = after(promised, word(promised, True))
    assert done.charge is not None
    failed = after(done, ModificationResult(charge=done.charge.id, operation="capture", reference="mod_1"))
    assert failed.charge is not None
    assert failed.charge.capture_failed == done.amount_received


@pytest.mark.parametrize(
    ("wrong", "param", "said"),
    [
        ({"key": "pi_1/1/other"}, "key", "/1/authorize"),
        ({"key": ""}, "key", "say that key"),
        ({"done": None}, "done", "true or false"),
        ({"reference": ""}, "reference", "reference for the authorization"),
        ({"by": "  "}, "by", "who you are"),
        ({"by": "k" * (BY_MAX + 1)}, "by", "at most"),
        ({"evidence": ""}, "evidence", "what this rests on"),
        ({"evidence": "e" * (EVIDENCE_MAX + 1)}, "evidence", "at most"),
        ({"regardless": "r" * (EVIDENCE_MAX + 1)}, "regardless", "at most"),
    ],
)
def test_a_word_that_is_not_whole_moves_nothing(wrong: dict[str, Any], param: str, said: str) -> None:
    waiting = unknown(confirmable(), Confirm())
    refusal = refused(waiting, replace(word(waiting, True), **wrong))
    assert refusal.param == param
    assert said in refusal.message


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.PROCESSING])
def test_where_everything_is_known_there_is_nothing_to_say(status: Status) -> None:
    said = Resolve(key="k", done=True, reference="r", by="kim", evidence="file 7")
    assert refused(in_status(status), said).code == "payment_intent_unexpected_state"


def test_what_is_promised_again_and_again_is_as_old_as_the_first_promise() -> None:
    promised = after(HELD, Capture(), Accepted(reference="mod_1", ask_after_seconds=60))
    for asked_at in (NOW + 60, NOW + 121):
        asked = after(promised, CheckSettlement(), now=asked_at)
        assert asked.pending is not None
        assert asked.asked_at == NOW
        again = Accepted(reference="mod_1", ask_after_seconds=60)
        promised = became_known(asked, asked.pending, again, asked_at + 1).after
        assert promised.accepted is not None
        assert promised.accepted.at == NOW
        assert promised.asked_at is None


def test_so_many_words_are_kept() -> None:
    known = Resolution(key="k", operation="refund", done=True, reference="", by="kim", evidence="e", at=1)
    paid = replace(PAID, resolutions=(known,) * RESOLUTIONS_KEPT)
    waiting = unknown(paid, RefundCharge(amount=5, refund="re_1"))
    done = after(waiting, word(waiting, True), now=LATER)
    assert len(done.resolutions) == RESOLUTIONS_KEPT
    assert done.resolutions[-1].at == LATER
