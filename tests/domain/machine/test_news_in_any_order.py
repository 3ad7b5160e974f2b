"""How a modification has ended follows from what was told and looked up of it, whatever came first, and how often."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.states import lean, load
from domain.machine.announcements import announcements
from domain.machine.decisions import decide
from domain.machine.modifications import already_so
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.model import balance
from domain.model.commands import (
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    ExpireAuthorization,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
    RefundResult,
)
from domain.model.events import ResolutionContradicted
from domain.model.outcomes import Accepted, Approved, Declined, Outcome
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import RefundEvent, ShareReturned
from domain.model.refunds import ChargeRefund
from domain.model.resolutions import Resolve
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.domain.machine.test_modifications import held as with_a_hold
from tests.support.builders import NOW, after, decided, in_status, refused

HELD, PAID = with_a_hold(), in_status(Status.SUCCEEDED)
LATER = Accepted(reference="mod_1", ask_after_seconds=60)
YES, NO = Approved(authorization="auth_1"), Declined(decline_code="processing_error")
AT = NOW + 8 * 86_400
DONE, REFUSED, FAILED = "done", "refused", "failed after all"
ASKED: dict[str, Outcome] = {"asked: later": LATER, "asked: yes": YES, "asked: no": NO}

COMMANDS: list[tuple[Command, str]] = [
    (Capture(), "capture"),
    (Capture(amount_to_capture=300), "capture"),
    (Capture(amount_to_capture=100, final_capture=False), "capture"),
    (Cancel(), "void"),
    (Cancel(refunds_rest=True), "void"),
    (ExpireAuthorization(), "void"),
    (IncrementAuthorization(amount=2_000), "increment"),
]
SENT = ("answered", "unanswered")
"""Whether anybody has heard that it was taken on."""


def begun(command: Command, sent: str) -> PaymentIntent:
    intent = HELD
    if sent == "answered":
        return after(intent, command, LATER, AT)
    decision = decided(intent, command, AT)
    assert decision.effect is not None
    return leave_unknown(intent, command, decision, decision.effect, AT).after


def told(intent: PaymentIntent, operation: str, what: str) -> ModificationResult:
    return ModificationResult(
        charge=held_charge(intent).id, operation=operation, reference="mod_1", succeeded=what == DONE,
        after_all=what == FAILED,
    )  # fmt: skip


class Life:
    """One payment, to which news are told until they are taken, and what its books say."""

    def __init__(self, intent: PaymentIntent) -> None:
        self.intent = intent
        self.books = 0
        self.untold: list[ModificationResult] = []

    def step(self, transition: Transition) -> None:
        booked = balance.moved(transition.before.charge, transition.after.charge, transition.events, None, AT)
        self.books += sum(one.amount for one in booked)
        self.intent = load(lean(transition.after))

    def hear(self, news: ModificationResult) -> None:
        decision = decide(self.intent, news, AT)
        if isinstance(decision, Refusal):
            self.untold.append(news)
        else:
            self.step(carry_out(self.intent, news, decision, None, AT))

    def ask(self, outcome: Outcome) -> None:
        """By its key: at once where nobody knows, or once no news have come for too long."""
        if self.intent.accepted is not None:
            due = self.intent.accepted.ask_at or 0
            check = CheckSettlement()
            self.step(carry_out(self.intent, check, decided(self.intent, check, due), None, due))
        if self.intent.pending is not None:
            self.step(make_known(self.intent, self.intent.pending, outcome, AT))

    def hear_again(self) -> None:
        """What was not taken is told once more."""
        untold, self.untold = self.untold, []
        for news in untold:
            self.hear(news)


def lived(intent: PaymentIntent, operation: str, steps: list[str]) -> Life:
    life = Life(intent)
    for step in steps:
        if step in ASKED:
            life.ask(ASKED[step])
        else:
            life.hear(told(life.intent, operation, step))
        life.hear_again()
    if life.intent.pending is not None or life.intent.accepted is not None:
        life.ask(YES if DONE in steps or FAILED in steps else NO)
    life.hear_again()
    assert all(already_so(life.intent, news) is True for news in life.untold), "nothing is left to be told"
    return life


def shown(intent: PaymentIntent) -> PaymentIntent:
    """All of it, but how often it has changed, and what the gateway calls the release of what is canceled."""
    known = replace(intent, version=0, ledger=(), ended_modifications=())
    if known.charge is None or known.status is not Status.CANCELED:
        return known
    return replace(known, charge=replace(known.charge, modifications={}))


def looked_up(news: tuple[str, ...]) -> list[str]:
    """What the gateway may say to who asks by the key."""
    return [
        "asked: later",
        *(["asked: yes"] if news != (REFUSED,) else []),
        *(["asked: no"] if REFUSED in news else []),
    ]


TRUTHS = {
    "capture": [(DONE,), (REFUSED,), (DONE, REFUSED), (DONE, FAILED), (FAILED,)],
    "void": [(DONE,), (REFUSED,), (DONE, REFUSED)],
    "increment": [(DONE,), (REFUSED,), (DONE, REFUSED)],
}


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize(("command", "operation"), COMMANDS, ids=lambda value: getattr(value, "name", str(value)))
@given(data=st.data())
def test_in_whatever_order_and_however_often_it_is_told_it_ends_the_same(
    command: Command, operation: str, sent: str, data: st.DataObject
) -> None:
    news = data.draw(st.sampled_from(TRUTHS[operation]))
    usual = lived(begun(command, "answered"), operation, list(news))
    more = data.draw(st.lists(st.sampled_from([*news, *looked_up(news)]), max_size=5))
    steps = data.draw(st.permutations([*news, *more]))
    life = lived(begun(command, sent), operation, steps)
    assert shown(life.intent) == shown(usual.intent)
    assert life.books == usual.books


@pytest.mark.parametrize("order", list(permutations([DONE, FAILED])) + list(permutations([DONE, REFUSED])))
def test_a_failure_that_overtakes_its_success_leaves_nothing_to_be_captured(order: tuple[str, ...]) -> None:
    life = lived(begun(Capture(), "answered"), "capture", list(order))
    charge = held_charge(life.intent)
    assert (life.intent.status, life.intent.amount_capturable) == (Status.SUCCEEDED, 0)
    assert (charge.amount_captured, charge.capture_failed, charge.amount_kept) == (1_099, 1_099, 0)
    assert life.books == 0


def test_who_says_that_it_came_after_a_success_is_believed_at_once() -> None:
    promised = begun(Capture(), "answered")
    news = told(promised, "capture", FAILED)
    transition = carry_out(promised, news, decided(promised, news, AT), None, AT)
    assert [one.type for one in announcements(transition.events)] == [
        "charge.captured", "payment_intent.succeeded", "charge.failed"
    ]  # fmt: skip


def test_late_news_of_what_was_looked_up_do_not_answer_the_next_one() -> None:
    part = Capture(amount_to_capture=100, final_capture=False)
    life = Life(begun(part, "unanswered"))
    life.ask(YES)
    decision = decided(life.intent, part, AT)
    assert decision.effect is not None
    life.step(leave_unknown(life.intent, part, decision, decision.effect, AT))
    life.hear(told(life.intent, "capture", DONE))
    assert life.intent.pending is not None, "it may be about the one before"
    assert life.untold
    life.ask(NO)
    life.hear_again()
    assert (life.intent.amount_received, life.untold) == (100, [])
    assert held_charge(life.intent).modifications == {"mod_1": 100}


def test_a_failure_of_what_was_refused_takes_nothing_of_what_was_captured() -> None:
    part = Capture(amount_to_capture=100, final_capture=False)
    first = after(HELD, part, Accepted(reference="mod_0"))
    known = after(first, replace(told(first, "capture", DONE), reference="mod_0"))
    decision = decided(known, part, AT)
    assert decision.effect is not None
    life = Life(leave_unknown(known, part, decision, decision.effect, AT).after)
    life.ask(NO)
    life.hear(told(life.intent, "capture", REFUSED))
    assert (held_charge(life.intent).capture_failed, life.untold) == (0, [])
    refused(life.intent, replace(told(life.intent, "capture", REFUSED), reference="mod_9"), AT)


def test_what_is_told_while_something_else_is_asked_is_told_again() -> None:
    part = Capture(amount_to_capture=100, final_capture=False)
    life = Life(begun(part, "answered"))
    life.hear(told(life.intent, "capture", REFUSED))
    life.intent = after(life.intent, part, Accepted(reference="mod_2"), AT)
    news = told(life.intent, "capture", DONE)
    refused(life.intent, news, AT)
    assert already_so(life.intent, news) is None
    life.hear(replace(news, reference="mod_2"))
    life.hear(news)
    assert (life.intent.amount_received, held_charge(life.intent).capture_failed) == (200, 100)


def test_a_success_is_denied_once_something_else_was_done_with_what_was_held() -> None:
    life = Life(begun(Capture(), "answered"))
    life.hear(told(life.intent, "capture", REFUSED))
    canceled = after(life.intent, Cancel())
    news = told(canceled, "capture", DONE)
    refused(canceled, news, AT)
    assert already_so(canceled, news) is False, "a person is told"


def test_a_partial_capture_that_failed_is_no_part_of_what_a_release_believes_to_be_taken() -> None:
    life = lived(begun(Capture(amount_to_capture=100, final_capture=False), "answered"), "capture", [FAILED])
    assert decided(life.intent, Cancel(), AT).effect.captured == 0  # type: ignore[union-attr]


def word(intent: PaymentIntent, done: bool) -> Resolve:
    asked = intent.accepted.effect if intent.accepted else intent.pending
    assert asked is not None
    return Resolve(key=asked.key, done=done, reference="mod_1" if done else "", by="jenny", evidence="a file")


@pytest.mark.parametrize(
    ("command", "operation", "done", "status"),
    [
        (Capture(), "capture", True, Status.SUCCEEDED),
        (Capture(), "capture", False, Status.SUCCEEDED),
        (Capture(amount_to_capture=100, final_capture=False), "capture", False, Status.REQUIRES_CAPTURE),
        (Cancel(), "void", False, Status.CANCELED),
        (IncrementAuthorization(amount=2_000), "increment", True, Status.REQUIRES_CAPTURE),
        (IncrementAuthorization(amount=2_000), "increment", False, Status.REQUIRES_CAPTURE),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
@pytest.mark.parametrize("sent", SENT)
def test_an_operator_whom_the_gateway_contradicts_is_told_of_once(
    command: Command, operation: str, done: bool, status: Status, sent: str
) -> None:
    intent = begun(command, sent)
    said = after(intent, word(intent, done), now=AT)
    news = told(said, operation, REFUSED if done else DONE)
    transition = carry_out(said, news, decided(said, news, AT), None, AT)
    (denied,) = [one for one in transition.events if isinstance(one, ResolutionContradicted)]
    assert (denied.operation, denied.reference) == (operation, "mod_1")
    assert transition.after.resolutions[0].contradicted
    assert transition.after.status is status
    if operation == "capture":
        assert held_charge(transition.after).capture_failed == (1_099 if done else 0), (
            "the gateway's no alone is a failure"
        )
    again = decide(transition.after, replace(news, command_id="again"), AT)
    if isinstance(again, Refusal):
        assert already_so(transition.after, news) is True
    else:
        assert again.events == ()


def test_an_operator_who_has_canceled_what_was_not_released_is_contradicted_by_what_is_refused() -> None:
    intent = begun(Cancel(), "answered")
    canceled = after(intent, word(intent, True), now=AT)
    news = told(canceled, "void", REFUSED)
    refused(canceled, news, AT)
    assert already_so(canceled, news) is False


def row(transition: Transition, known: ChargeRefund | None) -> ChargeRefund | None:
    told = [one for one in reversed(transition.events) if isinstance(one, RefundEvent)]
    return next((one.refund for one in told if not isinstance(one, ShareReturned)), known)


@given(data=st.data())
def test_a_refund_ends_the_same_in_whatever_order_it_is_told(data: st.DataObject) -> None:
    news = data.draw(st.sampled_from([(True,), (False,), (True, False)]))
    ends = [refund_told(list(news), None)]
    looked: Outcome | None = data.draw(st.sampled_from([None, LATER, YES if True in news else NO]))
    more = data.draw(st.lists(st.sampled_from(news), max_size=3))
    ends.append(refund_told(data.draw(st.permutations([*news, *more])), looked))
    assert ends[0] == ends[1]


def refund_told(news: list[bool], looked: Outcome | None) -> tuple[object, ...]:
    """What the refund and the books are in the end; `looked` is what is found out by the key, at first."""
    intent, command = PAID, RefundCharge(refund="re_1", amount=99)
    decision = decided(intent, command)
    assert decision.effect is not None
    if looked is None:
        steps = [carry_out(intent, command, decision, LATER, NOW)]
    else:
        steps = [leave_unknown(intent, command, decision, decision.effect, NOW)]
        steps.append(make_known(steps[0].after, decision.effect, looked, NOW))
    for succeeded in news:
        known = None
        for step in steps:
            known = row(step, known)
        result, state = RefundResult(refund=known, succeeded=succeeded, failure_reason="declined"), steps[-1].after
        next_ = decide(state, result, NOW)
        if not isinstance(next_, Refusal):
            steps.append(carry_out(state, result, next_, None, NOW))
    known, booked = None, set[str]()
    total = 0
    for step in steps:
        known = row(step, known)
        for one in balance.moved(step.before.charge, step.after.charge, step.events, None, NOW):
            if one.id not in booked and (one.reverses is None or one.reverses in booked):
                booked.add(one.id)
                total += one.amount
    return known, frozenset(booked), total, shown(steps[-1].after)
