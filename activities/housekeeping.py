"""Sweeping: find payments that nobody sees to, and wake them, a page at a time.

The rules are domain/machine/housekeeping.py.

Safe to repeat: to look changes nothing, and one that is woken twice finds out twice that all is well. What goes wrong
with one payment, or with one of Temporal's lists, is counted as `failed` and said, and everything else is looked at.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import retry
from contracts import names
from contracts.housekeeping import (
    CHANGED,
    CLAIMED,
    FORGOTTEN,
    OF_SETUPS,
    OPEN,
    OWED,
    RETURNS,
    RUNNING,
    STUCK,
    Place,
    Sweep,
    SweepBeginning,
    SweepResult,
)
from domain.machine.housekeeping import (
    CLAIM_PATIENCE_SECONDS,
    CLAIM_SECONDS,
    Known,
    Standing,
    Trouble,
    can_be_set_back,
    can_begin_anew,
    is_stuck,
    needs_workflow,
    overdue,
    reason_to_wake,
)
from domain.model.hashes import JsonObject
from gateways.base import GatewayError
from gateways.payouts import Payouts
from observability import metrics
from records.base import RecordsUnavailable, Unfinished, UnfinishedPayments

SETTLED_SECONDS = 30
"""What changed later than this is left to the next sweep: its workflow may be in the middle of a task."""

PAGE = 50
"""Records read at once. They are looked at one after the other, so a page takes at most one core, for 0.3 s."""

ASKED_PER_SECOND_MAX = 20
"""Workflows asked what they know, which costs 8.6 ms of CPU in all (ADR 0024): a sixth of a core."""

WOKEN_PER_SECOND_MAX = 10
"""Starting one and letting it read its record costs about 40 ms of CPU in all: four tenths of a core."""

REST_SECONDS = 0.5
"""After any page, however little came of it."""

AWAY = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED)
"""What a Temporal says, or is said of it, that will be back."""

NOT_WOKEN = ("seen", "asked", "silent", "unreadable", "failing", "failed")
"""What is counted beside those who were woken."""

PATIENT_ATTEMPTS = 5
"""Of one page, about half a minute, while Temporal is away; what still fails then is passed over."""


class Runs(Protocol):
    """The workflows of PaymentIntents, as Temporal knows them."""

    async def running(self, ids: Sequence[str]) -> dict[str, str]:
        """Which of these run, and the status each last showed. From Temporal's list, which may lag by seconds."""
        ...

    async def page(self, token: str, before: int) -> tuple[list[str], str]:
        """Ids of those that run and were started before a time (Unix seconds), and where to go on; "" at the end."""
        ...

    async def standing(self, id_: str) -> Standing:
        """What a workflow says itself, or its last run did."""
        ...

    async def wake(self, intent: Known) -> None:
        """Let it level itself with its record, started from `intent` if it does not run."""
        ...

    async def level(self, id_: str) -> None:
        """Let one that runs level itself with its record; nothing if it does not run."""
        ...

    async def troubled(self) -> list[Trouble]:
        """Those whose tasks do not get done, as Temporal notes it: a page of them."""
        ...

    async def set_back(self, trouble: Trouble) -> str | None:
        """Do its last completed task again, with all that has come since.

        "stuck" if that was done; "failing" if it cannot be, as there is none since it was set back before; None if it
        moved on.
        """
        ...

    async def begin_anew(self, trouble: Trouble, recorded: Known) -> str | None:
        """End this run, whose history cannot be replayed, and let another one go on from the record.

        "anew" if that was done; None if it had ended by itself.
        """
        ...


Notice = Callable[[int, str], Awaitable[str | None]]
"""Takes note of it if records are older than a sweep that has been: its number, and whose records it saw."""

Forget = Callable[[int], Awaitable[tuple[int, bool]]]
"""Deletes some of what was kept for long enough, at a time (Unix seconds): how many rows, and whether there is more."""

Say = Callable[[JsonObject], None]
"""Writes a line into the log."""


