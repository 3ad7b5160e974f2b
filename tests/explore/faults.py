"""Steps that nobody wants: parts die, freeze, fall silent; answers are lost. Each costs one of the world's faults."""

from collections.abc import Iterator
from dataclasses import replace

from tests.explore.clients import CREATE
from tests.explore.code import GATEWAY, STORE, Call
from tests.explore.requests import lost
from tests.explore.tasks import abandoned, completed, describe, settled
from tests.explore.world import (
    ANSWER_LOST,
    GATEWAY_SILENT,
    KINDS,
    PROLONGED,
    SERVER_DIES,
    SHARD_MOVES,
    STORE_REFUSES,
    STORE_SILENT,
    TIME,
    WORKER_DIES,
    WORKER_FREEZES,
    Rules,
    Step,
    World,
)

GRACE_SECONDS_MAX = 60
"""Timers up to this are waited for; longer ones take a happening of the scenario's."""


def steps(rules: Rules, world: World) -> Iterator[Step]:
    """What may go wrong now."""
    for kind in KINDS:
        if kind in rules.kinds:
            yield from _FAULTS[kind](rules, world)


def recoveries(world: World) -> Iterator[Step]:
    """How it may end."""
    for part in sorted(world.silent):
        yield Step(f"{part} answers again", world.change(silent=world.silent - {part}))
    for question in sorted(world.late, key=repr):
        if question.part not in world.silent:
            taken, _ = world.change(late=world.late - {question}).asked(question)
            yield Step(f"late, when nobody waits for it, {question.part} does {describe(question)}", taken, late=True)


def _worker_dies(rules: Rules, world: World) -> Iterator[Step]:
    alive = [session for session in world.sessions if not session.zombie]
    if not alive and not world.executions:
        return
    calls = [local.call for session in alive for local in session.local]
    calls += [execution.call for execution in world.executions if not execution.zombie]
    gone = abandoned(rules, world, calls)
    zombies = tuple(session for session in world.sessions if session.zombie)
    again = tuple(
        execution if execution.zombie else replace(execution, call=_afresh(execution.call))
        for execution in world.executions
    )
    yield Step("the worker dies", gone.change(sessions=zombies, executions=again), fault=True)


def _worker_freezes(rules: Rules, world: World) -> Iterator[Step]:
    del rules
    if all(session.zombie for session in world.sessions) and not world.executions:
        return
    sessions = tuple(replace(session, zombie=True) for session in world.sessions)
    zombies = tuple(replace(execution, zombie=True) for execution in world.executions)
    again = tuple(replace(e, call=_afresh(e.call)) for e in world.executions if not e.zombie)
    words = "the worker freezes; its tasks are given to another"
    yield Step(words, settled(world.change(sessions=sessions, executions=(*zombies, *again))), fault=True)


def _afresh(call: Call) -> Call:
    return replace(call, replies=())


def _server_dies(rules: Rules, world: World) -> Iterator[Step]:
    del rules
    run = world.run
    if run is None:
        return
    sessions = tuple(replace(session, zombie=True) for session in world.sessions)
    dead = settled(lost(world).change(run=run.forgetting(), sessions=sessions))
    if dead != world:
        yield Step("Temporal dies, and is started again", dead, fault=True)


def _shard_moves(rules: Rules, world: World) -> Iterator[Step]:
    """The task that is out stands, with the updates it has; those that waited are forgotten."""
    del rules
    run = world.run
    if run is None:
        return
    kept = frozenset(id_ for session in world.sessions if not session.zombie for id_ in session.updates)
    moved = lost(world, kept).change(run=run.forgetting(kept))
    if kept and moved != world:
        yield Step("Temporal's shard moves", moved, fault=True)


def _silence(part: str, world: World) -> Iterator[Step]:
    running = world.sessions or world.executions or any(client.via == CREATE for client in world.clients)
    if running and part not in world.silent:
        yield Step(f"{part} falls silent", world.change(silent=world.silent | {part}), fault=True)


def _prolonged(rules: Rules, world: World) -> Iterator[Step]:
    run = world.open_run
    for session in world.sessions:
        if run is None or session.zombie or not session.local:
            continue
        part = completed(rules, world, session)
        if part.run is None or (part.run.log == run.log and not part.run.wants_a_worker):
            continue
        going_on = rules.code.prolong(replace(session, log=part.run.log), part.run, world.now)
        yield Step("the task is prolonged while its activity runs", part.with_session(session, going_on), fault=True)


def _time_passes(rules: Rules, world: World) -> Iterator[Step]:
    del rules
    for step in passing(world):
        yield replace(step, fault=True)


def passing(world: World) -> Iterator[Step]:
    """Time enough for a short timer."""
    run = world.open_run
    soon = [timer.at for timer in run.timers if timer.seconds <= GRACE_SECONDS_MAX] if run else []
    if soon and min(soon) > world.now:
        yield Step(f"{min(soon) - world.now} seconds pass", world.change(now=min(soon)))


_FAULTS = {
    WORKER_DIES: _worker_dies,
    WORKER_FREEZES: _worker_freezes,
    SERVER_DIES: _server_dies,
    SHARD_MOVES: _shard_moves,
    STORE_SILENT: lambda rules, world: _silence(STORE, world),
    STORE_REFUSES: lambda rules, world: iter(()),
    GATEWAY_SILENT: lambda rules, world: _silence(GATEWAY, world),
    ANSWER_LOST: lambda rules, world: iter(()),
    PROLONGED: _prolonged,
    TIME: _time_passes,
}  # fmt: skip
"""An answer that is lost, and a refusal, are steps of those who are answered (tasks.py, requests.py)."""
