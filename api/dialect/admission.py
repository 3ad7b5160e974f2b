"""Admission: how many commands are under way at once in this process, and who waits for how long before any is begun.

More at once than the engine can carry are no more a second, and each takes longer: unbounded, everybody waits until
nobody waits any more. So there is a limit, which follows what is measured, as in TCP Vegas: of those under way, some
wait inside the engine (by Little's law, from how much longer they take than at rest, without the gateway's time), and
a few are to. Who finds no room waits for a second and a half at most, in a queue of their account's; the accounts take
turns. Who would wait for longer is sent away at once, unless nobody has waited until a moment ago: then it is a burst
that passes, and not more than there is to be had (as in CoDel). While one account floods and others pay beside it,
hardly anything may wait inside the engine, where nobody knows accounts: the flood waits here, and the others do not
notice. No rule of payments lives here.
"""

import asyncio
import math
import statistics
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from observability import metrics

COMMANDS_MAX = 256
"""Under way at once in one process, however fast they are: each holds its request, and a connection to Temporal."""

START, LEAST = 8.0, 2.0
"""The limit at first, and at least: so many a machine of two cores carries at its best (measured)."""

SPREAD = 1.25
"""Who takes no longer than this times what is needed, the gateway's time included, has not waited: commands differ."""

WAITING_LEAST, WAITING_SHARE = 1.0, 0.5
"""How many are to wait inside the engine, so that it has something to do: one, and this times the limit's root."""

SPREAD_BESIDE, WAITING_SHARE_BESIDE, FLOOD_SHARE_LEAST = 1.1, 0.1, 0.5
"""While one account floods beside others: of all that are under way a tenth is to wait there, so that the others take
hardly any longer than they need. A flood has at least half of what it would have alone, and room for one."""

SHRINK, GROW = 0.5, 1.5
"""By what one round changes the limit at most."""

ROUND_MIN = 4
NEED_SAMPLES = 16
"""Of how many a median says something."""

CALM = 2.0
"""With so many under way on average that are not at the gateway, a command takes the time that it needs."""

CLEARLY = 0.7
"""Who takes so much less than what is needed, needs less, however many are under way; a little less is chance."""

LEARNING = 0.2
"""How much of a new measurement goes into an average."""

NEED_SECONDS_MIN, NEED_SECONDS_MAX = 0.01, 0.25
"""What one command needs is not believed to be less, or more: a process that is started in a storm knows no calm."""

WAIT_SECONDS_MAX = 1.5
"""What begins by then is answered within two seconds, as a buyer expects; and who repeats may find room elsewhere."""

STAY_SECONDS = 0.5
"""Who may stay after that is asked again so much later."""

BURST_SECONDS = 2.5
"""So long after the first had to wait nobody is sent away: a hundred at once are a burst, and served."""

FEW = 48
"""So many may wait for as long as it takes: a part that is away for some seconds costs a small shop no payment, and a
job with a few dozen at once is slow on a slow machine instead of being refused."""

FEW_ACCOUNTS = 8
"""Of so many accounts one each may wait for as long as it takes, beside the flood of another."""

WAITING_MAX = 1_000
OVER = 2
"""Who has less than their share under way begins at once, until there are so many times the limit."""

BESIDE_SECONDS = 2.0
"""So long after its last command an account counts as one that pays beside another."""


class Shed(Exception):
    """There is no room; nothing was done. Says why: `full` at once, or `waited` for as long as anybody may."""

    def __init__(self, reason: str) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Turn:
    """What one request did with its turn: whether it sent a command, and how long others (the gateway) took for it."""

    sent: bool = False
    asked_seconds: float = 0.0
    unknown: bool = False
    """The gateway did not answer: all of the time was waiting for it."""


