"""After a restore: records are rebuilt from the workflows and from the gateway's book, and workflows from records.

In this order: a workflow that knows more than its record has it written; what the book tells of beyond that is carried
out on the record, with the gateway's own answers, and nothing is asked of it again; rows and events that a state says
were there are written; workflows that are gone or behind are woken. Then all books are compared.

Safe to repeat, and beside running workers: each step is a compare-and-set, and finds what it has done before.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from activities.setup_rebuilder import SetupRebuilder
from domain.identifiers import SETUP_PREFIX
from domain.machine.fence import Answer, Recorded, Taken
from domain.machine.housekeeping import Standing
from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.hashes import JsonObject
from domain.model.outcomes import GatewayEffect, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import Card, PaymentMethod
from domain.rebuilding.completing import Lost, lost
from domain.rebuilding.movements import OPERATIONS, Movement, Owner, adopted, forgotten, method_of
from domain.reconciliation.books import Page
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Report
from gateways.base import GatewayMismatch, GatewayUnavailable
from records.base import RecordsRefused

WAKING = (Kind.OPEN_WITHOUT_WORKFLOW, Kind.WORKFLOW_BEHIND, Kind.WORKFLOW_AHEAD, Kind.WORKFLOW_WITHOUT_RECORD)
"""What a workflow sees to itself, once it is told to level itself with its record."""

ROUNDS_MAX = 6
PAUSE_SECONDS = 2.0
"""Between waking and comparing again: a workflow that was told to level itself has done so within a second or two."""

BATCH = 200


class Records(Protocol):
    """What is written; records/projection.py."""

    async def recorded(self, id_: str) -> Recorded[PaymentIntent] | None:
        """The record of a payment."""
        ...

    async def restore(self, intent: PaymentIntent) -> None:
        """Write the state of a workflow that knows more."""
        ...

    async def create(self, intent: PaymentIntent, cause: Cause, method: PaymentMethod | None = None) -> bool:
        """Write a payment that is not there."""
        ...

    async def project(self, transition: Transition) -> Answer[PaymentIntent]:
        """Write what a command came to."""
        ...

    async def complete(self, intent: PaymentIntent, lost: Lost, number: int, now: int) -> bool:
        """Write what was lost beside a state."""
        ...


class Book(Protocol):
    """The gateway's own book; gateways/book.py."""

    def movements(self) -> AsyncIterator[Movement]:
        """Every line, oldest first."""
        ...

    async def asked(self, key: str) -> JsonObject | None:
        """What was asked by a key."""
        ...


class Answers(Protocol):
    """What the gateway has answered; gateways/simulator.py."""

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        """The answer that it gave by the effect's key."""
        ...

    async def card_of(self, token: str) -> Card | None:
        """What it knows of a card."""
        ...


class Runs(Protocol):
    """The workflows; temporal/intent_runs.py."""

    def known(self) -> AsyncIterator[str]:
        """The ids of all that Temporal still has, open or not."""
        ...

    async def standing(self, id_: str) -> Standing:
        """What one of them says, or its last run did."""
        ...

    async def wake(self, intent: PaymentIntent) -> None:
        """Let it level itself with its record."""
        ...


class Rows(Protocol):
    """What the records have of payments; records/reconciliation.py."""

    async def of(self, ids: Sequence[str]) -> Page:
        """Of these."""
        ...


@dataclass(slots=True)
class Rebuilt:
    """What was done, and whether all books agree now."""

    found: Counter[str] = field(default_factory=Counter)
    adopted: list[str] = field(default_factory=list)
    report: Report = field(default_factory=Report)