class HousekeepingActivities:
    """The parts of a sweep, on the records and the workflows they are given."""

    def __init__(
        self,
        records: UnfinishedPayments,
        runs: Runs,
        say: Say,
        returns: Payouts | None = None,
        setups: tuple[UnfinishedPayments, Runs] | None = None,
        notice: Notice | None = None,
        forget: Forget | None = None,
    ) -> None:
        """Inject the ports; without `returns`, refunds of cash balances are left to others; so are the rest."""
        self._records, self._runs, self._say, self._returns, self._setups = records, runs, say, returns, setups
        self._notice, self._forget = notice, forget

    def _of(self, part: str) -> tuple[str, UnfinishedPayments, Runs]:
        """What a part is about, and of which kind of intents."""
        if part.startswith(OF_SETUPS) and self._setups is not None:
            return part.removeprefix(OF_SETUPS), *self._setups
        return part, self._records, self._runs

    @activity.defn(name=names.BEGIN_SWEEP)
    async def begin(self, beginning: SweepBeginning) -> Sweep:
        """Decide what there is to look at.

        Safe to retry: it only reads.
        """
        last = beginning.last or SweepResult(number=0, until=0)
        try:
            now = await self._records.now()
            recorded = await self._records.last_sweep(beginning.schedule)
            lineage = await self._records.lineage()
            if beginning.schedule == names.SWEEP_SCHEDULE and self._notice is not None:
                await self._notice(last.number, last.lineage)
        except RecordsUnavailable as error:
            raise retry(error) from error
        # The records do not know of a sweep that has been: they were put back to an older copy, or lost. Or another
        # server has them now, which may lack the last seconds.
        restored = recorded < last.number or (lineage != last.lineage and "" not in (lineage, last.lineage))
        intents = (OWED, CLAIMED, *((OPEN, RUNNING) if beginning.whole else (CHANGED,)), STUCK)
        setups = tuple(f"{OF_SETUPS}{part}" for part in intents) if self._setups else ()
        return Sweep(
            schedule=beginning.schedule,
            number=max(recorded, last.number) + 1,
            now=now,
            until=now - SETTLED_SECONDS,
            # The last one asks for what not every server has: by then, everything else was looked at.
            parts=(
                *((RETURNS,) if self._returns else ()),
                *((FORGOTTEN,) if self._forget and beginning.whole else ()),
                *setups[:-1],
                *intents,
                *setups[-1:],
            ),
            since=Place(changed=0 if restored or beginning.whole else last.until),
            compare=restored,
            lineage=lineage,
        )

    @activity.defn(name=names.SWEEP_PAGE)
    async def page(self, sweep: Sweep) -> Sweep:
        """Look at one page of the first part; what is left of the sweep after it.

        Safe to retry: see the module.
        """
        others = {
            RUNNING: self._workflows,
            STUCK: self._troubled,
            RETURNS: self._see_to_returns,
            FORGOTTEN: self._see_to_forgetting,
        }
        looks = others.get(self._of(sweep.parts[0])[0], self._intents)
        try:
            return await looks(sweep)
        except RecordsUnavailable as error:
            raise retry(error) from error
        except Exception as error:
            self._bear(sweep, error)
            return _onward(sweep, Counter(failed=1), place=Place(), token="", more=False)

    @activity.defn(name=names.END_SWEEP)
    async def end(self, sweep: Sweep) -> None:
        """Write down that it has been, and say what it found.

        Safe to retry: the same number is written.
        """
        try:
            await self._records.swept(sweep.schedule, sweep.number)
        except RecordsUnavailable as error:
            raise retry(error) from error
        self._say({"schedule": sweep.schedule, "number": sweep.number, **sweep.found})

    async def _intents(self, sweep: Sweep) -> Sweep:
        part, records, _ = self._of(sweep.parts[0])
        after = sweep.place if sweep.place.id else sweep.since if part == CHANGED else Place()
        until = sweep.now - CLAIM_SECONDS if part in (OWED, CLAIMED) else sweep.until
        page = await records.page(OPEN if part == CHANGED else part, after, until, PAGE)
        ids = [each.id for each in page]
        found: Counter[str] = Counter(seen=len(page))
        # Where everything that is due is asked, nothing is shown: what needs a workflow is as good as missing.
        shown = {} if part == CHANGED or sweep.compare or not ids else await self._shown(sweep, ids, found)
        for each in page:
            if each.intent is None:
                found["unreadable"] += 1
                continue
            due = _claim_is_due(each, sweep)
            if sweep.compare or due or _suspicious(each.intent, shown.get(each.id), sweep.now):
                found["asked"] += 1
                try:
                    reason = await self._look_at(sweep, each, each.intent, claimed=due)
                except RecordsUnavailable:
                    raise
                except Exception as error:
                    reason = self._bear(sweep, error, each.id)
                found.update([reason] if reason else [])
        metrics.SWEPT.labels(sweep.parts[0]).inc(len(page))
        place = Place(changed=page[-1].changed, id=page[-1].id) if page else Place()
        return _onward(sweep, found, place=place, token="", more=len(page) == PAGE)

    async def _shown(self, sweep: Sweep, ids: list[str], found: Counter[str]) -> dict[str, str]:
        """What Temporal's list says of them; nothing, as if they were missing there, if it does not answer."""
        try:
            return await self._of(sweep.parts[0])[2].running(ids)
        except RPCError as error:
            found.update([self._bear(sweep, error)])
            return {}

    def _bear(self, sweep: Sweep, error: Exception, id_: str | None = None) -> str:
        """Pass over what fails, and say so; but a Temporal that is away is waited for first.

        Raises:
            RPCError: this attempt is to be made again.
        """
        attempt = activity.info().attempt if activity.in_activity() else PATIENT_ATTEMPTS
        if isinstance(error, RPCError) and error.status in AWAY and attempt < PATIENT_ATTEMPTS:
            raise error
        part = sweep.parts[0]
        metrics.SWEEPS_FAILED.labels(part).inc()
        about = {"payment_intent": id_} if id_ else {}
        # Its words may quote what was sent, as those of a value that cannot be read do.
        words = error.message if isinstance(error, RPCError) else ""
        self._say({**about, "schedule": sweep.schedule, "part": part, "failed": type(error).__name__, "why": words})
        return "failed"

    async def _look_at(self, sweep: Sweep, each: Unfinished, intent: Known, *, claimed: bool) -> str | None:
        """Compare record and workflow; wake the payment if there is a reason, which is the answer."""
        _, records, runs = self._of(sweep.parts[0])
        standing = await runs.standing(intent.id)
        reason = reason_to_wake(intent, standing, sweep.now, claimed=claimed)
        if reason is None:
            return "silent" if standing.running and standing.intent is None else None
        # It may have moved on while we asked; then somebody sees to it.
        latest = await records.load(intent.id)
        if latest is None or (latest.intent, latest.claimed_at) != (intent, each.claimed_at):
            return None
        known = standing.intent
        await runs.wake(known if known and known.version > intent.version else intent)
        if not standing.running:
            metrics.REVIVED.labels("housekeeping").inc()
        metrics.WOKEN.labels(reason).inc()
        return reason

    async def _troubled(self, sweep: Sweep) -> Sweep:
        """Workflows whose tasks do not get done: set back, begun anew, or left to a person, who is told."""
        _, records, runs = self._of(sweep.parts[0])
        troubles = await runs.troubled()
        found: Counter[str] = Counter(seen=len(troubles))
        for trouble in troubles:
            if not is_stuck(trouble):
                continue
            try:
                reason = await self._mend(trouble, records, runs)
            except RPCError as error:
                found.update([self._bear(sweep, error, trouble.id)])
                continue
            if reason is None:
                continue
            if reason != "failing":
                metrics.WOKEN.labels(reason).inc()
            found[reason] += 1
            self._say({"payment_intent": trouble.id, "attempt": trouble.attempt, "workflow": reason})
        metrics.SWEPT.labels(sweep.parts[0]).inc(len(troubles))
        return _onward(sweep, found, place=Place(), token="", more=False)

    async def _mend(self, trouble: Trouble, records: UnfinishedPayments, runs: Runs) -> str | None:
        """What can be done about it; "failing" if nothing can."""
        if can_be_set_back(trouble):
            return await runs.set_back(trouble)
        recorded = await records.load(trouble.id)
        if recorded is None or recorded.intent is None or not can_begin_anew(trouble, recorded.intent):
            return "failing"
        return await runs.begin_anew(trouble, recorded.intent)

    async def _see_to_returns(self, sweep: Sweep) -> Sweep:
        """Refunds of cash balances: asked for again, or ended where the time to answer is over."""
        returns, found = self._returns, Counter[str]()
        page = await returns.waiting((sweep.place.changed, sweep.place.id), sweep.now, PAGE) if returns else []
        for each in page:
            try:
                if returns is not None:
                    await returns.see_to(each)
                found["returns"] += 1
            except GatewayError as error:
                found["unanswered"] += 1
                self._say({"refund": each.refund.id, "unanswered": str(error)})
        metrics.SWEPT.labels(RETURNS).inc(len(page))
        last = page[-1].refund if page else None
        place = Place(changed=last.created, id=last.id) if last else Place()
        return _onward(sweep, found, place=place, token="", more=len(page) == PAGE)

    async def _see_to_forgetting(self, sweep: Sweep) -> Sweep:
        """The request log: what is older than it is kept for."""
        rows, more = await self._forget(sweep.now) if self._forget else (0, False)
        metrics.SWEPT.labels(FORGOTTEN).inc(rows)
        return _onward(sweep, Counter(seen=rows), place=Place(), token="", more=more)

    async def _workflows(self, sweep: Sweep) -> Sweep:
        """Workflows that run although their payment has ended, or is not in the records at all."""
        _, records, runs = self._of(sweep.parts[0])
        ids, token = await runs.page(sweep.token, sweep.until)
        finished = await records.finished(ids)
        found: Counter[str] = Counter(seen=len(ids))
        for id_ in ids:
            if not finished.get(id_, True):
                continue
            # Not asked before: they are few, and one that is about to end anyway takes no harm.
            reason = "ended" if id_ in finished else "unrecorded"
            try:
                await runs.level(id_)
            except RPCError as error:
                found.update([self._bear(sweep, error, id_)])
                continue
            metrics.WOKEN.labels(reason).inc()
            found[reason] += 1
        metrics.SWEPT.labels(sweep.parts[0]).inc(len(ids))
        return _onward(sweep, found, place=Place(), token=token, more=bool(token))


