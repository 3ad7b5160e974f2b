"""What is stopped, or refused when it was due, lets the workflow rest: it neither spins nor waits for ever.

The real workflow, told by hand what comes to it (tests/explore/sdk.py); no server, so that every order can be had.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.failures import BROKEN
from contracts import names
from contracts.messages import Work, WorkResult, start_of
from domain.machine.decisions import Decision, decide
from domain.machine.transitions import carry_out, leave_unknown
from domain.model.charges import DAY_SECONDS
from domain.model.commands import Capture, CheckSettlement, RefundCharge, ReportDispute, Update
from domain.model.outcomes import Approved, MoveFunds, RequestFunds
from domain.model.payment_intent import RULES, PaymentIntent, deadline, held_charge
from domain.refusals import Refusal
from tests.explore import sdk
from tests.explore.gateway import Book
from tests.explore.scenarios import BASES
from tests.support.builders import NOW
from workflows.options import REFUSED_PAUSE
from workflows.payment_intent import PaymentIntentWorkflow

MISMATCH = ApplicationError("GatewayMismatch: another amount", type=BROKEN, non_retryable=True)
SILENCE = ApplicationError("no answer", type="gateway_unavailable")

# Before this was mended, an activation came to no end.
pytestmark = pytest.mark.timeout(300)


@dataclass
class Run:
    """One run of the workflow, and what it was told."""

    code: sdk.WorkflowCode
    now: int = NOW
    log: sdk.Log = ()
    commands: tuple[sdk.Command, ...] = ()

    def tell(self, *jobs: bytes) -> None:
        """Give it one activation."""
        self.log = (*self.log, sdk.Activation(self.now, jobs, 3 * len(self.log) + 3))
        self.commands = self.code.commands(self.log)

    def start(self, intent: PaymentIntent, **more: Any) -> None:
        self.tell(sdk.started(sdk.payload(replace(start_of(intent), **more)), "run-1"))

    def due(self, intent: PaymentIntent) -> None:
        """Its time has come."""
        time = deadline(intent)
        assert time is not None
        self.now = time
        (timer,) = [each for each in self.commands if isinstance(each, sdk.StartTimer)]
        self.tell(sdk.fired(timer.number))

    @property
    def asked(self) -> sdk.AskActivity:
        """The activity that it waits for."""
        (activity,) = self.activities
        return activity

    @property
    def activities(self) -> list[sdk.AskActivity]:
        """What it has asked for last."""
        return [each for each in self.commands if isinstance(each, sdk.AskActivity)]

    def answer(self, result: Any) -> None:
        self.tell(sdk.succeeded(self.asked.number, sdk.payload(result), local=self.asked.local))

    def fail(self, error: ApplicationError) -> None:
        self.tell(sdk.failed(self.asked.number, error, local=self.asked.local))

    @property
    def rests(self) -> bool:
        """It answers queries, and has asked for nothing but, perhaps, a timer."""
        assert self.state.id
        return not [
            each for each in self.commands if not isinstance(each, sdk.StartTimer | sdk.CancelTimer | sdk.Flagged)
        ]

    @property
    def state(self) -> PaymentIntent:
        intent: PaymentIntent = sdk.content(self.code.say(self.log, names.QUERY), PaymentIntent)
        return intent

    @property
    def card(self) -> str:
        """What the Temporal UI shows."""
        return self.code.say(self.log, "__temporal_workflow_metadata").decode()


@pytest.fixture
def run() -> Iterator[Run]:
    code = sdk.WorkflowCode(PaymentIntentWorkflow)
    yield Run(code)
    code.close()


def at(base: str) -> PaymentIntent:
    """A payment that has come so far."""
    state, before, _ = BASES[base]
    book = Book()
    for command in before:
        decision = decided(state, command)
        outcome = None
        if decision.effect:
            assert not isinstance(decision.effect, RequestFunds | MoveFunds)
            book, told = book.perform(decision.effect)
            outcome = told.outcome
        state = carry_out(state, command, decision, outcome, NOW).after
    return replace(state, rules=1)


def decided(state: PaymentIntent, command: Any, now: int = NOW) -> Decision:
    decision = decide(state, command, now)
    assert isinstance(decision, Decision)
    return decision


def unknown(state: PaymentIntent, command: Any, now: int = NOW) -> PaymentIntent:
    decision = decided(state, command, now)
    assert decision.effect is not None
    return leave_unknown(state, command, decision, decision.effect, now).after


REFUND = RefundCharge(command_id="r", refund="re_1", amount=400)


def test_a_refund_that_mismatches_when_it_is_asked_about(run: Run) -> None:
    pending = unknown(at("taken"), REFUND)
    run.start(pending)
    run.tell(sdk.signaled(names.LEVEL, None))
    run.answer(pending)
    assert run.asked.name == names.ASK_GATEWAY
    run.fail(MISMATCH)
    assert run.rests
    assert "another amount" in run.card
    run.tell(sdk.signaled(names.LEVEL, None))
    run.answer(pending)
    assert run.asked.name == names.ASK_GATEWAY, "it is asked about once more"


@pytest.mark.parametrize("base", ["held", "debited"])
def test_what_time_does_and_is_stopped_at_waits_for_the_signal(run: Run, base: str) -> None:
    state = at(base)
    run.start(state)
    run.due(state)
    run.fail(MISMATCH)
    assert run.rests
    assert not [each for each in run.commands if isinstance(each, sdk.StartTimer)]
    assert "another amount" in run.card
    run.tell(sdk.signaled(names.LEVEL, None))
    run.answer(state)
    assert run.asked.name == names.CARRY_OUT, "its time has not gone by"
    assert "another amount" not in run.card


@pytest.mark.parametrize("events", [10_000, 20], ids=["a short history", "a long history"])
def test_an_unknown_outcome_that_mismatches_later(run: Run, events: int) -> None:
    state = at("debited")
    time = deadline(state)
    assert time is not None
    run.now = time
    run.start(unknown(state, CheckSettlement(command_id="x"), time), history_events_max=events)
    for _ in range(8):
        if run.rests:
            break
        run.fail(MISMATCH) if run.asked.name == names.ASK_GATEWAY else run.answer(state)
    assert run.rests


def test_what_is_due_and_refused_is_not_tried_again_at_once(run: Run) -> None:
    state = at("debited")
    run.start(state)
    run.due(state)
    run.answer(WorkResult(refusal=Refusal(message="It cannot be stored.")))
    assert run.rests
    (pause,) = [each for each in run.commands if isinstance(each, sdk.StartTimer)]
    assert pause.seconds == REFUSED_PAUSE.total_seconds()
    assert "It cannot be stored." in run.card
    run.now += pause.seconds
    run.tell(sdk.fired(pause.number))
    assert run.asked.name == names.CARRY_OUT


def test_late_news_of_a_settlement_beside_a_refund_whose_outcome_is_unknown(run: Run) -> None:
    state = at("taken")
    run.start(state)
    refund = replace(REFUND, seen_version=state.version)
    run.tell(sdk.updated("r", names.REFUND, sdk.payload(refund), validate=True))
    run.answer(state)
    refunding = run.asked
    run.tell(
        sdk.signaled(names.CHECK_SETTLEMENT, sdk.payload(CheckSettlement(command_id="ch_1/settlement", charge="ch_1")))
    )
    run.tell(sdk.failed(refunding.number, SILENCE, local=True))
    pending = unknown(state, refund)
    seen: list[str] = []
    for _ in range(4):
        for each in run.activities:
            seen.append(each.name)
            if each.name != names.ASK_GATEWAY:
                answer = b"null" if each.name == names.RECORD else sdk.payload(pending)
                run.tell(sdk.succeeded(each.number, answer, local=each.local))
    assert names.ASK_GATEWAY in seen, "the refund's outcome is found out all the same"


def test_an_update_that_finds_another_command_does_not_wait_for_the_gateway(run: Run) -> None:
    state = at("held")
    run.start(state)
    update = Update(command_id="u", changes={"metadata": {"a": "b"}}, seen_version=state.version)
    run.tell(sdk.updated("u", names.UPDATE, sdk.payload(update), validate=True))
    run.fail(SILENCE)
    assert run.asked.name == names.RECALL, "what is under way is left as an unknown outcome"


def test_a_cancellation_that_is_asked_for_while_a_bank_is_asked(run: Run) -> None:
    state = at("debited")
    run.start(state)
    run.due(state)
    asking = run.asked
    run.tell(sdk.cancellation_requested())
    if not [each for each in run.commands if isinstance(each, sdk.AskActivity)]:
        run.tell(sdk.canceled(asking.number, local=True))
    told = [sdk.content(run.asked.argument, Work).command.name] if run.asked.name == names.CARRY_OUT else []
    assert told == ["cancel"] or "cancel" in run.card, "it is tried, or refused where people see it"


@pytest.mark.parametrize(("days", "acts"), [(1, "expire_dispute"), (20, "expire_authorization")])
def test_a_hold_of_which_a_part_is_disputed_is_woken_by_the_earlier_of_its_clocks(
    run: Run, days: int, acts: str
) -> None:
    held = replace(at("held"), rules=RULES)
    part = Capture(command_id="p", amount_to_capture=400, final_capture=False)
    taken = carry_out(held, part, decided(held, part), Approved(authorization="a"), NOW).after
    news = ReportDispute(
        command_id="d", charge=held_charge(taken).id, reference="dsp_1", due_by=NOW + days * DAY_SECONDS,
        seen_version=taken.version,
    )  # fmt: skip
    run.start(taken)
    run.tell(sdk.updated("d", names.DISPUTE, sdk.payload(news), validate=True))
    assert sdk.content(run.asked.argument, Work).command.name == "dispute", "it is not refused until the hold has ended"
    disputed = carry_out(taken, news, decided(taken, news), None, NOW).after
    run.answer(WorkResult())
    assert run.state == disputed
    lapses = held_charge(taken).lapses_at
    assert lapses is not None
    run.due(disputed)
    assert run.now == min(NOW + days * DAY_SECONDS, lapses)
    assert sdk.content(run.asked.argument, Work).command.name == acts
