"""A gateway's breaker as a workflow, found in the Temporal UI as `gateway/<name>`: how the gateway is, and why.

Workers tell it when they do not hear the gateway (`trip`); operators let it drain, pause it, and take that back. While
the gateway is silent, one activity asks it once a second whether it is there; when it is, who waited for it is told.
Nothing is asked of this workflow by a payment: what it finds is written down, and read by every process. What counts as
silent is domain/routing/breaker.py.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.gateways import GatewayActivities
    from contracts import names
    from contracts.gateway_healths import GatewayStanding, GatewayStart, GatewayTripped
    from domain.routing.breaker import Mode, health
    from domain.routing.candidates import Health
    from workflows.options import (
        DURABLE_OPTIONS,
        PROBE_OPTIONS,
        RELEASE_AFTER,
        RELEASE_OPTIONS,
        SILENT_AGAIN,
        SILENT_AGAIN_MAX,
        SOON,
    )

HISTORY_EVENTS_MAX = 1_000

WHY_CHARACTERS_MAX = 200

SILENCES_MAX = 8
"""Counted no further: by then the pause has long been the longest."""


@workflow.defn(name=names.GATEWAY_WORKFLOW)
class GatewayWorkflow:
    """One gateway. Runs for as long as there is a Temporal."""

    @workflow.init
    def __init__(self, start: GatewayStart) -> None:
        """As the run before left it; closed, if there was none."""
        self._start = start
        self._silent = start.silent
        self._mode = Mode(start.mode)
        self._why, self._since = start.why, start.since
        self._told = start.told
        self._releasing = start.releasing
        self._silences, self._back_at = start.silences, start.back_at
        self._show()

    @workflow.run
    async def run(self, start: GatewayStart) -> None:
        """Do what is due, then wait for the next news."""
        del start
        while True:
            health_now = str(self._health())
            if health_now != self._told:
                await self._tell(health_now)
            elif self._is_asked() and self._silent:
                await self._until_it_is_back()
            elif self._is_asked() and self._releasing:
                await self._release()
            elif workflow.info().get_current_history_length() > HISTORY_EVENTS_MAX:
                workflow.continue_as_new(self._state())
            else:
                await workflow.wait_condition(self._has_news)

    @workflow.signal(name=names.TRIP)
    def on_trip(self, tripped: GatewayTripped = GatewayTripped()) -> None:  # noqa: B008
        """A worker does not hear the gateway; known already, it is no news."""
        if not self._silent:
            soon = int(workflow.time()) - self._back_at < SOON.total_seconds()
            self._silences = min(self._silences + 1, SILENCES_MAX) if soon else 0
            self._silent = True
            self._changed(tripped.why)

    @workflow.signal(name=names.PAUSE)
    def on_pause(self) -> None:
        """Let nothing be asked of it; what is under way waits."""
        self._set(Mode.PAUSED, "an operator has paused it")

    @workflow.signal(name=names.DRAIN)
    def on_drain(self) -> None:
        """Let no new payment go there; what it has goes on."""
        self._set(Mode.DRAINING, "an operator lets it finish what it has")

    @workflow.signal(name=names.RESUME)
    def on_resume(self) -> None:
        """Take back a pause or a drain; a breaker that is open is tried at once."""
        self._set(Mode.OPEN, "an operator has let it go on")

    @workflow.query(name=names.GATEWAY_QUERY)
    def gateway(self) -> GatewayStanding:
        return self._standing(str(self._health()))

    def _set(self, mode: Mode, why: str) -> None:
        if mode is not self._mode:
            self._mode = mode
            self._changed(why)

    def _changed(self, why: str) -> None:
        self._why, self._since = why[:WHY_CHARACTERS_MAX], int(workflow.time())
        self._show()

    def _health(self) -> Health:
        return health(self._mode, silent=self._silent)

    def _is_asked(self) -> bool:
        return self._mode is not Mode.PAUSED

    def _has_news(self) -> bool:
        return str(self._health()) != self._told

    def _standing(self, health_now: str) -> GatewayStanding:
        return GatewayStanding(name=self._start.name, health=health_now, since=self._since, why=self._why)

    def _state(self) -> GatewayStart:
        return replace(
            self._start, silent=self._silent, mode=str(self._mode), why=self._why, since=self._since, told=self._told,
            releasing=self._releasing, silences=self._silences, back_at=self._back_at,
        )  # fmt: skip

    async def _tell(self, health_now: str) -> None:
        """Write it down for everybody; who waits is told later, once it may be asked again."""
        held_back = health_now in (Health.OPEN, Health.PAUSED)
        self._releasing = self._releasing or held_back
        await workflow.execute_activity_method(
            GatewayActivities.keep_health, self._standing(health_now), **DURABLE_OPTIONS, summary=health_now
        )
        self._told = health_now

    async def _until_it_is_back(self) -> None:
        """Until it answers, or an operator says something else."""
        if self._silences:
            # It was back, and is silent again: what it says of itself is not worth much, so it is left alone longer.
            pause = min(SILENT_AGAIN * 2 ** (self._silences - 1), SILENT_AGAIN_MAX)
            with suppress(TimeoutError):
                await workflow.wait_condition(self._has_news, timeout=pause, timeout_summary="silent again")
                return
        probe = workflow.start_activity_method(
            GatewayActivities.await_gateway, self._standing(self._told), **PROBE_OPTIONS, summary="is it back?"
        )
        await workflow.wait_condition(lambda: probe.done() or self._has_news())
        if probe.done():
            await probe
            self._silent = False
            self._back_at = int(workflow.time())
            self._changed("it answers")
            return
        probe.cancel()
        try:
            await probe
        except (asyncio.CancelledError, Exception) as error:
            if not is_cancelled_exception(error):
                raise

    async def _release(self) -> None:
        """Tell who waits, and once more who was just about to. Should it fall silent meanwhile, they are told again."""
        self._releasing = False
        for pause in RELEASE_AFTER:
            with suppress(TimeoutError):
                await workflow.wait_condition(self._has_news, timeout=pause, timeout_summary="until every worker knows")
                # Who waits is told later, and does not wait until they ask by themselves.
                self._releasing = workflow.patched(names.PATCH_RELEASE)
                return
            released = await workflow.execute_activity_method(
                GatewayActivities.release_payments, self._standing(self._told), **RELEASE_OPTIONS, summary="release"
            )
            workflow.logger.info("released payments: gateway %s, %s of them", self._start.name, released.count)

    def _show(self) -> None:
        standing = self._standing(str(self._health()))
        workflow.set_current_details(
            f"**{standing.name}** is **{standing.health}**\n\n- {standing.why or 'never silent'}"
        )
