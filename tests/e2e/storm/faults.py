"""A fault, and what can be said of the workflow of whatever intent it is: a payment or a setup."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e.storm.books import Books, Row

ENDED = ("succeeded", "canceled")
WAITING = ("requires_payment_method", "requires_confirmation")
KINDS = ("wrong", "lost", "doubled", "stuck")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be; `kind` is one of KINDS."""

    intent: str
    kind: str
    what: str


def workflow_faults(books: Books, row: Row, *, told: bool, names: Sequence[str]) -> Iterator[Fault]:
    """What is wrong with the workflow of this record, whose `names` must be the same on both sides."""
    id_, workflow = row["id"], books.workflows.get(row["id"])
    if workflow is None:
        # The API may have died between the record and the start. Whoever was never told of the intent has lost
        # nothing: their next try starts it. Who was told has.
        if told or row["status"] not in WAITING:
            yield Fault(id_, "lost", "there is no workflow")
        return
    if workflow.failing:
        yield Fault(id_, "stuck", f"its workflow: {workflow.failing}")
    if workflow.status not in ("RUNNING", "COMPLETED"):
        yield Fault(id_, "stuck", f"its workflow is {workflow.status}")
    if workflow.status == "COMPLETED" and row["status"] not in ENDED:
        yield Fault(id_, "stuck", f"{row['status']}, and its workflow has ended")
    if workflow.state is not None:
        for name in names:
            theirs, ours = stored(workflow.state, name), stored(row["data"], name)
            if theirs != ours:
                yield Fault(id_, "wrong", f"{name} is {ours} in the records and {theirs} in the workflow")


def stored(state: Row, name: str) -> Any:
    """A field of a stored state; what is as it was at first is not written."""
    return state.get(name, {"status": "requires_payment_method", "version": 1}.get(name))
