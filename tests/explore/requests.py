"""Steps of the clients: read the record, send, be answered or not, send again. What they are is clients.py."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from temporalio.exceptions import ApplicationError

from api.dialect.errors import LOCK_TIMEOUT
from contracts import names
from domain.machine.fence import Recorded
from domain.machine.housekeeping import Known
from domain.machine.modifications import already_so
from domain.model.commands import ModificationResult
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import TERMINAL
from domain.refusals import Refusal
from temporal.kinds import PAYMENT_INTENTS, SETUP_INTENTS, Hosted
from tests.explore import sdk
from tests.explore.clients import (
    CREATE,
    LOST,
    NOTICE,
    OVER,
    REPORT,
    SENT,
    SIGNAL,
    TURNED_AWAY,
    WAITING,
    WRITTEN,
    Answer,
    Client,
)
from tests.explore.code import STORE, Question
from tests.explore.sdk import Answered
from tests.explore.server import Update, started
from tests.explore.values import value
from tests.explore.world import ANSWER_LOST, Rules, Step, World
from tests.support.builders import make_intent, make_setup
from workflows.refusals import REFUSED, STOPPED

NEW = {
    "create": value(make_intent(id="pi", client_secret="s", amount=1_000)),
    "create setup": value(make_setup(id="seti", client_secret="s")),
}
"""What is created, by the client that does."""


def kind_of(intent: Known) -> Hosted[Any, Any]:
    """The kind of an intent, as the API knows it."""
    return SETUP_INTENTS if isinstance(intent, SetupIntent) else PAYMENT_INTENTS


def start_of(intent: Known) -> Any:
    """What a run of an intent is started with."""
    return kind_of(intent).start(intent)


def steps(rules: Rules, world: World) -> Iterator[Step]:
    """Everything that clients may do now."""
    for client in world.clients:
        if client.via == CREATE:
            yield from _create(rules, world, client)
            continue
        match client.state:
            case "waiting":
                yield from _begin(rules, world, client)
            case "turned away":
                yield _read_and_send(world, client.became(WAITING, ended=True), "is turned away as its run has ended")
            case "lost":
                yield from _repeat(world, client)


def _begin(rules: Rules, world: World, client: Client) -> Iterator[Step]:
    command = client.make(world)
    if command is None:
        return
    client = replace(client, command=value(command), floor=world.store.version)
    if client.via in (SIGNAL, NOTICE):
        yield from _signal(rules, world, client)
    else:
        yield _read_and_send(world, client, "is asked for")


def _create(rules: Rules, world: World, client: Client) -> Iterator[Step]:
    """The row first, and the workflow once it is there. Unanswered, it is repeated, or given up."""
    new = NEW[client.name]
    intent = new.content
    argument = sdk.payload(start_of(intent))
    run = {"run": started(world.runs + 1, argument), "runs": world.runs + 1} if world.run is None else {}
    if client.state == WRITTEN or (client.state == WAITING and rules.creates_at_once and run):
        state = OVER if client.state == WRITTEN else WAITING
        yield Step("the API starts the workflow", world.change(**run).with_client(client, client.became(state)))
    if client.state == LOST:
        yield Step("the create is given up by its sender", world.with_client(client, client.became(OVER)))
    if client.state in (WAITING, LOST):
        question = Question(STORE, "create", new)
        if STORE in world.silent:
            waiting = world.change(late=world.late | {question})
            yield Step("the API writes the row; no answer", waiting.with_client(client, client.became(LOST)))
        else:
            written, _ = world.asked(question)
            yield Step("the API writes the row", written.with_client(client, client.became(WRITTEN)))


def _signal(rules: Rules, world: World, client: Client) -> Iterator[Step]:
    run, command = world.open_run, client.content
    who = "the gateway notifies of" if client.via == NOTICE else "an operator signals"
    done = client.became(OVER)
    if run is not None:
        signaled = world.change(run=run.signaled(command.name, sdk.payload(command))).with_client(client, done)
        yield Step(f"{who} {client.name}", signaled)
        if client.via == NOTICE and ANSWER_LOST in rules.kinds and not client.told_again:
            again = client.became(WAITING, told_again=True)
            yield Step(f"{who} {client.name}, and will again", signaled.with_client(client, again), fault=True)
    elif client.via == NOTICE and rules.revives and world.intent is not None and world.intent.status not in TERMINAL:
        started_again = revived(world, world.intent, command.name, sdk.payload(command)).with_client(client, done)
        yield Step(f"{who} {client.name}; its workflow is revived", started_again)
    else:
        yield Step(f"{who} {client.name}, and finds no workflow", world.with_client(client, done))


def revived(world: World, intent: Known, signal: str, argument: bytes | None) -> World:
    """A workflow started from this state, with a signal (signal-with-start)."""
    run = started(world.runs + 1, sdk.payload(start_of(intent)))
    return world.change(run=run.signaled(signal, argument), runs=world.runs + 1)


def _read_and_send(world: World, client: Client, words: str) -> Step:
    """One step: what happens between the two is no other than what happens between sending and sending again."""
    step = _send(world, replace(client, seen=world.store.recorded))
    return Step(f"{client.name} {words}: the API reads the record; {step.words}", step.world)


def _send(world: World, client: Client) -> Step:
    recorded: Recorded[Any] | None = client.seen.content if client.seen else None
    if recorded is None:
        return Step(
            f"{client.name} is told that there is no such intent", world.with_client(client, client.became(OVER))
        )
    command = replace(client.content, seen_version=max(client.content.seen_version, recorded.intent.version))
    client = replace(client, command=value(command))
    if recorded.intent.status in TERMINAL or client.ended:
        return _send_to_ended(world, client, recorded.intent)
    return _update(world, client)


def _update(world: World, client: Client) -> Step:
    run = world.run
    known = run.answer(client.update) if run is not None else None
    if known is not None and known.result is None and client.via == REPORT:
        client = client.became(client.state, updates=client.updates + 1)
    elif known is not None:
        told = answered(client, known, world.record)
        return Step(f"{client.name} is answered as before", world.with_client(client, told))
    if run is None or run.closed:
        return Step(f"{client.name} is sent, and turned away", world.with_client(client, client.became(TURNED_AWAY)))
    return Step(f"{client.name} is sent", _admit(world, client))


def _admit(world: World, client: Client) -> World:
    run, command = world.open_run, client.content
    assert run is not None
    taken = run.admitting(Update(client.update, command.name, sdk.payload(command)))
    return world.change(run=taken).with_client(client, client.became(SENT))


def _send_to_ended(world: World, client: Client, intent: Known) -> Step:
    """As temporal/engine.py does it."""
    command, name, machine = client.content, client.name, kind_of(intent).machine
    entry = machine.remembered(intent, command.command_id) if intent.status in TERMINAL else None
    if entry is not None:
        if world.open_run is not None:
            world = world.change(run=world.open_run.signaled(names.LEVEL, None))
        told = Answer("carried out", value(intent), entry.error.code if entry.error else "")
        return Step(f"{name} is answered from the record", world.with_client(client, client.became(OVER, answer=told)))
    decision = machine.decide(intent, command, intent.created)
    if intent.status in TERMINAL and isinstance(decision, Refusal):
        told = Answer("refused", value(intent), decision.code or "")
        no = _refused(client, told, intent, world.record)
        return Step(f"{name} is refused from the record", world.with_client(client, no))
    if world.open_run is None:
        run = started(world.runs + 1, sdk.payload(start_of(intent)))
        revived_ = world.change(run=run, runs=world.runs + 1)
        return Step(f"{name} is sent, and revives the workflow", _admit(revived_, client))
    return _update(world, client)


def _repeat(world: World, client: Client) -> Iterator[Step]:
    yield _send(world, client)
    if client.via != REPORT:
        yield Step(f"{client.name} is given up by its sender", world.with_client(client, client.became(OVER)))
    if client.seen != world.store.recorded:
        yield _read_and_send(world, client, "is asked for again")


def answered(client: Client, told: Answered, record: Recorded[Any] | None) -> Client:
    """The client, with its answer; `record` is what the record says by then."""
    if told.result is not None:
        result: Any = sdk.content(told.result, _kind(client).result)
        error = result.error.code if result.error else ""
        return client.became(OVER, answer=Answer("carried out", value(result.intent), error))
    failure: Any = sdk.failure_of(told.failure or b"")
    if isinstance(failure, ApplicationError) and failure.type == REFUSED:
        refused: Any = sdk.content(sdk.payload(failure.details[0]), _kind(client).refused)
        assert refused.intent is not None, "it is shown, as it is small"
        no = Answer("refused", value(refused.intent), refused.refusal.code or "")
        return _refused(client, no, refused.intent, record)
    stopped = isinstance(failure, ApplicationError) and failure.type == STOPPED
    return client.became(OVER, answer=Answer("stopped" if stopped else "failed", value(None), str(failure)))


def _kind(client: Client) -> Hosted[Any, Any]:
    """The kind of the intent whose record was read for it."""
    assert client.seen is not None, "nothing is sent before the record was read"
    return kind_of(client.seen.content.intent)


def _refused(client: Client, told: Answer, intent: Known, record: Recorded[Any] | None) -> Client:
    """News that make no sense yet are told again (api/usecases/payment_news.py); everybody else takes the refusal."""
    if client.via != REPORT:
        return client.became(OVER, answer=told)
    again = client.became(WAITING, command=None)
    hasty = client.name.startswith("hasty")
    if told.error == LOCK_TIMEOUT or (record is not None and record.is_begun(intent) and not hasty):
        return again
    if isinstance(client.content, ModificationResult) and isinstance(intent, PaymentIntent):
        known = already_so(intent, client.content)
        if known is not None:
            return client.became(OVER, answer=replace(told, kind="known" if known else "contradicted"))
    return again if intent.status not in TERMINAL else client.became(OVER, answer=told)


def lost(world: World, kept: frozenset[str] = frozenset()) -> World:
    """Whoever waits for an answer does not get it, but those whose updates are kept."""
    clients = tuple(
        client.became(LOST) if client.state == SENT and client.update not in kept else client
        for client in world.clients
    )
    return world.change(clients=clients)
