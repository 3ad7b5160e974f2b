"""Steps of the server and the workers: tasks are given out, ports asked and answered, tasks completed, timers fired."""

from collections.abc import Iterator
from dataclasses import replace

from gateways.base import GatewayUnavailable
from records.base import RecordsRefused, RecordsUnavailable
from tests.explore import sdk
from tests.explore.clients import SENT, TURNED_AWAY
from tests.explore.code import GATEWAY, STORE, Call, Done, Question, Reply
from tests.explore.requests import answered, lost
from tests.explore.sdk import (
    Accepted,
    Answered,
    AskActivity,
    CancelActivity,
    CancelTimer,
    ContinuedAsNew,
    Ended,
    StartTimer,
)
from tests.explore.server import Run, Scheduled, Timer, as_history, started
from tests.explore.values import Value
from tests.explore.worker import Execution, Local, Session, fails_for_good, job_of
from tests.explore.world import ANSWER_LOST, STORE_REFUSES, Rules, Step, World

UNAVAILABLE: dict[str, type[Exception]] = {STORE: RecordsUnavailable, GATEWAY: GatewayUnavailable}
"""What an activity sees when a part does not answer."""


def steps(rules: Rules, world: World) -> Iterator[Step]:
    """Everything that the server and the workers may do now."""
    run = world.open_run
    if run is not None and run.wants_a_worker and all(session.zombie for session in world.sessions):
        session = rules.code.take(run, world.now)
        yield Step("a worker takes the task", _going_on(rules, world.change(sessions=(*world.sessions, session))))
    for session in world.sessions:
        for local in session.local:
            yield from _local(rules, world, session, local)
        if not session.local and not session.zombie:
            yield from _complete(rules, world, session)
    for execution in world.executions:
        yield from _execute(rules, world, execution)
    for timer in run.timers if run else ():
        if timer.at <= world.now and run is not None:
            yield Step(f"a timer fires ({timer.seconds} s)", world.change(run=run.fired(timer)))


def _local(rules: Rules, world: World, session: Session, local: Local) -> Iterator[Step]:
    who = "the zombie" if session.zombie else "the worker"
    for step, reply in _replies(rules, world, local.call, f"{who}, for {local.asked.name}"):
        after = rules.code.reply(session, local, reply, world.now)
        yield replace(step, world=_going_on(rules, step.world.with_session(session, after)))


def _execute(rules: Rules, world: World, execution: Execution) -> Iterator[Step]:
    who = "a zombie" if execution.zombie else "a worker"
    for step, reply in _replies(rules, world, execution.call, f"{who}, for {execution.scheduled.name}"):
        yield replace(step, world=_executed(rules, step.world, execution, reply))


def _replies(rules: Rules, world: World, call: Call, who: str) -> Iterator[tuple[Step, Reply]]:
    """The ways in which what an activity waits for may be answered, and the world in which it was."""
    question = rules.code.waits(call)
    words = f"{who}: {question.part} is asked to {describe(question)}"
    if question.part in world.silent:
        # It is on its way still, and may be taken at any later moment.
        waiting = world.change(late=world.late | {question})
        yield Step(f"{words}; no answer", waiting), Reply(Value(b"no answer", None), UNAVAILABLE[question.part])
        return
    asked, told = world.asked(question)
    yield Step(words, asked), Reply(told)
    if STORE_REFUSES in rules.kinds and question.part == STORE and world.would_act(question):
        yield Step(f"{words}; it refuses", world, fault=True), Reply(Value(b"a definite no", None), RecordsRefused)


def _executed(rules: Rules, world: World, execution: Execution, reply: Reply) -> World:
    call = replace(execution.call, replies=(*execution.call.replies, reply))
    end = rules.code.activities.next(call)
    if not isinstance(end, Done):
        return world.with_execution(execution, replace(execution, call=call))
    scheduled, run = execution.scheduled, world.run
    if execution.zombie or run is None or run.number != execution.run:
        return world.with_execution(execution)
    if end.error is not None and not fails_for_good(end, scheduled):
        return world.with_execution(execution, replace(execution, call=Call(scheduled.name, scheduled.argument)))
    resolved = run.resolved(scheduled.number, job_of(scheduled.number, end, local=False))
    return world.change(run=resolved).with_execution(execution)


def abandoned(rules: Rules, world: World, calls: list[Call]) -> World:
    """Their process is gone; what it has asked may still arrive."""
    return world.change(late=world.late | {rules.code.waits(call) for call in calls})


def _going_on(rules: Rules, world: World) -> World:
    """What canceled activities had asked for is on its way."""
    for session in world.sessions:
        if session.given_up:
            world = abandoned(rules, world, list(session.given_up))
            world = world.with_session(session, replace(session, given_up=()))
    return settled(world)


