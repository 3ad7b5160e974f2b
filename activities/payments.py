"""Effects of a PaymentIntent: ask the gateway, write the record. Thin; the rules are the domain's.

They may run more than once for the same command (a worker dies, an answer is lost), and each says why that is
harmless. Gateway keys come from the effect, never from an attempt number: a local activity run again says 1 again.
"""

from temporalio import activity

import metrics
from activities.effects import Performer
from activities.failures import outcome_of_rejection, retry
from contracts import names
from contracts.messages import Question, Recollection, Recording, Work, WorkResult
from domain.decisions import decide
from domain.outcomes import Effect, Outcome
from domain.payment_intent import PaymentIntent
from domain.refusals import InvariantViolation, Refusal
from domain.transitions import Transition, became_known, carried_out, left_unknown
from gateways.base import Gateway, GatewayError, GatewayRejected
from records.base import CashBalances, Projection, RecordsUnavailable


class PaymentActivities:
    """The activities of one PaymentIntent, on the gateway and the records they are given."""

    def __init__(self, gateway: Gateway, projection: Projection, balances: CashBalances) -> None:
        """Inject the ports."""
        self._performer = Performer(gateway, balances)
        self._projection = projection

    @activity.defn(name=names.CARRY_OUT)
    async def carry_out(self, work: Work) -> WorkResult:
        """Carry out a command: effect, then record.

        Safe to retry: the gateway deduplicates on the effect's key, and the record on the intent's version.
        """
        decision = decide(work.intent, work.command, work.now)
        if isinstance(decision, Refusal):
            raise InvariantViolation(f"work was given out for a refused command: {decision.message}")
        outcome = await self._perform(decision.effect) if decision.effect else None
        await self._project(carried_out(work.intent, work.command, decision, outcome, work.now))
        return WorkResult(outcome=outcome)

    @activity.defn(name=names.ASK_GATEWAY)
    async def ask_gateway(self, question: Question) -> WorkResult:
        """Find out what became of an effect: look it up by its key, and ask for it again if it never arrived.

        Safe to retry: looking up changes nothing, and asking again uses the same key.
        """
        try:
            known = await self._performer.recall(question.effect)
        except GatewayError as error:
            raise retry(error) from error
        return WorkResult(outcome=known or await self._perform(question.effect))

    @activity.defn(name=names.RECORD)
    async def record(self, recording: Recording) -> None:
        """Write down that an outcome is unknown, or has become known.

        Safe to retry: the record refuses a version it has.
        """
        state, effect, now = recording.intent, recording.effect, recording.now
        if recording.command is not None:
            decision = decide(state, recording.command, now)
            if isinstance(decision, Refusal):
                raise InvariantViolation(f"a refused command left an outcome unknown: {decision.message}")
            await self._project(left_unknown(state, recording.command, decision, effect, now))
        elif recording.outcome is not None:
            await self._project(became_known(state, effect, recording.outcome, now))

    @activity.defn(name=names.RECALL)
    async def recall(self, recollection: Recollection) -> PaymentIntent | None:
        """Read an ended intent back from its record, for one more command.

        Safe to retry: it only reads.
        """
        try:
            return await self._projection.latest(recollection.id)
        except RecordsUnavailable as error:
            raise retry(error) from error

    async def _perform(self, effect: Effect) -> Outcome:
        try:
            outcome = await self._performer.perform(effect)
        except GatewayRejected:
            outcome = outcome_of_rejection()
        except (GatewayError, RecordsUnavailable) as error:
            metrics.GATEWAY_SILENCES.labels(effect.operation, type(error).__name__).inc()
            raise retry(error) from error
        metrics.GATEWAY_OUTCOMES.labels(effect.operation, outcome.type).inc()
        return outcome

    async def _project(self, transition: Transition) -> None:
        try:
            await self._projection.project(transition)
        except RecordsUnavailable as error:
            raise retry(error) from error