class Pace:
    """How many are to be under way: as many as the engine works at, and a few that wait there."""

    def __init__(self, most: int) -> None:
        """Never more than `most`."""
        self._most = float(most)
        self.limit = min(START, self._most)
        self.flood = self.limit / 2
        """How many are to be under way in all before one more of an account begins that floods beside others."""
        self._needs: dict[str, Need] = {}
        self._round: list[float] = []
        self.held_seconds = NEED_SECONDS_MIN

    def learn(
        self, operation: str, ours: float, held: float, under_way: int, *, full: bool, beside: bool = False
    ) -> None:
        """One took `held` seconds, `ours` of which nobody else took; begun when so many were under way.

        `full` says that others could not begin; `beside`, that those were of an account that floods beside others.
        """
        need = self._needs.setdefault(operation, Need(ours))
        need.learn(ours, calm=under_way * ours <= CALM * held)
        # Little's law: who took longer than they needed were so many at once. What the gateway took was needed as well:
        # of a command that is there for seconds, a tenth of a second more or less says nothing of the engine.
        asked = max(0.0, held - ours)
        needed = (need.seconds + asked) * (SPREAD_BESIDE if beside else SPREAD) - asked
        waiting = under_way * max(0.0, ours - needed) / max(held, ours, NEED_SECONDS_MIN)
        self._take(waiting, full=full, beside=beside)

    def learn_of_silence(self, *, full: bool, beside: bool = False) -> None:
        """One took as long as it did because a gateway does not answer: that says nothing of us."""
        self._take(0.0, full=full, beside=beside)

    def _take(self, waiting: float, *, full: bool, beside: bool) -> None:
        self._round.append(waiting)
        if len(self._round) >= max(ROUND_MIN, self.flood if beside else self.limit):
            # Beside a flood that is held back, nobody sees whether more would fit; too many is seen as ever.
            self._adjust(statistics.median(self._round), full=full and not beside)
            if beside:
                self._adjust_flood(statistics.median(self._round))
            self._round.clear()

    def _adjust_flood(self, waiting: float) -> None:
        flood = self.flood + WAITING_SHARE_BESIDE * self.flood - waiting
        self.flood = max(flood, self.flood * SHRINK, FLOOD_SHARE_LEAST * self.limit, 1.0)
        if self.flood > self.limit:
            # There is more to be had than was known when the flood came.
            self.flood = self.limit = min(self.flood, self._most)

    def _adjust(self, waiting: float, *, full: bool) -> None:
        wanted = WAITING_LEAST + WAITING_SHARE * math.sqrt(self.limit)
        limit = self.limit * GROW if waiting < wanted / 4 else self.limit + wanted - waiting
        if limit < self.limit or full:
            limit = min(max(limit, self.limit * SHRINK), self.limit * GROW)
            self.limit = min(max(limit, LEAST), self._most)


class Need:
    """How long an operation takes when hardly any are under way, by the medians of a few each."""

    def __init__(self, seconds: float) -> None:
        """At first, what the first one took."""
        self.seconds = min(max(seconds, NEED_SECONDS_MIN), NEED_SECONDS_MAX)
        self._seen: list[float] = []
        self._calm = True

    def learn(self, seconds: float, *, calm: bool) -> None:
        """One took so long. What was not calm can only have taken longer than it needs."""
        self._seen.append(seconds)
        self._calm = self._calm and calm
        if len(self._seen) == NEED_SAMPLES:
            median = statistics.median(self._seen)
            if self._calm or median < CLEARLY * self.seconds:
                learned = self.seconds + LEARNING * (median - self.seconds)
                self.seconds = min(max(learned, NEED_SECONDS_MIN), NEED_SECONDS_MAX)
            self._seen.clear()
            self._calm = True


