"""What happens when nothing else does: time passes, and housekeeping wakes what has come to a standstill.

Whom it wakes is decided by the real rule (domain/machine/housekeeping.py); how, is what activities/housekeeping.py
does: by the signal `level`, which starts a workflow that does not run from whichever knows more, the record or the last
run.
"""

from collections.abc import Iterator

from contracts import names
from domain.machine.housekeeping import Known, Standing, reason_to_wake
from tests.explore import sdk
from tests.explore.faults import passing
from tests.explore.requests import kind_of, revived
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
    elif rules.sweeps and world.sweeps < SWEEPS_MAX:
        yield from _sweep(rules, world)


def _sweep(rules: Rules, world: World) -> Iterator[Step]:
    record, run = world.record, world.open_run
    if record is None:
        return
    known = said(rules, world)
    standing = Standing(running=run is not None, intent=known)
    reason = reason_to_wake(record.intent, standing, world.now, claimed=record.under_way is not None)
    swept = world.change(sweeps=world.sweeps + 1)
    if reason is None:
        return
    if run is not None:
        leveled = swept.change(run=run.signaled(names.LEVEL, None))
        yield Step(f"housekeeping has the workflow level itself ({reason})", leveled)
    else:
        knows_more = known is not None and known.version > record.intent.version
        started_from = known if known is not None and knows_more else record.intent
        woken = revived(swept, started_from, names.LEVEL, None)
        yield Step(f"housekeeping revives the workflow ({reason})", woken)


def said(rules: Rules, world: World) -> Known | None:
    """What the workflow says of itself by query, or its last run does."""
    if world.run is None or not world.run.log or world.intent is None:
        return None
    kind = kind_of(world.intent)
    known: Known = sdk.content(rules.code.workflow.say(world.run.log, kind.query), kind.state)
    return known


def is_stopped(rules: Rules, world: World) -> bool:
    """Whether the workflow shows that a human has to look at it."""
    run = world.open_run
    return run is not None and bool(run.log) and b"stopped" in rules.code.workflow.say(run.log, METADATA)
