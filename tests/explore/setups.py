"""SetupIntents, explored: real activities of two callers at once, every order of their questions, one fault a walk.

Smaller than the explorer of payments, and of another make: a walk is run again from its beginning for each choice, as
coroutines cannot be copied. Callers do as the workflow does (decide, carry out, take what the record says, decide
again). A fault is a question that is not asked, or whose answer is lost; then the activity is tried again.
"""

from collections.abc import Coroutine, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.intents import IntentActivities
from activities.setups import SetsUp
from domain.machine import fence
from domain.machine.fence import Answer, Elsewhere, Recorded, Taken, UnderWay
from domain.machine.setups.decisions import SetupDecision
from domain.machine.setups.transitions import SETUPS, SetupTransition
from domain.model.commands import Command
from domain.model.outcomes import Outcome, SetUp
from domain.model.setup_intent import SetupIntent
from domain.refusals import Refusal
from gateways.base import GatewayUnavailable
from records.base import RecordsUnavailable
from tests.support.builders import NOW
from tests.support.fakes import FakeGateway

WELL, UNASKED, UNHEARD = "well", "not asked", "not heard"


class _Turn:
    """Wait for the scheduler, which says how this question ends."""

    def __await__(self) -> Generator[None, str, str]:
        return (yield)


class Records:
    """The record, behind the fence; `chain` is every transition that it has taken."""

    def __init__(self, first: SetupIntent) -> None:
        self.record: Recorded[SetupIntent] | None = Recorded(intent=first)
        self.chain: list[SetupTransition] = []

    async def latest(self, id_: str) -> SetupIntent | None:
        recorded = await self.recorded(id_)
        return recorded.intent if recorded else None

    async def recorded(self, id_: str) -> Recorded[SetupIntent] | None:
        del id_
        if await _Turn() != WELL:
            raise RecordsUnavailable("silent")
        return self.record

    async def claim(self, intent: SetupIntent, asked: UnderWay) -> Answer[SetupIntent]:
        how = await _Turn()
        if how == UNASKED:
            raise RecordsUnavailable("silent")
        answer = fence.claim(self.record, intent, asked)
        if isinstance(answer, Taken) and self.record is not None and self.record.under_way is None:
            self.record = Recorded(intent=intent, under_way=asked)
        return self._heard(how, answer)

    async def project(self, transition: SetupTransition) -> Answer[SetupIntent]:
        how = await _Turn()
        if how == UNASKED:
            raise RecordsUnavailable("silent")
        answer = fence.write(self.record, transition)
        if isinstance(answer, Taken):
            self.record = Recorded(intent=transition.after)
            self.chain.append(transition)
        return self._heard(how, answer)

    async def restore(self, intent: SetupIntent) -> None:
        raise AssertionError("nothing is ever ahead of its record here")

    def _heard(self, how: str, answer: Answer[SetupIntent]) -> Answer[SetupIntent]:
        if how == UNHEARD:
            raise RecordsUnavailable("silent")
        return Elsewhere(self.record) if isinstance(answer, Elsewhere) else answer


class Gateway(FakeGateway):
    """Idempotent by key, and now and then not heard."""

    async def perform(self, effect: Any) -> Outcome:
        how = await _Turn()
        if how == UNASKED:
            raise GatewayUnavailable("silent")
        outcome = await super().perform(effect)
        if how == UNHEARD:
            raise GatewayUnavailable("silent")
        return outcome


@dataclass
class Ended:
    """How one walk has ended."""

    records: Records
    gateway: Gateway
    told: dict[str, str] = field(default_factory=dict)


Activities = IntentActivities[SetupIntent, SetUp, SetupDecision, SetupTransition]


async def _call(activities: Activities, state: SetupIntent, command: Command, ended: Ended) -> None:
    """As `IntentWorkflow._handle` does, by a caller who began with `state`."""
    while True:
        if SETUPS.remembered(state, command.command_id) is not None:
            ended.told[command.command_id] = "done"
            return
        decision = SETUPS.decide(state, command, NOW)
        if isinstance(decision, Refusal):
            ended.told[command.command_id] = "refused"
            return
        done = await _retried(activities, state, command)
        if done.latest is None:
            ended.told[command.command_id] = "done"
            return
        state = done.latest


async def _retried(activities: Activities, state: SetupIntent, command: Command) -> Any:
    while True:
        try:
            return await activities.carried_out(state, command, NOW)
        except ApplicationError as error:
            if error.non_retryable:
                raise


def _walk(
    records: Records, commands: tuple[Command, ...], answers: list[Any], path: tuple[int, ...]
) -> tuple[Ended, list[int]]:
    """One walk along `path`, and from its end on always the first way; and how many ways there were at each step.

    A way is which caller goes on, and how its question ends.
    """
    ended = Ended(records, Gateway(answers=list(answers)))
    activities: Activities = IntentActivities(SETUPS, SetsUp(ended.gateway), records)
    first = records.record.intent if records.record else None
    assert first is not None
    waiting: dict[int, Coroutine[None, str, None]] = {}
    for number, command in enumerate(commands):
        _advance(waiting, number, _call(activities, first, command, ended), None)
    counts, faults = list[int](), 0
    while ways := _ways(waiting, faults):
        number, how = ways[path[len(counts)] if len(counts) < len(path) else 0]
        counts.append(len(ways))
        faults += how != WELL
        _advance(waiting, number, waiting[number], how)
    return ended, counts


def _advance(
    waiting: dict[int, Coroutine[None, str, None]], number: int, caller: Coroutine[None, str, None], how: str | None
) -> None:
    try:
        caller.send(how)  # type: ignore[arg-type]
    except StopIteration:
        waiting.pop(number, None)
    else:
        waiting[number] = caller


def _ways(waiting: dict[int, Any], faults: int) -> list[tuple[int, str]]:
    endings = (WELL,) if faults else (WELL, UNASKED, UNHEARD)
    return [(number, how) for number in sorted(waiting) for how in endings]


def walks(
    first: SetupIntent, commands: tuple[Command, ...], answers: list[Any], records: type[Records] = Records
) -> Iterator[Ended]:
    """Every walk there is."""
    paths: list[tuple[int, ...]] = [()]
    while paths:
        path = paths.pop()
        ended, counts = _walk(records(first), commands, answers, path)
        yield ended
        for place in range(len(path), len(counts)):
            before = path + (0,) * (place - len(path))
            paths += [(*before, other) for other in range(1, counts[place])]
