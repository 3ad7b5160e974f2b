"""Effects of an intent, whichever kind: claim, ask, record. Thin; the rules are the domain's, by its machine.

They may run more than once for the same command (a worker dies or is frozen, an answer is lost), and each says why that
is harmless. Gateway keys come from the effect, never from an attempt number: a local activity run again says 1 again.
Which of Temporal's activities these are, and what travels to them, is said by each kind (payments.py, setups.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NoReturn, Protocol, TypeVar

from temporalio.exceptions import ApplicationError

from activities import telemetry
from activities.failures import broken, mismatched, outcome_of_rejection, retry, unstorable
from activities.keys import KeyForgotten
from domain.machine.fence import Answer, Elsewhere, Recorded, TooLate, UnderWay, is_claimed
from domain.machine.intents import D, E, Machine, S, T
from domain.machine.resolving import is_forgotten
from domain.model.commands import Command, late
from domain.model.outcomes import Outcome
from domain.refusals import InvariantViolation, Refusal
from gateways.base import GatewayError, GatewayHeldBack, GatewayMismatch, GatewayRejected
from observability import metrics
from records.base import IntentRecords, RecordsRefused, RecordsUnavailable

Check = Callable[[Command], Refusal | None]

E_contra = TypeVar("E_contra", contravariant=True)


class Performs(Protocol[E_contra]):
    """Whoever carries effects out."""

    async def perform(self, effect: E_contra) -> Outcome: ...

    async def recall(self, effect: E_contra) -> Outcome | None:
        """What became of it, by its key; None if it never arrived."""
        ...

    def keeps_keys_seconds(self, effect: E_contra) -> int | None:
        """For how long whoever carries it out keeps its key; None is for ever."""
        ...

    def answers_by_key(self, effect: E_contra) -> bool:
        """Whether `recall` can say what became of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome(Generic[S]):
    """What came of a command: see `WorkResult` (contracts/messages.py), which says it field by field."""

    outcome: Outcome | None = None
    now: int | None = None
    latest: S | None = None
    refusal: Refusal | None = None
    asked_ms: int = 0


