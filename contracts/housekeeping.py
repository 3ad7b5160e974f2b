"""What travels through Temporal for housekeeping (workflows/housekeeping.py). The rules are those of messages.py."""

from dataclasses import dataclass, field

OWED, CLAIMED, CHANGED, OPEN = "owed", "claimed", "changed", "open"
STUCK, RUNNING = "stuck", "running"
RETURNS = "returns"
FORGOTTEN = "forgotten"
"""The parts of a sweep. By record: outcomes that the gateway owes; open payments with a command under way; those that
changed since the last sweep; all that are open. By workflow: those whose tasks do not get done; all that run. And
refunds of cash balances that the gateway was not asked for, or has forgotten; and what was kept for long enough."""


OF_SETUPS = "setups/"
"""What a part starts with that is about SetupIntents: the same as of payments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far the records have been read, in the order of when they changed (Unix seconds) and their id."""

    changed: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A sweep under way: what is left of it, and what it has found.

    `until` (Unix seconds) is the moment up to which it looks at what has changed, `now` when it began, `compare` says
    that every workflow is asked, `lineage` is whose records they are (records/base.py), `token` is Temporal's place in
    its list, `rest_seconds` how long to leave the servers to others before the next page. `found` counts by reason, and
    what was looked at as `seen`.
    """

    schedule: str
    number: int
    now: int
    until: int
    parts: tuple[str, ...]
    since: Place = Place()
    place: Place = Place()
    token: str = ""
    compare: bool = False
    lineage: str = ""
    rest_seconds: float = 0
    found: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStart:
    """Start input. `whole`: look at everything, not only at what has changed. `sweep`: go on with this one."""

    whole: bool = False
    sweep: Sweep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """How a sweep ended, and where the next one begins: Temporal keeps it as the schedule's last result.

    So a Temporal that was lost has none, and one that was put back to an older copy has an older one: what may have
    been forgotten is looked at again. And records of another `lineage` may have forgotten what the last sweep saw.
    """

    number: int
    until: int
    found: dict[str, int] = field(default_factory=dict)
    lineage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepBeginning:
    """What begins: which schedule's sweep, and how its last one ended."""

    schedule: str
    whole: bool = False
    last: SweepResult | None = None
