"""Effects of a SetupIntent: ask the gateway, write the record. What they do, and why that is safe, is intents.py."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.intents import IntentActivities
from activities.keys import can_be_asked
from contracts import names
from contracts.setup_messages import SetupQuestion, SetupRecollection, SetupRecording, SetupWork, SetupWorkResult
from domain.machine.hearing import setup_too_soon
from domain.machine.setups.decisions import SetupDecision
from domain.machine.setups.transitions import SETUPS, SetupTransition
from domain.model.gateways import GatewayProfile
from domain.model.outcomes import Outcome, SetUp
from domain.model.setup_intent import SetupIntent
from domain.refusals import InvariantViolation
from gateways.base import Gateway
from gateways.registry import Gateways, only
from records.base import SetupRecords


class SetsUp:
    """Asks the gateway that an effect names, and nobody else: no money moves."""

    def __init__(self, gateways: Gateway | Gateways) -> None:
        """Inject the port. One gateway alone is the first."""
        self._gateways = only(gateways)

    async def perform(self, effect: SetUp) -> Outcome:
        return await self._gateways.of(effect).perform(effect)

    async def recall(self, effect: SetUp) -> Outcome | None:
        """What became of it, by its key; None if it never arrived."""
        return await self._gateways.of(effect).retrieve(effect)

    def keeps_keys_seconds(self, effect: SetUp) -> None:
        """Its key is used however old it is.

        It moves no money: to ask once more can only set the same method up once more.
        """
        del effect

    def answers_by_key(self, effect: SetUp) -> bool:
        """Whether its gateway can be asked what became of it."""
        return can_be_asked(self.profile(effect))

    def profile(self, effect: SetUp) -> GatewayProfile | None:
        """What its gateway declares; None if none of that name is here."""
        return self._gateways.profile(effect.gateway)


class SetupActivities(IntentActivities[SetupIntent, SetUp, SetupDecision, SetupTransition]):
    """The activities of one SetupIntent, on the gateways and the records they are given."""

    def __init__(
        self,
        gateways: Gateway | Gateways,
        records: SetupRecords,
        elapsing: Callable[[], float] = lambda: 0.0,
        *,
        clock: Callable[[], float],
    ) -> None:
        """Inject the ports; `elapsing` is seconds since any moment, `clock` is Unix seconds."""
        self._asked = SetsUp(gateways)
        super().__init__(SETUPS, self._asked, records, elapsing, clock=clock)

    @property
    def every(self) -> tuple[Callable[..., Any], ...]:
        """All of them, for a worker."""
        return self.carry_out, self.ask_gateway, self.record, self.recall

    @activity.defn(name=names.CARRY_OUT_SETUP)
    async def carry_out(self, work: SetupWork) -> SetupWorkResult:
        """Carry out a command: claim it, ask for its effect, record."""
        pending = work.intent.pending
        refusal = setup_too_soon(work.intent, work.command, self._asked.profile(pending) if pending else None)
        if refusal is not None:
            return SetupWorkResult(refusal=refusal)
        done = await self.carry_out_command(work.intent, work.command, work.now)
        return SetupWorkResult(
            outcome=done.outcome, now=done.now, latest=done.latest, refusal=done.refusal, asked_ms=done.asked_ms
        )

    @activity.defn(name=names.ASK_ABOUT_SETUP)
    async def ask_gateway(self, question: SetupQuestion) -> SetupWorkResult:
        """Find out what became of an effect: look it up by its key, and ask for it again if it never arrived."""
        outcome = await self.look_up(question.effect)
        return SetupWorkResult(outcome=outcome, held_back=outcome is None)

    @activity.defn(name=names.RECORD_SETUP)
    async def record(self, recording: SetupRecording) -> SetupIntent | None:
        """Write down that an outcome is unknown, or has become known; the answer is the record, if it differs."""
        state, effect, now = recording.intent, recording.effect, recording.now
        if recording.command is not None:
            return await self.record_unknown(state, recording.command, effect, now)
        if recording.outcome is None:
            raise InvariantViolation("there is neither a command nor an outcome to record")
        return await self.record_known(state, effect, recording.outcome, now)

    @activity.defn(name=names.RECALL_SETUP)
    async def recall(self, recollection: SetupRecollection) -> SetupIntent | None:
        """Read an intent back from its record, with nothing under way there any more."""
        return await self.recall_intent(recollection.id, recollection.intent)