class IntentActivities(Generic[S, E, D, T]):
    """The activities of one kind of intent, on whoever carries its effects out and on its records."""

    def __init__(
        self,
        machine: Machine[S, E, D, T],
        performer: Performs[E],
        records: IntentRecords[S, T],
        elapsing: Callable[[], float] = lambda: 0.0,
        *,
        clock: Callable[[], float],
    ) -> None:
        """Inject the ports; `elapsing` is seconds since any moment, `clock` is Unix seconds."""
        self._machine, self._performer, self._records = machine, performer, records
        self._elapsing, self._clock = elapsing, clock

    async def carry_out_command(self, intent: S, command: Command, at: int) -> CommandOutcome[S]:
        """Claim the command, ask for its effect, record.

        Safe to retry: the claim is the command's own, the gateway deduplicates on the effect's key, and the record goes
        from each version to the next once.
        """
        decision, now = self._decide(intent, command, at), at
        if is_claimed(decision.effect):
            try:
                answer = await self._claim(intent, UnderWay(command=command, now=now))
            except RecordsRefused as error:
                return CommandOutcome(refusal=unstorable(error))
            if isinstance(answer, Elsewhere):
                return CommandOutcome(latest=await self._finish(answer.recorded))
            if isinstance(answer, TooLate):
                return CommandOutcome(refusal=late())
            if answer.now != now:
                decision, now = self._decide(intent, command, answer.now), answer.now
        began = self._elapsing()
        outcome = await self._perform(decision.effect, now) if decision.effect else None
        asked = self._elapsing() - began
        try:
            answer = await self._project(self._machine.carry_out(intent, command, decision, outcome, now))
        except RecordsRefused as error:
            if decision.effect is None:
                return CommandOutcome(refusal=unstorable(error))
            raise broken(error) from error
        if isinstance(answer, Elsewhere):
            return CommandOutcome(latest=await self._finish(answer.recorded))
        asked_ms = round(asked * 1_000) if outcome else 0
        return CommandOutcome(outcome=outcome, now=None if now == at else now, asked_ms=asked_ms)

    async def look_up(self, effect: E, asked_at: int | None = None) -> Outcome | None:
        """Look an effect up by its key, and ask for it again if it never arrived; None if nobody may ask now.

        It was first asked for `asked_at` (Unix seconds): it is not again once its gateway has forgotten the key. It is
        looked up as long as it takes, whoever does not answer that at once.

        Safe to retry: looking up changes nothing, and asking again uses the same key.
        """
        try:
            known = await self._performer.recall(effect)
        except GatewayMismatch as error:
            raise mismatched(error, telemetry.question_of(effect)) from error
        except GatewayError as error:
            if not self._performer.answers_by_key(effect):
                self._check_key(effect, asked_at)
            if isinstance(error, GatewayHeldBack):
                return None
            raise retry(error) from error
        if known is not None:
            return known
        try:
            return await self._perform(effect, asked_at)
        except ApplicationError as error:
            if isinstance(error.__cause__, GatewayHeldBack):
                # One that cannot be asked by key has said what is known of it here: nothing yet.
                return None
            raise

    async def record_unknown(self, intent: S, command: Command, effect: E, now: int) -> S | None:
        """Write down that an outcome is unknown; the answer is the record, if it says otherwise.

        Asks no gateway, as it may be away: another command that is found under way becomes an unknown outcome as well.
        A command that has a deadline and was never claimed has asked nobody, so there is nothing unknown about it.
        Safe to retry: the record goes from each version to the next once.
        """
        try:
            if command.not_after and is_claimed(effect):
                recorded = await self._read_record(intent.id)
                if recorded is not None and not recorded.is_begun(intent):
                    return intent
            decision = self._decide(intent, command, now)
            return await self._write(self._machine.leave_unknown(intent, command, decision, effect, now))
        except RecordsRefused as error:
            raise broken(error) from error

    async def record_known(self, intent: S, effect: E, outcome: Outcome, now: int) -> S | None:
        """Write down that an outcome has become known, as above."""
        try:
            return await self._write(self._machine.make_known(intent, effect, outcome, now))
        except RecordsRefused as error:
            raise broken(error) from error

    async def recall_intent(self, id_: str, intent: S | None) -> S | None:
        """Read an intent back from its record, and finish what is under way there, or leave it as an unknown outcome.

        A record that knows less than the workflow (`intent`) is written from it. None if there is no record.
        Safe to retry: what it finishes has its own key and version.
        """
        try:
            recorded = await self._read_record(id_)
            if intent is not None and Elsewhere(recorded).is_behind(intent):
                await self._restore(intent)
                return intent
            return await self._leave_unknown(recorded) if recorded else None
        except RecordsRefused as error:
            raise broken(error) from error

    async def _write(self, transition: T) -> S | None:
        answer = await self._project(transition)
        return await self._leave_unknown(answer.recorded) if isinstance(answer, Elsewhere) else None

    async def _finish(self, recorded: Recorded[S] | None) -> S:
        """Take what the record says; what is under way there is finished first, by the key it was begun with."""
        metrics.FENCED.labels("finished" if recorded and recorded.under_way else "caught_up").inc()
        while True:
            if recorded is None:
                _never_recorded()
            if recorded.under_way is None:
                return recorded.intent
            state, command, now = recorded.intent, recorded.under_way.command, recorded.under_way.now
            decision = self._decide_claimed(recorded.intent, recorded.under_way)
            outcome = await self._perform(decision.effect, now) if decision.effect else None
            transition = self._machine.carry_out(state, command, decision, outcome, now)
            try:
                answer = await self._project(transition)
            except RecordsRefused as error:
                raise broken(error) from error
            if not isinstance(answer, Elsewhere):
                return self._after(transition)
            recorded = answer.recorded

    async def _leave_unknown(self, recorded: Recorded[S] | None) -> S:
        """Take what the record says; what is under way there becomes an unknown outcome, which is asked about later."""
        while True:
            if recorded is None:
                _never_recorded()
            if recorded.under_way is None:
                return recorded.intent
            metrics.FENCED.labels("left_unknown").inc()
            state, command, now = recorded.intent, recorded.under_way.command, recorded.under_way.now
            decision = self._decide_claimed(recorded.intent, recorded.under_way)
            if decision.effect is None:
                raise broken(InvariantViolation(f"{command.name} was claimed, and asks for nothing"))
            transition = self._machine.leave_unknown(state, command, decision, decision.effect, now)
            answer = await self._project(transition)
            if not isinstance(answer, Elsewhere):
                return self._after(transition)
            recorded = answer.recorded

    def _after(self, transition: T) -> S:
        after: S = transition.after
        return after

    async def _perform(self, effect: E, asked_at: int | None) -> Outcome:
        about, began = telemetry.question_of(effect), self._elapsing()
        self._check_key(effect, asked_at)
        try:
            outcome = await self._performer.perform(effect)
        except GatewayRejected:
            outcome = outcome_of_rejection()
        except GatewayMismatch as error:
            raise mismatched(error, about) from error
        except RecordsRefused as error:
            raise broken(error) from error
        except RecordsUnavailable as error:
            raise retry(error) from error
        except GatewayError as error:
            telemetry.count_silence(about, error)
            waited = 0 if asked_at is None else self._clock() - asked_at
            raise retry(error, waited) from error
        telemetry.count_answer(about, outcome, self._elapsing() - began)
        return outcome

    def _check_key(self, effect: E, asked_at: int | None) -> None:
        if is_forgotten(self._performer.keeps_keys_seconds(effect), asked_at, int(self._clock())):
            raise broken(_forgotten(telemetry.question_of(effect)))

    async def _claim(self, intent: S, asked: UnderWay) -> Answer[S]:
        try:
            answer = await self._records.claim(intent, asked)
            if isinstance(answer, Elsewhere) and answer.is_behind(intent):
                await self._restore(intent)
                answer = await self._records.claim(intent, asked)
            return answer
        except RecordsUnavailable as error:
            raise retry(error) from error

    async def _project(self, transition: T) -> Answer[S]:
        try:
            answer = await self._records.project(transition)
            if isinstance(answer, Elsewhere) and answer.is_behind(transition.before):
                await self._restore(transition.before)
                answer = await self._records.project(transition)
        except RecordsUnavailable as error:
            raise retry(error) from error
        if not isinstance(answer, Elsewhere):
            telemetry.count_transition(transition)
        return answer

    async def _restore(self, intent: S) -> None:
        metrics.FENCED.labels("restored").inc()
        try:
            await self._records.restore(intent)
        except RecordsUnavailable as error:
            raise retry(error) from error

    async def _read_record(self, id_: str) -> Recorded[S] | None:
        try:
            return await self._records.recorded(id_)
        except RecordsUnavailable as error:
            raise retry(error) from error

    def _decide(self, state: S, command: Command, now: int) -> D:
        """What the command takes, once it has been found legal."""
        decision = self._machine.decide(state, command, now)
        if isinstance(decision, Refusal):
            raise InvariantViolation(f"work was given out for a refused command: {decision.message}")
        return decision

    def _decide_claimed(self, state: S, under_way: UnderWay) -> D:
        """What a claimed command takes. A release whose rules say that it takes nothing cannot know what was asked."""
        try:
            return self._decide(state, under_way.command, under_way.now)
        except InvariantViolation as error:
            raise broken(error) from error


def _never_recorded() -> NoReturn:
    raise InvariantViolation("a command was sent to an intent that was never recorded")


def _forgotten(about: telemetry.Question) -> KeyForgotten:
    return KeyForgotten(
        f"{about.gateway} does not keep the key {about.key} any more, and has not said what became of it: "
        "find out, and tell by `perdure resolve`"
    )