class Rebuilder:
    """Rebuilds what it is given. Without an `owner`, payments that no record has any more are left to people."""

    def __init__(
        self,
        records: Records,
        rows: Rows,
        book: Book,
        answers: Answers,
        runs: Runs,
        reconcile: Callable[[], Awaitable[Report]],
        *,
        owner: Owner | None,
        secret: Callable[[], str],
        clock: Callable[[], int],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        setups: SetupRebuilder | None = None,
    ) -> None:
        """Inject the ports.

        `setups` rebuilds SetupIntents, `secret` makes what a client secret ends with, `clock` gives Unix seconds.
        """
        self._records, self._rows, self._runs, self._clock = records, rows, runs, clock
        self._book, self._answers, self._reconcile = book, answers, reconcile
        self._owner, self._secret, self._pause, self._setups = owner, secret, pause, setups

    async def rebuild(self) -> Rebuilt:
        """Do it; may be done again.

        Raises:
            RecordsUnavailable, GatewayUnavailable, RPCError, NobodyAnswers: somebody is away.
        """
        done = Rebuilt()
        await self._from_workflows(done)
        await self._complete(done, sorted(await self._from_book(done)))
        if self._setups is not None:
            done.found += await self._setups.rebuild()
        done.report = await self._level(done)
        return done

    async def _complete(self, done: Rebuilt, ids: list[str]) -> None:
        now = self._clock()
        for start in range(0, len(ids), BATCH):
            for book in (await self._rows.of(ids[start : start + BATCH])).books:
                for number, one in enumerate(lost(book, now)):
                    await self._records.complete(book.state, one, number, now)
                    done.found["refunds and events written"] += len(one.refunds) + len(one.announcements)

    async def _from_workflows(self, done: Rebuilt) -> None:
        async for id_ in self._runs.known():
            known = await self._known(id_)
            recorded = await self._records.recorded(id_)
            if known is None or (recorded is not None and recorded.intent.version >= known.version):
                continue
            try:
                await self._records.restore(known)
            except RecordsRefused:
                # Its account, say, is not there any more. The comparison will name it.
                done.found["records that could not be written"] += 1
                continue
            done.found["records written from workflows"] += 1
            # At once: who is stopped now and begins again sees a record that is level, and leaves it alone.
            await self._complete(done, [id_])

    async def _known(self, id_: str) -> PaymentIntent | None:
        """What a workflow says of its payment."""
        known = (await self._runs.standing(id_)).intent
        return known if isinstance(known, PaymentIntent) else None

    async def _from_book(self, done: Rebuilt) -> set[str]:
        states: dict[str, PaymentIntent | None] = {}
        touched = set()
        async for movement in self._book.movements():
            id_ = movement.payment_intent
            if not id_ or movement.operation not in OPERATIONS:
                continue
            if id_ not in states:
                recorded = await self._records.recorded(id_)
                states[id_] = recorded.intent if recorded else None
            after = await self._caught_up(done, states[id_], movement)
            if after is not None:
                states[id_] = after
                touched.add(id_)
                done.found["movements taken from the gateway's book"] += 1
        return touched

    async def _caught_up(self, done: Rebuilt, state: PaymentIntent | None, movement: Movement) -> PaymentIntent | None:
        """The record after this movement; None if it knew it already, or cannot come to know it."""
        if state is None:
            state = await self._adopted(done, movement)
        if state is None:
            return None
        method = await self._method(state, movement)
        if forgotten(state, movement, None, method) is None:
            return None
        said = await self._book.asked(movement.key)
        found = forgotten(state, movement, said, method)
        if found is None:
            return None
        command, decision = found
        effect = decision.effect
        assert effect is not None
        try:
            outcome = await self._answers.retrieve(effect)  # type: ignore[arg-type]
        except (GatewayMismatch, GatewayUnavailable):
            # It was asked something else than a command of ours would ask: the comparison will name it.
            return None
        if outcome is None:
            return None
        transition = carry_out(state, command, decision, outcome, movement.created)
        taken = await self._records.project(transition)
        return transition.after if isinstance(taken, Taken) else None

    async def _method(self, state: PaymentIntent, movement: Movement) -> PaymentMethod | None:
        """What was paid with, where the record does not know it any more."""
        if movement.operation != "authorize" or state.payment_method is not None:
            return None
        said = await self._book.asked(movement.key)
        card = await self._answers.card_of(str(said.get("token"))) if said else None
        if said is None or card is None:
            return None
        return method_of(Owner(account=state.account, livemode=state.livemode), movement, str(said["token"]), card)

    async def _adopted(self, done: Rebuilt, movement: Movement) -> PaymentIntent | None:
        if self._owner is None or movement.operation != "authorize":
            return None
        said = await self._book.asked(movement.key)
        card = await self._answers.card_of(str(said.get("token"))) if said else None
        if said is None or card is None:
            return None
        method = method_of(self._owner, movement, str(said["token"]), card)
        intent = adopted(self._owner, movement, said, method, self._secret())
        try:
            await self._records.create(intent, Cause(), method)
        except RecordsRefused:
            done.found["records that could not be written"] += 1
            return None
        done.adopted.append(intent.id)
        return intent

    async def _level(self, done: Rebuilt) -> Report:
        """Wake workflows, until nothing changes any more or all agree."""
        report = await self._reconcile()
        for _ in range(ROUNDS_MAX):
            waking = {one.intent or one.id for one in report.differences if one.kind in WAKING}
            if not waking and not report.under_way:
                break
            await self._wake(done, sorted(waking))
            await self._pause(PAUSE_SECONDS)
            report = await self._reconcile()
        return report

    async def _wake(self, done: Rebuilt, ids: Iterable[str]) -> None:
        for id_ in ids:
            if id_.startswith(SETUP_PREFIX):
                done.found["workflows woken"] += self._setups is not None and await self._setups.wake(id_)
                continue
            recorded = await self._records.recorded(id_)
            known = recorded.intent if recorded else await self._known(id_)
            if known is not None:
                await self._runs.wake(known)
                done.found["workflows woken"] += 1
