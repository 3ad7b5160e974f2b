"""PostgreSQL's record of one intent, as a model: a row that goes from one version to the next, and its events.

What it promises, and where that comes from:
- One statement is one step: it is taken whole, or not at all (PostgreSQL; records/projection.py writes each transition
  in one statement, ADR 0007).
- What a statement takes is decided by domain/machine/fence.py, the pure rules; tests/records holds the SQL equal to
  them.
- No answer leaves open whether a statement was taken. It may be taken later still, when everybody has given it up: a
  frozen server goes on where it stood (seen with SIGSTOP, facts about 956c385: M8).
- An event's id is computed from version and index (domain/identifiers.py); an id that is there is not written again.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from domain.identifiers import event_id
from domain.machine import fence
from domain.machine.fence import Answer, Elsewhere, Recorded, Taken, UnderWay
from domain.machine.housekeeping import Known
from domain.machine.setups.transitions import SetupTransition
from domain.machine.transitions import Transition
from domain.model.payment_intent import PaymentIntent
from domain.model.refund_events import RefundRequested
from records.setup_rows import method_rows, new_method_rows
from tests.explore.code import Question
from tests.explore.values import Value, hashed_once, value

Step = Transition | SetupTransition
"""What a record goes on by."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event, and what it is about: `subject` is the id of the charge, refund, … that it shows."""

    id: str
    type: str
    subject: str


@dataclass(frozen=True)
class Store:
    """The record, its events, every state that it has ever had, oldest first, and the refunds as they were asked for.

    `announced` is how many events there were before each of the states, `kept` which payment methods were made whose.
    """

    recorded: Value = field(default_factory=lambda: value(None))
    events: tuple[StoredEvent, ...] = ()
    states: tuple[Value, ...] = ()
    refunds: tuple[Value, ...] = ()
    announced: tuple[int, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    __hash__ = hashed_once

    @property
    def record(self) -> Recorded[Any] | None:
        """What the row says."""
        found: Recorded[Any] | None = self.recorded.content
        return found

    @property
    def version(self) -> int:
        """The version recorded; 0 if there is no record."""
        return self.record.intent.version if self.record else 0

    def had(self, intent: Known) -> bool:
        """Whether the record has ever said so."""
        return value(intent) in self.states

    def ask(self, question: Question) -> "tuple[Store, Value]":
        """Execute one statement."""
        subject = question.subject.content
        match question.verb:
            case "read":
                return self, self.recorded
            case "claim":
                return self.claim(*subject)
            case "write":
                return self.write(subject)
            case "restore":
                return self.restore(subject), value(None)
            case "create":
                return (self if self.record else self.restore(subject)), value(None)
            case _:
                raise AssertionError(f"no statement {question.verb}")

    def claim(self, intent: Known, asked: UnderWay) -> "tuple[Store, Value]":
        """Write beside the record what is being carried out."""
        answer = fence.claim(self.record, intent, asked)
        record = self.record
        if isinstance(answer, Elsewhere) or record is None or record.under_way is not None:
            return self, _told(answer)
        return replace(self, recorded=value(replace(record, under_way=asked))), _told(answer)

    def write(self, transition: Step) -> "tuple[Store, Value]":
        """Write a transition and its events."""
        answer = fence.write(self.record, transition)
        return (self if isinstance(answer, Elsewhere) else self.taken(transition)), _told(answer)

    def taken(self, transition: Step) -> "Store":
        """The store with the transition in it."""
        known = {event.id for event in self.events}
        new = [event for event in _events(transition) if event.id not in known]
        asked = [value(fact.refund) for fact in transition.events if isinstance(fact, RefundRequested)]
        held = self.holding(transition.after)
        kept = (*self.kept, *_kept(transition))
        return replace(held, events=(*self.events, *new), refunds=(*self.refunds, *asked), kept=kept)

    def restore(self, intent: Known) -> "Store":
        """Write a state that the record is behind."""
        return self if self.version >= intent.version else self.holding(intent)

    def holding(self, intent: Known) -> "Store":
        """The store with this state, and nothing under way."""
        said = value(intent)
        return replace(self, recorded=value(Recorded(intent=intent)), states=(*self.states, said),
                       announced=(*self.announced, len(self.events)))  # fmt: skip

    def of_a_backup(self) -> "Store":
        """The store as it was one state ago, events and all; `states` goes on telling what it has ever said."""
        was: Known = self.states[-2].content
        return replace(self, recorded=value(Recorded(intent=was)), events=self.events[: self.announced[-1]])


def _told(answer: Answer[Any]) -> Value:
    """As the statement tells it: whether it was taken. What the record says is another question."""
    return value(answer) if isinstance(answer, Taken) else Value(b"elsewhere", Elsewhere(None))


def _kept(transition: Step) -> list[tuple[str, str]]:
    """Methods that become a customer's with a transition of a SetupIntent, by the rows that it leaves."""
    if not isinstance(transition, SetupTransition):
        return []
    rows = [*method_rows(transition), *new_method_rows(transition)]
    return [(row["id"], row["customer"]) for row in rows if row["customer"] is not None]


def _events(transition: Step) -> list[StoredEvent]:
    after = transition.after
    return [
        StoredEvent(event_id(after.id, after.version, index), announcement.type, _subject(transition, announcement))
        for index, announcement in enumerate(transition.announcements)
    ]


def _subject(transition: Step, announcement: Any) -> str:
    """The id of what the event shows."""
    intent = transition.after
    if isinstance(transition, SetupTransition):
        return f"{intent.id}/{announcement.subject}"
    assert isinstance(intent, PaymentIntent)
    if announcement.subject in ("refund", "dispute", "mandate"):
        shown = [getattr(event, announcement.subject, None) for event in transition.events]
        return next((object_.id for object_ in reversed(shown) if object_ is not None), intent.id)
    if announcement.subject == "charge" and intent.charge:
        return intent.charge.id
    return intent.id