def _claim_is_due(each: Unfinished, sweep: Sweep) -> bool:
    """Whether its claim is to be seen to: in every sweep for an hour, and from then on in those of everything."""
    if each.claimed_at is None:
        return False
    # A payment whose clock was moved claims in its own time: that is taken for old.
    age = abs(sweep.now - each.claimed_at)
    whole = any(part.endswith(OPEN) for part in sweep.parts)
    return age >= CLAIM_SECONDS and (age < CLAIM_PATIENCE_SECONDS or whole)


def _suspicious(intent: Known, shown: str | None, now: int) -> bool:
    """Whether its workflow is to be asked: it is not in Temporal's list, or shows another status, or is late."""
    if shown is None:
        # One that only waits for its merchant may be parked, and a parked one is not asked: that replays its history.
        return needs_workflow(intent)
    return shown != intent.status or overdue(intent, now)


def _onward(sweep: Sweep, found: Counter[str], *, place: Place, token: str, more: bool) -> Sweep:
    woken = sum(found.values()) - sum(found[each] for each in NOT_WOKEN)
    rest = max(REST_SECONDS, found["asked"] / ASKED_PER_SECOND_MAX, woken / WOKEN_PER_SECOND_MAX)
    total = Counter(sweep.found) + found - Counter(asked=found["asked"])
    return replace(
        sweep,
        parts=sweep.parts if more else sweep.parts[1:],
        place=place if more else Place(),
        token=token if more else "",
        rest_seconds=rest,
        found=dict(total),
    )
