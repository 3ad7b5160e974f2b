"""What happens when nothing else does: time passes, and housekeeping wakes what has come to a standstill.

As the sweep does it (activities/housekeeping): records that are open without a live workflow, or ahead of theirs, or
with something under way, are leveled by signal, and revived for it if need be.
"""

from collections.abc import Iterator

from contracts import names
from domain.payment_intent import PaymentIntent
from domain.statuses import TERMINAL
from tests.explore import sdk
from tests.explore.faults import passing
from tests.explore.requests import revived
from tests.explore.world import Rules, Step, World

METADATA = "__temporal_workflow_metadata"
"""The query by which Temporal's UI reads what a workflow shows of itself."""

SWEEPS_MAX = 3
"""What is not level after being leveled so often never will be."""


def steps(rules: Rules, world: World) -> Iterator[Step]:
    """What happens to a world in which nothing else can; nothing, once all is well, or beyond help."""
    soon = list(passing(world))
    if soon:
        yield from soon
    elif rules.sweeps and world.sweeps < SWEEPS_MAX and not is_level(rules, world):
        swept = world.change(sweeps=world.sweeps + 1)
        if world.open_run is None:
            yield Step("housekeeping revives the workflow", revived(swept, None, names.LEVEL))
        else:
            leveled = swept.change(run=world.open_run.signaled(names.LEVEL, None))
            yield Step("housekeeping has the workflow level itself", leveled)


def is_level(rules: Rules, world: World) -> bool:
    """Whether record and workflow agree, and nothing is under way."""
    record, run = world.record, world.open_run
    if record is None:
        return True
    if record.under_way is not None:
        return False
    if run is None:
        return record.intent.status in TERMINAL and record.intent.pending is None
    return known(rules, world) == record.intent


def is_stopped(rules: Rules, world: World) -> bool:
    """Whether the workflow shows that a human has to look at it."""
    run = world.open_run
    return run is not None and bool(run.log) and b"stopped" in rules.code.workflow.say(run.log, METADATA)


def known(rules: Rules, world: World) -> PaymentIntent | None:
    """What the open workflow says of itself, by query."""
    run = world.open_run
    if run is None or not run.log:
        return None
    said: PaymentIntent = sdk.content(rules.code.workflow.say(run.log, names.QUERY), PaymentIntent)
    return said