def settled(world: World) -> World:
    """A task that has failed is given up by its worker; it would fail again, so it waits for a human.

    A zombie that has nothing left to do but complete its task is refused that, and is of no consequence.
    """
    for session in world.sessions:
        if session.zombie and (session.failed or not session.local):
            world = world.with_session(session)
        elif session.failed and world.run is not None:
            world = world.with_session(session).change(run=replace(world.run, stopped=session.failed))
    return world


def _complete(rules: Rules, world: World, session: Session) -> Iterator[Step]:
    run = world.run
    assert run is not None
    ends = any(isinstance(command, Ended | ContinuedAsNew) for _, command in session.commands)
    if ends and len(run.unseen) > session.events:
        yield Step(
            "the worker completes its task; there are new events, so it is given again", world.with_session(session)
        )
        return
    done = completed(rules, world, session)
    yield Step("the worker completes its task", done.with_session(session))
    told = [c for _, c in session.commands if isinstance(c, Answered)]
    if ANSWER_LOST in rules.kinds and any(
        client.state == SENT and any(c.update == client.update for c in told) for client in world.clients
    ):
        silent = completed(rules, lost(world), session).with_session(session)
        yield Step("the worker completes its task; the answers are lost", silent, fault=True)


def completed(rules: Rules, world: World, session: Session) -> World:
    """What the session did is durable, and its updates are answered."""
    run = world.run
    assert run is not None
    commands = [command for _, command in session.commands]
    asked = [Scheduled(c.number, c.name, c.argument, c.fatal) for c in commands if isinstance(c, AskActivity)]
    run = _with_history(run, session)
    run = replace(
        run, activities=(*run.activities, *asked), owed=bool(session.local), timers=_timers(run, world, commands)
    )
    canceled = {command.number for command in commands if isinstance(command, CancelActivity)}
    run = run.without(canceled)
    for command in commands:
        if isinstance(command, Ended | ContinuedAsNew):
            run = replace(run, closed=True, timers=(), activities=(), admitted=())
    going_on = tuple(
        replace(one, zombie=True) if one.run == run.number and one.scheduled.number in canceled else one
        for one in world.executions
    )
    executions = tuple(
        Execution(run.number, one, Call(one.name, one.argument)) for one in asked if one.number not in canceled
    )
    world = world.change(run=run, executions=(*going_on, *executions))
    world = _answer(world, run, [command for command in commands if isinstance(command, Answered)])
    return _continued(world, commands)


def _with_history(run: Run, session: Session) -> Run:
    accepted = tuple((c.update, None) for _, c in session.commands if isinstance(c, Accepted))
    updates = dict(run.updates) | dict(accepted)
    updates |= {
        c.update: c for _, c in session.commands if isinstance(c, Answered) and c.update not in session.rejected
    }
    return replace(
        run,
        log=as_history(session.log, session.commands, session.rejected),
        unseen=run.unseen[session.events :],
        admitted=tuple(update for update in run.admitted if update.id not in session.updates),
        updates=tuple(updates.items()),
    )


def _timers(run: Run, world: World, commands: list[sdk.Command]) -> tuple[Timer, ...]:
    timers = {timer.number: timer for timer in run.timers}
    for command in commands:
        if isinstance(command, StartTimer):
            timers[command.number] = Timer(command.number, world.now + command.seconds, command.seconds)
        elif isinstance(command, CancelTimer):
            timers.pop(command.number, None)
    return tuple(timers.values())


def _answer(world: World, run: Run, answers: list[Answered]) -> World:
    """Whoever waits for one of these has it; whoever waits for what the run did not take is turned away."""
    told = {answer.update: answer for answer in answers}
    for client in world.clients:
        if client.state != SENT:
            continue
        if client.update in told:
            world = world.with_client(client, answered(client, told[client.update], world.record))
        elif run.closed:
            world = world.with_client(client, client.became(TURNED_AWAY))
    return world


def _continued(world: World, commands: list[sdk.Command]) -> World:
    for command in commands:
        if isinstance(command, ContinuedAsNew) and world.run is not None:
            run = replace(started(world.run.number, command.argument), number=world.run.number + 1000)
            return world.change(run=run)
    return world


def describe(question: Question) -> str:
    """What is asked, in words."""
    subject = question.subject.content
    match question.verb:
        case "claim":
            intent, asked = subject
            return f"note that {asked.command.name} is under way on version {intent.version}"
        case "write":
            facts = ", ".join(type(event).__name__ for event in subject.events) or "no facts"
            return f"write version {subject.after.version} ({facts})"
        case "perform":
            amount = f" {subject.amount}" if hasattr(subject, "amount") else ""
            return f"{subject.operation}{amount} under {subject.key}"
        case "restore":
            return f"restore version {subject.version}"
        case _:
            return f"{question.verb} {subject}"
