"""Effects of a PaymentIntent: ask the gateway, write the record. Thin; the rules are the domain's.

They may run more than once for the same command (a worker dies or is frozen, an answer is lost), and each says why that
is harmless. Gateway keys come from the effect, never from an attempt number: a local activity run again says 1 again.
"""

from collections.abc import Callable

from temporalio import activity

from activities.effects import Performer
from activities.failures import broken, mismatched, outcome_of_rejection, retry, unstorable
from contracts import names
from contracts.messages import Question, Recollection, Recording, Work, WorkResult
from domain.machine.decisions import Decision, decide
from domain.machine.fence import Answer, Elsewhere, Recorded, TooLate, UnderWay, is_claimed
from domain.machine.transitions import Transition, became_known, carried_out, left_unknown
from domain.model.commands import Command, late
from domain.model.outcomes import Effect, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.refusals import InvariantViolation, Refusal
from gateways.base import Gateway, GatewayError, GatewayMismatch, GatewayRejected
from observability import metrics
from records.base import CashBalances, Projection, RecordsRefused, RecordsUnavailable

Check = Callable[[Command], Refusal | None]


def mistake(command: Command) -> Refusal | None:
    """What was found wrong with a command when it was read, and nothing more."""
    return command.mistake


class PaymentActivities:
    """The activities of one PaymentIntent, on the gateway and the records they are given."""

    def __init__(
        self,
        gateway: Gateway,
        projection: Projection,
        balances: CashBalances,
        check: Check = mistake,
        elapsing: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Inject the ports; `check` is what requests are checked by, `elapsing` is seconds since any moment."""
        self._check, self._elapsing = check, elapsing
        self._performer = Performer(gateway, balances)
        self._projection = projection

    @activity.defn(name=names.CARRY_OUT)
    async def carry_out(self, work: Work) -> WorkResult:
        """Carry out a command: claim it, ask for its effect, record.

        Safe to retry: the claim is the command's own, the gateway deduplicates on the effect's key, and the record goes
        from each version to the next once.
        """
        decision, now = _decided(work.intent, work.command, work.now), work.now
        if is_claimed(decision.effect):
            try:
                answer = await self._claim(work.intent, UnderWay(command=work.command, now=now))
            except RecordsRefused as error:
                return WorkResult(refusal=unstorable(error))
            if isinstance(answer, Elsewhere):
                return WorkResult(latest=await self._finish(answer.recorded))
            if isinstance(answer, TooLate):
                return WorkResult(refusal=late())
            if answer.now != now:
                decision, now = _decided(work.intent, work.command, answer.now), answer.now
        began = self._elapsing()
        outcome = await self._perform(decision.effect) if decision.effect else None
        asked = self._elapsing() - began
        try:
            answer = await self._project(carried_out(work.intent, work.command, decision, outcome, now))
        except RecordsRefused as error:
            if decision.effect is None:
                return WorkResult(refusal=unstorable(error))
            raise broken(error) from error
        if isinstance(answer, Elsewhere):
            return WorkResult(latest=await self._finish(answer.recorded))
        return WorkResult(
            outcome=outcome, now=None if now == work.now else now, asked_ms=round(asked * 1_000) if outcome else 0
        )

    @activity.defn(name=names.ASK_GATEWAY)
    async def ask_gateway(self, question: Question) -> WorkResult:
        """Find out what became of an effect: look it up by its key, and ask for it again if it never arrived.

        Safe to retry: looking up changes nothing, and asking again uses the same key.
        """
        try:
            known = await self._performer.recall(question.effect)
        except GatewayMismatch as error:
            raise mismatched(error, question.effect.operation) from error
        except GatewayError as error:
            raise retry(error) from error
        return WorkResult(outcome=known or await self._perform(question.effect))

    @activity.defn(name=names.RECORD)
    async def record(self, recording: Recording) -> PaymentIntent | None:
        """Write down that an outcome is unknown, or has become known; the answer is the record, if it says otherwise.

        Asks no gateway, as it may be away: another command that is found under way becomes an unknown outcome as well.
        A command that has a deadline and was never claimed has asked nobody, so there is nothing unknown about it.
        Safe to retry: the record goes from each version to the next once.
        """
        try:
            if recording.command is not None and recording.command.not_after and is_claimed(recording.effect):
                recorded = await self._recorded(recording.intent.id)
                if recorded is not None and not recorded.is_begun(recording.intent):
                    return recording.intent
            answer = await self._project(_transition(recording))
            return await self._leave_unknown(answer.recorded) if isinstance(answer, Elsewhere) else None
        except RecordsRefused as error:
            raise broken(error) from error

    @activity.defn(name=names.RECALL)
    async def recall(self, recollection: Recollection) -> PaymentIntent | None:
        """Read an intent back from its record, and finish what is under way there, or leave it as an unknown outcome.

        A record that knows less than the workflow is written from it. None if there is no record.
        Safe to retry: what it finishes has its own key and version.
        """
        intent = recollection.intent
        try:
            recorded = await self._recorded(recollection.id)
            if intent is not None and Elsewhere(recorded).is_behind(intent):
                await self._restore(intent)
                return intent
            return await self._leave_unknown(recorded) if recorded else None
        except RecordsRefused as error:
            raise broken(error) from error

    @activity.defn(name=names.CHECK)
    async def check(self, command: Command) -> Refusal | None:
        """Check a command that was typed by hand, as a request would be.

        Safe to retry: it only looks.
        """
        return self._check(command)

    async def _finish(self, recorded: Recorded | None) -> PaymentIntent:
        """Take what the record says; what is under way there is finished first, by the key it was begun with."""
        metrics.FENCED.labels("finished" if recorded and recorded.under_way else "caught_up").inc()
        while True:
            if recorded is None:
                raise InvariantViolation("a command was sent to an intent that was never recorded")
            if recorded.under_way is None:
                return recorded.intent
            state, command, now = recorded.intent, recorded.under_way.command, recorded.under_way.now
            decision = _claimed(recorded.intent, recorded.under_way)
            outcome = await self._perform(decision.effect) if decision.effect else None
            transition = carried_out(state, command, decision, outcome, now)
            try:
                answer = await self._project(transition)
            except RecordsRefused as error:
                raise broken(error) from error
            if not isinstance(answer, Elsewhere):
                return transition.after
            recorded = answer.recorded

    async def _leave_unknown(self, recorded: Recorded | None) -> PaymentIntent:
        """Take what the record says; what is under way there becomes an unknown outcome, which is asked about later."""
        while True:
            if recorded is None:
                raise InvariantViolation("a command was sent to an intent that was never recorded")
            if recorded.under_way is None:
                return recorded.intent
            metrics.FENCED.labels("left_unknown").inc()
            state, command, now = recorded.intent, recorded.under_way.command, recorded.under_way.now
            decision = _claimed(recorded.intent, recorded.under_way)
            if decision.effect is None:
                raise broken(InvariantViolation(f"{command.name} was claimed, and asks for nothing"))
            transition = left_unknown(state, command, decision, decision.effect, now)
            answer = await self._project(transition)
            if not isinstance(answer, Elsewhere):
                return transition.after
            recorded = answer.recorded

    async def _perform(self, effect: Effect) -> Outcome:
        try:
            outcome = await self._performer.perform(effect)
        except GatewayRejected:
            outcome = outcome_of_rejection()
        except GatewayMismatch as error:
            raise mismatched(error, effect.operation) from error
        except RecordsRefused as error:
            raise broken(error) from error
        except RecordsUnavailable as error:
            raise retry(error) from error
        except GatewayError as error:
            metrics.GATEWAY_SILENCES.labels(effect.operation, type(error).__name__).inc()
            raise retry(error) from error
        metrics.GATEWAY_OUTCOMES.labels(effect.operation, outcome.type).inc()
        return outcome

    async def _claim(self, intent: PaymentIntent, asked: UnderWay) -> Answer:
        try:
            answer = await self._projection.claim(intent, asked)
            if isinstance(answer, Elsewhere) and answer.is_behind(intent):
                await self._restore(intent)
                answer = await self._projection.claim(intent, asked)
            return answer
        except RecordsUnavailable as error:
            raise retry(error) from error

    async def _project(self, transition: Transition) -> Answer:
        try:
            answer = await self._projection.project(transition)
            if isinstance(answer, Elsewhere) and answer.is_behind(transition.before):
                await self._restore(transition.before)
                answer = await self._projection.project(transition)
            return answer
        except RecordsUnavailable as error:
            raise retry(error) from error

    async def _restore(self, intent: PaymentIntent) -> None:
        metrics.FENCED.labels("restored").inc()
        try:
            await self._projection.restore(intent)
        except RecordsUnavailable as error:
            raise retry(error) from error

    async def _recorded(self, id_: str) -> Recorded | None:
        try:
            return await self._projection.recorded(id_)
        except RecordsUnavailable as error:
            raise retry(error) from error


def _decided(state: PaymentIntent, command: Command, now: int) -> Decision:
    """What the command takes, once it has been found legal."""
    decision = decide(state, command, now)
    if isinstance(decision, Refusal):
        raise InvariantViolation(f"work was given out for a refused command: {decision.message}")
    return decision


def _claimed(state: PaymentIntent, under_way: UnderWay) -> Decision:
    """What a claimed command takes. A release whose rules say that it takes nothing cannot know what was asked."""
    try:
        return _decided(state, under_way.command, under_way.now)
    except InvariantViolation as error:
        raise broken(error) from error


def _transition(recording: Recording) -> Transition:
    state, effect, now = recording.intent, recording.effect, recording.now
    if recording.command is not None:
        return left_unknown(state, recording.command, _decided(state, recording.command, now), effect, now)
    if recording.outcome is None:
        raise InvariantViolation("there is neither a command nor an outcome to record")
    return became_known(state, effect, recording.outcome, now)
