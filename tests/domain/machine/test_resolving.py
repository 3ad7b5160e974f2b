"""An operator's word on what nobody knows: what it means is what the gateway's answer would have meant, and no more."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from contracts import by_hand
from contracts.states import lean, load
from domain.machine import limits
from domain.machine.decisions import decide
from domain.machine.resolving import BY_MAX, EVIDENCE_MAX, unresolved
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.methods.families import TYPES, Family
from domain.model import wording
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
from domain.model.outcomes import (
    Accepted,
    Approved,
    Authorize,
    CaptureHold,
    Declined,
    Modification,
    Outcome,
    PaymentAwaited,
    Refund,
)
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import RESOLUTIONS_KEPT, Resolution, Resolve
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import (
    CONSENT,
    NOW,
    after,
    confirmable,
    decided,
    in_status,
    make_intent,
    make_method,
    refused,
)

LATER = NOW + 8 * 86_400
HELD, PAID = in_status(Status.REQUIRES_CAPTURE), in_status(Status.SUCCEEDED)
NO = Declined(decline_code="processing_error")


def unknown(intent: PaymentIntent, command: Command) -> PaymentIntent:
    decision = decided(intent, command)
    assert decision.effect is not None
    return leave_unknown(intent, command, decision, decision.effect, NOW).after


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
    answered = make_known(waiting, waiting.pending, answer, LATER)
    said = word(waiting, done)
    transition = carry_out(waiting, said, decided(waiting, said, LATER), None, LATER)
    after_ = transition.after
    told = Resolution(
        key=waiting.pending.key, operation=waiting.pending.operation, done=done, reference=said.reference, by="kim",
        evidence="file 7", at=LATER,
    )  # fmt: skip
    assert after_.resolutions == (told,)
    assert after_.asked_at is None
    known = answered.after.charge
    if done and isinstance(waiting.pending, Modification):
        assert known is not None
        taken = waiting.pending.amount if isinstance(waiting.pending, CaptureHold) else 0
        known = replace(known, modifications={"auth_1": taken})
    assert but_whose_word(after_) == but_whose_word(replace(answered.after, charge=known))
    assert transition.announcements == answered.announcements, "merchants are told the same"
    assert load(lean(after_)) == after_
    assert isinstance(decide(after_, replace(said, command_id="resolve/2"), LATER), Refusal), "it is known now"


def but_whose_word(intent: PaymentIntent) -> PaymentIntent:
    return replace(intent, resolutions=(), ledger=(), ended_modifications=())


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
    assert but_whose_word(said) == but_whose_word(told)
    late = decide(said, replace(news, command_id="later"), NOW)
    assert isinstance(late, Refusal) or late.events == (), "the same news after all: nothing new"


def paid_by(type_: str) -> PaymentIntent:
    """A payment by this type, of which nobody knows whether it was taken on."""
    currency = min(TYPES[type_].currencies or {"usd"})
    method = make_method(type=type_, card=make_method().card if type_ == "card" else None)
    intent = make_intent(
        status=Status.REQUIRES_CONFIRMATION,
        payment_method=method,
        currency=currency,
        amount=10_000,
        payment_method_types=(type_,),
        mandate_data=CONSENT,
        payment_method_options={"blik": {"code": "123456"}} if type_ == "blik" else {},
    )
    return unknown(intent, Confirm(return_url="https://shop.example"))


SHOWN_FIRST = {Family.VOUCHER, Family.CODE, Family.REDIRECT}


@pytest.mark.parametrize("type_", [name for name, type_ in TYPES.items() if type_.family is not Family.TRANSFER])
def test_done_is_what_a_gateway_would_say_of_each_type(type_: str) -> None:
    waiting = paid_by(type_)
    family = TYPES[type_].family
    if family in SHOWN_FIRST:
        refusal = refused(waiting, word(waiting, True), LATER)
        assert refusal.param == "done"
        assert "shown how to pay" in refusal.message
    else:
        done = after(waiting, word(waiting, True), now=LATER)
        assert done.charge is not None
        assert done.charge.authorization == "auth_1"
        pending = family is Family.DEBIT
        assert done.charge.status == ("pending" if pending else "succeeded")
        assert done.status is (Status.PROCESSING if pending else Status.SUCCEEDED)
        assert done.amount_received == (0 if pending else 10_000)
    undone = after(waiting, word(waiting, False), now=LATER)
    assert (undone.status, undone.amount_received) == (Status.REQUIRES_PAYMENT_METHOD, 0)


@pytest.mark.parametrize("type_", [name for name, type_ in TYPES.items() if type_.family is Family.REDIRECT])
def test_a_buyer_who_is_back_from_their_bank_has_paid_or_is_about_to(type_: str) -> None:
    waiting = paid_by(type_)
    assert isinstance(waiting.pending, Authorize)
    back = replace(waiting, pending=replace(waiting.pending, authentication="authn_1"))
    done = after(back, word(back, True), now=LATER)
    assert done.charge is not None
    assert done.charge.status == ("pending" if TYPES[type_].delayed else "succeeded")


@pytest.mark.parametrize("done", [True, False])
def test_what_only_asks_is_asked_again(done: bool) -> None:
    waiting = paid_by("sepa_debit")
    debit = after(waiting, word(waiting, True), now=LATER)
    assert debit.charge is not None
    assert debit.charge.settles_at is not None
    shown = PaymentAwaited(reference="vou_1", url="https://bank.example", expires_at=NOW + 60)
    boleto = paid_by("boleto")
    assert boleto.pending is not None
    voucher = make_known(boleto, boleto.pending, shown, NOW).after
    assert voucher.status is Status.REQUIRES_ACTION
    for waits in (debit, voucher):
        asking = unknown(waits, CheckSettlement())
        refusal = refused(asking, word(asking, done), LATER)
        assert (refusal.param, "only asks" in refusal.message) == ("key", True)


@pytest.mark.parametrize("done", [True, False])
def test_our_own_books_answer_for_themselves(done: bool) -> None:
    refund = RefundCharge(amount=5, refund="re_1")
    decision = decided(PAID, refund)
    assert isinstance(decision.effect, Refund)
    to_balance = replace(decision.effect, to_balance=True)
    waiting = leave_unknown(PAID, refund, decision, to_balance, NOW).after
    refusal = refused(waiting, word(waiting, done), LATER)
    assert (refusal.param, "our own records" in refusal.message) == ("key", True)


INCREMENTAL = replace(HELD, charge=replace(HELD.charge, incremental=True, multicapture=True)) if HELD.charge else HELD


@pytest.mark.parametrize(
    ("first", "second", "amount"),
    [
        (Capture(amount_to_capture=400, final_capture=False), Capture(amount_to_capture=400, final_capture=False), 400),
        (IncrementAuthorization(amount=2_000), IncrementAuthorization(amount=9_000), None),
    ],
    ids=["capture", "increment"],
)
def test_the_gateways_own_news_of_what_was_resolved_answer_nothing_else(
    first: Command, second: Command, amount: int | None
) -> None:
    waiting = unknown(INCREMENTAL, replace(first, command_id="cmd_1"))
    assert waiting.pending is not None
    resolved = after(waiting, word(waiting, True, reference="mod_1"), now=LATER)
    asking = unknown(resolved, replace(second, command_id="cmd_2"))
    assert INCREMENTAL.charge is not None
    news = ModificationResult(
        command_id="news", charge=INCREMENTAL.charge.id, operation=waiting.pending.operation, reference="mod_1",
        succeeded=True, amount=amount,
    )  # fmt: skip
    assert decided(asking, news, LATER).events == ()
    told = after(asking, replace(news, reference="mod_2"), now=LATER)
    assert told.pending is None, "and its own does"


def test_news_of_another_amount_are_about_another_increment() -> None:
    asking = unknown(INCREMENTAL, IncrementAuthorization(amount=9_000))
    assert INCREMENTAL.charge is not None
    news = ModificationResult(
        charge=INCREMENTAL.charge.id, operation="increment", reference="mod_1", succeeded=True, amount=2_000
    )
    assert refused(asking, news, LATER).message == wording.unknown_modification().message
    assert after(asking, replace(news, amount=9_000), now=LATER).amount == 9_000


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


@pytest.mark.parametrize("command", [Capture(), Cancel()])
def test_what_was_done_with_a_hold_is_known_by_its_gateways_reference(command: Command) -> None:
    waiting = unknown(HELD, command)
    refusal = refused(waiting, word(waiting, True, reference=""))
    assert (refusal.param, "the gateway's reference" in refusal.message) == ("reference", True)


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
        promised = make_known(asked, asked.pending, again, asked_at + 1).after
        assert promised.accepted is not None
        assert promised.accepted.at == NOW
        assert promised.asked_at is None


@pytest.mark.parametrize("typed", ['"done": "no"', '"done": 1', '"done": true, "reference": "r", "by": 7'])
def test_a_word_that_is_typed_loosely_is_not_carried_out(typed: str) -> None:
    waiting = unknown(confirmable(), Confirm())
    assert waiting.pending is not None
    data = f'{{"command_id": "ops-1", "key": "{waiting.pending.key}", "evidence": "file 7", {typed}}}'
    said = by_hand.read(Resolve, TypeAdapter(Resolve), data.encode())
    assert refused(waiting, replace(said, by="kim", reference="auth_1")) == said.mistake


def test_words_count_as_what_was_said() -> None:
    known = Resolution(key="k", operation="refund", done=True, reference="", by="kim", evidence="e" * 500, at=1)
    assert limits.said(replace(PAID, resolutions=(known,) * 20)) - limits.said(PAID) > 20 * 500


def test_so_many_words_are_kept() -> None:
    known = Resolution(key="k", operation="refund", done=True, reference="", by="kim", evidence="e", at=1)
    paid = replace(PAID, resolutions=(known,) * RESOLUTIONS_KEPT)
    waiting = unknown(paid, RefundCharge(amount=5, refund="re_1"))
    done = after(waiting, word(waiting, True), now=LATER)
    assert len(done.resolutions) == RESOLUTIONS_KEPT
    assert done.resolutions[-1].at == LATER
