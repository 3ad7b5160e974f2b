"""Effects of a PaymentIntent: ask the gateway, write the record. What they do, and why that is safe, is intents.py."""

from collections.abc import Callable

from temporalio import activity

from activities.effects import Performer
from activities.intents import Check, IntentActivities
from contracts import names
from contracts.messages import Question, Recollection, Recording, Work, WorkResult
from domain.machine.decisions import Decision
from domain.machine.hearing import too_soon
from domain.machine.payments import PAYMENTS
from domain.machine.resolving import unresolved
from domain.machine.transitions import Transition
from domain.model.commands import Command
from domain.model.outcomes import Effect
from domain.model.payment_intent import PaymentIntent
from domain.refusals import InvariantViolation, Refusal
from gateways.base import Gateway
from gateways.registry import Gateways
from records.base import CashBalances, Projection


def mistake(command: Command) -> Refusal | None:
    """What was found wrong with a command when it was read, and nothing more."""
    return command.mistake


class PaymentActivities(IntentActivities[PaymentIntent, Effect, Decision, Transition]):
    """The activities of one PaymentIntent, on the gateways and the records they are given."""

    def __init__(
        self,
        gateways: Gateway | Gateways,
        projection: Projection,
        balances: CashBalances,
        check: Check = mistake,
        elapsing: Callable[[], float] = lambda: 0.0,
        *,
        clock: Callable[[], float],
    ) -> None:
        """Inject the ports. `check` is what requests are checked by, `elapsing` is seconds since any moment.

        `clock` is Unix seconds, and has no default: without it no key would ever be too old to be used.
        """
        asked = Performer(gateways, balances)
        super().__init__(PAYMENTS, asked, projection, elapsing, clock=clock)
        self._check, self._profile = check, asked.profile

    @activity.defn(name=names.CARRY_OUT)
    async def carry_out(self, work: Work) -> WorkResult:
        """Carry out a command: claim it, ask for its effect, record."""
        asked_of = self._profile(unresolved(work.intent))
        refusal = too_soon(work.intent, work.command, asked_of, int(self._clock()))
        if refusal is not None:
            return WorkResult(refusal=refusal)
        done = await self.carry_out_command(work.intent, work.command, work.now)
        return WorkResult(
            outcome=done.outcome, now=done.now, latest=done.latest, refusal=done.refusal, asked_ms=done.asked_ms
        )

    @activity.defn(name=names.ASK_GATEWAY)
    async def ask_gateway(self, question: Question) -> WorkResult:
        """Find out what became of an effect: look it up by its key, and ask for it again if it never arrived."""
        outcome = await self.look_up(question.effect, question.asked_at)
        return WorkResult(outcome=outcome, held_back=outcome is None)

    @activity.defn(name=names.RECORD)
    async def record(self, recording: Recording) -> PaymentIntent | None:
        """Write down that an outcome is unknown, or has become known; the answer is the record, if it differs."""
        state, effect, now = recording.intent, recording.effect, recording.now
        if recording.command is not None:
            return await self.record_unknown(state, recording.command, effect, now)
        if recording.outcome is None:
            raise InvariantViolation("there is neither a command nor an outcome to record")
        return await self.record_known(state, effect, recording.outcome, now)

    @activity.defn(name=names.RECALL)
    async def recall(self, recollection: Recollection) -> PaymentIntent | None:
        """Read an intent back from its record, with nothing under way there any more."""
        return await self.recall_intent(recollection.id, recollection.intent)

    @activity.defn(name=names.CHECK)
    async def check(self, command: Command) -> Refusal | None:
        """Check a command that was typed by hand, as a request would be.

        Safe to retry: it only looks.
        """
        return self._check(command)
