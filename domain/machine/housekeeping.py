"""Which intents somebody has to wake: rules on what the record says and what the workflow says. Pure."""

from dataclasses import dataclass

from domain.machine.payments import PAYMENTS
from domain.machine.setups.transitions import SETUPS
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent

LATE_SECONDS = 120
"""How long after its deadline a payment is overdue: twice the longest pause between two questions to a gateway."""

CLAIM_SECONDS = 60
"""How old a command is that was begun and not recorded, before somebody looks: a worker that lives needs seconds."""

CLAIM_PATIENCE_SECONDS = 3_600
"""Older claims are woken by the hourly sweep alone: what sixty wakings have not healed, a person will have to."""


Known = PaymentIntent | SetupIntent
"""The kinds that are kept: each has a workflow and a record."""


def deadline(intent: Known) -> int | None:
    """When (Unix seconds) time acts on it by itself."""
    return SETUPS.deadline(intent) if isinstance(intent, SetupIntent) else PAYMENTS.deadline(intent)


def parkable(intent: Known) -> bool:
    """Whether nothing happens to it by itself."""
    return SETUPS.parkable(intent) if isinstance(intent, SetupIntent) else PAYMENTS.parkable(intent)


@dataclass(frozen=True, slots=True)
class Standing:
    """What Temporal says of a workflow: whether it runs, and what it knows (None: nobody says, or there is none)."""

    running: bool
    intent: Known | None = None


ATTEMPTS_MAX = 4
"""Of one workflow task, before somebody looks. A worker that was killed or frozen in mid-task costs one or two."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A workflow whose task is not done at the `attempt`-th attempt.

    `answered` says that a worker got as far as to say why: its code fails, and would fail again. `replays` is whether
    the code goes the way that the history has gone; `shown` the status that it last showed. One that has not `begun`
    has no task at all, and never had one, though it should have had it for minutes.
    """

    id: str
    run: str
    attempt: int
    answered: bool
    replays: bool = True
    shown: str = ""
    begun: bool = True


def is_stuck(trouble: Trouble) -> bool:
    """Whether it will not get over it by itself."""
    return trouble.attempt >= ATTEMPTS_MAX or not trouble.begun


def can_be_set_back(trouble: Trouble) -> bool:
    """Whether to do the task before it once more may help: the server does not take what the worker says.

    That happens when a run ends, and what it ends with was refused because a signal came first (ADR 0027). The record
    knows what was done, so that it is not done again (fence.py).
    """
    return not trouble.answered


def ended(intent: Known) -> bool:
    """Whether nothing more comes of it by itself."""
    return SETUPS.ended(intent) if isinstance(intent, SetupIntent) else PAYMENTS.ended(intent)


def can_begin_anew(trouble: Trouble, recorded: Known) -> bool:
    """Whether another run may go on from the record: this one's history cannot be gone through any more, by nobody.

    The record has all that was ever done or said (ADR 0025), unless it is older than the run: then the status differs.
    One that has not begun knows nothing: whatever the record says was carried out by a task that the server forgot.
    """
    return not trouble.begun or (not trouble.replays and trouble.shown == str(recorded.status))


def overdue(intent: Known, now: int) -> bool:
    """Whether time should have acted by now (Unix seconds), and has not."""
    due = deadline(intent)
    return not ended(intent) and due is not None and due + LATE_SECONDS < now


def needs_workflow(intent: Known) -> bool:
    """Whether anything may still happen to it by itself; one that only waits for its merchant may be parked."""
    return intent.pending is not None or not (ended(intent) or parkable(intent))


def reason_to_wake(recorded: Known, standing: Standing, now: int, *, claimed: bool) -> str | None:
    """Why it is to be woken; None if all is well, or if waking would not help.

    `claimed` says that a command has been under way on the record for too long. A workflow that runs and does not
    answer is not woken: signals would pile up in its history.
    """
    known = standing.intent
    if claimed and not (standing.running and known is None):
        return "claimed"
    if known is not None and known.version > recorded.version:
        return "ahead"
    if not standing.running:
        return "missing" if needs_workflow(recorded) else None
    if known is None:
        return None
    if known.version < recorded.version:
        return "behind"
    return "overdue" if overdue(recorded, now) else None


def put_back(recorded: int, lineage: str, last: int, last_lineage: str) -> str | None:
    """How it shows that the records were put back to an older copy, or lost; None if it does not.

    `recorded` is the last sweep that the records know of, `last` the last one that Temporal does. A lineage is the
    cluster and its timeline (records/base.py): a standby that takes over begins another timeline of the same cluster,
    and if it lacks a sweep, it lacks payments as well.
    """
    if recorded < last:
        return f"the records know of sweep {recorded}, and Temporal of {last}: they were put back to a copy, or lost"
    cluster, last_cluster = lineage.partition("/")[0], last_lineage.partition("/")[0]
    if "" not in (cluster, last_cluster) and cluster != last_cluster:
        return f"the records were those of the PostgreSQL {last_cluster} until now, and are in {cluster}"
    return None