class _Waiting:
    """One who waits: until there is room, or their time is up and they are not among the few."""

    def __init__(self, may_stay: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        self.room: asyncio.Future[None] = loop.create_future()

        def give_up() -> None:
            if self.room.done():
                return
            if may_stay():
                self.timer = loop.call_later(STAY_SECONDS, give_up)
            else:
                self.room.set_exception(Shed("waited"))

        self.timer = loop.call_later(WAIT_SECONDS_MAX, give_up)

    @property
    def let_in(self) -> bool:
        """Whether there was room: it has begun, though it may be cancelled before it knows."""
        return self.room.done() and not self.room.cancelled() and self.room.exception() is None


class Admission:
    """Who may go on now. One per process."""

    def __init__(self, most: int = COMMANDS_MAX, elapsing: Callable[[], float] = time.monotonic) -> None:
        """At most `most` at once; 0 is no control at all. `elapsing` is seconds since any moment."""
        self.pace = Pace(most) if most else None
        self._elapsing = elapsing
        self._under_way = 0
        self._of = Counter[Hashable]()
        """Under way, by account."""
        self._queues: dict[Hashable, deque[_Waiting]] = {}
        """By account, in the order in which they have their turns."""
        self._waited_since: float | None = None
        """Since when there has always been somebody who waits."""
        self._flood: Hashable | None = None
        """Whose commands fill the house while others pay beside them."""
        self._last: Hashable | None = None
        self._last_at = self._another_at = -math.inf
        """Whose the last command was, and when; and when one came from somebody else than that."""

    @asynccontextmanager
    async def turn(self, account: Hashable, operation: str, turn: Turn) -> AsyncIterator[None]:
        """Go on once there is room.

        Raises:
            Shed: there is none, and will not be soon enough.
        """
        if self.pace is None:
            yield
            return
        arrived = self._elapsing()
        self._came(account, arrived)
        await self._enter(account, self.pace)
        began, at_once = self._elapsing(), self._under_way
        metrics.COMMAND_WAIT_SECONDS.observe(began - arrived)
        try:
            yield
        finally:
            self._learn(self.pace, operation, turn, self._elapsing() - began, at_once)
            self._gone(account)
            self._let_in(self.pace)

    def _came(self, account: Hashable, now: float) -> None:
        if account != self._last:
            self._last, self._another_at = account, self._last_at
        self._last_at = now

    def _flooding(self, pace: Pace) -> Hashable | None:
        """Whoever has more that wait than may be under way, while others pay as well."""
        account = max(self._queues, key=lambda each: len(self._queues[each]), default=None)
        if account is None or len(self._queues[account]) <= pace.limit:
            return None
        return account if self._elapsing() - self._another_at < BESIDE_SECONDS else None

    def _begun(self, account: Hashable) -> None:
        self._under_way += 1
        self._of[account] += 1

    def _gone(self, account: Hashable) -> None:
        self._under_way -= 1
        self._of[account] -= 1
        if not self._of[account]:
            del self._of[account]

    def _may_begin(self, account: Hashable, pace: Pace) -> bool:
        """Who has less than their share under way does not wait for those who fill the house."""
        if account in self._queues:
            return False
        share = int(pace.limit) // len(self._of.keys() | self._queues.keys() | {account})
        if self._of[account] < max(1, share):
            return self._under_way < int(pace.limit) * OVER
        return self._queues.keys() <= {self._flood} and self._has_room(account, pace)

    def _has_room(self, account: Hashable, pace: Pace) -> bool:
        """A flood waits for everybody; the others only for each other, as if it was not there."""
        if self._flood is None:
            return self._under_way < int(pace.limit)
        if account == self._flood:
            return self._under_way < int(pace.flood)
        return self._under_way - self._of[self._flood] < int(pace.limit)

    def _learn(self, pace: Pace, operation: str, turn: Turn, seconds: float, at_once: int) -> None:
        pace.held_seconds += LEARNING * (seconds - pace.held_seconds)
        full = bool(self._queues) or self._under_way >= int(pace.limit)
        self._flood = self._flooding(pace)
        beside = self._flood is not None
        if turn.unknown:
            pace.learn_of_silence(full=full, beside=beside)
        elif turn.sent:
            ours = max(0.0, seconds - turn.asked_seconds)
            pace.learn(operation, ours, seconds, at_once, full=full, beside=beside)

    async def _enter(self, account: Hashable, pace: Pace) -> None:
        if self._may_begin(account, pace):
            self._begun(account)
            self._show(pace)
            return
        late = self._expected_seconds(account, pace) > WAIT_SECONDS_MAX and not self._is_burst()
        first = account not in self._queues and len(self._queues) < FEW_ACCOUNTS
        room = FEW if late and not first else WAITING_MAX
        if self.waiting >= room and (room == FEW or not self._make_room(account)):
            metrics.COMMANDS_SHED.labels("full").inc()
            raise Shed("full")
        waiting = _Waiting(lambda: self._may_stay(account, waiting))
        self._queues.setdefault(account, deque()).append(waiting)
        self._show(pace)
        try:
            await waiting.room
        except Shed as shed:
            metrics.COMMANDS_SHED.labels(shed.reason).inc()
            raise
        except asyncio.CancelledError:
            if waiting.let_in:
                self._gone(account)
                self._let_in(pace)
            else:
                self._leave(account, waiting)
            raise
        finally:
            waiting.timer.cancel()

    def _make_room(self, account: Hashable) -> bool:
        """Where nobody else fits in, the newest of those who have the most there leaves for one who has fewer."""
        crowd = max(self._queues, key=lambda each: len(self._queues[each]))
        if len(self._queues[crowd]) <= len(self._queues.get(account, ())) + 1:
            return False
        newest = self._queues[crowd].pop()
        if not newest.room.done():
            newest.room.set_exception(Shed("full"))
        return True

    def _may_stay(self, account: Hashable, waiting: _Waiting) -> bool:
        """Whether one whose time is up is among the few; else they have left, before the next is asked.

        The first of an account is, while few accounts wait: a flood of others' is not to cost them theirs.
        """
        first = self._queues[account][0] is waiting and len(self._queues) <= FEW_ACCOUNTS
        if self.waiting <= FEW or first or self._is_burst():
            return True
        self._leave(account, waiting)
        return False

    def _is_burst(self) -> bool:
        """Whether nobody had to wait until a moment ago."""
        return self._waited_since is None or self._elapsing() - self._waited_since < BURST_SECONDS

    @property
    def waiting(self) -> int:
        """How many have not begun."""
        return sum(len(queue) for queue in self._queues.values())

    def _expected_seconds(self, account: Hashable, pace: Pace) -> float:
        """How long one more of this account would wait: for its own, and for as many of each other account."""
        mine = len(self._queues.get(account, ())) + 1
        before = mine + sum(min(len(queue), mine) for other, queue in self._queues.items() if other != account)
        return before * pace.held_seconds / pace.limit

    def _leave(self, account: Hashable, waiting: _Waiting) -> None:
        queue = self._queues.get(account)
        if queue is not None and waiting in queue:
            queue.remove(waiting)
            if not queue:
                del self._queues[account]

    def _let_in(self, pace: Pace) -> None:
        """The next of the account that has the fewest under way, in turn, of those for whom there is room."""
        while with_room := [account for account in self._queues if self._has_room(account, pace)]:
            account = min(with_room, key=self._of.__getitem__)
            queue = self._queues.pop(account)
            waiting = queue.popleft()
            if queue:
                self._queues[account] = queue
            if not waiting.room.done():
                waiting.room.set_result(None)
                self._begun(account)
        self._show(pace)

    def _show(self, pace: Pace) -> None:
        metrics.COMMANDS_UNDER_WAY.set(self._under_way)
        metrics.COMMANDS_WAITING.set(self.waiting)
        metrics.COMMANDS_LIMIT.set(int(pace.limit))
        if not self._queues:
            self._waited_since = None
        elif self._waited_since is None:
            self._waited_since = self._elapsing()
